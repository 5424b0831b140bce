// A submodule's dirtiness is asked of a status command run inside it: its repository may have settings of its own.
#include "diff/submodule-diff.h"

#include "base/error.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "diff/diff-lib.h"
#include "diff/emit.h"
#include "diff/options.h"
#include "index/submodule-config.h"
#include "repository.h"
#include "setup.h"

namespace git {
namespace {

// The submodule's name by .gitmodules; "" where it has none.
struct GitmodulesEntry {
  std::string name, ignore;
};
GitmodulesEntry find_gitmodules_entry(const std::string& path) {
  GitmodulesEntry found;
  if (!path_exists(".gitmodules")) return found;
  auto entries = read_config_file(".gitmodules", false, {});
  if (!entries) return found;
  auto name_of = [](std::string_view key, std::string_view variable) -> std::string_view {
    if (!skip_prefix(key, "submodule.") || !strip_suffix(key, variable)) return {};
    return key;
  };
  for (const ConfigEntry& entry : *entries)
    if (entry.value == path)
      if (std::string_view name = name_of(entry.key, ".path"); !name.empty()) found.name = name;
  if (found.name.empty()) return found;
  for (const ConfigEntry& entry : *entries)
    if (entry.value && name_of(entry.key, ".ignore") == found.name) found.ignore = *entry.value;
  return found;
}

}  // namespace

SubmoduleIgnore parse_submodule_ignore(std::string_view word, std::string_view what) {
  SubmoduleIgnore ignore;
  if (word == "all")
    ignore.all = true;
  else if (word == "untracked")
    ignore.untracked = true;
  else if (word == "dirty")
    ignore.dirty = true;
  else if (word != "none")
    die("bad %s argument: %s", what, word);
  return ignore;
}

void set_ignore_submodules(DiffOptions& options, const std::string& word) {
  SubmoduleIgnore ignore = parse_submodule_ignore(word, "--ignore-submodules");
  options.ignore_submodules = ignore.all;
  options.ignore_dirty_submodules = ignore.dirty;
  options.ignore_untracked_in_submodules = ignore.untracked;
}

SubmoduleIgnore submodule_ignore_for(DiffOptions& options, const std::string& path) {
  SubmoduleIgnore ignore{options.ignore_submodules, options.ignore_dirty_submodules, options.ignore_untracked_in_submodules};
  if (options.override_submodule_config) return ignore;
  GitmodulesEntry entry = find_gitmodules_entry(path);
  if (entry.name.empty()) return ignore;
  std::string word = entry.ignore;
  if (options.config)
    if (auto value = options.config->get_string("submodule." + entry.name + ".ignore")) word = *value;
  return word.empty() ? ignore : parse_submodule_ignore(word, "--ignore-submodules");
}

unsigned submodule_dirtiness(const std::string& path, bool ignore_untracked) {
  auto git_dir = resolve_submodule_git_dir(path);
  if (!git_dir) return 0;
  ChildProcess child;
  child.git_command = true;
  child.args = {"status", "--porcelain=2"};
  if (ignore_untracked) child.args.push_back("-uno");
  child.env = local_repo_env_vars();
  child.env.push_back("GIT_DIR=.git");
  child.dir = path;
  child.in = ChildProcess::kNull;
  CommandOutput output = pipe_command(child, {});
  if (output.code) die("'git status --porcelain=2' failed in submodule %s", path);
  unsigned dirty = 0;
  for (std::string_view line : split_lines(output.out)) {
    if (line.empty()) continue;
    if (line[0] == '?') {
      dirty |= kSubmoduleUntracked;
      continue;
    }
    if (line[0] != '1' && line[0] != '2' && line[0] != 'u') continue;
    // "1 XY S.M? ...": a submodule of the submodule may only have untracked files.
    const bool is_submodule = line.size() > 8 && line[5] == 'S';
    if (is_submodule && line[8] == 'U') dirty |= kSubmoduleUntracked;
    const bool only_untracked = is_submodule && line.size() > 8 && line.substr(5, 4) == "S..U" && line[0] != 'u';
    if (!only_untracked) dirty |= kSubmoduleModified;
  }
  if (ignore_untracked) dirty &= ~unsigned{kSubmoduleUntracked};
  return dirty;
}

namespace {

// Where the repository of a submodule is: with its worktree, or (where that is gone) below modules/.
struct SubmodulePlace {
  std::string dir;
  bool has_worktree = true;
};
std::optional<SubmodulePlace> find_submodule(DiffOptions& options, const std::string& path) {
  if (resolve_submodule_git_dir(path)) return SubmodulePlace{path, true};
  if (!options.repo || !options.repo->worktree()) return std::nullopt;
  SubmoduleConfig config(*options.repo);
  const Submodule* submodule = config.find(path);
  if (!submodule) return std::nullopt;
  std::string git_dir = submodule_git_dir_of_name(*options.repo, submodule->name);
  if (!is_git_directory(git_dir)) return std::nullopt;
  return SubmodulePlace{git_dir, false};
}

// What a command prints when run in the submodule's repository; nullopt where it fails.
std::optional<std::string> run_in_submodule(const SubmodulePlace& place, std::vector<std::string> args) {
  ChildProcess child;
  child.git_command = true;
  child.args = std::move(args);
  child.env = local_repo_env_vars();
  child.env.push_back(place.has_worktree ? "GIT_DIR=.git" : "GIT_DIR=.");
  // Its core.worktree names a directory that is gone.
  if (!place.has_worktree) child.env.push_back("GIT_WORK_TREE=.");
  child.dir = place.dir;
  child.in = ChildProcess::kNull;
  child.err = ChildProcess::kNull;
  CommandOutput output = pipe_command(child, {});
  if (output.code) return std::nullopt;
  return std::move(output.out);
}

bool has_commit(const SubmodulePlace& place, const ObjectId& oid) {
  return oid.is_null() || run_in_submodule(place, {"cat-file", "-e", oid.hex() + "^{commit}"}).has_value();
}

}  // namespace

bool show_submodule_change(DiffOptions& options, DiffFilespec& one, DiffFilespec& two, PatchWriter& writer) {
  const std::string path = one.is_valid() ? one.path : two.path;
  const ObjectId null = ObjectId::null(options.algo());
  const ObjectId before = one.is_valid() ? one.oid : null, after = two.is_valid() ? two.oid : null;
  const unsigned dirty = two.dirty_submodule;
  const std::string_view meta = options.color(DiffColor::meta), reset = options.color(DiffColor::reset);
  auto line = [&](const std::string& text) { writer.text(std::string(meta) + text + std::string(reset) + "\n"); };
  const std::string shown(strip_relative(options, path));
  if (dirty & kSubmoduleUntracked) writer.text("Submodule " + shown + " contains untracked content\n");
  if (dirty & kSubmoduleModified) writer.text("Submodule " + shown + " contains modified content\n");
  std::string note;
  if (before.is_null())
    note = "(new submodule)";
  else if (after.is_null())
    note = "(submodule deleted)";
  const auto place = find_submodule(options, path);
  const bool is_present = place.has_value();
  const bool has_both = is_present && has_commit(*place, before) && has_commit(*place, after);
  if (!is_present && note.empty())
    note = "(commits not present)";
  else if (is_present && !has_both && note.empty())
    note = "(commits not present)";
  bool fast_forward = false, fast_backward = false;
  if (has_both && !before.is_null() && !after.is_null()) {
    if (auto base = run_in_submodule(*place, {"merge-base", before.hex(), after.hex()})) {
      const std::string hex(trim(*base));
      if (hex == before.hex())
        fast_forward = true;
      else if (hex == after.hex())
        fast_backward = true;
    }
  }
  if (before == after) {
    if (options.submodule_format == SubmoduleFormat::inline_diff && dirty & kSubmoduleModified) {
    } else {
      return true;
    }
  } else {
    std::string head = "Submodule " + shown + " " + abbreviate(options, before, -1) +
                       (fast_forward || fast_backward ? ".." : "...") + abbreviate(options, after, -1);
    if (!note.empty())
      head += " " + note;
    else
      head += fast_backward ? " (rewind):" : ":";
    line(head);
    options.found_changes = true;
  }
  if (options.submodule_format == SubmoduleFormat::log) {
    if (!note.empty() || !has_both) return true;
    auto log = run_in_submodule(*place, {"log", "--no-color", "--first-parent", "--left-right", "--pretty=tformat:  %m %s",
                                         before.hex() + "..." + after.hex(), "--"});
    if (!log) return true;
    const std::string_view del = options.color(DiffColor::old_line), add = options.color(DiffColor::new_line);
    for (std::string_view text : split_lines(*log)) {
      const bool is_old = text.size() > 2 && text[2] == '<';
      writer.text(std::string(is_old ? del : add) + std::string(text) + std::string(reset) + "\n");
    }
    return true;
  }
  if (!is_present || !has_both) return true;
  ObjectId empty = empty_tree_id(options.algo());
  std::vector<std::string> args = {"diff", "--submodule=diff", options.use_color == 1 ? "--color=always" : "--color=never"};
  auto add_prefix = [&](const char* option, const std::string& prefix) { args.push_back(option + prefix + path + "/"); };
  add_prefix("--src-prefix=", options.reverse_diff ? options.b_prefix : options.a_prefix);
  add_prefix("--dst-prefix=", options.reverse_diff ? options.a_prefix : options.b_prefix);
  if (!options.line_prefix.empty()) args.push_back("--line-prefix=" + options.line_prefix);
  args.push_back(before.is_null() ? empty.hex() : before.hex());
  // A dirty submodule is compared with its worktree.
  if (!(dirty & kSubmoduleModified)) args.push_back(after.is_null() ? empty.hex() : after.hex());
  if (auto diff = run_in_submodule(*place, std::move(args))) {
    writer.raw(*diff);
    options.found_changes = true;
  } else {
    writer.text("(diff failed)\n");
  }
  return true;
}

std::optional<std::string> resolve_submodule_git_dir(const std::string& path) {
  const std::string git_file = path + "/.git";
  if (is_directory(git_file)) return git_file;
  if (!is_file(git_file)) return std::nullopt;
  auto text = read_file(git_file);
  if (!text) return std::nullopt;
  std::string_view target = rtrim(*text);
  if (!skip_prefix(target, "gitdir: ")) return std::nullopt;
  return is_absolute_path(target) ? std::string(target) : path_join(path, target);
}

}  // namespace git
