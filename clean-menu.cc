// Menus read one line from standard input; choices are numbers, ranges ("2-4"), unique prefixes, "*" for all, and "-" in front
// takes back.
#include "clean-menu.h"

#include <unistd.h>

#include <algorithm>
#include <set>

#include "base/fd.h"
#include "base/quote.h"
#include "base/strings.h"
#include "config.h"
#include "index/dir.h"
#include "repository.h"
#include "show/column.h"

namespace git {
namespace {

class Menu {
 public:
  Menu(Repository& repo, std::string_view prefix, std::vector<std::string>& victims)
      : repo_(repo), prefix_(prefix), victims_(victims) {}
  void run();

 private:
  bool read_line(const char* prompt, std::string& line) {
    out(prompt);
    flush_out();
    if (!reader_.next(line)) return false;
    line = std::string(trim(line));
    return true;
  }
  std::string shown(std::string_view path) {
    return quote_path(path, prefix_, repo_.config().get_bool_or("core.quotepath", true));
  }
  void columns(const std::vector<std::string>& items, const char* indent);
  void list();
  // Chosen items; nullopt at the end of input.
  std::optional<std::vector<bool>> choose(const std::vector<std::string>& items, const char* prompt, bool singleton);
  bool pick(std::string_view word, const std::vector<std::string>& items, std::vector<bool>& chosen, bool singleton);
  void filter();
  void select();
  void ask_each();
  void help(bool singleton);
  Repository& repo_;
  std::string prefix_;
  std::vector<std::string>& victims_;
  LineReader reader_{0};
};

void Menu::columns(const std::vector<std::string>& items, const char* indent) {
  ColumnStyle style;
  style.add_config(repo_.config(), "clean");
  style.when = ColumnStyle::When::always;
  style.layout = ColumnStyle::Layout::row;
  ColumnLayout layout;
  layout.indent = indent;
  layout.padding = 2;
  layout.width = terminal_columns();
  out(format_columns(items, style, layout));
}

void Menu::list() {
  std::vector<std::string> items;
  for (const std::string& v : victims_) items.push_back(shown(v));
  columns(items, "  ");
}

void Menu::help(bool singleton) {
  if (singleton)
    out("Prompt help:\n"
        "1          - select a numbered item\n"
        "foo        - select item based on unique prefix\n"
        "           - (empty) select nothing\n");
  else
    out("Prompt help:\n"
        "1          - select a single item\n"
        "3-5        - select a range of items\n"
        "2-3,6-9    - select multiple ranges\n"
        "foo        - select item based on unique prefix\n"
        "-...       - unselect specified items\n"
        "*          - choose all items\n"
        "           - (empty) finish selecting\n");
}

bool Menu::pick(std::string_view word, const std::vector<std::string>& items, std::vector<bool>& chosen, bool singleton) {
  bool value = true;
  if (!singleton && starts_with(word, "-")) value = false, word.remove_prefix(1);
  std::size_t low = 0, high = 0;
  if (!singleton && word == "*") {
    low = 1, high = items.size();
  } else if (auto number = parse_uint(word)) {
    low = high = static_cast<std::size_t>(*number);
  } else if (std::size_t dash = word.find('-'); dash != std::string_view::npos && !singleton) {
    auto a = parse_uint(word.substr(0, dash));
    auto b = dash + 1 == word.size() ? std::optional<std::uint64_t>(items.size()) : parse_uint(word.substr(dash + 1));
    if (a && b) low = static_cast<std::size_t>(*a), high = static_cast<std::size_t>(*b);
  } else {
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!istarts_with(items[i], word)) continue;
      if (low) return false;
      low = high = i + 1;
    }
  }
  if (low < 1 || low > items.size() || high < low || high > items.size() || (singleton && low != high)) return false;
  for (std::size_t i = low; i <= high; ++i) chosen[i - 1] = value;
  return true;
}

std::optional<std::vector<bool>> Menu::choose(const std::vector<std::string>& items, const char* prompt, bool singleton) {
  std::vector<bool> chosen(items.size());
  while (true) {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < items.size(); ++i)
      lines.push_back(strf("%s%2d: %s", !singleton && chosen[i] ? "*" : " ", i + 1, items[i]));
    columns(lines, "  ");
    std::string line;
    if (!read_line(prompt, line)) {
      out("\n");
      return std::nullopt;
    }
    if (line.empty()) return chosen;
    if (line == "?") {
      help(singleton);
      continue;
    }
    bool any = false;
    for (std::string_view part : split(line, ','))
      for (std::string_view word : split(part, ' ')) {
        if (word.empty()) continue;
        if (pick(word, items, chosen, singleton))
          any = true;
        else
          outf("Huh (%s)?\n", word);
      }
    if (singleton && any) return chosen;
  }
}

void Menu::filter() {
  bool changed = true;
  while (true) {
    if (victims_.empty()) break;
    if (changed) list();
    std::string line;
    if (!read_line("Input ignore patterns>> ", line)) {
      out("\n");
      break;
    }
    if (line.empty()) break;
    PatternList patterns;
    int number = 0;
    for (std::string_view word : split(line, ' '))
      if (!word.empty()) add_pattern(patterns, word, "", --number);
    std::size_t before = victims_.size();
    std::erase_if(victims_, [&](const std::string& path) {
      bool is_dir = !path.empty() && path.back() == '/';
      std::string bare = is_dir ? path.substr(0, path.size() - 1) : path;
      const IgnorePattern* p = last_matching_pattern(patterns, bare, is_dir ? 4 : 8);
      return p && !(p->flags & kPatternNegative);
    });
    changed = victims_.size() != before;
    if (!changed) outf("WARNING: Cannot find items matched by: %s\n", line);
  }
}

void Menu::select() {
  std::vector<std::string> items;
  for (const std::string& v : victims_) items.push_back(shown(v));
  std::optional<std::vector<bool>> chosen = choose(items, "Select items to delete>> ", false);
  if (!chosen) return;
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < victims_.size(); ++i)
    if ((*chosen)[i]) kept.push_back(victims_[i]);
  victims_ = std::move(kept);
}

void Menu::ask_each() {
  std::vector<std::string> kept;
  bool eof = false;
  for (const std::string& v : victims_) {
    std::string line;
    if (!eof && !read_line(strf("Remove %s [y/N]? ", shown(v)).c_str(), line)) {
      out("\n");
      eof = true;
    }
    if (!eof && !line.empty() && istarts_with("yes", line)) kept.push_back(v);
  }
  victims_ = std::move(kept);
}

void Menu::run() {
  const std::vector<std::string> commands = {"clean", "filter by pattern", "select by numbers", "ask each", "quit", "help"};
  while (!victims_.empty()) {
    out(victims_.size() == 1 ? "Would remove the following item:\n" : "Would remove the following items:\n");
    list();
    std::optional<std::vector<bool>> chosen;
    std::size_t at = commands.size();
    do {
      out("*** Commands ***\n");
      chosen = choose(commands, "What now> ", true);
      if (!chosen) break;
      at = static_cast<std::size_t>(std::find(chosen->begin(), chosen->end(), true) - chosen->begin());
    } while (at == commands.size());
    if (!chosen || at == 4) {
      victims_.clear();
      out("Bye.\n");
      return;
    }
    if (at == 0) return;
    if (at == 1)
      filter();
    else if (at == 2)
      select();
    else if (at == 3) {
      ask_each();
      return;
    } else {
      out("clean               - start cleaning\n"
          "filter by pattern   - exclude items from deletion\n"
          "select by numbers   - select items to be deleted by numbers\n"
          "ask each            - confirm each deletion (like \"rm -i\")\n"
          "quit                - stop cleaning\n"
          "help                - this screen\n"
          "?                   - help for prompt selection\n");
    }
  }
  out("No more files to clean, exiting.\n");
}

}  // namespace

void clean_interactively(Repository& repo, DirScan&, std::string_view prefix, std::vector<std::string>& victims) {
  Menu(repo, prefix, victims).run();
}

}  // namespace git
