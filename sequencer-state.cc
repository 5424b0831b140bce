// The files of a cherry-pick, revert or rebase that is under way.  Others read and write them, too (prompts, scripts), so
// names and contents are fixed.
#include <sys/stat.h>
#include <unistd.h>

#include "base/env.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "index.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "sequencer.h"
#include "walk/commit-pool.h"

namespace git {
namespace {

// The commands' options in .git/sequencer/opts, by key.
struct FlagOption {
  const char* key;
  bool ReplayOptions::*flag;
};
constexpr FlagOption kFlagOptions[] = {{"options.no-commit", &ReplayOptions::no_commit},
                                       {"options.allow-empty", &ReplayOptions::allow_empty},
                                       {"options.allow-empty-message", &ReplayOptions::allow_empty_message},
                                       {"options.drop-redundant-commits", &ReplayOptions::drop_redundant},
                                       {"options.keep-redundant-commits", &ReplayOptions::keep_redundant},
                                       {"options.signoff", &ReplayOptions::signoff},
                                       {"options.record-origin", &ReplayOptions::record_origin},
                                       {"options.allow-ff", &ReplayOptions::allow_ff}};

const char* cleanup_name(CleanupMode mode) {
  switch (mode) {
    case CleanupMode::none:
      return "verbatim";
    case CleanupMode::space:
      return "whitespace";
    case CleanupMode::all:
      return "strip";
    case CleanupMode::scissors:
      return "scissors";
  }
  return "default";
}

}  // namespace

const char* ReplayOptions::name() const {
  return action == ReplayAction::revert ? "revert" : action == ReplayAction::pick ? "cherry-pick" : "rebase";
}

void ReplayOptions::read_config(Repository& repo) {
  Config& config = repo.config();
  if (auto word = config.get_string("commit.cleanup")) {
    is_cleanup_explicit = true;
    if (*word == "verbatim")
      cleanup = CleanupMode::none;
    else if (*word == "whitespace")
      cleanup = CleanupMode::space;
    else if (*word == "strip")
      cleanup = CleanupMode::all;
    else if (*word == "scissors")
      cleanup = CleanupMode::scissors;
    else if (*word != "default")
      warning(_("invalid commit message cleanup mode '%s'"), *word);
  }
  if (config.get_bool_or("commit.gpgsign", false)) gpg_sign = "";
  if (action == ReplayAction::revert && config.get_bool_or("revert.reference", false)) use_reference = true;
}

Sequencer::Sequencer(Repository& repo, ReplayOptions o)
    : options(std::move(o)), repo_(repo), comment_(comment_prefix_of(repo.config())) {
  reflog_action_ = get_env_or("GIT_REFLOG_ACTION", options.name());
}

std::string Sequencer::rebase_path(std::string_view name) const { return repo_.git_path("rebase-merge/" + std::string(name)); }
std::string Sequencer::path(std::string_view name) const {
  return options.is_rebase() ? rebase_path(name) : repo_.git_path("sequencer/" + std::string(name));
}
std::string Sequencer::todo_path() const { return path(options.is_rebase() ? "git-rebase-todo" : "todo"); }

bool Sequencer::write(const std::string& file, std::string_view text, bool newline) {
  std::string bytes(text);
  if (newline && (bytes.empty() || bytes.back() != '\n')) bytes += '\n';
  if (write_file(file, bytes)) return true;
  error_errno(_("could not write to '%s'"), file);
  return false;
}

std::optional<std::string> Sequencer::read_line(const std::string& file) {
  auto text = read_file_if_exists(file);
  if (!text) return std::nullopt;
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  return text;
}

std::optional<ObjectId> Sequencer::head() {
  auto oid = repo_.refs().read_oid("HEAD");
  if (oid && oid->is_null()) oid.reset();
  return oid;
}

std::string Sequencer::short_name(const Commit* commit) { return unique_abbrev(repo_, commit->oid); }

std::string Sequencer::reflog_message(std::string_view sub_action, std::string_view text) {
  std::string message = get_env_or("GIT_REFLOG_ACTION", options.name());
  if (!sub_action.empty()) message += strf(" (%s)", sub_action);
  if (!text.empty()) message += ": " + std::string(text);
  return message;
}

bool Sequencer::set_ref(const std::string& name, const ObjectId& oid) {
  RefUpdate update;
  update.name = name;
  update.new_oid = oid;
  update.flags = kRefNoDeref;
  auto done = repo_.refs().update(std::move(update));
  if (!done) error("%s", done.error().message);
  return done.ok();
}

void Sequencer::delete_ref(const std::string& name) {
  if (repo_.refs().read(name)) (void)repo_.refs().remove(name, std::nullopt, "", kRefNoDeref);
}

void Sequencer::refresh_index() {
  Index index = Index::read(repo_);
  index.refresh_and_write_quietly();
}

// ---- options ----

void Sequencer::save_options() {
  const std::string file = path("opts");
  auto set = [&](std::string_view key, const std::string& value) { config_set_in_file(file, key, value); };
  for (const FlagOption& one : kFlagOptions)
    if (options.*one.flag) set(one.key, "true");
  if (options.edit >= 0) set("options.edit", options.edit ? "true" : "false");
  if (options.mainline) set("options.mainline", std::to_string(options.mainline));
  if (!options.strategy.empty()) set("options.strategy", options.strategy);
  if (options.gpg_sign) set("options.gpg-sign", *options.gpg_sign);
  ConfigValueMatch add;
  add.none = true;
  for (const std::string& one : options.strategy_options) config_set_in_file(file, "options.strategy-option", one, add);
  if (options.rerere_autoupdate >= 0) set("options.allow-rerere-auto", options.rerere_autoupdate ? "true" : "false");
  if (options.is_cleanup_explicit) set("options.default-msg-cleanup", cleanup_name(options.cleanup));
}

bool Sequencer::read_options() {
  const std::string file = path("opts");
  if (!path_exists(file)) return true;
  auto entries = read_config_file(file, false, ConfigSources());
  if (!entries) {
    error(_("malformed options sheet: '%s'"), file);
    return false;
  }
  for (const ConfigEntry& entry : *entries) {
    if (!entry.value) continue;
    const std::string& value = *entry.value;
    bool is_known = true;
    const bool truth = parse_maybe_bool(value).value_or(false);
    if (entry.key == "options.edit")
      options.edit = truth;
    else if (entry.key == "options.mainline")
      options.mainline = static_cast<int>(parse_int(value).value_or(0));
    else if (entry.key == "options.strategy")
      options.strategy = value;
    else if (entry.key == "options.gpg-sign")
      options.gpg_sign = value;
    else if (entry.key == "options.strategy-option")
      options.strategy_options.push_back(value);
    else if (entry.key == "options.allow-rerere-auto")
      options.rerere_autoupdate = truth;
    else if (entry.key == "options.default-msg-cleanup") {
      options.is_cleanup_explicit = true;
      options.cleanup = parse_cleanup_mode(value, true);
    } else {
      is_known = false;
    }
    for (const FlagOption& one : kFlagOptions)
      if (entry.key == one.key) {
        options.*one.flag = truth;
        is_known = true;
      }
    if (!is_known) {
      error(_("invalid key: %s"), entry.key);
      return false;
    }
  }
  return true;
}

// ---- the list ----

int Sequencer::read_todo(TodoList& list) {
  auto text = read_file(todo_path());
  if (!text) return error_errno(_("could not open '%s'"), todo_path());
  if (options.is_rebase()) {
    list.done_count = 0;
    if (auto done = read_file_if_exists(rebase_path("done"))) {
      TodoList finished;
      ReportCapture quiet([](void*, const char*, const std::string&) {}, nullptr);
      (void)parse_todo_list(repo_, *done, comment_, true, finished);
      list.done_count = finished.count_commands();
    }
  }
  const bool is_good = parse_todo_list(repo_, *text, comment_, options.is_rebase(), list);
  if (!is_good) {
    if (options.is_rebase()) return error(_("please fix this using 'git rebase --edit-todo'."));
    return error(_("unusable instruction sheet: '%s'"), todo_path());
  }
  if (list.items.empty() && (!options.is_rebase() || !path_exists(rebase_path("done")))) return error(_("no commits parsed."));
  if (options.is_rebase()) {
    list.total_count = list.done_count + list.count_commands();
    return write(rebase_path("end"), std::to_string(list.total_count), true) ? 0 : -1;
  }
  const TodoCommand wanted = options.action == ReplayAction::pick ? TodoCommand::pick : TodoCommand::revert;
  for (const TodoItem& item : list.items) {
    if (item.command == wanted || item.command == TodoCommand::comment) continue;
    return options.action == ReplayAction::pick ? error(_("cannot cherry-pick during a revert."))
                                                : error(_("cannot revert during a cherry-pick."));
  }
  return 0;
}

int Sequencer::save_todo(const TodoList& list, bool reschedule) {
  // A rebase has moved the line it is at to "done"; the others keep it until it is.
  std::size_t next = list.current;
  if (options.is_rebase() && !reschedule) next++;
  const std::string text = next < list.items.size() ? list.text_from(next) : std::string();
  if (!write_todo_file(todo_path(), text)) return error_errno(_("could not write to '%s'"), todo_path());
  if (options.is_rebase() && !reschedule && list.current < list.items.size()) {
    UniqueFd fd = open_fd(rebase_path("done"), O_CREAT | O_WRONLY | O_APPEND);
    if (!fd || !write_in_full(fd.get(), list.items[list.current].line + "\n"))
      return error_errno(_("could not write to '%s'"), rebase_path("done"));
  }
  return 0;
}

int Sequencer::remove_state() {
  if (options.is_rebase())
    if (auto refs = read_file_if_exists(rebase_path("refs-to-delete")))
      for (std::string_view name : split_lines(*refs))
        if (auto done = repo_.refs().remove(name, std::nullopt, "(rebase) cleanup", 0); !done)
          warning(_("could not delete '%s'"), name);
  if (!remove_dir_recursively(options.is_rebase() ? repo_.git_path("rebase-merge") : repo_.git_path("sequencer")))
    return error(_("could not remove '%s'"), repo_.git_path(options.is_rebase() ? "rebase-merge" : "sequencer"));
  return 0;
}

// ---- where it began ----

int Sequencer::save_head(const ObjectId& oid) { return write(path("head"), oid.hex(), true) ? 0 : -1; }

void Sequencer::update_abort_safety() {
  if (!is_directory(repo_.git_path("sequencer"))) return;
  auto oid = head();
  write(repo_.git_path("sequencer/abort-safety"), oid ? oid->hex() : std::string(), true);
}

bool Sequencer::is_rollback_safe() {
  auto text = read_line(repo_.git_path("sequencer/abort-safety"));
  auto oid = head();
  return text.value_or("") == (oid ? oid->hex() : std::string());
}

bool Sequencer::is_last_command_ours(ReplayAction* action) {
  auto text = read_file_if_exists(repo_.git_path("sequencer/todo"));
  if (!text) return false;
  std::string_view first = ltrim(*text);
  if (starts_with(first, "pick ") || starts_with(first, "pick\t") || starts_with(first, "p "))
    *action = ReplayAction::pick;
  else if (starts_with(first, "revert ") || starts_with(first, "revert\t"))
    *action = ReplayAction::revert;
  else
    return false;
  return true;
}

int Sequencer::reset_merge(const ObjectId* oid) {
  flush_out();
  ChildProcess child;
  child.git_command = true;
  child.args = {"reset", "--merge"};
  if (oid) child.args.push_back(oid->hex());
  return child.run();
}

int Sequencer::rollback_single() {
  if (!repo_.refs().exists("CHERRY_PICK_HEAD") && !repo_.refs().exists("REVERT_HEAD"))
    return error(_("no cherry-pick or revert in progress"));
  auto oid = head();
  if (!oid) return error(_("cannot abort from a branch yet to be born"));
  return reset_merge(&*oid);
}

}  // namespace git
