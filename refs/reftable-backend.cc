// Names are sorted out to stacks; a stack answers by itself.  In a linked worktree a listing merges two stacks: shared refs
// from the common one, refs/bisect and its like from the worktree's own.
#include "refs/reftable-backend.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/env.h"
#include "base/files.h"
#include "base/strings.h"
#include "base/trace2.h"
#include "object/fsck.h"
#include "refs/files-backend.h"

namespace git {

using reftable::LogRecord;
using reftable::RefRecord;
using reftable::RefType;
using reftable::Stack;

ReftableRefStore::ReftableRefStore(RefStoreOptions options) : RefStore(std::move(options)) {}

Stack& ReftableRefStore::stack_at(const std::string& git_dir) {
  std::unique_ptr<Stack>& stack = stacks_[git_dir];
  if (!stack) {
    reftable::StackOptions options;
    options.algo = options_.algo;
    options.write.block_size = options_.reftable_block_size;
    options.write.restart_interval = options_.reftable_restart_interval;
    options.geometric_factor = options_.reftable_geometric_factor;
    options.lock_timeout_ms = options_.reftable_lock_timeout_ms;
    options.fsync = options_.fsync;
    options.auto_compact = env_bool("GIT_TEST_REFTABLE_AUTOCOMPACTION", true);
    options.shared_repository = options_.shared_repository;
    stack = std::make_unique<Stack>(path_join(git_dir, "reftable"), options);
  }
  stack->refresh();
  return *stack;
}

Stack& ReftableRefStore::stack_for(std::string_view name, std::string* inner) {
  WorktreeRefName where = parse_worktree_ref(name);
  *inner = where.bare_name;
  switch (where.kind) {
    case WorktreeRefName::Kind::current:
      return stack_at(options_.git_dir);
    case WorktreeRefName::Kind::other:
      return stack_at(path_join(options_.common_dir, "worktrees/" + where.worktree_id));
    case WorktreeRefName::Kind::main:
    case WorktreeRefName::Kind::shared:
      break;
  }
  return stack_at(options_.common_dir);
}

Ref ReftableRefStore::make_ref(const RefRecord& record) const {
  Ref ref;
  ref.name = record.name;
  ref.oid = record.type == RefType::symref ? ObjectId::null(options_.algo) : record.oid;
  ref.symref_target = record.target;
  if (record.type == RefType::tag) {
    ref.peeled = record.peeled;
    ref.peel_known = true;
  }
  ref.is_broken = record.type != RefType::symref && record.oid.is_null();
  return ref;
}

std::optional<Ref> ReftableRefStore::read(std::string_view name) {
  if (!check_refname_format(name, kRefnameAllowOneLevel) && !refname_is_safe(name)) return std::nullopt;
  std::string inner;
  WorktreeRefName where = parse_worktree_ref(name);
  if (is_pseudo_ref(where.bare_name)) {
    RefStoreOptions options = options_;
    FilesRefStore files(std::move(options));
    return files.read(name);
  }
  std::optional<RefRecord> record = stack_for(name, &inner).read_ref(inner);
  if (!record) return std::nullopt;
  Ref ref = make_ref(*record);
  ref.name = name;
  return ref;
}

namespace {

const std::string* find_prefix(const std::vector<std::string>& prefixes, std::string_view name) {
  for (const std::string& prefix : prefixes)
    if (starts_with(name, prefix)) return &prefix;
  return nullptr;
}

std::string behind(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

}  // namespace

void ReftableRefStore::for_each_raw(std::string_view prefix, const std::function<bool(const Ref&)>& fn,
                                    const std::vector<std::string>& exclude, std::string_view start) {
  std::string_view from = prefix.empty() ? std::string_view("refs/") : prefix;
  from = std::max(from, start);
  auto wanted = [&](std::string_view name) { return starts_with(name, prefix) && starts_with(name, "refs/"); };
  bool linked = options_.git_dir != options_.common_dir, stopped = false;
  std::vector<RefRecord> own;
  if (linked)
    stack_at(options_.git_dir).for_each_ref(from, [&](const RefRecord& record, std::string*) {
      if (!wanted(record.name)) return false;
      if (!find_prefix(exclude, record.name)) own.push_back(record);
      return true;
    });
  auto emit = [&](const RefRecord& record) {
    Ref ref = make_ref(record);
    if (!check_refname_format(ref.name)) {
      if (!refname_is_safe(ref.name)) die("refname is dangerous: %s", ref.name);
      ref.is_bad_name = ref.is_broken = true;
      ref.oid = ObjectId::null(options_.algo);
    } else if (!ref.symref_target.empty()) {
      std::optional<ResolvedRef> resolved = resolve(ref.name);
      if (resolved && resolved->exists)
        ref.oid = resolved->oid;
      else
        ref.is_broken = true;
    }
    stopped = !fn(ref);
    return !stopped;
  };
  auto next_own = own.begin();
  stack_at(options_.common_dir).for_each_ref(from, [&](const RefRecord& record, std::string* seek) {
    if (!wanted(record.name)) return false;
    if (const std::string* excluded = find_prefix(exclude, record.name)) {
      *seek = behind(*excluded);
      trace2::count("reftable", "reseeks_made");
      return !seek->empty();
    }
    for (; next_own != own.end() && next_own->name < record.name; ++next_own)
      if (!emit(*next_own)) return false;
    if (linked && is_per_worktree_ref(record.name)) return true;
    return emit(record);
  });
  for (; !stopped && next_own != own.end(); ++next_own)
    if (!emit(*next_own)) return;
}

void ReftableRefStore::for_each_root_ref(const std::function<bool(const Ref&)>& fn) {
  std::vector<RefRecord> records;
  stack_at(options_.git_dir).for_each_ref("", [&](const RefRecord& record, std::string* seek) {
    if (starts_with(record.name, "refs/"))
      *seek = "refs0";
    else if (is_root_ref(record.name))
      records.push_back(record);
    return true;
  });
  for (const RefRecord& record : records) {
    Ref ref = make_ref(record);
    if (!ref.symref_target.empty()) {
      std::optional<ResolvedRef> resolved = resolve(ref.name);
      if (resolved && resolved->exists)
        ref.oid = resolved->oid;
      else
        ref.is_broken = true;
    }
    if (!fn(ref)) return;
  }
}

std::string ReftableRefStore::find_conflict(std::string_view name, const std::vector<std::string>& skip) {
  auto is_skipped = [&](std::string_view other) { return std::find(skip.begin(), skip.end(), other) != skip.end(); };
  for (std::size_t slash = name.find('/'); slash != std::string_view::npos; slash = name.find('/', slash + 1)) {
    std::string parent(name.substr(0, slash));
    if (parent != "refs" && !is_skipped(parent) && read(parent)) return strf("'%s' exists; cannot create '%s'", parent, name);
  }
  std::string found;
  for_each_raw(std::string(name) + "/",
               [&](const Ref& ref) {
                 if (is_skipped(ref.name)) return true;
                 found = ref.name;
                 return false;
               },
               {}, {});
  return found.empty() ? "" : strf("'%s' exists; cannot create '%s'", found, name);
}

std::unique_ptr<RefTransaction> ReftableRefStore::begin(unsigned flags) { return make_reftable_transaction(*this, flags); }

// ---- the directory ----
Result<void> ReftableRefStore::create_on_disk() {
  // What makes older programs see a repository that they can't read.
  auto fail = [](const std::string& path) {
    return make_error(ErrorKind::io, "could not create '%s': %s", path, strerror(errno));
  };
  std::string tables = path_join(options_.git_dir, "reftable"), head = path_join(options_.git_dir, "HEAD"),
              heads = path_join(options_.git_dir, "refs/heads"), list = path_join(tables, "tables.list");
  if (!make_dirs(tables)) return fail(tables);
  adjust_shared_perm(tables, options_.shared_repository);
  if (!path_exists(list)) {
    if (!write_file(list, "")) return fail(list);
    adjust_shared_perm(list, options_.shared_repository);
  }
  if (!write_file(head, "ref: refs/heads/.invalid\n")) return fail(head);
  adjust_shared_perm(head, options_.shared_repository);
  if (!make_leading_dirs(heads)) return fail(heads);
  adjust_shared_perm(path_join(options_.git_dir, "refs"), options_.shared_repository);
  if (!is_directory(heads) && !write_file(heads, "this repository uses the reftable format\n")) return fail(heads);
  adjust_shared_perm(heads, options_.shared_repository);
  return {};
}

Result<void> ReftableRefStore::remove_on_disk() {
  stacks_.clear();
  bool ok = remove_dir_recursively(path_join(options_.common_dir, "reftable")) &&
            remove_file(path_join(options_.common_dir, "HEAD")) && remove_dir_recursively(path_join(options_.common_dir, "refs"));
  if (!ok) return make_error(ErrorKind::io, "could not delete reftables: %s", strerror(errno));
  return {};
}

Result<void> ReftableRefStore::pack_refs(const PackRefsOptions& options) {
  Stack& stack = stack_at(options_.git_dir);
  Result<void> done = options.auto_pack ? stack.compact_as_needed() : stack.compact_all();
  if (!done) return make_error(done.error().kind, "unable to compact stack: %s", done.error().message);
  stack.remove_stale_tables();
  return {};
}

bool ReftableRefStore::needs_packing() { return stack_at(options_.git_dir).needs_compaction(); }

void ReftableRefStore::verify(const std::function<void(const RefFinding&)>& report) {
  std::string directory = path_join(options_.git_dir, "reftable");
  reftable::StackOptions stack_options;
  stack_options.algo = options_.algo;
  Stack stack(directory, stack_options);
  Result<void> opened = stack.try_refresh();
  bool linked = options_.git_dir != options_.common_dir;
  if (!opened) {
    report({"", FsckMessage::bad_ref_content,
            linked ? strf("reftable stack for worktree '%s' is broken", path_basename(options_.git_dir))
                   : "reftable stack is broken"});
    return;
  }
  for (const auto& table : stack.tables())
    if (!reftable::is_good_table_name(table->name()))
      report({table->name(), FsckMessage::bad_reftable_table_name, "invalid reftable table name"});
  std::string prefix = linked ? "worktrees/" + std::string(path_basename(options_.git_dir)) + "/" : "";
  stack.for_each_ref("", [&](const RefRecord& record, std::string*) {
    if (!check_refname_format(record.name, is_root_ref(record.name) ? unsigned{kRefnameAllowOneLevel} : 0u))
      report({prefix + record.name, FsckMessage::bad_ref_name, "invalid refname format"});
    if (record.type != RefType::symref) {
      if (record.oid.is_null())
        report({prefix + record.name, FsckMessage::bad_ref_oid, strf("points to invalid object ID '%s'", record.oid)});
      return true;
    }
    bool is_root = is_root_ref(record.target);
    if (record.name == "HEAD" && !starts_with(record.target, "refs/heads/") &&
        check_refname_format(record.target, kRefnameAllowOneLevel))
      report({prefix + record.name, FsckMessage::bad_head_target, strf("HEAD points to non-branch '%s'", record.target)});
    else if (!is_root && !check_refname_format(record.target))
      report({prefix + record.name, FsckMessage::bad_referent_name, strf("points to invalid refname '%s'", record.target)});
    else if (!is_root && !starts_with(record.target, "refs/") && !starts_with(record.target, "worktrees/"))
      report(
          {prefix + record.name, FsckMessage::symref_target_is_not_a_ref, strf("points to non-ref target '%s'", record.target)});
    return true;
  });
}

// ---- records ----
RefRecord ReftableRefStore::make_record(const std::string& inner, std::uint64_t update_index, const ObjectId& oid) const {
  RefRecord record;
  record.name = inner;
  record.update_index = update_index;
  record.type = RefType::value;
  record.oid = oid;
  if (std::optional<ObjectId> peeled = options_.peel ? options_.peel(oid) : std::nullopt) {
    record.type = RefType::tag;
    record.peeled = *peeled;
  }
  return record;
}

LogRecord ReftableRefStore::make_log(const std::string& inner, std::uint64_t update_index, const ObjectId& old_oid,
                                     const ObjectId& new_oid, const std::string& committer, const std::string& message) const {
  LogRecord record;
  record.name = inner;
  record.update_index = update_index;
  record.old_oid = old_oid;
  record.new_oid = new_oid;
  std::optional<IdentLine> ident = split_ident_line(committer);
  if (ident) {
    record.who = ident->name;
    record.mail = ident->mail;
    record.time = ident_time(*ident);
    record.tz = static_cast<std::int16_t>(ident_tz(*ident));
  }
  std::string text = normalize_reflog_message(message);
  record.message = text.empty() ? text : text + "\n";
  return record;
}

bool ReftableRefStore::wants_log(std::string_view name, unsigned flags) {
  if (flags & kRefSkipReflog) return false;
  return (flags & kRefForceCreateReflog) || should_autocreate_reflog(options_, parse_worktree_ref(name).bare_name) ||
         has_reflog(name);
}

Result<void> ReftableRefStore::rename(std::string_view from, std::string_view to, std::string message, bool copy) {
  std::optional<Ref> ref = read(from);
  if (!ref || ref->is_broken) return make_error(ErrorKind::missing, "refname %s not found", from);
  if (!ref->symref_target.empty())
    return make_error(ErrorKind::invalid, "refname %s is a symbolic ref, %s it is not supported", from,
                      copy ? "copying" : "renaming");
  std::string conflict = find_conflict(to, copy ? std::vector<std::string>{} : std::vector<std::string>{std::string(from)});
  if (!conflict.empty()) return Error{ErrorKind::conflict, conflict};
  std::vector<LogRecord> log = read_log(from), replaced = from == to ? std::vector<LogRecord>{} : read_log(to);
  std::string from_inner, to_inner;
  Stack& stack = stack_for(from, &from_inner);
  if (&stack_for(to, &to_inner) != &stack) return make_error(ErrorKind::invalid, "cannot move '%s' to another worktree", from);
  Result<std::unique_ptr<Stack::Addition>> held = stack.begin();
  if (!held) return make_error(ErrorKind::conflict, "cannot lock references: %s", held.error().message);
  const std::uint64_t index = stack.next_update_index(), last = index + 1;
  std::string committer = options_.committer_ident ? options_.committer_ident() : "";
  Result<void> written = (*held)->add(index, last, [&](reftable::Writer& writer) {
    std::vector<RefRecord> refs{make_record(to_inner, last, ref->oid)};
    if (!copy && from_inner != to_inner) {
      RefRecord gone;
      gone.name = from_inner;
      gone.update_index = index;
      refs.push_back(gone);
    }
    std::sort(refs.begin(), refs.end(), [](const RefRecord& a, const RefRecord& b) { return a.name < b.name; });
    for (const RefRecord& record : refs) writer.add_ref(record);
    std::vector<LogRecord> logs;
    for (LogRecord old : replaced) {
      old.is_deletion = true;
      logs.push_back(old);
    }
    for (LogRecord entry : log) {
      if (from_inner == to_inner) break;
      if (!copy) {
        LogRecord gone = entry;
        gone.is_deletion = true;
        logs.push_back(gone);
      }
      entry.name = to_inner;
      std::erase_if(logs, [&](const LogRecord& other) { return other.key() == entry.key(); });
      logs.push_back(entry);
    }
    if (wants_log(to, 0) || !log.empty()) logs.push_back(make_log(to_inner, last, ref->oid, ref->oid, committer, message));
    std::sort(logs.begin(), logs.end(), [](const LogRecord& a, const LogRecord& b) { return a.key() < b.key(); });
    for (const LogRecord& record : logs) writer.add_log(record);
  });
  if (!written) return written;
  return (*held)->commit();
}

// ---- logs ----
std::vector<LogRecord> ReftableRefStore::read_log(std::string_view name) {
  std::string inner;
  Stack& stack = stack_for(name, &inner);
  std::vector<LogRecord> entries;
  stack.for_each_log(inner + '\0', [&](const LogRecord& record, std::string*) {
    if (record.name != inner) return false;
    entries.push_back(record);
    return true;
  });
  return entries;
}

namespace {

// A log that exists but has no entries is one record of null ids.
bool is_marker(const LogRecord& record) { return record.old_oid.is_null() && record.new_oid.is_null(); }

ReflogEntry to_entry(const LogRecord& record) {
  ReflogEntry entry;
  entry.old_oid = record.old_oid;
  entry.new_oid = record.new_oid;
  entry.committer = record.who + " <" + record.mail + ">";
  if (record.who.empty()) entry.committer = "<" + record.mail + ">";
  entry.time = record.time;
  entry.tz = record.tz;
  entry.message = rtrim(record.message);
  return entry;
}

}  // namespace

bool ReftableRefStore::has_reflog(std::string_view name) {
  std::string inner;
  bool found = false;
  stack_for(name, &inner).for_each_log(inner + '\0', [&](const LogRecord& record, std::string*) {
    found = record.name == inner;
    return false;
  });
  return found;
}

Result<void> ReftableRefStore::write_to(std::string_view name,
                                        const std::function<void(reftable::Writer&, std::uint64_t, const std::string&)>& fill) {
  std::string inner;
  Stack& stack = stack_for(name, &inner);
  Result<std::unique_ptr<Stack::Addition>> held = stack.begin();
  if (!held) return make_error(ErrorKind::conflict, "cannot lock references: %s", held.error().message);
  std::uint64_t index = stack.next_update_index();
  Result<void> written = (*held)->add(index, index, [&](reftable::Writer& writer) { fill(writer, index, inner); });
  if (!written) return written;
  return (*held)->commit();
}

Result<void> ReftableRefStore::create_reflog(std::string_view name) {
  if (has_reflog(name)) return {};
  return write_to(name, [&](reftable::Writer& writer, std::uint64_t index, const std::string& inner) {
    LogRecord marker;
    marker.name = inner;
    marker.update_index = index;
    marker.old_oid = marker.new_oid = ObjectId::null(options_.algo);
    writer.add_log(marker);
  });
}

bool ReftableRefStore::delete_reflog(std::string_view name) {
  std::vector<LogRecord> entries = read_log(name);
  if (entries.empty()) return true;
  return write_to(name,
                  [&](reftable::Writer& writer, std::uint64_t, const std::string&) {
                    for (LogRecord& entry : entries) {
                      entry.is_deletion = true;
                      writer.add_log(entry);
                    }
                  })
      .ok();
}

bool ReftableRefStore::for_each_reflog_entry(std::string_view name, bool newest_first,
                                             const std::function<bool(const ReflogEntry&)>& fn) {
  if (newest_first) {
    std::string inner;
    bool found = false;
    stack_for(name, &inner).for_each_log(inner + '\0', [&](const LogRecord& record, std::string*) {
      if (record.name != inner) return false;
      found = true;
      return is_marker(record) || fn(to_entry(record));
    });
    return found;
  }
  std::vector<LogRecord> entries = read_log(name);
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry)
    if (!is_marker(*entry) && !fn(to_entry(*entry))) break;
  return !entries.empty();
}

void ReftableRefStore::for_each_reflog(const std::function<bool(const std::string& name)>& fn) {
  std::vector<std::string> names;
  auto collect = [&](Stack& stack, bool shared_only) {
    stack.for_each_log("", [&](const LogRecord& record, std::string* seek) {
      if (check_refname_format(record.name, kRefnameAllowOneLevel) && !(shared_only && is_per_worktree_ref(record.name)))
        names.push_back(record.name);
      *seek = record.name + '\1';
      return true;
    });
  };
  bool linked = options_.git_dir != options_.common_dir;
  collect(stack_at(options_.git_dir), false);
  if (linked) collect(stack_at(options_.common_dir), true);
  std::sort(names.begin(), names.end());
  for (const std::string& name : names)
    if (!fn(name)) return;
}

Result<void> ReftableRefStore::expire_reflog(std::string_view name, const ReflogExpire& options) {
  std::vector<LogRecord> entries = read_log(name);
  if (entries.empty()) return {};
  std::optional<Ref> ref = read(name);
  ObjectId last_kept = ObjectId::null(options_.algo);
  std::vector<LogRecord> changed;
  std::size_t kept = 0;
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    if (is_marker(*entry)) {
      ++kept;
      continue;
    }
    LogRecord shown = *entry;
    if (options.rewrite) shown.old_oid = last_kept;
    if (!options.keep(to_entry(shown))) {
      shown.is_deletion = true;
      changed.push_back(shown);
      continue;
    }
    ++kept;
    last_kept = shown.new_oid;
    if (shown.old_oid != entry->old_oid) changed.push_back(shown);
  }
  if (options.dry_run) return {};
  bool updates = options.update_ref && ref && ref->symref_target.empty() && !last_kept.is_null();
  return write_to(name, [&](reftable::Writer& writer, std::uint64_t index, const std::string& inner) {
    if (updates) writer.add_ref(make_record(inner, index, last_kept));
    if (!kept) {
      LogRecord marker;
      marker.name = inner;
      marker.update_index = index;
      marker.old_oid = marker.new_oid = ObjectId::null(options_.algo);
      changed.push_back(marker);
    }
    std::sort(changed.begin(), changed.end(), [](const LogRecord& a, const LogRecord& b) { return a.key() < b.key(); });
    for (const LogRecord& record : changed) writer.add_log(record);
  });
}

}  // namespace git
