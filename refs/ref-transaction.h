// What the transactions of all backends share: the list of changes, the checks that need no disk, the hook and the
// order of the phases.  A backend supplies lock_and_check(), publish() and unlock().
//
//   open --prepare()--> prepared --commit()--> closed
//     \------ abort(), a failed phase --------/
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "refs.h"

namespace git {

// Why one change can't be made. All but `generic` may be left out of a batch.
enum class RefFailure : unsigned char {
  generic,
  name_conflict,
  create_exists,
  nonexistent,
  incorrect_old_value,
  invalid_new_value,
  expected_symref,
  case_conflict,
};
std::string_view ref_failure_reason(RefFailure kind);

struct RefFault {
  RefFailure kind = RefFailure::generic;
  std::string message;
};
using MaybeFault = std::optional<RefFault>;

template <class... Args>
RefFault make_fault(RefFailure kind, std::string_view format, const Args&... args) {
  return RefFault{kind, strf(format, args...)};
}

struct TransactionItem {
  RefUpdate update;
  TransactionItem* parent = nullptr;  // the symref's item that this one was split from
  bool is_deletion = false;
  bool via_head = false;
  bool is_rejected = false;
  const TransactionItem* head_of = nullptr;  // HEAD's log entry goes with this one
  bool needs_commit = false;                 // the backend has something to publish for it

  // As found when locked.
  ObjectId before;
  std::string before_target;
  bool existed = false;

  bool log_only() const { return (update.flags & kRefLogOnly) != 0; }
  bool no_deref() const { return (update.flags & kRefNoDeref) != 0; }
  const std::string& original_name() const { return parent ? parent->original_name() : update.name; }
};

class TransactionCommon : public RefTransaction {
 public:
  TransactionCommon(RefStore& store, unsigned flags) : store_(store), flags_(flags) {}

  Result<void> add(RefUpdate update) override;
  Result<void> prepare() override;
  Result<void> commit() override;
  void abort() override;
  const std::vector<std::pair<std::string, std::string>>& rejected() const override { return rejected_; }
  const std::vector<RefRejection>& rejections() const override { return rejections_; }

 protected:
  virtual MaybeFault lock_and_check() = 0;
  virtual Result<void> publish() = 0;
  virtual void unlock() = 0;

  bool is_initial() const { return (flags_ & RefStore::kInitial) != 0; }
  // With kAllowFailure notes the fault and returns true: go on without the item.
  bool try_reject(TransactionItem& item, const RefFault& fault);
  // Adds an item made out of another; a fault where its name is taken.
  TransactionItem* split(TransactionItem& from, const std::string& name, unsigned flags);
  bool has_name(const std::string& name) const { return names_.contains(name); }
  const std::set<std::string, std::less<>>& names() const { return names_; }
  // The value found against the one the caller expects.
  MaybeFault check_old_oid(const TransactionItem& item, const ObjectId& actual) const;
  MaybeFault check_old_target(const TransactionItem& item, std::string_view referent) const;
  // Is the new object there, and may it be a branch?
  MaybeFault check_new_oid(const TransactionItem& item) const;
  // D/F conflicts of a new name with existing refs and with the others of this transaction.
  MaybeFault check_name_available(const std::string& name) const;
  MaybeFault check_names_among_themselves(const std::string& name) const;  // the second half of it
  // A symref's item hands its change on to the referent; the symref itself only gets a log entry.
  MaybeFault split_symref(TransactionItem& item, const std::string& referent);
  // HEAD's log takes part when the branch it points at is changed directly.
  MaybeFault split_head(TransactionItem& item, const std::string& head_referent);
  bool run_hook(const char* state, const std::string& input) const;

  RefStore& store_;
  unsigned flags_;
  std::deque<TransactionItem> items_;

 private:
  enum class State : unsigned char { open, prepared, closed };
  std::string hook_input() const;
  Result<void> run_phase_hook(const char* phase);

  State state_ = State::open;
  std::set<std::string, std::less<>> names_;
  std::vector<std::pair<std::string, std::string>> rejected_;
  std::vector<RefRejection> rejections_;
};

// A reflog message on one line: runs of white space are one space.
std::string normalize_reflog_message(std::string_view message);
// One line of a log, newline included.
std::string format_reflog_line(const ObjectId& old_oid, const ObjectId& new_oid, std::string_view committer,
                               std::string_view message);
std::optional<ReflogEntry> parse_reflog_line(std::string_view line, HashAlgo algo);
// Does core.logAllRefUpdates make a log for a new ref of that name?
bool should_autocreate_reflog(const RefStoreOptions& options, std::string_view name);

// Where a name lives: in this worktree, the main one, another one, or in all.
struct WorktreeRefName {
  enum class Kind : unsigned char { current, main, other, shared } kind = Kind::shared;
  std::string worktree_id;     // of `other`
  std::string_view bare_name;  // without "main-worktree/" or "worktrees/<id>/"
};
WorktreeRefName parse_worktree_ref(std::string_view name);

}  // namespace git
