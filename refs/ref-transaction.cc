// A change of refs is decided in two steps.  First everything is locked and compared with what the caller expects;
// only then is anything published.  A symref in the list is replaced by its referent, in the same list, so that
// chains of symrefs need no recursion: the loop that locks items meets the new ones at its end.
#include "refs/ref-transaction.h"

#include "base/env.h"
#include "base/strings.h"

namespace git {

std::string_view ref_failure_reason(RefFailure kind) {
  switch (kind) {
    case RefFailure::name_conflict:
      return "refname conflict";
    case RefFailure::create_exists:
      return "reference already exists";
    case RefFailure::nonexistent:
      return "reference does not exist";
    case RefFailure::incorrect_old_value:
      return "incorrect old value provided";
    case RefFailure::invalid_new_value:
      return "invalid new value provided";
    case RefFailure::expected_symref:
      return "expected symref but found regular ref";
    case RefFailure::case_conflict:
      return "reference conflict due to case-insensitive filesystem";
    case RefFailure::generic:
      break;
  }
  return "unknown failure";
}

namespace {

bool is_branch(std::string_view name) { return name == "HEAD" || starts_with(name, "refs/heads/"); }

Error to_error(const RefFault& fault) { return Error{ErrorKind::conflict, fault.message}; }

}  // namespace

Result<void> TransactionCommon::add(RefUpdate update) {
  if (state_ != State::open) BUG("update of a transaction that is not open");
  const char* what = update.flags & kRefLogOnly ? "reflog" : "ref";
  if (!(update.flags & kRefSkipNameCheck)) {
    if (is_pseudo_ref(update.name)) return make_error(ErrorKind::invalid, "refusing to update pseudoref '%s'", update.name);
    bool sets = update.new_oid && !update.new_oid->is_null();
    bool good = sets ? check_refname_format(update.name, kRefnameAllowOneLevel)
                     : refname_is_safe(parse_worktree_ref(update.name).bare_name);
    if (!good) return make_error(ErrorKind::invalid, "refusing to update %s with bad name '%s'", what, update.name);
  }
  if (!(update.flags & kRefLogOnly) && !names_.insert(update.name).second)
    return make_error(ErrorKind::conflict, "multiple updates for ref '%s' not allowed", update.name);
  TransactionItem& item = items_.emplace_back();
  item.update = std::move(update);
  item.is_deletion = item.update.new_oid && item.update.new_oid->is_null() && !item.log_only() && !item.update.new_target;
  if (item.update.log_oids && !item.log_only()) item.update.log_oids.reset();
  return {};
}

bool TransactionCommon::try_reject(TransactionItem& item, const RefFault& fault) {
  if (!(flags_ & RefStore::kAllowFailure) || fault.kind == RefFailure::generic) return false;
  if (item.is_rejected) return true;
  TransactionItem* top = &item;
  item.is_rejected = true;
  while (top->parent) {
    top = top->parent;
    top->is_rejected = true;
  }
  // HEAD's log entry goes with its branch.
  for (TransactionItem& other : items_)
    if (other.parent == &item || other.head_of == &item) other.is_rejected = true;
  const RefUpdate& u = item.update;
  rejected_.emplace_back(u.name, std::string(ref_failure_reason(fault.kind)));
  rejections_.push_back(
      {u.name, u.old_oid, u.new_oid, u.old_target, u.new_target, std::string(ref_failure_reason(fault.kind)), fault.message});
  return true;
}

TransactionItem* TransactionCommon::split(TransactionItem& from, const std::string& name, unsigned flags) {
  if (!names_.insert(name).second) return nullptr;
  TransactionItem& item = items_.emplace_back();
  item.update = from.update;
  item.update.name = name;
  item.update.flags = flags;
  item.is_deletion = from.is_deletion;
  return &item;
}

MaybeFault TransactionCommon::split_symref(TransactionItem& item, const std::string& referent) {
  unsigned flags = item.update.flags;
  TransactionItem* next = split(item, referent, flags);
  if (!next)
    return make_fault(RefFailure::generic, "multiple updates for '%s' (including one via symref '%s') are not allowed", referent,
                      item.update.name);
  next->via_head = item.update.name == "HEAD" || item.via_head;
  next->parent = &item;
  item.update.flags |= kRefLogOnly | kRefNoDeref;
  item.update.old_oid.reset();
  item.update.old_target.reset();
  item.is_deletion = false;
  return std::nullopt;
}

MaybeFault TransactionCommon::split_head(TransactionItem& item, const std::string& head_referent) {
  if (item.log_only() || item.via_head || head_referent.empty() || item.update.name != head_referent) return std::nullopt;
  if (!item.update.new_oid && !item.update.new_target) return std::nullopt;
  if (!names_.insert("HEAD").second)
    return make_fault(RefFailure::generic, "multiple updates for 'HEAD' (including one via its referent '%s') are not allowed",
                      item.update.name);
  TransactionItem& head = items_.emplace_back();
  head.update = item.update;
  head.update.name = "HEAD";
  head.update.old_oid.reset();
  head.update.old_target.reset();
  head.update.flags = item.update.flags | kRefLogOnly | kRefNoDeref;
  head.parent = nullptr;
  head.head_of = &item;
  return std::nullopt;
}

MaybeFault TransactionCommon::check_old_oid(const TransactionItem& item, const ObjectId& actual) const {
  if (!item.update.old_oid || *item.update.old_oid == actual || item.log_only()) return std::nullopt;
  const ObjectId& wanted = *item.update.old_oid;
  if (wanted.is_null())
    return make_fault(RefFailure::create_exists, "cannot lock ref '%s': reference already exists", item.original_name());
  if (actual.is_null())
    return make_fault(RefFailure::nonexistent, "cannot lock ref '%s': reference is missing but expected %s", item.original_name(),
                      wanted);
  return make_fault(RefFailure::incorrect_old_value, "cannot lock ref '%s': is at %s but expected %s", item.original_name(),
                    actual, wanted);
}

MaybeFault TransactionCommon::check_old_target(const TransactionItem& item, std::string_view referent) const {
  if (!item.update.old_target || *item.update.old_target == referent) return std::nullopt;
  if (referent.empty())
    return make_fault(RefFailure::nonexistent, "verifying symref target: '%s': reference is missing but expected %s",
                      item.original_name(), *item.update.old_target);
  return make_fault(RefFailure::incorrect_old_value, "verifying symref target: '%s': is at %s but expected %s",
                    item.original_name(), referent, *item.update.old_target);
}

MaybeFault TransactionCommon::check_new_oid(const TransactionItem& item) const {
  const RefStoreOptions& options = store_.options();
  const ObjectId& oid = *item.update.new_oid;
  if (item.update.flags & kRefSkipOidVerification) return std::nullopt;
  if (options.object_exists && !options.object_exists(oid))
    return make_fault(RefFailure::invalid_new_value, "trying to write ref '%s' with nonexistent object %s", item.update.name,
                      oid);
  if (is_branch(item.update.name) && options.is_commit && !options.is_commit(oid))
    return make_fault(RefFailure::invalid_new_value, "trying to write non-commit object %s to branch '%s'", oid,
                      item.update.name);
  return std::nullopt;
}

MaybeFault TransactionCommon::check_name_available(const std::string& name) const {
  for (std::size_t slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1)) {
    std::string parent = name.substr(0, slash);
    if (parent == "refs") continue;
    if (store_.read(parent)) return make_fault(RefFailure::name_conflict, "'%s' exists; cannot create '%s'", parent, name);
  }
  std::string below = name + "/", found;
  store_.for_each_raw(below, [&](const Ref& ref) {
    found = ref.name;
    return false;
  });
  if (!found.empty()) return make_fault(RefFailure::name_conflict, "'%s' exists; cannot create '%s'", found, name);
  return check_names_among_themselves(name);
}

MaybeFault TransactionCommon::check_names_among_themselves(const std::string& name) const {
  for (std::size_t slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1))
    if (auto parent = names_.find(std::string_view(name).substr(0, slash)); parent != names_.end())
      return make_fault(RefFailure::name_conflict, "cannot process '%s' and '%s' at the same time", *parent, name);
  std::string below = name + "/";
  auto next = names_.lower_bound(below);
  if (next != names_.end() && starts_with(*next, below))
    return make_fault(RefFailure::name_conflict, "cannot process '%s' and '%s' at the same time", name, *next);
  return std::nullopt;
}

// ---- the phases ----
std::string TransactionCommon::hook_input() const {
  std::string input;
  const std::string zero = ObjectId::null(store_.options().algo).hex();
  for (const TransactionItem& item : items_) {
    if (item.log_only() || item.is_rejected) continue;
    const RefUpdate& u = item.update;
    std::string before = u.old_target ? "ref:" + *u.old_target : u.old_oid ? u.old_oid->hex() : zero;
    std::string after = u.new_target ? "ref:" + *u.new_target : u.new_oid ? u.new_oid->hex() : zero;
    input += before + " " + after + " " + u.name + "\n";
  }
  return input;
}

bool TransactionCommon::run_hook(const char* state, const std::string& input) const {
  const auto& hook = store_.options().transaction_hook;
  return !hook || is_initial() || hook(state, input);
}

Result<void> TransactionCommon::run_phase_hook(const char* phase) {
  if (run_hook(phase, hook_input())) return {};
  return make_error(ErrorKind::conflict, "in '%s' phase, update aborted by the reference-transaction hook", phase);
}

Result<void> TransactionCommon::prepare() {
  if (state_ == State::prepared) return {};
  if (state_ == State::closed) BUG("prepare of a closed transaction");
  if (get_env("GIT_QUARANTINE_PATH")) {
    state_ = State::closed;
    return make_error(ErrorKind::conflict, "ref updates forbidden inside quarantine environment");
  }
  Result<void> allowed = run_phase_hook("preparing");
  if (!allowed) {
    state_ = State::closed;
    return allowed;
  }
  if (MaybeFault fault = lock_and_check()) {
    unlock();
    state_ = State::closed;
    return to_error(*fault);
  }
  state_ = State::prepared;
  Result<void> prepared = run_phase_hook("prepared");
  if (!prepared) abort();
  return prepared;
}

Result<void> TransactionCommon::commit() {
  if (state_ == State::open) {
    Result<void> prepared = prepare();
    if (!prepared) return prepared;
  }
  if (state_ == State::closed) BUG("commit of a closed transaction");
  state_ = State::closed;
  Result<void> published = publish();
  unlock();
  if (!published) return published;
  run_hook("committed", hook_input());
  return {};
}

void TransactionCommon::abort() {
  if (state_ == State::closed) return;
  bool was_prepared = state_ == State::prepared;
  state_ = State::closed;
  if (was_prepared) unlock();
  run_hook("aborted", hook_input());
}

// ---- reflog lines ----
std::string normalize_reflog_message(std::string_view message) {
  std::string result;
  bool was_space = true;
  for (char c : message) {
    bool space = is_space(c);
    if (space && was_space) continue;
    result += space ? ' ' : c;
    was_space = space;
  }
  while (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

std::string format_reflog_line(const ObjectId& old_oid, const ObjectId& new_oid, std::string_view committer,
                               std::string_view message) {
  std::string line = old_oid.hex() + " " + new_oid.hex() + " ";
  line.append(committer);
  std::string text = normalize_reflog_message(message);
  if (!text.empty()) line += "\t" + text;
  return line += "\n";
}

std::optional<ReflogEntry> parse_reflog_line(std::string_view line, HashAlgo algo) {
  ReflogEntry entry;
  auto take_oid = [&](ObjectId& oid) {
    auto parsed = ObjectId::parse_prefix(line, algo);
    if (!parsed || !skip_prefix(line, " ")) return false;
    oid = *parsed;
    return true;
  };
  if (!take_oid(entry.old_oid) || !take_oid(entry.new_oid)) return std::nullopt;
  std::size_t mail_end = line.find('>');
  if (mail_end == std::string_view::npos) return std::nullopt;
  entry.committer = line.substr(0, mail_end + 1);
  line.remove_prefix(mail_end + 1);
  if (!skip_prefix(line, " ")) return std::nullopt;
  std::size_t digits = 0;
  while (digits < line.size() && is_digit(line[digits])) ++digits;
  auto time = parse_uint(line.substr(0, digits));
  line.remove_prefix(digits);
  if (!time || *time == 0 || line.size() < 6 || line[0] != ' ' || (line[1] != '+' && line[1] != '-')) return std::nullopt;
  auto zone = parse_uint(line.substr(2, 4));
  if (!zone) return std::nullopt;
  entry.time = *time;
  entry.tz = static_cast<int>(*zone) * (line[1] == '-' ? -1 : 1);
  line.remove_prefix(6);
  skip_prefix(line, "\t");
  entry.message = line;
  return entry;
}

bool should_autocreate_reflog(const RefStoreOptions& options, std::string_view name) {
  int mode = options.log_all_ref_updates;
  if (mode < 0) mode = options.is_bare ? 0 : 1;
  if (mode == 0) return false;
  return mode == 2 || name == "HEAD" || starts_with(name, "refs/heads/") || starts_with(name, "refs/remotes/") ||
         starts_with(name, "refs/notes/");
}

WorktreeRefName parse_worktree_ref(std::string_view name) {
  WorktreeRefName result;
  std::string_view rest = name;
  result.bare_name = name;
  if (skip_prefix(rest, "worktrees/")) {
    std::size_t slash = rest.find('/');
    if (slash != std::string_view::npos && slash > 0 && slash + 1 < rest.size()) {
      result.worktree_id = rest.substr(0, slash);
      result.bare_name = rest.substr(slash + 1);
      result.kind = is_per_worktree_ref(result.bare_name) ? WorktreeRefName::Kind::other : WorktreeRefName::Kind::shared;
      return result;
    }
  }
  rest = name;
  if (skip_prefix(rest, "main-worktree/") && !rest.empty()) {
    result.bare_name = rest;
    result.kind = is_per_worktree_ref(rest) ? WorktreeRefName::Kind::main : WorktreeRefName::Kind::shared;
    return result;
  }
  result.kind = is_per_worktree_ref(name) ? WorktreeRefName::Kind::current : WorktreeRefName::Kind::shared;
  return result;
}

}  // namespace git
