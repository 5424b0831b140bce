// A file's patch is cut into hunks (a change of mode is one too); each is decided, and those taken are put together again and
// given to git apply.  Splitting a hunk leaves shared context, which is merged again where both halves are taken.
#include "add-patch.h"

#include <regex.h>
#include <unistd.h>

#include <algorithm>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "editor.h"
#include "index.h"
#include "repository.h"

namespace git {
namespace {

struct ModeWords {
  std::vector<const char*> diff;
  std::vector<const char*> apply;
  const char *verb, *tail;
  bool reverse, for_checkout;
  const char* help;  // "stage this hunk"
};

ModeWords words_of(PatchMode mode) {
  switch (mode) {
    case PatchMode::add:
      return {{"diff-files"}, {"--cached"}, "Stage", "", false, false, "stage"};
    case PatchMode::stash:
      return {{"diff-index"}, {"--cached"}, "Stash", "", false, false, "stash"};
    case PatchMode::reset_head:
      return {{"diff-index", "--cached"}, {"-R", "--cached"}, "Unstage", "", true, false, "unstage"};
    case PatchMode::reset_nothead:
      return {{"diff-index", "-R", "--cached"}, {"--cached"}, "Apply", " to index", false, false, "apply"};
    case PatchMode::checkout_index:
      return {{"diff-files"}, {"-R"}, "Discard", " from worktree", true, false, "discard"};
    case PatchMode::checkout_head:
      return {{"diff-index"}, {"-R"}, "Discard", " from index and worktree", true, true, "discard"};
    case PatchMode::checkout_nothead:
      return {{"diff-index", "-R"}, {}, "Apply", " to index and worktree", false, true, "apply"};
    case PatchMode::worktree_head:
      return {{"diff-index"}, {"-R"}, "Discard", " from worktree", true, false, "discard"};
    case PatchMode::worktree_nothead:
      return {{"diff-index", "-R"}, {}, "Apply", " to worktree", false, false, "apply"};
  }
  return {};
}

enum class Use : unsigned char { undecided, skip, take };

struct Hunk {
  long old_start = 0, old_count = 0, new_start = 0, new_count = 0;
  std::string function;            // behind the second "@@"
  std::vector<std::string> lines;  // with their newline
  Use use = Use::undecided;
  bool is_mode_change = false;
  std::string mode_lines;
};

struct FilePatch {
  std::string header;  // up to the first hunk, without mode lines
  bool is_deletion = false, is_addition = false, is_binary = false;
  std::vector<Hunk> hunks;
};

bool parse_range(std::string_view& text, long& start, long& count) {
  auto number = [&](long& value) {
    std::size_t n = 0;
    while (n < text.size() && is_digit(text[n])) ++n;
    auto parsed = parse_uint(text.substr(0, n));
    if (!parsed) return false;
    value = static_cast<long>(*parsed);
    text.remove_prefix(n);
    return true;
  };
  if (!number(start)) return false;
  count = 1;
  if (!text.empty() && text[0] == ',') {
    text.remove_prefix(1);
    return number(count);
  }
  return true;
}

bool parse_hunk_header(std::string_view line, Hunk& hunk) {
  if (!skip_prefix(line, "@@ -") || !parse_range(line, hunk.old_start, hunk.old_count) || !skip_prefix(line, " +") ||
      !parse_range(line, hunk.new_start, hunk.new_count) || !skip_prefix(line, " @@"))
    return false;
  hunk.function = line;
  return true;
}

std::string range_text(long start, long count) { return count == 1 ? strf("%d", start) : strf("%d,%d", start, count); }

std::string hunk_header(const Hunk& h) {
  return "@@ -" + range_text(h.old_start, h.old_count) + " +" + range_text(h.new_start, h.new_count) + " @@" + h.function + "\n";
}

std::vector<FilePatch> parse_patch(std::string_view text) {
  std::vector<FilePatch> files;
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    std::string line(text.substr(0, end == std::string_view::npos ? text.size() : end + 1));
    text.remove_prefix(line.size());
    std::string_view bare = rtrim(line);
    if (starts_with(line, "diff ")) files.emplace_back();
    if (files.empty()) continue;
    FilePatch& f = files.back();
    Hunk hunk;
    if (starts_with(line, "@@ ") && parse_hunk_header(std::string_view(line).substr(0, line.size() - 1), hunk)) {
      f.hunks.push_back(std::move(hunk));
      continue;
    }
    if (!f.hunks.empty() && !f.hunks.back().is_mode_change) {
      f.hunks.back().lines.push_back(line);
      continue;
    }
    if (starts_with(line, "old mode ") || starts_with(line, "new mode ")) {
      if (f.hunks.empty()) {
        Hunk mode;
        mode.is_mode_change = true;
        f.hunks.push_back(std::move(mode));
      }
      f.hunks[0].mode_lines += line;
      continue;
    }
    if (starts_with(line, "deleted file")) f.is_deletion = true;
    if (starts_with(line, "new file")) f.is_addition = true;
    if (starts_with(bare, "Binary files ") || bare == "GIT binary patch") f.is_binary = true;
    f.header += line;
  }
  // A file without a hunk (an empty one that came or went) is decided as a whole.
  for (FilePatch& f : files)
    if (f.hunks.empty() && !f.is_binary && (f.is_addition || f.is_deletion)) f.hunks.emplace_back();
  return files;
}

std::string hunk_text(const Hunk& h) {
  if (h.is_mode_change) return h.mode_lines;
  if (h.lines.empty()) return {};
  return hunk_header(h) + join(h.lines, "");
}

// Where between changes there is context, a hunk falls apart.
std::vector<Hunk> split_hunk(const Hunk& h) {
  struct Part {
    std::size_t first, last;  // lines with changes, [first, last)
  };
  std::vector<Part> parts;
  for (std::size_t i = 0; i < h.lines.size();) {
    char c = h.lines[i][0];
    if (c != '-' && c != '+') {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < h.lines.size() && (h.lines[end][0] == '-' || h.lines[end][0] == '+' || h.lines[end][0] == '\\')) ++end;
    parts.push_back({i, end});
    i = end;
  }
  std::vector<Hunk> hunks;
  for (std::size_t k = 0; k < parts.size(); ++k) {
    std::size_t from = k == 0 ? 0 : parts[k - 1].last, to = k + 1 == parts.size() ? h.lines.size() : parts[k + 1].first;
    Hunk part;
    part.function = k == 0 ? h.function : std::string();
    part.old_start = h.old_start;
    part.new_start = h.new_start;
    auto advance = [](char c, long& old_line, long& new_line) {
      if (c == ' ' || c == '-' || c == '\n') ++old_line;
      if (c == ' ' || c == '+' || c == '\n') ++new_line;
    };
    for (std::size_t i = 0; i < from; ++i) advance(h.lines[i][0], part.old_start, part.new_start);
    for (std::size_t i = from; i < to; ++i) {
      advance(h.lines[i][0], part.old_count, part.new_count);
      part.lines.push_back(h.lines[i]);
    }
    hunks.push_back(std::move(part));
  }
  return hunks;
}

class AddPatch {
 public:
  AddPatch(Repository& repo, const AddPatchOptions& options) : repo_(repo), o_(options), words_(words_of(options.mode)) {}
  int run(const std::vector<std::string>& paths);

 private:
  std::string capture(std::vector<std::string> args);
  bool read_line(std::string& line);
  bool update_file(FilePatch& f);  // false: quit
  void show_hunk(const FilePatch& f, const Hunk& h);
  std::string permitted(const FilePatch& f, std::size_t at, long previous, long next);
  void help(const std::string& keys);
  bool go_to(const FilePatch& f, std::string argument, std::size_t& at);
  bool search(const FilePatch& f, std::string argument, std::size_t& at);
  bool edit(FilePatch& f, Hunk& h);
  std::string assemble(const FilePatch& f);
  int apply(const FilePatch& f);
  int run_apply(const std::string& patch, std::vector<std::string> args, bool quiet);

  Repository& repo_;
  const AddPatchOptions& o_;
  ModeWords words_;
  LineReader reader_{0};
  bool eof_ = false;
};

std::string AddPatch::capture(std::vector<std::string> args) {
  flush_out();
  ChildProcess child;
  child.git_command = true;
  child.args = std::move(args);
  child.env = o_.env;
  CommandOutput result = pipe_command(child, "");
  if (result.code) die("could not parse diff");
  return std::move(result.out);
}

bool AddPatch::read_line(std::string& line) {
  flush_out();
  if (!reader_.next(line)) {
    eof_ = true;
    return false;
  }
  line = std::string(trim(line));
  return true;
}

void AddPatch::show_hunk(const FilePatch& f, const Hunk& h) {
  (void)f;
  out(hunk_text(h));
}

std::string AddPatch::permitted(const FilePatch& f, std::size_t at, long previous, long next) {
  const Hunk& h = f.hunks[at];
  std::string keys;
  if (previous >= 0) keys += ",k";
  if (f.hunks.size() > 1) keys += ",K";
  if (next >= 0) keys += ",j";
  if (f.hunks.size() > 1) keys += ",J,g,/";
  if (!h.is_mode_change && split_hunk(h).size() > 1) keys += ",s";
  if (!h.is_mode_change && !f.is_deletion && !h.lines.empty()) keys += ",e";
  if (!h.lines.empty() || h.is_mode_change)
    keys += ",p,P";
  else
    keys += ",p,P";
  return keys;
}

void AddPatch::help(const std::string& keys) {
  std::string verb = words_.help, tail = words_.tail;
  outf("y - %s this hunk%s\n", verb, tail);
  outf("n - do not %s this hunk%s\n", verb, tail);
  outf("q - quit; do not %s this hunk or any of the remaining ones\n", verb);
  outf("a - %s this hunk and all later hunks in the file\n", verb);
  outf("d - do not %s this hunk or any of the later hunks in the file\n", verb);
  const std::pair<char, const char*> more[] = {
      {'j', "go to the next undecided hunk, roll over at the bottom"},
      {'J', "go to the next hunk, roll over at the bottom"},
      {'k', "go to the previous undecided hunk, roll over at the top"},
      {'K', "go to the previous hunk, roll over at the top"},
      {'g', "select a hunk to go to"},
      {'/', "search for a hunk matching the given regex"},
      {'s', "split the current hunk into smaller hunks"},
      {'e', "manually edit the current hunk"},
      {'p', "print the current hunk"},
      {'P', "print the current hunk using the pager"},
  };
  for (const auto& [key, text] : more)
    if (keys.find(key) != std::string::npos) outf("%c - %s\n", key, text);
  out("? - print help\n");
}

bool AddPatch::go_to(const FilePatch& f, std::string argument, std::size_t& at) {
  std::size_t shown = at > 10 ? at - 10 : 0;
  while (argument.empty()) {
    std::size_t end = std::min(shown + 20, f.hunks.size());
    for (std::size_t i = shown; i < end; ++i) {
      const Hunk& h = f.hunks[i];
      std::string first;
      for (const std::string& line : h.lines)
        if (line[0] == '-' || line[0] == '+') {
          first = std::string(rtrim(line));
          break;
        }
      std::string summary = strf(" -%d,%d +%d,%d ", h.old_start, h.old_count, h.new_start, h.new_count);
      if (summary.size() < 20) summary.resize(20, ' ');
      outf("%c%2d: %s%s\n", h.use == Use::take ? '+' : h.use == Use::skip ? '-' : ' ', i + 1, summary, first.substr(0, 60));
    }
    shown = end;
    out(shown < f.hunks.size() ? "go to which hunk (<ret> to see more)? " : "go to which hunk? ");
    if (!read_line(argument)) return false;
    if (argument.empty() && shown >= f.hunks.size()) return false;
  }
  auto number = parse_uint(argument);
  if (!number) {
    outf("Invalid number: '%s'\n", argument);
  } else if (*number < 1 || *number > f.hunks.size()) {
    outf(f.hunks.size() == 1 ? "Sorry, only %d hunk available.\n" : "Sorry, only %d hunks available.\n", f.hunks.size());
  } else {
    at = static_cast<std::size_t>(*number) - 1;
    return true;
  }
  return false;
}

bool AddPatch::search(const FilePatch& f, std::string argument, std::size_t& at) {
  if (argument.empty()) {
    out("search for regex? ");
    if (!read_line(argument) || argument.empty()) return false;
  }
  regex_t regex;
  if (int code = regcomp(&regex, argument.c_str(), REG_EXTENDED | REG_NOSUB | REG_NEWLINE)) {
    char message[256];
    regerror(code, &regex, message, sizeof message);
    outf("Malformed search regexp %s: %s\n", argument, static_cast<const char*>(message));
    return false;
  }
  std::size_t i = at;
  bool found = false;
  do {
    if (regexec(&regex, hunk_text(f.hunks[i]).c_str(), 0, nullptr, 0) == 0) {
      found = true;
      break;
    }
    i = (i + 1) % f.hunks.size();
  } while (i != at);
  regfree(&regex);
  if (!found) {
    out("No hunk matches the given pattern\n");
    return false;
  }
  at = i;
  return true;
}

// Counts anew after an edit.
void recount(Hunk& h) {
  h.old_count = h.new_count = 0;
  for (const std::string& line : h.lines) {
    char c = line[0];
    if (c == ' ' || c == '-' || c == '\n') ++h.old_count;
    if (c == ' ' || c == '+' || c == '\n') ++h.new_count;
  }
}

bool AddPatch::edit(FilePatch& f, Hunk& h) {
  std::string path = repo_.git_path("addp-hunk-edit.diff");
  std::string comment = "#";
  std::string verb = words_.help;
  std::string participle = verb.back() == 'e' ? verb.substr(0, verb.size() - 1) + "ing" : verb + "ing";
  while (true) {
    std::string text = comment + " Manual hunk edit mode -- see bottom for a quick guide.\n" + hunk_text(h) + comment + " ---\n";
    text += strf("%s To remove '%c' lines, make them ' ' lines (context).\n", comment, words_.reverse ? '+' : '-');
    text += strf("%s To remove '%c' lines, delete them.\n", comment, words_.reverse ? '-' : '+');
    text += strf("%s Lines starting with %s will be removed.\n", comment, comment);
    text += comment + " If the patch applies cleanly, the edited hunk will immediately be marked for " + participle + ".\n";
    text += comment + " If it does not apply cleanly, you will be given an opportunity to\n" + comment +
            " edit again.  If all lines of the hunk are removed, then the edit is\n" + comment +
            " aborted and the hunk is left unchanged.\n";
    if (!write_file(path, text)) die_errno("could not write '%s'", path);
    ChildProcess which;
    which.git_command = true;
    which.args = {"var", "GIT_EDITOR"};
    std::string program(trim(pipe_command(which, "").out));
    flush_out();
    ChildProcess editor;
    editor.use_shell = true;
    editor.args = {program, absolute_path(path)};
    if (program != ":" && editor.run()) return false;
    std::string edited = read_file(path).take_or_die();
    unlink(path.c_str());
    Hunk changed = h;
    changed.lines.clear();
    bool has_header = false;
    for (std::string_view line : split_lines(edited)) {
      if (starts_with(line, comment)) continue;
      if (!has_header && starts_with(line, "@@ ")) {
        Hunk header;
        if (parse_hunk_header(line, header)) changed.old_start = header.old_start, changed.new_start = header.new_start;
        has_header = true;
        continue;
      }
      changed.lines.push_back(std::string(line) + "\n");
    }
    if (changed.lines.empty()) return false;
    recount(changed);
    FilePatch one = f;
    changed.use = Use::take;
    one.hunks = {changed};
    std::vector<std::string> args(words_.apply.begin(), words_.apply.end());
    args.insert(args.begin(), {"--check", "--recount"});
    if (run_apply(assemble(one), args, false) == 0) {
      h = changed;
      return true;
    }
    while (true) {
      out("Your edited hunk does not apply. Edit again (saying \"no\" discards!) [y/n]? ");
      std::string line;
      if (!read_line(line) || istarts_with(line, "n")) return false;
      if (istarts_with(line, "y")) break;
    }
  }
}

std::string AddPatch::assemble(const FilePatch& f) {
  std::string patch = f.header;
  std::vector<Hunk> taken;
  for (const Hunk& h : f.hunks) {
    if (h.use != Use::take) continue;
    if (h.is_mode_change) {
      // The mode lines follow the first line of the header.
      std::size_t end = patch.find('\n') + 1;
      patch.insert(end, h.mode_lines);
      continue;
    }
    if (h.lines.empty()) continue;
    // Halves of one hunk share context.
    if (!taken.empty() && h.old_start < taken.back().old_start + taken.back().old_count) {
      Hunk& last = taken.back();
      auto overlap = static_cast<std::size_t>(last.old_start + last.old_count - h.old_start);
      last.lines.insert(last.lines.end(), h.lines.begin() + static_cast<std::ptrdiff_t>(std::min(overlap, h.lines.size())),
                        h.lines.end());
      recount(last);
      continue;
    }
    taken.push_back(h);
  }
  for (const Hunk& h : taken) patch += hunk_header(h) + join(h.lines, "");
  return patch;
}

int AddPatch::run_apply(const std::string& patch, std::vector<std::string> args, bool quiet) {
  flush_out();
  ChildProcess child;
  child.git_command = true;
  child.args = {"apply", "--allow-overlap"};
  child.args.insert(child.args.end(), args.begin(), args.end());
  child.env = o_.env;
  CommandOutput result = pipe_command(child, patch, quiet);
  return result.code;
}

int AddPatch::apply(const FilePatch& f) {
  std::string patch = assemble(f);
  std::vector<std::string> args(words_.apply.begin(), words_.apply.end());
  args.push_back("--recount");
  if (!words_.for_checkout) return run_apply(patch, args, false) ? error("'git apply' failed") : 0;
  std::vector<std::string> check = args, cached = args;
  check.push_back("--check");
  std::vector<std::string> check_index = check;
  check_index.push_back("--cached");
  cached.push_back("--cached");
  bool index_ok = run_apply(patch, check_index, true) == 0, worktree_ok = run_apply(patch, check, true) == 0;
  if (worktree_ok && index_ok) return run_apply(patch, cached, false) | run_apply(patch, args, false);
  if (!worktree_ok) {
    run_apply(patch, args, false);
    return -1;
  }
  out("The selected hunks do not apply to the index!\n");
  while (true) {
    out("Apply them to the worktree anyway? ");
    std::string line;
    if (!read_line(line) || istarts_with(line, "n")) {
      out("Nothing was applied.\n");
      return 0;
    }
    if (istarts_with(line, "y")) return run_apply(patch, args, false);
  }
}

bool AddPatch::update_file(FilePatch& f) {
  out(f.header);
  std::size_t at = 0;
  std::ptrdiff_t rendered = -1;
  bool quit = false;
  while (!quit) {
    std::size_t count = f.hunks.size();
    if (at >= count) at = 0;
    long previous = -1, next = -1;
    for (std::size_t k = 1; k < count; ++k) {
      std::size_t b = (at + count - k) % count, n = (at + k) % count;
      if (previous < 0 && f.hunks[b].use == Use::undecided) previous = static_cast<long>(b);
      if (next < 0 && f.hunks[n].use == Use::undecided) next = static_cast<long>(n);
    }
    Hunk& h = f.hunks[at];
    if (previous < 0 && next < 0 && h.use != Use::undecided) break;
    if (rendered != static_cast<std::ptrdiff_t>(at)) {
      show_hunk(f, h);
      rendered = static_cast<std::ptrdiff_t>(at);
    }
    std::string keys = permitted(f, at, previous, next);
    const char* what = h.is_mode_change ? "mode change" : f.is_deletion ? "deletion" : f.is_addition ? "addition" : "this hunk";
    const char* was = h.use == Use::take ? " (was: y)" : h.use == Use::skip ? " (was: n)" : "";
    outf("(%d/%d) %s %s%s%s [y,n,q,a,d%s,?]? ", at + 1, count, words_.verb, what, words_.tail, was, keys);
    std::string line;
    if (!read_line(line)) {
      quit = true;
      break;
    }
    if (line.empty()) continue;
    char key = line[0];
    char lower = to_lower(key);
    std::string argument = line.size() > 1 ? std::string(trim(std::string_view(line).substr(1))) : std::string();
    if (line.size() > 1 && key != 'g' && key != '/') {
      outf("Only one letter is expected, got '%s'\n", line);
      continue;
    }
    auto has = [&](char k) { return keys.find(k) != std::string::npos; };
    auto to_next = [&] { at = next < 0 ? count : static_cast<std::size_t>(next); };
    if (lower == 'y') {
      h.use = Use::take;
      to_next();
      if (next < 0) at = at >= count ? count - 1 : at;
    } else if (lower == 'n') {
      h.use = Use::skip;
      to_next();
      if (next < 0) at = count - 1;
    } else if (lower == 'a' || lower == 'd' || lower == 'q') {
      for (std::size_t i = lower == 'q' ? 0 : at; i < count; ++i)
        if (f.hunks[i].use == Use::undecided) f.hunks[i].use = lower == 'a' ? Use::take : Use::skip;
      if (lower == 'q') quit = true;
      at = count - 1;
      if (lower != 'q')
        for (std::size_t i = 0; i < count; ++i)
          if (f.hunks[i].use == Use::undecided) {
            at = i;
            break;
          }
    } else if (key == 'K') {
      if (has('K'))
        at = (at + count - 1) % count;
      else
        out("No other hunk\n");
    } else if (key == 'J') {
      if (has('J'))
        at = (at + 1) % count;
      else
        out("No other hunk\n");
    } else if (key == 'k') {
      if (previous >= 0)
        at = static_cast<std::size_t>(previous);
      else
        out("No other undecided hunk\n");
    } else if (key == 'j') {
      if (next >= 0)
        at = static_cast<std::size_t>(next);
      else
        out("No other undecided hunk\n");
    } else if (key == 'g') {
      if (count < 2)
        out("No other hunks to goto\n");
      else if (go_to(f, argument, at))
        rendered = -1;
    } else if (key == '/') {
      if (count < 2)
        out("No other hunks to search\n");
      else if (search(f, argument, at))
        rendered = -1;
    } else if (key == 's') {
      std::vector<Hunk> parts = h.is_mode_change ? std::vector<Hunk>{} : split_hunk(h);
      if (parts.size() < 2) {
        out("Sorry, cannot split this hunk\n");
      } else {
        outf("Split into %d hunks.\n", parts.size());
        f.hunks.erase(f.hunks.begin() + static_cast<std::ptrdiff_t>(at));
        f.hunks.insert(f.hunks.begin() + static_cast<std::ptrdiff_t>(at), parts.begin(), parts.end());
        rendered = -1;
      }
    } else if (key == 'e') {
      if (!has('e')) {
        out("Sorry, cannot edit this hunk\n");
      } else if (edit(f, h)) {
        h.use = Use::take;
        to_next();
        if (next < 0) at = count - 1;
      }
    } else if (key == 'p') {
      rendered = -1;
    } else if (key == 'P') {
      rendered = -1;
    } else if (key == '?') {
      help(keys);
    } else {
      outf("Unknown command '%s' (use '?' for help)\n", line);
    }
  }
  bool any = std::any_of(f.hunks.begin(), f.hunks.end(), [](const Hunk& h) { return h.use == Use::take; });
  if (any && apply(f) == 0 && o_.env.empty()) Index::read(repo_).refresh_and_write_quietly();
  out("\n");
  return !quit && !eof_;
}

int AddPatch::run(const std::vector<std::string>& paths) {
  if (o_.env.empty()) Index::read(repo_).refresh_and_write_quietly();
  std::vector<std::string> args = {words_.diff[0], "-p"};
  args.insert(args.end(), words_.diff.begin() + 1, words_.diff.end());
  args.insert(args.begin() + 2, "--no-color");
  if (o_.context >= 0) args.push_back("--unified=" + std::to_string(o_.context));
  if (o_.inter_hunk_context >= 0) args.push_back("--inter-hunk-context=" + std::to_string(o_.inter_hunk_context));
  if (auto algorithm = repo_.config().get_string("diff.algorithm")) args.push_back("--diff-algorithm=" + *algorithm);
  if (!o_.revision.empty()) args.push_back(o_.revision);
  args.push_back("--");
  args.insert(args.end(), paths.begin(), paths.end());
  std::vector<FilePatch> files = parse_patch(capture(args));
  // Paths in conflict are not for hunks.
  Index index = Index::read(repo_);
  std::erase_if(files, [&](const FilePatch& f) {
    for (const auto& e : index.entries())
      if (e->stage && starts_with(f.header, "diff --git a/" + e->path + " b/" + e->path + "\n")) return true;
    return starts_with(f.header, "diff --cc ");
  });
  std::size_t binary = 0, shown = 0;
  for (FilePatch& f : files) {
    if (f.is_binary && f.hunks.empty()) {
      ++binary;
      continue;
    }
    if (f.hunks.empty()) continue;
    ++shown;
    if (!update_file(f)) break;
  }
  if (files.empty())
    out("No changes.\n");
  else if (!shown && binary == files.size())
    out("Only binary files changed.\n");
  return 0;
}

}  // namespace

int run_add_patch(Repository& repo, const AddPatchOptions& options, const std::vector<std::string>& paths) {
  return AddPatch(repo, options).run(paths);
}

}  // namespace git
