// A transaction holds tables.list.lock of every stack it touches, checks all values under the locks, and then adds one table to
// each.  Refs and log entries of one table share an update index, except that several entries of one log need their own.
#include <algorithm>
#include <map>

#include "base/strings.h"
#include "refs/reftable-backend.h"

namespace git {
namespace {

using reftable::LogRecord;
using reftable::RefRecord;
using reftable::RefType;
using reftable::Stack;

class ReftableTransaction final : public TransactionCommon {
 public:
  ReftableTransaction(ReftableRefStore& store, unsigned flags) : TransactionCommon(store, flags), tables_(store) {}
  ~ReftableTransaction() override { abort(); }

 protected:
  MaybeFault lock_and_check() override;
  Result<void> publish() override;
  void unlock() override { held_.clear(); }

 private:
  struct Held {
    std::unique_ptr<Stack::Addition> addition;
    std::vector<RefRecord> refs;
    std::vector<LogRecord> logs;
    std::uint64_t first_index = 0, last_index = 0;
  };
  MaybeFault hold(const std::string& name, Held*& held, std::string* inner);
  MaybeFault check_item(TransactionItem& item);
  MaybeFault check_symref(TransactionItem& item, const Ref& found);
  void collect(TransactionItem& item);
  void collect_log(TransactionItem& item, Held& held, const std::string& inner);
  const std::string& committer();

  ReftableRefStore& tables_;
  std::map<Stack*, Held> held_;
  std::map<std::string, std::uint64_t> log_counts_;
  std::string committer_;
};

const std::string& ReftableTransaction::committer() {
  if (committer_.empty() && store_.options().committer_ident) committer_ = store_.options().committer_ident();
  return committer_;
}

MaybeFault ReftableTransaction::hold(const std::string& name, Held*& held, std::string* inner) {
  Stack& stack = tables_.stack_for(name, inner);
  held = &held_[&stack];
  if (held->addition) return std::nullopt;
  Result<std::unique_ptr<Stack::Addition>> addition = stack.begin();
  if (!addition) return make_fault(RefFailure::generic, "cannot lock references: %s", addition.error().message);
  held->addition = std::move(*addition);
  held->first_index = held->last_index = stack.next_update_index();
  return std::nullopt;
}

MaybeFault ReftableTransaction::lock_and_check() {
  std::optional<Ref> head = store_.read("HEAD");
  std::string head_referent = head ? head->symref_target : "";
  for (std::size_t i = 0; i < items_.size(); ++i) {
    TransactionItem& item = items_[i];
    if (item.is_rejected) continue;
    Held* held = nullptr;
    std::string inner;
    if (MaybeFault fault = hold(item.update.name, held, &inner)) return fault;
    MaybeFault fault = is_initial() ? std::nullopt : split_head(item, head_referent);
    if (!fault) fault = check_item(item);
    if (fault && !try_reject(item, *fault)) return fault;
  }
  return std::nullopt;
}

MaybeFault ReftableTransaction::check_symref(TransactionItem& item, const Ref& found) {
  item.before_target = found.symref_target;
  if (!item.no_deref()) return split_symref(item, found.symref_target);
  std::optional<ResolvedRef> referent = store_.resolve(found.symref_target);
  bool dangles = !referent || !referent->exists;
  if (!dangles) item.before = referent->oid;
  if (item.log_only()) return std::nullopt;
  if (dangles && item.update.old_oid && item.update.old_oid->is_null())
    return make_fault(RefFailure::create_exists, "cannot lock ref '%s': dangling symref already exists", item.original_name());
  if (item.update.old_target) return check_old_target(item, found.symref_target);
  return check_old_oid(item, item.before);
}

MaybeFault ReftableTransaction::check_item(TransactionItem& item) {
  const RefUpdate& u = item.update;
  item.before = ObjectId::null(store_.options().algo);
  if (u.log_oids) return std::nullopt;
  std::optional<Ref> found = store_.read(u.name);
  item.existed = found.has_value();
  if (!found) {
    bool must_exist = (u.old_oid && !u.old_oid->is_null()) || u.old_target;
    if (must_exist && !item.log_only())
      return make_fault(RefFailure::nonexistent, "cannot lock ref '%s': unable to resolve reference '%s'", item.original_name(),
                        u.name);
    if (!item.log_only() && !item.is_deletion)
      if (MaybeFault fault = check_name_available(u.name)) return fault;
  } else if (!found->symref_target.empty()) {
    if (MaybeFault fault = check_symref(item, *found)) return fault;
  } else {
    if (u.old_target)
      return make_fault(RefFailure::expected_symref,
                        "cannot lock ref '%s': expected symref with target '%s': but is a regular ref", item.original_name(),
                        *u.old_target);
    item.before = found->oid;
    for (TransactionItem* parent = item.parent; parent; parent = parent->parent) parent->before = found->oid;
    if (MaybeFault fault = check_old_oid(item, item.before)) return fault;
  }
  if (item.log_only() || item.is_deletion) return std::nullopt;
  if (u.new_target) {
    item.needs_commit = true;
  } else if (u.new_oid) {
    bool unchanged = found && found->symref_target.empty() && found->oid == *u.new_oid;
    if (unchanged) return std::nullopt;
    if (MaybeFault fault = check_new_oid(item)) return fault;
    item.needs_commit = true;
  }
  return std::nullopt;
}

void ReftableTransaction::collect_log(TransactionItem& item, Held& held, const std::string& inner) {
  const RefUpdate& u = item.update;
  if (!tables_.wants_log(u.name, u.flags)) return;
  std::uint64_t index = held.first_index + log_counts_[u.name]++;
  held.last_index = std::max(held.last_index, index);
  if (u.log_oids) {
    held.logs.push_back(tables_.make_log(inner, index, u.log_oids->old_oid, u.log_oids->new_oid,
                                         u.log_oids->committer.empty() ? committer() : u.log_oids->committer, u.message));
    return;
  }
  ObjectId after;
  if (u.new_target) {
    std::optional<ResolvedRef> target = store_.resolve(*u.new_target);
    if (!target || !target->exists) return;
    after = target->oid;
  } else if (u.new_oid) {
    after = *u.new_oid;
  } else {
    return;
  }
  ObjectId before = item.head_of ? item.head_of->before : item.before;
  held.logs.push_back(tables_.make_log(inner, index, before, after, committer(), u.message));
}

void ReftableTransaction::collect(TransactionItem& item) {
  const RefUpdate& u = item.update;
  std::string inner;
  Held& held = held_.at(&tables_.stack_for(u.name, &inner));
  if (item.is_deletion && !item.log_only()) {
    RefRecord gone;
    gone.name = inner;
    gone.update_index = held.first_index;
    if (item.existed) held.refs.push_back(gone);
    Stack& stack = tables_.stack_for(u.name, &inner);
    stack.for_each_log(inner + '\0', [&](const LogRecord& record, std::string*) {
      if (record.name != inner) return false;
      held.logs.push_back(record);
      held.logs.back().is_deletion = true;
      return true;
    });
    return;
  }
  if (item.log_only() || item.needs_commit) collect_log(item, held, inner);
  if (!item.needs_commit) return;
  if (u.new_target) {
    RefRecord record;
    record.name = inner;
    record.update_index = held.first_index;
    record.type = RefType::symref;
    record.target = *u.new_target;
    held.refs.push_back(record);
  } else {
    held.refs.push_back(tables_.make_record(inner, held.first_index, *u.new_oid));
  }
}

Result<void> ReftableTransaction::publish() {
  for (TransactionItem& item : items_)
    if (!item.is_rejected) collect(item);
  for (auto& [stack, held] : held_) {
    auto by_name = [](const RefRecord& a, const RefRecord& b) { return a.name < b.name; };
    auto by_key = [](const LogRecord& a, const LogRecord& b) { return a.key() < b.key(); };
    std::sort(held.refs.begin(), held.refs.end(), by_name);
    std::sort(held.logs.begin(), held.logs.end(), by_key);
    Held& one = held;
    Result<void> written = one.addition->add(one.first_index, one.last_index, [&](reftable::Writer& writer) {
      for (const RefRecord& record : one.refs) writer.add_ref(record);
      for (const LogRecord& record : one.logs) writer.add_log(record);
    });
    if (!written) return written;
  }
  for (auto& [stack, held] : held_) {
    Result<void> done = held.addition->commit();
    if (!done) return done;
  }
  return {};
}

}  // namespace

std::unique_ptr<RefTransaction> make_reftable_transaction(ReftableRefStore& store, unsigned flags) {
  return std::make_unique<ReftableTransaction>(store, flags);
}

}  // namespace git
