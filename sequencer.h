// Commits made again, one after the other: cherry-pick, revert and the merge backend of rebase.  What is left to do is a
// list in a file, so that a person may step in at any line and go on later; everything the next process needs is in
// .git/sequencer (cherry-pick, revert) or .git/rebase-merge, in files whose names and contents others know, too.
//
//   loop      takes line by line                                         (sequencer-loop.cc)
//   pick      one commit: message, three-way merge, what becomes of it   (sequencer-pick.cc)
//   squash    the message of several commits melted into one             (sequencer-squash.cc)
//   commit    makes the commit, here or by git commit                    (sequencer-commit.cc)
//   label     exec, label, reset, merge, update-ref                      (sequencer-label.cc)
//   state     the files                                                  (sequencer-state.cc)
//   resume    --continue of a rebase: what the user left behind          (sequencer-resume.cc)
//
// Functions that return int return 0 where it went well, negative on errors (told already), 1 on conflicts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hash/object-id.h"
#include "merge/todo-list.h"
#include "show/commit-message.h"

namespace git {

class Index;
class Repository;
class RevWalk;
struct Commit;
struct Invocation;

enum class ReplayAction : std::uint8_t { pick, revert, rebase };

struct ReplayOptions {
  ReplayAction action = ReplayAction::pick;
  int edit = -1;  // -1: where a revert has a terminal
  bool record_origin = false, no_commit = false, signoff = false, allow_ff = false;
  bool allow_empty = false, allow_empty_message = false, drop_redundant = false, keep_redundant = false;
  bool verbose = false, quiet = false, use_reference = false, reschedule_failed_exec = false;
  bool committer_date_is_author_date = false, ignore_date = false;
  int rerere_autoupdate = -1;
  int mainline = 0;
  std::optional<std::string> gpg_sign;  // the key, "" for the default one
  CleanupMode cleanup = CleanupMode::none;
  bool is_cleanup_explicit = false;
  std::string strategy;
  std::vector<std::string> strategy_options;
  std::optional<ObjectId> squash_onto;

  bool is_rebase() const { return action == ReplayAction::rebase; }
  // "cherry-pick", "revert", "rebase".
  const char* name() const;
  // What commit.cleanup and commit.gpgSign say.
  void read_config(Repository& repo);
};

class Sequencer {
 public:
  Sequencer(Repository& repo, ReplayOptions options);

  // ---- cherry-pick and revert ----
  // REQUIRES: the walk is set up, not prepared.
  int pick_revisions(RevWalk& walk);
  int resume();  // also of a rebase
  int skip();
  int rollback();
  int quit() { return remove_state(); }

  // ---- rebase ----
  // From a list that is in git-rebase-todo; HEAD is on `onto`.
  int run_todo(TodoList& list);
  // Goes to a commit as "rebase (start)" does. `onto_name` is for the reflog.
  int checkout_onto(const std::string& onto_name, const ObjectId& onto, const ObjectId& orig_head);
  // Leading picks of what HEAD stands on are done without doing anything. The new HEAD.
  std::optional<ObjectId> skip_unnecessary_picks(TodoList& list, ObjectId base);

  // What the state directory of a rebase says.
  int read_rebase_options();
  void write_rebase_options();
  int read_todo(TodoList& list);
  // The file update-refs follows the "update-ref" lines that the user left.
  void filter_update_refs(const TodoList& list);
  int remove_state();
  ReplayOptions options;

 private:
  enum CommitFlag : unsigned {
    kAllowEmpty = 1,
    kEditMessage = 2,
    kAmendMessage = 4,
    kCleanupMessage = 8,
    kVerifyMessage = 16,
    kCreateRoot = 32,
    kVerbatimMessage = 64,
  };
  struct CommitTexts {
    std::string buffer;         // the commit in our encoding
    std::string subject, body;  // body: the whole message
    std::string label, parent_label;
  };
  struct Pick;  // what one pick_commit() knows

  // state
  std::string path(std::string_view name) const;         // in our state directory
  std::string rebase_path(std::string_view name) const;  // in rebase-merge
  std::string todo_path() const;
  bool read_options();
  void save_options();
  int save_todo(const TodoList& list, bool reschedule);
  int create_state_dir();
  int save_head(const ObjectId& head);
  void update_abort_safety();
  bool is_rollback_safe();
  bool is_last_command_ours(ReplayAction* action);
  int reset_merge(const ObjectId* oid);
  int rollback_single();
  bool set_ref(const std::string& name, const ObjectId& oid);
  void delete_ref(const std::string& name);
  bool write(const std::string& file, std::string_view text, bool newline = false);
  std::optional<std::string> read_line(const std::string& file);
  std::optional<ObjectId> head();
  std::string reflog_message(std::string_view sub_action, std::string_view text = {});
  std::string short_name(const Commit* commit);
  void refresh_index();

  // loop
  int run_list(TodoList& list);
  int run_item(TodoList& list, bool& check_todo, bool& reschedule, bool& stop);
  int finish_rebase(bool& done);
  void record_rewritten(const ObjectId& oid, TodoCommand next);
  void flush_rewritten();
  int stop_with_patch(Commit* commit, const std::string& subject, int code, bool to_amend);
  int fail_squash(Commit* commit, const std::string& subject);
  int stop_at_head();
  int make_patch(Commit* commit);
  bool intend_to_amend();
  bool write_rebase_head(const ObjectId& oid);
  int reread_todo_if_changed(TodoList& list);
  void clear_line();
  void show_rebased_diffstat();

  // pick
  int pick_commit(TodoItem& item, bool is_final_fixup, bool& check_todo);
  bool is_final_fixup(const TodoList& list) const;
  int choose_parent(Pick& pick);
  int prepare_message(Pick& pick);
  void make_revert_message(Pick& pick);
  int merge_pick(Pick& pick, const std::string& message);
  int merge_recursively(Pick& pick, std::string& message);
  int allow_empty(Commit* commit);
  int conclude(Pick& pick, bool& check_todo);
  int fast_forward(const ObjectId& to, const ObjectId* from);
  int error_dirty_index();
  void print_advice(bool show_hint);
  CommitTexts read_texts(Commit* commit);
  bool should_edit() const;
  bool is_tree_unchanged(const std::optional<ObjectId>& tree);
  bool write_author_script(std::string_view author);
  std::string refer_to(Commit* commit);
  int pick_single(Commit* commit);
  int continue_single();
  int populate_todo(RevWalk& walk, TodoList& list);

  // squash
  int update_squash_messages(const TodoItem& item);
  bool append_squash_message(std::string& text, std::string_view body, const TodoItem& item);
  bool has_seen_squash() const;
  std::string skip_earlier_messages(const std::string& text) const;

  // commit
  int do_commit(const std::optional<std::string>& message_file, const std::string& author, unsigned flags, const ObjectId* oid);
  int try_commit(std::optional<std::string> message, std::string author, unsigned flags, ObjectId* made);
  int run_git_commit(const std::optional<std::string>& message_file, unsigned flags);
  bool read_author_env(std::vector<std::string>& env);
  std::optional<std::string> read_author_line();

  // label
  int run_exec(const std::string& command);
  int run_label(const std::string& name);
  int run_reset(const std::string& name);
  int run_merge(TodoItem& item, bool& check_todo);
  int run_update_ref(const std::string& name);
  int apply_update_refs(bool quiet);
  Commit* lookup_label(const std::string& name);
  int run_merge_strategy(const std::vector<Commit*>& bases, const ObjectId& head_oid, const std::vector<ObjectId>& others);

  // resume
  int commit_staged_changes(TodoList& list);
  int resume_rebase(TodoList& list);

  Repository& repo_;
  std::string comment_;        // what starts comments
  std::string reflog_action_;  // of what is being done
  std::string fixups_;         // current-fixups
  int fixup_count_ = 0;
  bool was_dropped_ = false;  // the last pick had nothing left to apply
};

// git cherry-pick and git revert: options, then a Sequencer.
int run_pick_command(Invocation& inv, ReplayAction action);
// "git rebase" conflicts: how to go on.
extern const char* const kRebaseResolveMessage;

}  // namespace git
