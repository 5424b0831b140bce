// The listings are made of command-list.txt, the builtins of this binary, and what lies in the exec path and on PATH.
#include "help.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "alias.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"

namespace git {
namespace {

struct NamedBuiltin {
  const char* name;
  bool is_deprecated;
};
// Values as in builtin.h, which belongs to the floor above.
constexpr unsigned kSetup = 0, kSetupGently = 0, kNeedWorkTree = 0, kUsePager = 0, kDelayPagerConfig = 0, kNoParseopt = 0;
constexpr unsigned kDeprecated = 1;

#define GIT_BUILTIN(name, function, flags) {name, ((flags)&kDeprecated) != 0},
constexpr NamedBuiltin kBuiltins[] = {
#include "builtin-table.inc"
};
#undef GIT_BUILTIN

constexpr unsigned kUnused = kSetup | kSetupGently | kNeedWorkTree | kUsePager | kDelayPagerConfig | kNoParseopt;
static_assert(kUnused == 0);

bool has_category(const ListedCommand& command, std::string_view category) {
  for (std::string_view word : split(command.categories, ' '))
    if (word == category) return true;
  return false;
}
// As listings show it: "add", "attributes", "gitk".
std::string shown_name(const ListedCommand& command) {
  std::string_view name = command.name;
  if (skip_prefix(name, "git-")) return std::string(name);
  bool is_page =
      has_category(command, "guide") || has_category(command, "developerinterfaces") || has_category(command, "userinterfaces");
  if (is_page) skip_prefix(name, "git");
  return std::string(name);
}

struct Section {
  const char* category;
  const char* title;
};
constexpr Section kCommonSections[] = {
    {"init", "start a working area (see also: git help tutorial)"},
    {"worktree", "work on the current change (see also: git help everyday)"},
    {"info", "examine the history and state (see also: git help revisions)"},
    {"history", "grow, mark and tweak your common history"},
    {"remote", "collaborate (see also: git help workflows)"},
};
constexpr Section kAllSections[] = {
    {"mainporcelain", "Main Porcelain Commands"},
    {"ancillarymanipulators", "Ancillary Commands / Manipulators"},
    {"ancillaryinterrogators", "Ancillary Commands / Interrogators"},
    {"foreignscminterface", "Interacting with Others"},
    {"plumbingmanipulators", "Low-level Commands / Manipulators"},
    {"plumbinginterrogators", "Low-level Commands / Interrogators"},
    {"synchingrepositories", "Low-level Commands / Syncing Repositories"},
    {"synchelpers", "Low-level Commands / Internal Helpers"},
    {"userinterfaces", "User-facing repository, command and file interfaces"},
    {"developerinterfaces", "Developer-facing file formats, protocols and other interfaces"},
};

std::string format_rows(const std::vector<std::pair<std::string, std::string>>& rows, std::size_t width) {
  std::string text;
  for (const auto& [name, summary] : rows) {
    std::size_t pad = name.size() < width ? width - name.size() : 0;
    text += "   " + name + (summary.empty() ? "" : std::string(pad + 3, ' ') + summary) + "\n";
  }
  return text;
}

std::vector<std::pair<std::string, std::string>> rows_of(std::string_view category) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const ListedCommand& command : listed_commands())
    if (has_category(command, category)) rows.emplace_back(shown_name(command), command.summary);
  std::sort(rows.begin(), rows.end());
  return rows;
}

std::vector<std::string> programs_in(const std::string& dir) {
  std::vector<std::string> names;
  for (const std::string& name : list_dir(dir)) {
    std::string_view plain = name;
    if (!skip_prefix(plain, "git-") || plain.empty()) continue;
    auto st = stat_path(path_join(dir, name));
    if (st && S_ISREG(st->st_mode) && (st->st_mode & 0111)) names.emplace_back(plain);
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Steps from one word to the other; swapping neighbours is free, dropping a letter of `from` costs most.
int edit_distance(std::string_view from, std::string_view to) {
  constexpr int kSwap = 0, kSubstitute = 2, kAdd = 1, kDrop = 3;
  std::size_t n = to.size();
  std::vector<int> before(n + 1), last(n + 1), now(n + 1);
  for (std::size_t j = 0; j <= n; j++) last[j] = static_cast<int>(j) * kAdd;
  for (std::size_t i = 0; i < from.size(); i++) {
    now[0] = static_cast<int>(i + 1) * kDrop;
    for (std::size_t j = 0; j < n; j++) {
      int cost = last[j] + kSubstitute * (from[i] != to[j]);
      if (i > 0 && j > 0 && from[i - 1] == to[j] && from[i] == to[j - 1]) cost = std::min(cost, before[j - 1] + kSwap);
      cost = std::min(cost, last[j + 1] + kDrop);
      now[j + 1] = std::min(cost, now[j] + kAdd);
    }
    before.swap(last);
    last.swap(now);
  }
  return last[n];
}

}  // namespace

const std::vector<ListedCommand>& listed_commands() {
#define GIT_COMMAND(name, categories, summary) {name, categories, summary},
  static const std::vector<ListedCommand> all = {
#include "command-list.inc"
  };
#undef GIT_COMMAND
  return all;
}

const std::vector<std::string>& builtin_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const NamedBuiltin& builtin : kBuiltins) all.emplace_back(builtin.name);
    return all;
  }();
  return names;
}
bool is_builtin_name(std::string_view name) {
  const auto& names = builtin_names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string> main_commands() {
  std::vector<std::string> names = programs_in(git_exec_path());
  names.insert(names.end(), builtin_names().begin(), builtin_names().end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}
std::vector<std::string> other_commands() {
  std::vector<std::string> main = main_commands(), names;
  std::string own = git_exec_path();
  std::string path = get_env_or("PATH", "");
  for (std::string_view dir : split(path, ':')) {
    if (dir.empty() || dir == own) continue;
    for (std::string& name : programs_in(std::string(dir)))
      if (!std::binary_search(main.begin(), main.end(), name)) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string git_usage() {
  return "git [-v | --version] [-h | --help] [-C <path>] [-c <name>=<value>]\n"
         "           [--exec-path[=<path>]] [--html-path] [--man-path] [--info-path]\n"
         "           [-p | --paginate | -P | --no-pager] [--no-replace-objects] [--no-lazy-fetch]\n"
         "           [--no-optional-locks] [--no-advice] [--bare] [--git-dir=<path>]\n"
         "           [--work-tree=<path>] [--namespace=<name>] [--config-env=<name>=<envvar>]\n"
         "           <command> [<args>]";
}

std::string more_help() {
  return "'git help -a' and 'git help -g' list available subcommands and some\n"
         "concept guides. See 'git help <command>' or 'git help <concept>'\n"
         "to read about a specific subcommand or concept.\n"
         "See 'git help git' for an overview of the system.\n";
}

std::string common_help() {
  std::string text = "usage: " + git_usage() + "\n\nThese are common Git commands used in various situations:\n";
  std::size_t width = 0;
  for (const Section& section : kCommonSections)
    for (const auto& row : rows_of(section.category)) width = std::max(width, row.first.size());
  for (const Section& section : kCommonSections)
    text += strf("\n%s\n", section.title) + format_rows(rows_of(section.category), width);
  return text + "\n" + more_help();
}

std::string list_guides(std::string_view category, std::string_view title) {
  auto rows = rows_of(category);
  std::size_t width = 0;
  for (const auto& row : rows) width = std::max(width, row.first.size());
  return std::string(title) + "\n" + format_rows(rows, width) + "\n";
}

std::string list_all_commands(Config& config, bool verbose, bool external, bool aliases) {
  std::string text;
  if (!verbose) {
    auto columns = [&](const std::string& title, const std::vector<std::string>& names) {
      if (names.empty()) return;
      text += title + "\n";
      for (const std::string& name : names) text += "  " + name + "\n";
      text += "\n";
    };
    text = "usage: " + git_usage() + "\n\n";
    columns("available git commands in '" + git_exec_path() + "'\n", main_commands());
    columns("git commands available from elsewhere on your $PATH\n", other_commands());
    return text + more_help();
  }
  text = "See 'git help <command>' to read about a specific subcommand\n";
  std::size_t width = 0;
  for (const Section& section : kAllSections)
    for (const auto& row : rows_of(section.category)) width = std::max(width, row.first.size());
  for (const Section& section : kAllSections)
    text += strf("\n%s\n", section.title) + format_rows(rows_of(section.category), width);
  if (external) {
    std::vector<std::pair<std::string, std::string>> rows;
    for (const std::string& name : other_commands()) rows.emplace_back(name, "");
    if (!rows.empty()) text += "\nExternal commands\n" + format_rows(rows, 0);
  }
  if (aliases) {
    auto rows = list_aliases(config);
    std::sort(rows.begin(), rows.end());
    std::size_t longest = 0;
    for (const auto& row : rows) longest = std::max(longest, row.first.size());
    if (!rows.empty()) text += "\nCommand aliases\n" + format_rows(rows, longest);
  }
  return text;
}

std::vector<std::string> list_commands(std::string_view spec, Config& config) {
  std::vector<std::string> names;
  bool without_helpers = false;
  auto add = [&](const std::vector<std::string>& more) { names.insert(names.end(), more.begin(), more.end()); };
  for (std::string_view part : split(spec, ',')) {
    std::string_view category = part;
    if (part == "builtins") {
      add(builtin_names());
    } else if (part == "parseopt") {
      add(builtin_names());
    } else if (part == "deprecated") {
      for (const NamedBuiltin& builtin : kBuiltins)
        if (builtin.is_deprecated) names.emplace_back(builtin.name);
    } else if (part == "main") {
      add(main_commands());
    } else if (part == "others") {
      add(other_commands());
    } else if (part == "nohelpers") {
      without_helpers = true;
    } else if (part == "alias") {
      for (const auto& [name, text] : list_aliases(config)) names.push_back(name);
    } else if (part == "config") {
      // "name" adds, "-name" takes away.
      std::string words = config.get_string_or("completion.commands", "");
      for (std::string_view word : split(words, ' ')) {
        if (word.empty()) continue;
        if (skip_prefix(word, "-"))
          names.erase(std::remove(names.begin(), names.end(), std::string(word)), names.end());
        else
          names.emplace_back(word);
      }
    } else if (skip_prefix(category, "list-")) {
      std::vector<std::string> found;
      for (const ListedCommand& command : listed_commands())
        if (has_category(command, category)) found.push_back(shown_name(command));
      if (found.empty()) die("unsupported command listing type '%s'", part);
      add(found);
    } else {
      die("unsupported command listing type '%s'", part);
    }
  }
  if (without_helpers)
    names.erase(
        std::remove_if(names.begin(), names.end(), [](const std::string& name) { return name.find("--") != std::string::npos; }),
        names.end());
  return names;
}

std::string help_unknown_command(Config& config, const std::string& name) {
  enum { kShow = 0, kNever = -1, kImmediate = -2, kPrompt = -3 };
  int autocorrect = kShow;
  if (auto value = config.get_string("help.autocorrect")) {
    auto truth = parse_maybe_bool_text(*value);
    if (*value == "never")
      autocorrect = kNever;
    else if (*value == "show")
      autocorrect = kShow;
    else if (*value == "immediate")
      autocorrect = kImmediate;
    else if (*value == "prompt")
      autocorrect = kPrompt;
    else if (truth)
      autocorrect = *truth ? kImmediate : kShow;
    else
      autocorrect = config.get_int_or("help.autocorrect", 0);
    if (autocorrect == 1) autocorrect = kImmediate;
  }
  if (autocorrect == kNever) {
    errf("git: '%s' is not a git command. See 'git --help'.\n", name);
    exit_with(1);
  }
  std::set<std::string> candidates;
  for (const auto& [alias, text] : list_aliases(config)) candidates.insert(alias);
  for (std::string& command : main_commands()) candidates.insert(std::move(command));
  for (std::string& command : other_commands()) candidates.insert(std::move(command));
  std::set<std::string> common;
  for (const ListedCommand& command : listed_commands())
    for (const Section& section : kCommonSections)
      if (has_category(command, section.category)) common.insert(shown_name(command));

  // A common command that begins with the name comes first; others by the distance.
  std::vector<std::pair<int, std::string>> scored;
  for (const std::string& candidate : candidates) {
    int score = 0;
    if (common.count(candidate) && starts_with(candidate, name))
      score = 0;
    else
      score = edit_distance(name, candidate) + 1;
    scored.emplace_back(score, candidate);
  }
  std::sort(scored.begin(), scored.end());
  constexpr int kSimilarityFloor = 7;
  auto similar_enough = [](int score) { return score < kSimilarityFloor; };
  std::size_t n = 0;
  while (n < scored.size() && scored[n].first == 0) n++;
  int best = 0;
  if (n < scored.size()) best = scored[n].first;
  if (n == 0 || n == scored.size()) {
    n = 0;
    while (n < scored.size() && scored[n].first == best) n++;
  }
  if (scored.empty()) die("Uh oh. Your system reports no Git commands at all.");
  if (autocorrect != kShow && n == 1 && similar_enough(best)) {
    const std::string& assumed = scored[0].second;
    errf("WARNING: You called a Git command named '%s', which does not exist.\n", name);
    if (autocorrect == kImmediate) {
      errf("Continuing under the assumption that you meant '%s'.\n", assumed);
    } else if (autocorrect == kPrompt) {
      errf("Run '%s' instead [y/N]? ", assumed);
      char answer[16] = {};
      ssize_t got = ::isatty(0) ? ::read(0, answer, sizeof answer - 1) : 0;
      if (got <= 0 || to_lower(answer[0]) != 'y') exit_with(1);
    } else {
      errf("Continuing in %d.%d seconds, assuming that you meant '%s'.\n", autocorrect / 10, autocorrect % 10, assumed);
      ::usleep(static_cast<useconds_t>(autocorrect) * 100000u);
    }
    return assumed;
  }
  errf("git: '%s' is not a git command. See 'git --help'.\n", name);
  if (similar_enough(best)) {
    errf("%s", Q_("\nThe most similar command is\n", "\nThe most similar commands are\n", n));
    for (std::size_t i = 0; i < n; i++) errf("\t%s\n", scored[i].second);
  }
  exit_with(1);
}

}  // namespace git
