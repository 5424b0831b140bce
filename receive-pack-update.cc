// From received objects to updated refs: nothing outside of the quarantine changes before every check and the
// pre-receive hook have passed.
#include <algorithm>
#include <map>
#include <set>

#include "base/fd.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "connected.h"
#include "hook.h"
#include "odb.h"
#include "receive-pack-internal.h"
#include "refs.h"
#include "repository.h"
#include "shallow.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"
#include "walk/received.h"
#include "worktree.h"

namespace git {
namespace {

constexpr char kRefuseUnconfigured[] =
    "By default, updating the current branch in a non-bare repository\n"
    "is denied, because it will make the index and work tree inconsistent\n"
    "with what you pushed, and will require 'git reset --hard' to match\n"
    "the work tree to HEAD.\n"
    "\n"
    "You can set the 'receive.denyCurrentBranch' configuration variable\n"
    "to 'ignore' or 'warn' in the remote repository to allow pushing into\n"
    "its current branch; however, this is not recommended unless you\n"
    "arranged to update its work tree to match what you pushed in some\n"
    "other way.\n"
    "\n"
    "To squelch this message and still keep the default behaviour, set\n"
    "'receive.denyCurrentBranch' configuration variable to 'refuse'.";

constexpr char kRefuseDeleteUnconfigured[] =
    "By default, deleting the current branch is denied, because the next\n"
    "'git clone' won't result in any file checked out, causing confusion.\n"
    "\n"
    "You can set 'receive.denyDeleteCurrent' configuration variable to\n"
    "'warn' or 'ignore' in the remote repository to allow deleting the\n"
    "current branch, with or without a warning message.\n"
    "\n"
    "To squelch this message, you can set it to 'refuse'.";

}  // namespace

void ReceivePack::check_hidden() {
  for (ReceivedCommand& command : commands_) {
    if (!command.error.empty() || !hidden_.is_hidden(repo_.ref_namespace() + command.wire.name)) continue;
    command.error = command.is_delete() ? "deny deleting a hidden ref" : "deny updating a hidden ref";
  }
}

// The receiver's own history decides what is complete; the new objects are looked at only as far as they are new.
void ReceivePack::check_connectivity() {
  if (options_.skip_connectivity_check) return;
  RefStore& refs = repo_.refs();
  VisibleHistory::Sources sources = visible_ref_sources(repo_, nullptr);
  sources.all = [all = std::move(sources.all), this](const auto& add) {
    all(add);
    for (const Worktree& worktree : list_worktrees(repo_))
      if (!worktree.head_oid.is_null()) add(worktree.head_oid);
  };
  VisibleHistory visible(repo_.commits(), std::move(sources));
  // Most pushes build on what their refs were.
  for (const ReceivedCommand& command : commands_)
    if (!command.wire.old_oid.is_null())
      if (auto old = refs.read_oid(repo_.ref_namespace() + command.wire.name)) visible.add_tip(*old);
  ReceivedCheck check(repo_, visible);
  ReceivedCheck cut(repo_, visible);
  for (const ObjectId& oid : machine_.request().shallow) cut.add_boundary(oid);
  for (ReceivedCommand& command : commands_) {
    if (!command.error.empty() || command.is_delete()) continue;
    if (check.is_complete(command.wire.new_oid)) continue;
    if (!machine_.request().shallow.empty() && cut.is_complete(command.wire.new_oid)) {
      if (!config_.shallow_update)
        command.error = "shallow update not allowed";
      else
        new_shallow_ = machine_.request().shallow;
      continue;
    }
    // To whoever runs the server, too.
    if (output_->has_sideband()) git::report("fatal: ", check.what());
    output_->complain("fatal: ", check.what());
    command.error = "missing necessary objects";
  }
}

// A symbolic ref and its target in one push must agree.
void ReceivePack::check_aliases() {
  std::map<std::string, ReceivedCommand*> by_name;
  for (ReceivedCommand& command : commands_)
    if (command.error.empty()) by_name[repo_.ref_namespace() + command.wire.name] = &command;
  for (auto& [name, command] : by_name) {
    auto ref = repo_.refs().read(name);
    if (!ref || ref->symref_target.empty()) continue;
    std::string_view inside = ref->symref_target;
    if (!skip_prefix(inside, repo_.ref_namespace())) {
      command->error = "broken symref";
      output_->error("refusing update to broken symref '%s'", name);
      continue;
    }
    auto target = by_name.find(ref->symref_target);
    if (target == by_name.end()) continue;
    ReceivedCommand& other = *target->second;
    if (other.wire.old_oid == command->wire.old_oid && other.wire.new_oid == command->wire.new_oid) {
      command->skip_update = true;
      continue;
    }
    for (ReceivedCommand* one : {command, &other}) one->error = "inconsistent aliased update";
    output_->error("refusing inconsistent update between symref '%s' (%s..%s) and its target '%s' (%s..%s)", command->wire.name,
                   command->wire.old_oid.hex(7), command->wire.new_oid.hex(7), other.wire.name, other.wire.old_oid.hex(7),
                   other.wire.new_oid.hex(7));
  }
}

std::vector<std::string> ReceivePack::hook_env() const {
  const ReceivedPush& request = machine_.request();
  std::vector<std::string> env = cert_env_;
  for (std::size_t i = 0; i < request.options.size(); i++) env.push_back(strf("GIT_PUSH_OPTION_%u=%s", i, request.options[i]));
  env.push_back(strf("GIT_PUSH_OPTION_COUNT=%u", request.options.size()));
  return env;
}

int ReceivePack::run_stdin_hook(const std::string& name, bool only_good) {
  std::string input;
  for (const ReceivedCommand& command : commands_) {
    if (!command.error.empty() || (only_good && command.did_not_exist)) continue;
    if (only_good && !command.reports.empty()) {
      for (const ReportOptions& report : command.reports)
        input += strf("%s %s %s\n", report.old_oid.value_or(command.wire.old_oid), report.new_oid.value_or(command.wire.new_oid),
                      report.ref_name.empty() ? command.wire.name : report.ref_name);
      continue;
    }
    input += strf("%s %s %s\n", command.wire.old_oid, command.wire.new_oid, command.wire.name);
  }
  if (input.empty()) return 0;
  HookOptions hook;
  hook.input = input;
  hook.env = hook_env();
  if (!has_published_)
    for (std::string& entry : repo_.odb().quarantine_env()) hook.env.push_back(std::move(entry));
  if (output_->has_sideband()) hook.sink = [this](std::string_view text) { output_->progress(text); };
  return run_hooks(repo_, name, std::move(hook));
}

bool ReceivePack::run_update_hook(const ReceivedCommand& command) {
  HookOptions hook;
  hook.args = {command.wire.name, command.wire.old_oid.hex(), command.wire.new_oid.hex()};
  if (output_->has_sideband()) hook.sink = [this](std::string_view text) { output_->progress(text); };
  return run_hooks(repo_, "update", std::move(hook)) == 0;
}

void ReceivePack::run_post_update() {
  HookOptions hook;
  for (const ReceivedCommand& command : commands_)
    if (command.error.empty() && !command.did_not_exist) hook.args.push_back(command.wire.name);
  if (hook.args.empty()) return;
  if (output_->has_sideband()) hook.sink = [this](std::string_view text) { output_->progress(text); };
  run_hooks(repo_, "post-update", std::move(hook));
}

std::string ReceivePack::deny_current_branch(const ReceivedCommand& command, const Worktree& worktree) {
  const std::string& name = command.wire.name;
  switch (config_.deny_current_branch) {
    case DenyAction::ignore:
      return {};
    case DenyAction::warn:
      output_->warning("updating the current branch");
      return {};
    case DenyAction::refuse:
    case DenyAction::unconfigured:
      output_->error("refusing to update checked out branch: %s", name);
      if (config_.deny_current_branch == DenyAction::unconfigured) output_->error("%s", _(kRefuseUnconfigured));
      return "branch is currently checked out";
    case DenyAction::update_instead:
      return update_worktree(command, worktree);
  }
  return {};
}

std::string ReceivePack::check_checked_out(const ReceivedCommand& command) {
  std::string full = repo_.ref_namespace() + command.wire.name;
  for (const Worktree& worktree : list_worktrees(repo_)) {
    if (worktree.is_bare || (worktree.head_ref != full && worktree.head_ref != command.wire.name)) continue;
    if (!command.is_delete()) return deny_current_branch(command, worktree);
  }
  return {};
}

// receive.denyCurrentBranch=updateInstead: the worktree follows, if it is clean.
std::string ReceivePack::update_worktree(const ReceivedCommand& command, const Worktree& where) {
  // core.worktree says where the main one is.
  std::string worktree = where.path;
  const auto& configured = repo_.layout().configured_worktree;
  if (where.is_main() && configured)
    worktree = is_absolute_path(*configured) ? *configured : real_path_forgiving(path_join(repo_.git_dir_abs(), *configured));
  std::string git_dir = where.is_main() ? repo_.git_dir_abs() : where.git_dir;
  std::vector<std::string> env;
  for (const std::string& name : local_repo_env_vars()) env.push_back(name);
  env.push_back("GIT_DIR=" + absolute_path(git_dir));
  env.push_back("GIT_WORK_TREE=" + worktree);
  if (!has_published_)
    for (std::string& entry : repo_.odb().quarantine_env()) env.push_back(std::move(entry));
  if (has_hooks(repo_, "push-to-checkout")) {
    HookOptions hook;
    hook.args = {command.wire.new_oid.hex()};
    hook.env = env;
    hook.dir = worktree;
    if (output_->has_sideband()) hook.sink = [this](std::string_view text) { output_->progress(text); };
    return run_hooks(repo_, "push-to-checkout", std::move(hook)) ? "push-to-checkout hook declined" : "";
  }
  auto run = [&](std::vector<std::string> args) {
    ChildProcess child;
    child.git_command = true;
    child.args = std::move(args);
    child.env = env;
    child.dir = worktree;
    child.in = ChildProcess::kNull;
    child.stdout_to_stderr = true;
    return child.run();
  };
  if (run({"update-index", "-q", "--ignore-submodules", "--refresh"})) return "Up-to-date check failed";
  if (run({"diff-files", "--quiet", "--ignore-submodules", "--"})) return "Working directory has unstaged changes";
  std::string head = where.head_oid.is_null() ? empty_tree_id(repo_.algo()).hex() : "HEAD";
  if (run({"diff-index", "--quiet", "--cached", "--ignore-submodules", head, "--"}))
    return "Working directory has staged changes";
  if (run({"read-tree", "-u", "-m", command.wire.new_oid.hex()})) return "Could not update working tree to new HEAD";
  return {};
}

// "" where the ref may be updated; everything but the update itself.
std::string ReceivePack::check_command(ReceivedCommand& command) {
  const std::string& name = command.wire.name;
  // A bad name can still be got rid of.
  unsigned name_rules = command.is_delete() ? unsigned{kRefnameAllowOneLevel} : 0;
  if (!starts_with(name, "refs/") || !check_refname_format(std::string_view(name).substr(5), name_rules)) {
    output_->error("refusing to update funny ref '%s' remotely", name);
    return "funny refname";
  }
  if (std::string why = check_checked_out(command); !why.empty()) return why;
  ObjectDatabase& odb = repo_.odb();
  if (!command.is_delete() && !odb.has(command.wire.new_oid)) {
    output_->error("unpack should have generated %s, but I can't find it!", command.wire.new_oid);
    return "bad pack";
  }
  std::string full = repo_.ref_namespace() + name;
  if (!command.wire.old_oid.is_null() && command.is_delete()) {
    if (config_.deny_deletes && starts_with(name, "refs/heads/")) {
      output_->error("denying ref deletion for %s", name);
      return "deletion prohibited";
    }
    bool is_current = false;
    for (const Worktree& worktree : list_worktrees(repo_)) is_current = is_current || worktree.head_ref == full;
    if (is_current) {
      if (config_.deny_delete_current == DenyAction::warn) {
        output_->warning("deleting the current branch");
      } else if (config_.deny_delete_current != DenyAction::ignore) {
        if (config_.deny_delete_current == DenyAction::unconfigured) output_->error("%s", _(kRefuseDeleteUnconfigured));
        output_->error("refusing to delete the current branch: %s", name);
        return "deletion of the current branch prohibited";
      }
    }
  }
  if (config_.deny_non_fast_forwards && !command.is_delete() && !command.wire.old_oid.is_null() &&
      starts_with(name, "refs/heads/")) {
    Commit* old_commit = repo_.commits().peel_to_commit(command.wire.old_oid);
    Commit* new_commit = repo_.commits().peel_to_commit(command.wire.new_oid);
    if (!old_commit || !new_commit) {
      output_->error("Bad sha1 objects %s and %s for %s", command.wire.old_oid, command.wire.new_oid, name);
      return "bad ref";
    }
    if (!in_merge_bases(repo_.commits(), old_commit, new_commit)) {
      output_->error("denying non-fast-forward %s (you should pull first)", name);
      return "non-fast-forward";
    }
  }
  if (!run_update_hook(command)) {
    output_->error("hook declined to update %s", name);
    return "hook declined";
  }
  if (command.is_delete() && (command.wire.old_oid.is_null() || !odb.has(command.wire.old_oid))) {
    command.has_corrupt_value = true;
    command.did_not_exist = !repo_.refs().read(full);
    output_->warning("%s", command.did_not_exist ? _("Deleting a non-existent ref.") : _("Allowing deletion of corrupt ref."));
  }
  return {};
}

namespace {

RefUpdate update_of(const ReceivedCommand& command, const std::string& space) {
  RefUpdate update;
  update.name = space + command.wire.name;
  update.new_oid = command.wire.new_oid;
  if (!command.has_corrupt_value) update.old_oid = command.wire.old_oid;
  update.message = "push";
  return update;
}

}  // namespace

// Each command stands for itself, but they share a transaction.
void ReceivePack::update_separately(bool deletes) {
  std::unique_ptr<RefTransaction> transaction;
  std::string failure;
  for (ReceivedCommand& command : commands_) {
    if (command.is_left_alone() || command.is_delete() != deletes) continue;
    command.error = check_command(command);
    if (!command.error.empty() || command.did_not_exist) continue;
    if (!transaction) transaction = repo_.refs().begin(RefStore::kAllowFailure);
    if (Result<void> added = transaction->add(update_of(command, repo_.ref_namespace())); !added) {
      output_->error("%s", added.error().message);
      command.error = "failed to start transaction";
    }
  }
  if (!transaction) return;
  if (Result<void> done = transaction->commit(); !done) {
    output_->error("%s", done.error().message);
    failure = "failed to update ref";
  }
  for (const RefRejection& rejection : transaction->rejections()) output_->error("%s", rejection.message);
  for (ReceivedCommand& command : commands_) {
    if (command.is_left_alone() || command.is_delete() != deletes || command.did_not_exist) continue;
    command.error = failure;
    for (const RefRejection& rejection : transaction->rejections())
      if (rejection.name == repo_.ref_namespace() + command.wire.name) command.error = rejection.reason;
  }
}

void ReceivePack::update_all_atomically() {
  auto transaction = repo_.refs().begin();
  bool failed = false;
  for (ReceivedCommand& command : commands_) {
    if (command.is_left_alone()) continue;
    command.error = check_command(command);
    if (command.error.empty() && !command.did_not_exist) {
      Result<void> added = transaction->add(update_of(command, repo_.ref_namespace()));
      if (!added) {
        output_->error("%s", added.error().message);
        command.error = "failed to update ref";
      }
    }
    if (!command.error.empty()) {
      failed = true;
      break;
    }
  }
  std::string reason = "atomic push failure";
  if (!failed) {
    Result<void> done = transaction->commit();
    if (done) return;
    output_->error("%s", done.error().message);
    reason = "atomic transaction failed";
  }
  for (ReceivedCommand& command : commands_)
    if (command.error.empty()) command.error = reason;
}

void ReceivePack::execute(const std::string& unpack_status) {
  auto fail_all = [this](const char* why) {
    for (ReceivedCommand& command : commands_)
      if (command.error.empty()) command.error = why;
  };
  if (!unpack_status.empty()) {
    repo_.odb().drop_quarantine();
    return fail_all("unpacker error");
  }
  check_connectivity();
  check_hidden();
  check_aliases();
  bool atomic = machine_.request().atomic;
  auto any_failed = [this] {
    return std::any_of(commands_.begin(), commands_.end(), [](const ReceivedCommand& c) { return !c.error.empty(); });
  };
  if (atomic && any_failed()) return fail_all("transaction failed: atomic push failure");
  choose_for_hook();
  prepare_certificate();
  if (run_stdin_hook("pre-receive", false)) {
    fail_all("pre-receive hook declined");
    repo_.odb().drop_quarantine();
    return;
  }
  if (!any_ok()) {
    repo_.odb().drop_quarantine();
    return;
  }
  if (Result<void> published = repo_.odb().publish_quarantine(); !published) {
    output_->error("%s", published.error().message);
    return fail_all("unable to migrate objects to permanent storage");
  }
  has_published_ = true;
  if (!new_shallow_.empty()) {
    ShallowUpdate shallow(repo_);
    for (const ObjectId& oid : new_shallow_) shallow.add(oid);
    shallow.write_lock();
    shallow.commit();
  }
  run_proc_receive();
  if (atomic && any_failed()) {
    for (ReceivedCommand& command : commands_)
      if (command.error.empty()) command.error = "atomic push failure";
    return;
  }
  if (atomic)
    update_all_atomically();
  else
    // What is deleted makes room: "refs/heads/a" may become "refs/heads/a/b".
    for (bool deletes : {true, false}) update_separately(deletes);
}

}  // namespace git
