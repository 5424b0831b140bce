// Readers never lock: a table is never changed once it is listed, and a list that names a table compacted away meanwhile is
// simply read again.
#include "refs/reftable-stack.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "base/tempfile.h"

namespace git::reftable {
namespace {

constexpr const char* kList = "tables.list";

std::string stamp_of(const std::string& path) {
  auto st = stat_path(path);
  if (!st) return "";
  return strf("%d %d %d %d", st->st_ino, st->st_size, st->st_mtime, st->st_mtim.tv_nsec);
}

// Several sorted cursors as one; of equal keys the one of the newest table comes first and the others are dropped.
template <class Cursor, class Record, class Key>
class Merge {
 public:
  Merge(std::vector<Cursor> cursors, Key key) : cursors_(std::move(cursors)), heads_(cursors_.size()), key_(key) {
    for (std::size_t i = 0; i < cursors_.size(); ++i) advance(i);
  }
  bool next(Record& record) {
    std::size_t best = heads_.size();
    for (std::size_t i = heads_.size(); i-- > 0;)
      if (heads_[i] && (best == heads_.size() || key_(*heads_[i]) < key_(*heads_[best]))) best = i;
    if (best == heads_.size()) return false;
    record = std::move(*heads_[best]);
    auto taken = key_(record);
    for (std::size_t i = 0; i < heads_.size(); ++i)
      if (i == best || (heads_[i] && key_(*heads_[i]) == taken)) advance(i);
    return true;
  }

 private:
  void advance(std::size_t i) {
    heads_[i].emplace();
    if (!cursors_[i].next(*heads_[i])) heads_[i].reset();
  }
  std::vector<Cursor> cursors_;
  std::vector<std::optional<Record>> heads_;
  Key key_;
};

auto ref_key = [](const RefRecord& record) -> const std::string& { return record.name; };
auto log_key = [](const LogRecord& record) { return record.key(); };

using RefMerge = Merge<Table::RefCursor, RefRecord, decltype(ref_key)>;
using LogMerge = Merge<Table::LogCursor, LogRecord, decltype(log_key)>;

RefMerge merge_refs(std::vector<std::shared_ptr<Table>>::const_iterator first,
                    std::vector<std::shared_ptr<Table>>::const_iterator end, std::string_view start) {
  std::vector<Table::RefCursor> cursors;
  for (; first != end; ++first) cursors.push_back(Table::seek_ref(*first, start));
  return RefMerge(std::move(cursors), ref_key);
}

LogMerge merge_logs(std::vector<std::shared_ptr<Table>>::const_iterator first,
                    std::vector<std::shared_ptr<Table>>::const_iterator end, std::string_view start) {
  std::vector<Table::LogCursor> cursors;
  for (; first != end; ++first) cursors.push_back(Table::seek_log(*first, start));
  return LogMerge(std::move(cursors), log_key);
}

}  // namespace

bool is_good_table_name(std::string_view name) {
  auto hex = [&](std::size_t n) {
    if (name.size() < n) return false;
    for (std::size_t i = 0; i < n; ++i)
      if (hex_value(name[i]) < 0) return false;
    name.remove_prefix(n);
    return true;
  };
  return skip_prefix(name, "0x") && hex(12) && skip_prefix(name, "-0x") && hex(12) && skip_prefix(name, "-") && hex(8) &&
         name == ".ref";
}

bool Stack::exists() const { return path_exists(path_join(directory_, kList)); }

std::vector<std::string> Stack::read_list(bool* ok) const {
  std::vector<std::string> names;
  Result<std::string> text = read_file(path_join(directory_, kList));
  *ok = text || text.error().kind == ErrorKind::missing;
  if (text)
    for (std::string_view line : split_lines(*text)) names.emplace_back(line);
  return names;
}

Result<void> Stack::try_refresh() {
  for (int attempt = 0;; ++attempt) {
    std::string stamp = stamp_of(path_join(directory_, kList));
    if (!stamp.empty() && stamp == list_stamp_ && attempt == 0) return {};
    bool ok = false;
    std::vector<std::string> names = read_list(&ok);
    if (!ok) return make_error(ErrorKind::io, "cannot read '%s'", path_join(directory_, kList));
    std::vector<std::shared_ptr<Table>> tables;
    Result<void> opened;
    for (const std::string& name : names) {
      auto known = std::find_if(tables_.begin(), tables_.end(), [&](const auto& t) { return t->name() == name; });
      if (known != tables_.end()) {
        tables.push_back(*known);
        continue;
      }
      Result<std::shared_ptr<Table>> table = Table::open(path_join(directory_, name), name);
      if (!table) {
        opened = table.error();
        break;
      }
      if ((*table)->header().algo != options_.algo)
        return make_error(ErrorKind::corrupt, "reftable '%s' is of another hash function", name);
      tables.push_back(std::move(*table));
    }
    if (opened) {
      tables_ = std::move(tables);
      list_stamp_ = stamp;
      return {};
    }
    // Compacted away while we read the list?
    if (opened.error().kind != ErrorKind::missing || attempt >= 5) return opened;
  }
}

void Stack::refresh() {
  Result<void> done = try_refresh();
  if (!done) die("%s", done.error().message);
}

std::uint64_t Stack::next_update_index() const { return tables_.empty() ? 1 : tables_.back()->header().max_update_index + 1; }

std::optional<RefRecord> Stack::read_ref(std::string_view name) {
  for (auto table = tables_.rbegin(); table != tables_.rend(); ++table) {
    Table::RefCursor cursor = Table::seek_ref(*table, name);
    RefRecord record;
    if (!cursor.next(record) || record.name != name) continue;
    if (record.type == RefType::deletion) return std::nullopt;
    return record;
  }
  return std::nullopt;
}

void Stack::for_each_ref(std::string_view start, const std::function<bool(const RefRecord&, std::string*)>& fn) {
  std::vector<std::shared_ptr<Table>> tables = tables_;
  std::string from(start);
  for (;;) {
    RefMerge merge = merge_refs(tables.begin(), tables.end(), from);
    RefRecord record;
    std::string seek;
    while (seek.empty() && merge.next(record))
      if (record.type != RefType::deletion && !fn(record, &seek)) return;
    if (seek.empty()) return;
    from = seek;
  }
}

void Stack::for_each_log(std::string_view key, const std::function<bool(const LogRecord&, std::string*)>& fn) {
  std::vector<std::shared_ptr<Table>> tables = tables_;
  std::string from(key);
  for (;;) {
    LogMerge merge = merge_logs(tables.begin(), tables.end(), from);
    LogRecord record;
    std::string seek;
    while (seek.empty() && merge.next(record))
      if (!record.is_deletion && !fn(record, &seek)) return;
    if (seek.empty()) return;
    from = seek;
  }
}

// ---- writing ----
Result<std::string> Stack::write_table(const std::string& bytes, std::uint64_t min_index, std::uint64_t max_index) {
  std::random_device random;
  std::string name = strf("0x%012x-0x%012x-%08x.ref", min_index, max_index, static_cast<std::uint32_t>(random()));
  std::string path = path_join(directory_, name);
  Result<Tempfile> temp = Tempfile::create(path + ".tmp");
  if (!temp) return make_error(ErrorKind::io, "cannot create '%s': %s", path, strerror(errno));
  bool ok = temp->write(bytes) && (!options_.fsync || temp->sync()) && temp->close();
  if (ok) adjust_shared_perm(temp->path(), options_.shared_repository);
  if (!ok || !temp->rename_to(path)) return make_error(ErrorKind::io, "cannot write '%s': %s", path, strerror(errno));
  return name;
}

Result<std::unique_ptr<Stack::Addition>> Stack::begin() {
  std::string list = path_join(directory_, kList);
  make_dirs(directory_);
  Result<LockFile> lock = LockFile::hold(list, options_.lock_timeout_ms, false);
  if (!lock) return lock.error().kind == ErrorKind::conflict ? Error{ErrorKind::conflict, "data is locked"} : lock.error();
  Result<void> current = try_refresh();
  if (!current) return current.error();
  auto addition = std::make_unique<Addition>();
  addition->stack_ = this;
  addition->lock_ = std::move(*lock);
  for (const auto& table : tables_) addition->new_names_.push_back(table->name());
  return addition;
}

Result<void> Stack::Addition::add(std::uint64_t min_index, std::uint64_t max_index, const std::function<void(Writer&)>& fill) {
  TableHeader header;
  header.algo = stack_->options_.algo;
  header.min_update_index = min_index;
  header.max_update_index = max_index;
  Writer writer(header, stack_->options_.write);
  fill(writer);
  if (writer.is_empty()) return {};
  Result<std::string> name = stack_->write_table(writer.finish(), min_index, max_index);
  if (!name) return name.error();
  new_names_.push_back(*name);
  written_.push_back(*name);
  return {};
}

Result<void> Stack::Addition::commit() {
  if (written_.empty() && path_exists(lock_.target())) {
    lock_.rollback();
    return {};
  }
  std::string text;
  for (const std::string& name : new_names_) text += name + "\n";
  bool ok = lock_.write(text) && (!stack_->options_.fsync || lock_.sync()) && lock_.close();
  if (ok) adjust_shared_perm(lock_.lock_path(), stack_->options_.shared_repository);
  if (!ok || !lock_.commit()) {
    int saved = errno;
    for (const std::string& name : written_) unlink(path_join(stack_->directory_, name).c_str());
    return make_error(ErrorKind::io, "cannot write '%s': %s", lock_.target(), strerror(saved));
  }
  stack_->list_stamp_.clear();
  Result<void> current = stack_->try_refresh();
  if (current && stack_->options_.auto_compact) {
    // Whoever is compacting already does it for us.
    Result<void> compacted = stack_->compact_as_needed();
    static_cast<void>(compacted.ok());
  }
  return current;
}

// ---- compaction ----
Stack::Segment Stack::suggest_segment() const {
  Segment segment;
  if (tables_.size() < 2) return segment;
  std::vector<std::uint64_t> sizes;
  for (const auto& table : tables_) sizes.push_back(table->size() - (table->header().size() + table->header().footer_size() - 1));
  const std::uint64_t factor = std::max(2u, options_.geometric_factor);
  std::size_t i = sizes.size() - 1;
  std::uint64_t bytes = 0;
  for (; i > 0; --i)
    if (sizes[i - 1] < sizes[i] * factor) {
      segment.end = i + 1;
      bytes = sizes[i];
      break;
    }
  for (; i > 0; --i) {
    std::uint64_t behind = bytes;
    bytes += sizes[i - 1];
    if (sizes[i - 1] < behind * factor) segment.first = i - 1;
  }
  return segment;
}

bool Stack::needs_compaction() {
  refresh();
  return suggest_segment().end != 0;
}

std::string Stack::merge(const Segment& segment, std::uint64_t* min_index, std::uint64_t* max_index) {
  auto first = tables_.cbegin() + static_cast<std::ptrdiff_t>(segment.first);
  auto end = tables_.cbegin() + static_cast<std::ptrdiff_t>(segment.end);
  *min_index = (*first)->header().min_update_index;
  *max_index = (*(end - 1))->header().max_update_index;
  TableHeader header;
  header.algo = options_.algo;
  header.min_update_index = *min_index;
  header.max_update_index = *max_index;
  Writer writer(header, options_.write);
  // A deletion must hide what older tables have; in the oldest there is nothing left to hide.
  bool drops_deletions = segment.first == 0;
  RefMerge refs = merge_refs(first, end, "");
  for (RefRecord record; refs.next(record);)
    if (record.type != RefType::deletion || !drops_deletions) writer.add_ref(record);
  LogMerge logs = merge_logs(first, end, "");
  for (LogRecord record; logs.next(record);)
    if (!record.is_deletion || !drops_deletions) writer.add_log(record);
  return writer.is_empty() ? std::string() : writer.finish();
}

Result<void> Stack::compact(Segment segment) {
  Result<std::unique_ptr<Addition>> held = begin();
  if (!held) return held.error();
  Addition& list = **held;
  segment.end = std::min(segment.end, tables_.size());
  // Tables that somebody else compacts are left out, and all before them.
  std::vector<LockFile> locks;
  for (std::size_t i = segment.end; i-- > segment.first;) {
    Result<LockFile> lock = LockFile::hold(path_join(directory_, tables_[i]->name()), 0, false);
    if (!lock) {
      segment.first = i + 1;
      break;
    }
    locks.push_back(std::move(*lock));
  }
  if (segment.first + 1 >= segment.end) {
    if (!locks.empty() && segment.end - segment.first == 1 && segment.first == 0) return {};
    return segment.end > segment.first + 1 ? Result<void>() : make_error(ErrorKind::conflict, "data is locked");
  }
  std::uint64_t min_index = 0, max_index = 0;
  std::string bytes = merge(segment, &min_index, &max_index);
  std::vector<std::string> names, gone;
  for (std::size_t i = 0; i < tables_.size(); ++i)
    (i >= segment.first && i < segment.end ? gone : names).push_back(tables_[i]->name());
  if (!bytes.empty()) {
    Result<std::string> name = write_table(bytes, min_index, max_index);
    if (!name) return name.error();
    names.insert(names.begin() + static_cast<std::ptrdiff_t>(segment.first), *name);
  }
  std::string text;
  for (const std::string& name : names) text += name + "\n";
  bool ok = list.lock_.write(text) && (!options_.fsync || list.lock_.sync()) && list.lock_.close();
  if (ok) adjust_shared_perm(list.lock_.lock_path(), options_.shared_repository);
  if (!ok || !list.lock_.commit())
    return make_error(ErrorKind::io, "cannot write '%s': %s", list.lock_.target(), strerror(errno));
  list_stamp_.clear();
  Result<void> current = try_refresh();
  for (const std::string& name : gone) unlink(path_join(directory_, name).c_str());
  return current;
}

Result<void> Stack::compact_as_needed() {
  Segment segment = suggest_segment();
  if (!segment.end) return {};
  return compact(segment);
}

Result<void> Stack::compact_all() {
  Result<void> current = try_refresh();
  if (!current) return current;
  if (tables_.size() < 2) {
    // Still, another writer's lock is an error.
    Result<std::unique_ptr<Addition>> held = begin();
    return held ? Result<void>() : held.error();
  }
  return compact({0, tables_.size()});
}

void Stack::remove_stale_tables() {
  for (const std::string& name : list_dir(directory_)) {
    if (!ends_with(name, ".ref")) continue;
    if (std::any_of(tables_.begin(), tables_.end(), [&](const auto& t) { return t->name() == name; })) continue;
    unlink(path_join(directory_, name).c_str());
  }
}

}  // namespace git::reftable
