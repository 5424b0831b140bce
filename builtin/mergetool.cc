// git mergetool: conflicts, one after the other, in a program of the user's choice.
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <set>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "difftools.h"
#include "index.h"
#include "index/pathspec.h"
#include "odb.h"

GIT_BUILTIN("mergetool", cmd_mergetool, kSetup | kNeedWorkTree)

namespace git {
namespace {

int run_git(std::vector<std::string> args) {
  flush_out();
  ChildProcess child;
  child.git_command = true;
  child.args = std::move(args);
  return child.run();
}

// A line of standard input, read byte by byte, since tools read from it too. nullopt at its end.
std::optional<std::string> read_answer() {
  flush_out();
  std::string answer;
  char c;
  ssize_t got = 0;
  while ((got = xread(0, &c, 1)) > 0 && c != '\n') answer += c;
  if (got <= 0 && answer.empty()) return std::nullopt;
  return answer;
}

class MergeTool {
 public:
  explicit MergeTool(Invocation& inv) : inv_(inv), repo_(inv.repo()), config_(inv.repo().config()) {}
  int run();

 private:
  struct Stage {
    std::uint32_t mode = 0;
    ObjectId oid;
    bool is_present() const { return mode != 0; }
    bool is_submodule() const { return is_gitlink_mode(mode); }
  };

  std::vector<std::string> paths(const std::vector<std::string>& args);
  bool merge_one(const std::string& path);
  void describe(const Stage& stage, const char* branch, const std::string& file);
  bool resolve_deleted(const std::string& path);
  bool resolve_link(const std::string& path);
  bool resolve_submodule(const std::string& path);
  bool take_side(const std::string& path, const Stage& stage, int number, const Stage& other);
  void choose_names(const std::string& path);
  void write_stage(int number, const std::string& path, const std::string& file);
  void hide_resolved();
  void keep_backup(const std::string& path);
  void remove_temporaries(bool save_backup, const std::string& path);
  bool continue_after_failure();

  Invocation& inv_;
  Repository& repo_;
  Config& config_;
  std::string tool_, order_file_;
  bool prompt_ = true, keeps_backup_ = true, keeps_temporaries_ = false;
  std::array<Stage, 4> stages_;  // by number
  std::string backup_, base_, local_, remote_, tmp_dir_;
};

void MergeTool::describe(const Stage& stage, const char* branch, const std::string& file) {
  outf("  {%s}: ", branch);
  if (!stage.is_present())
    out("deleted\n");
  else if (is_link_mode(stage.mode))
    outf("a symbolic link -> '%s'\n", read_file(file).ok() ? *read_file(file) : std::string());
  else if (stage.is_submodule())
    outf("submodule commit %s\n", stage.oid);
  else
    out(stages_[1].is_present() ? "modified file\n" : "created file\n");
}

void MergeTool::choose_names(const std::string& path) {
  std::string dir = ".";
  std::string stem = path, extension;
  const std::size_t dot = path.rfind('.'), slash = path.rfind('/');
  if (dot != std::string::npos && (slash == std::string::npos || dot > slash))
    stem = path.substr(0, dot), extension = path.substr(dot);
  if (config_.get_bool_or("mergetool.writetotemp", false)) {
    dir = (std::getenv("TMPDIR") ? std::string(std::getenv("TMPDIR")) : std::string("/tmp")) + "/git-mergetool-XXXXXX";
    if (!mkdtemp(dir.data())) die_errno("mktemp failed");
    tmp_dir_ = dir;
    if (slash != std::string::npos) stem = stem.substr(slash + 1);
  }
  auto name = [&](const char* kind) { return strf("%s/%s_%s_%d%s", dir, stem, kind, getpid(), extension); };
  backup_ = name("BACKUP"), local_ = name("LOCAL"), remote_ = name("REMOTE"), base_ = name("BASE");
}

void MergeTool::write_stage(int number, const std::string& path, const std::string& file) {
  if (!make_leading_dirs(file)) die_errno("could not create '%s'", file);
  const Stage& stage = stages_[static_cast<std::size_t>(number)];
  if (!stage.is_present() || stage.is_submodule()) {
    write_file(file, "");
    return;
  }
  ChildProcess child;
  child.git_command = true;
  child.args = {"checkout-index", "--temp", strf("--stage=%d", number), "--", path};
  CommandOutput output = pipe_command(child, {});
  std::string temporary = output.out.substr(0, output.out.find('\t'));
  if (output.code || temporary.empty() || rename(temporary.c_str(), file.c_str())) write_file(file, "");
}

// Both sides get what can be merged without the user, so that they differ in conflicts only.
void MergeTool::hide_resolved() {
  auto merged = [&](const char* side) {
    ChildProcess child;
    child.git_command = true;
    child.args = {"merge-file", side, "-q", "-p", local_, base_, remote_};
    return pipe_command(child, {}).out;
  };
  const std::string ours = merged("--ours"), theirs = merged("--theirs");
  write_file(local_, ours);
  write_file(remote_, theirs);
}

void MergeTool::keep_backup(const std::string& path) {
  if (!path_exists(backup_)) return;
  if (keeps_backup_)
    rename(backup_.c_str(), (path + ".orig").c_str());
  else
    remove_file(backup_);
}

void MergeTool::remove_temporaries(bool save_backup, const std::string& path) {
  if (save_backup && keeps_backup_ && path_exists(backup_)) rename(backup_.c_str(), (path + ".orig").c_str());
  for (const std::string& file : {local_, remote_, base_}) remove_file(file);
  remove_file(backup_);
  if (!tmp_dir_.empty()) rmdir(tmp_dir_.c_str());
}

bool MergeTool::resolve_deleted(const std::string& path) {
  for (;;) {
    out(stages_[1].is_present() ? "Use (m)odified or (d)eleted file, or (a)bort? "
                                : "Use (c)reated or (d)eleted file, or (a)bort? ");
    auto answer = read_answer();
    const char c = !answer ? 'a' : answer->empty() ? ' ' : to_lower((*answer)[0]);
    if (c == 'm' || c == 'c') {
      run_git({"add", "--", path});
      if (!keeps_temporaries_) remove_temporaries(true, path);
      return true;
    }
    if (c == 'd') {
      run_git({"rm", "-q", "--", path});
      remove_file(path);
      remove_temporaries(false, path);
      // Our own files kept the directory until now.
      remove_empty_parents(path, "");
      return true;
    }
    if (c != 'a') continue;
    if (!keeps_temporaries_) remove_temporaries(false, path);
    return false;
  }
}

bool MergeTool::resolve_link(const std::string& path) {
  for (;;) {
    out("Use (l)ocal or (r)emote, or (a)bort? ");
    auto answer = read_answer();
    const char c = !answer ? 'a' : answer->empty() ? ' ' : to_lower((*answer)[0]);
    if (c == 'a') return false;
    if (c != 'l' && c != 'r') continue;
    run_git({"checkout-index", "-f", c == 'l' ? "--stage=2" : "--stage=3", "--", path});
    run_git({"add", "--", path});
    remove_temporaries(true, path);
    return true;
  }
}

// The path becomes what `stage` says; what stands there and is something else is moved out of the way.
bool MergeTool::take_side(const std::string& path, const Stage& stage, int number, const Stage& other) {
  auto move_away = [&] {
    if (path_exists(path) && rename(path.c_str(), backup_.c_str())) die_errno("could not move '%s'", path);
  };
  if (!stage.is_present()) {
    if (other.is_submodule() && number == 2 && !list_dir(path).empty() && !path_exists(path_join(path, ".git"))) {
      // A directory of ours: its files are in the index already.
      run_git({"update-index", "--force-remove", path});
      return true;
    }
    move_away();
    run_git({"update-index", "--force-remove", path});
  } else if (stage.is_submodule()) {
    if (!other.is_submodule() && path_exists(path) && !path_exists(path_join(path, ".git"))) move_away();
    make_dirs(path);
    run_git({"update-index", "--add", "--replace", "--cacheinfo", "160000," + stage.oid.hex() + "," + path});
  } else {
    if (other.is_submodule()) move_away();
    run_git({"checkout-index", "-f", strf("--stage=%d", number), "--", path});
    run_git({"add", "--", path});
  }
  keep_backup(path);
  return true;
}

bool MergeTool::resolve_submodule(const std::string& path) {
  for (;;) {
    out("Use (l)ocal or (r)emote, or (a)bort? ");
    auto answer = read_answer();
    const char c = !answer ? 'a' : answer->empty() ? ' ' : to_lower((*answer)[0]);
    if (c == 'l') return take_side(path, stages_[2], 2, stages_[3]);
    if (c == 'r') return take_side(path, stages_[3], 3, stages_[2]);
    if (c == 'a') return false;
  }
}

bool MergeTool::merge_one(const std::string& path) {
  stages_ = {};
  Index index = Index::read(repo_);
  bool is_unmerged = false;
  for (int i = 1; i <= 3; ++i)
    if (IndexEntry* e = index.find(path, i)) {
      stages_[static_cast<std::size_t>(i)] = {e->mode, e->oid};
      is_unmerged = true;
    }
  if (!is_unmerged) {
    outf(path_exists(path) ? "%s: file does not need merging\n" : "%s: file not found\n", path);
    return false;
  }
  choose_names(path);
  const Stage &ours = stages_[2], &theirs = stages_[3];
  auto tell = [&](const char* what) {
    outf("%s for '%s':\n", what, path);
    describe(ours, "local", local_);
    describe(theirs, "remote", remote_);
  };
  if (ours.is_submodule() || theirs.is_submodule()) {
    tell("Submodule merge conflict");
    return resolve_submodule(path);
  }
  if (is_file(path)) {
    auto bytes = read_file(path);
    if (rename(path.c_str(), backup_.c_str()) == 0 && bytes) write_file(path, *bytes);
  }
  write_stage(1, path, base_);
  write_stage(2, path, local_);
  write_stage(3, path, remote_);
  if (!ours.is_present() || !theirs.is_present()) {
    tell("Deleted merge conflict");
    return resolve_deleted(path);
  }
  if (is_link_mode(ours.mode) || is_link_mode(theirs.mode)) {
    tell("Symbolic link merge conflict");
    return resolve_link(path);
  }
  tell("Normal merge conflict");
  if (prompt_) {
    outf("Hit return to start merge resolution tool (%s): ", tool_);
    if (!read_answer()) exit_with(1);
  }
  const bool hides = config_.get_bool_or("mergetool.hideresolved", false);
  if (config_.get_bool("mergetool." + tool_ + ".hideresolved").value_or(hides)) hide_resolved();
  flush_out();
  struct stat before {
  }, after{};
  stat(path.c_str(), &before);
  const int code = run_merge_tool(config_, tool_, {local_, remote_, path}, base_);
  bool done = code == 0;
  if (!does_merge_tool_tell(config_, tool_)) {
    stat(path.c_str(), &after);
    const bool changed = before.st_mtim.tv_sec != after.st_mtim.tv_sec || before.st_mtim.tv_nsec != after.st_mtim.tv_nsec;
    done = changed;
    while (!changed) {
      outf("%s seems unchanged.\nWas the merge successful [y/n]? ", path);
      auto answer = read_answer();
      if (!answer || istarts_with(*answer, "n")) break;
      if (istarts_with(*answer, "y")) {
        done = true;
        break;
      }
    }
  }
  if (!done) {
    errf("merge of %s failed\n", path);
    if (path_exists(backup_)) rename(backup_.c_str(), path.c_str());
    if (!keeps_temporaries_) remove_temporaries(false, path);
    return false;
  }
  keep_backup(path);
  run_git({"add", "--", path});
  remove_temporaries(false, path);
  return true;
}

std::vector<std::string> MergeTool::paths(const std::vector<std::string>& args) {
  ChildProcess child;
  child.git_command = true;
  if (args.empty() && path_exists(repo_.git_path("MERGE_RR"))) {
    // What a recorded resolution settled needs no tool.
    child.args = {"rerere", "remaining"};
    CommandOutput output = pipe_command(child, {});
    if (output.out.empty()) return {};
    child = ChildProcess();
    child.git_command = true;
    std::vector<std::string> remaining;
    for (std::string_view line : split_lines(output.out)) remaining.emplace_back(line);
    child.args = {"diff", "--name-only", "--diff-filter=U", "-z"};
    if (!order_file_.empty()) child.args.push_back("-O" + order_file_);
    child.args.push_back("--");
    child.args.insert(child.args.end(), remaining.begin(), remaining.end());
  } else {
    child.args = {"diff", "--name-only", "--diff-filter=U", "-z"};
    if (!order_file_.empty()) child.args.push_back("-O" + order_file_);
    child.args.push_back("--");
    for (const std::string& arg : args) child.args.push_back(prefix_path(repo_, inv_.prefix_or_empty(), arg));
  }
  CommandOutput output = pipe_command(child, {});
  std::vector<std::string> found;
  std::set<std::string> seen;
  for (std::string_view path : split_lines(output.out, '\0'))
    if (seen.emplace(path).second) found.emplace_back(path);
  return found;
}

bool MergeTool::continue_after_failure() {
  for (;;) {
    out("Continue merging other unresolved paths [y/n]? ");
    auto answer = read_answer();
    if (!answer || istarts_with(*answer, "n")) return false;
    if (istarts_with(*answer, "y")) return true;
  }
}

int show_tools(const Config& config) {
  std::string here, missing;
  for (const std::string& tool : builtin_diff_tools()) {
    if (!is_known_merge_tool(config, tool)) continue;
    (is_merge_tool_installed(config, tool) ? here : missing) += "\t\t" + tool + "\n";
  }
  out("'git mergetool --tool=<tool>' may be set to one of the following:\n" + here);
  if (!missing.empty()) out("\nThe following tools are valid, but not currently available:\n" + missing);
  out("\nSome of the tools listed above only work in a windowed\n"
      "environment. If run in a terminal-only session, they will fail.\n");
  return 0;
}

int MergeTool::run() {
  bool tool_help = false;
  int prompt = -1, gui = -1;
  std::optional<std::string> tool, order;
  Options options(
      {"git mergetool [--tool=tool] [--tool-help] [-y|--no-prompt|--prompt] [-g|--gui|--no-gui] [-O<orderfile>] "
       "[file to merge] ..."});
  options.string('t', "tool", &tool, "tool", N_("use the specified merge tool"));
  options.boolean(0, "tool-help", &tool_help, N_("print a list of merge tools that may be used with `--tool`"));
  options.set_int('y', "no-prompt", &prompt, 0, N_("do not prompt before launching a merge tool"), kOptNoNeg);
  options.set_int(0, "prompt", &prompt, 1, N_("prompt before each invocation of the tool"), kOptNoNeg);
  options.boolean('g', "gui", &gui, N_("use `merge.guitool` instead of `merge.tool`"));
  options.string('O', "", &order, "orderfile", N_("process files in the order of <orderfile>"));
  auto args = options.parse(inv_.args, inv_.prefix_or_empty());
  if (tool_help) return show_tools(config_);
  if (order) order_file_ = prefix_filename(inv_.prefix_or_empty(), *order);
  bool uses_gui = gui > 0;
  if (gui < 0) {
    const std::string word = config_.get_string_or("mergetool.guidefault", "false");
    uses_gui = iequals(word, "auto") ? std::getenv("DISPLAY") && *std::getenv("DISPLAY")
                                     : config_.get_bool_or("mergetool.guidefault", false);
  }
  prompt_ = prompt >= 0 ? prompt > 0 : config_.get_bool_or("mergetool.prompt", false);
  keeps_backup_ = config_.get_bool_or("mergetool.keepbackup", true);
  keeps_temporaries_ = config_.get_bool_or("mergetool.keeptemporaries", false);
  auto files = paths(args);
  if (files.empty()) {
    out("No files need merging\n");
    return 0;
  }
  tool_ = tool ? *tool : choose_merge_tool(config_, uses_gui);
  if (!is_known_merge_tool(config_, tool_)) {
    errf("error: mergetool.%s.cmd not set for tool '%s'\n", tool_, tool_);
    return 1;
  }
  // Without a choice made by the user the tool may come as a surprise.
  if (prompt < 0 && !tool && !config_.find("merge.tool") && !config_.find("merge.guitool") && !config_.find("mergetool.prompt"))
    prompt_ = true;
  out("Merging:\n");
  for (const std::string& file : files) out(file + "\n");
  int result = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    out("\n");
    if (merge_one(files[i])) continue;
    result = 1;
    if (i + 1 == files.size() || !continue_after_failure()) return 1;
  }
  return result;
}

}  // namespace

int cmd_mergetool(Invocation& inv) { return MergeTool(inv).run(); }

}  // namespace git
