// Pass two of index-pack: delta trees, from their roots down.  A thread walks one tree depth first, holding the
// versions on the path; when others have nothing left to do it gives away the children that hang on its oldest
// version.  Versions over the memory limit are dropped, oldest first, and made again on the way back.
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>

#include "base/error.h"
#include "base/fd.h"
#include "base/progress.h"
#include "pack/bytes.h"
#include "pack/delta.h"
#include "pack/index-pack.h"
#include "pack/inflate.h"
#include "pack/threads.h"

namespace git {

std::string IndexPack::read_raw(std::uint32_t i) const {
  const Entry& entry = entries_[i];
  std::uint64_t start = entry.offset + entry.header_size, end = entries_[i + 1].offset;
  std::string raw(end - start, '\0'), data;
  std::size_t got = 0;
  while (got < raw.size()) {
    ssize_t n = pread(pack_fd_, raw.data() + got, raw.size() - got, static_cast<off_t>(start + got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) die_errno("cannot pread pack file");
    if (n == 0) die("premature end of pack file, %u bytes missing", raw.size() - got);
    got += static_cast<std::size_t>(n);
  }
  if (!inflate_whole(raw, entry.size, data)) die("serious inflate inconsistency");
  return data;
}

// ---- one thread's way through delta trees ----

class IndexPack::Resolver {
 public:
  Resolver(IndexPack& owner, int threads) : owner_(owner), threads_(threads) {
    limit_ = std::max<std::uint64_t>(owner.options_.cache_limit / static_cast<std::uint64_t>(threads), 1);
  }

  // Every whole object that has deltas on it is a root.
  void run() {
    run_threads(
        threads_, [this](int thread) { work(thread); },
        [this] {
          std::lock_guard lock(mutex_);
          failed_ = true;
          changed_.notify_all();
        });
  }
  // The tree on one entry that came late (a base appended to a thin pack).
  void run_one(std::uint32_t entry) {
    next_root_ = end_roots_ = 0;
    threads_ = 1;
    Hasher hasher(owner_.options_.algo);
    std::vector<Frame> path;
    if (auto frame = make_frame(entry)) {
      path.push_back(std::move(*frame));
      descend(path, hasher);
    }
  }
  void all_roots() {
    next_root_ = 0;
    end_roots_ = owner_.object_count();
  }

 private:
  using Data = std::shared_ptr<const std::string>;
  // A version on the path and what of its children is still to be done.
  struct Frame {
    std::uint32_t entry = 0;
    Data data;  // null where it was dropped
    std::size_t ofs = 0, ofs_end = 0;
    std::size_t ref = 0, ref_end = 0;
    bool has_children() const { return ofs < ofs_end || ref < ref_end; }
  };

  std::optional<Frame> make_frame(std::uint32_t entry) {
    Frame frame;
    frame.entry = entry;
    const auto& ofs = owner_.ofs_deltas_;
    auto low = std::lower_bound(ofs.begin(), ofs.end(), entry,
                                [&](std::uint32_t d, std::uint32_t base) { return owner_.base_of_[d] < base; });
    auto high = low;
    while (high != ofs.end() && owner_.base_of_[*high] == entry) ++high;
    frame.ofs = static_cast<std::size_t>(low - ofs.begin());
    frame.ofs_end = static_cast<std::size_t>(high - ofs.begin());
    const auto& refs = owner_.ref_deltas_;
    if (!refs.empty()) {
      const ObjectId& oid = owner_.entries_[entry].oid;
      auto ref_low =
          std::lower_bound(refs.begin(), refs.end(), oid, [](const RefDelta& d, const ObjectId& base) { return d.base < base; });
      auto ref_high = ref_low;
      while (ref_high != refs.end() && ref_high->base == oid) ++ref_high;
      frame.ref = static_cast<std::size_t>(ref_low - refs.begin());
      frame.ref_end = static_cast<std::size_t>(ref_high - refs.begin());
    }
    if (!frame.has_children()) return std::nullopt;
    return frame;
  }

  std::optional<std::uint32_t> next_child(Frame& frame) {
    if (frame.ofs < frame.ofs_end) return owner_.ofs_deltas_[frame.ofs++];
    while (frame.ref < frame.ref_end) {
      std::size_t i = frame.ref++;
      // An object that is in the pack twice would find its deltas twice.
      if (owner_.ref_taken_[i].exchange(true)) continue;
      std::uint32_t child = owner_.ref_deltas_[i].entry;
      owner_.base_of_[child] = frame.entry;
      return child;
    }
    return std::nullopt;
  }

  void work(int thread) {
    Hasher hasher(owner_.options_.algo);
    std::vector<Frame> path;
    for (;;) {
      if (failed_) return;
      if (thread == 0) owner_.host_.progress(owner_.resolved_, 0);
      if (!take_work(path)) return;
      descend(path, hasher);
    }
  }

  bool take_work(std::vector<Frame>& path) {
    for (;;) {
      std::uint32_t root = next_root_.fetch_add(1);
      if (root >= end_roots_) break;
      const Entry& e = owner_.entries_[root];
      if (!e.real_type || e.type != e.real_type) continue;
      if (auto frame = make_frame(root)) {
        path.push_back(std::move(*frame));
        return true;
      }
    }
    std::unique_lock lock(mutex_);
    idle_++;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !given_.empty() || idle_ == threads_ || failed_; });
    if (failed_ || given_.empty()) return false;
    path.push_back(std::move(given_.back()));
    given_.pop_back();
    idle_--;
    return true;
  }

  void give_away(std::vector<Frame>& path) {
    std::lock_guard lock(mutex_);
    if (static_cast<int>(given_.size()) >= idle_) return;
    for (std::size_t i = 0; i + 1 < path.size(); i++) {
      Frame& frame = path[i];
      if (!frame.data || !frame.has_children()) continue;
      Frame gift = frame;
      frame.ofs = frame.ofs_end;
      frame.ref = frame.ref_end;
      given_.push_back(std::move(gift));
      changed_.notify_one();
      return;
    }
  }

  void descend(std::vector<Frame>& path, Hasher& hasher) {
    std::uint64_t held = 0;
    std::string result;
    while (!path.empty()) {
      if (failed_) return;
      auto child = next_child(path.back());
      if (!child) {
        if (path.back().data) held -= std::min<std::uint64_t>(held, path.back().data->size());
        path.pop_back();
        continue;
      }
      if (!path.back().data) restore(path, held);
      std::string delta = owner_.read_raw(*child);
      if (!apply_delta(*path.back().data, delta, result))
        die("pack has bad object at offset %u: failed to apply delta", owner_.entries_[*child].offset);
      auto type = static_cast<ObjectType>(owner_.entries_[path.back().entry].real_type);
      owner_.name_object(*child, type, result, hasher);
      owner_.resolved_++;
      if (auto frame = make_frame(*child)) {
        held += result.size();
        frame->data = std::make_shared<const std::string>(std::move(result));
        result = {};
        path.push_back(std::move(*frame));
        if (held > limit_) shed(path, held);
      }
      if (idle_.load(std::memory_order_relaxed) > 0 && path.size() > 1) give_away(path);
    }
  }

  // Drops the oldest versions until the rest fits; the last one stays.
  void shed(std::vector<Frame>& path, std::uint64_t& held) {
    for (std::size_t i = 0; i + 1 < path.size() && held > limit_; i++) {
      if (!path[i].data) continue;
      held -= path[i].data->size();
      path[i].data.reset();
    }
  }

  // Makes the last version of the path again, from the nearest one above that is there.
  void restore(std::vector<Frame>& path, std::uint64_t& held) {
    std::vector<std::uint32_t> steps;
    Data data;
    for (std::uint32_t entry = path.back().entry;;) {
      steps.push_back(entry);
      std::uint32_t base = owner_.base_of_.empty() ? kNone : owner_.base_of_[entry];
      const Entry& e = owner_.entries_[entry];
      if (e.type == e.real_type || base == kNone) break;
      auto on_path = std::find_if(path.begin(), path.end(), [&](const Frame& f) { return f.entry == base && f.data; });
      if (on_path != path.end()) {
        data = on_path->data;
        break;
      }
      entry = base;
    }
    while (!steps.empty()) {
      std::string raw = owner_.read_raw(steps.back());
      if (data) {
        std::string result;
        if (!apply_delta(*data, raw, result)) die("failed to apply delta");
        raw = std::move(result);
      }
      data = std::make_shared<const std::string>(std::move(raw));
      steps.pop_back();
    }
    held += data->size();
    path.back().data = std::move(data);
  }

  IndexPack& owner_;
  int threads_;
  std::uint64_t limit_;
  std::atomic<std::uint32_t> next_root_{0};
  std::uint32_t end_roots_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Frame> given_;
  std::atomic<int> idle_{0};
  std::atomic<bool> failed_{false};
};

void IndexPack::sort_deltas() {
  base_of_.resize(entries_.size(), kNone);
  std::stable_sort(ofs_deltas_.begin(), ofs_deltas_.end(),
                   [this](std::uint32_t a, std::uint32_t b) { return base_of_[a] < base_of_[b]; });
  std::sort(ref_deltas_.begin(), ref_deltas_.end(),
            [](const RefDelta& a, const RefDelta& b) { return a.base != b.base ? a.base < b.base : a.entry < b.entry; });
  ref_taken_ = std::make_unique<std::atomic<bool>[]>(ref_deltas_.size());
}

void IndexPack::resolve() {
  for (std::uint32_t i : to_compare_) check_collision(entries_[i].oid, ObjectType::blob, read_raw(i));
  if (!delta_count_) return;
  sort_deltas();
  host_.progress_start("Resolving deltas", delta_count_);
  Resolver resolver(*this, std::max(1, options_.threads));
  resolver.all_roots();
  resolver.run();
  host_.progress(resolved_, 0);
}

void IndexPack::complete_thin() {
  if (resolved_ == delta_count_) return;
  if (ref_deltas_.empty()) return;
  std::vector<RefDelta> missing;
  for (std::size_t i = 0; i < ref_deltas_.size(); i++)
    if (!ref_taken_[i]) missing.push_back(ref_deltas_[i]);
  std::sort(missing.begin(), missing.end(), [](const RefDelta& a, const RefDelta& b) { return a.entry < b.entry; });
  for (const RefDelta& delta : missing) {
    if (entries_[delta.entry].real_type) continue;  // came with a base before it
    Result<ObjectData> base = host_.read(delta.base);
    if (!base) continue;
    std::string bytes = format_entry_header(base->type, base->data.size());
    Entry& entry = entries_.back();  // so far the end of the pack
    entry.oid = delta.base;
    entry.type = entry.real_type = static_cast<std::int8_t>(base->type);
    entry.size = base->data.size();
    entry.header_size = static_cast<std::uint8_t>(bytes.size());
    bytes += deflate_bytes(base->data, -1);
    entry.crc = crc32_of(0, bytes);
    Entry end;
    end.offset = entry.offset + bytes.size();
    if (lseek(pack_fd_, static_cast<off_t>(entry.offset), SEEK_SET) < 0 || !write_in_full(pack_fd_, bytes))
      die_errno("write error on packfile");
    std::uint32_t index = static_cast<std::uint32_t>(entries_.size()) - 1;
    entries_.push_back(end);
    base_of_.resize(entries_.size(), kNone);
    base_of_[index] = kNone;
    local_bases_++;
    appended_ = true;
    Resolver(*this, 1).run_one(index);
    host_.progress(resolved_, 0);
  }
  if (!appended_) return;
  // The header has another count now, and so the trailer another hash.
  std::string count;
  append_be32(count, object_count());
  if (pwrite(pack_fd_, count.data(), count.size(), 8) != 4) die_errno("write error on packfile");
  Hasher hasher(options_.algo, true);
  std::string buffer(256 * 1024, '\0');
  std::uint64_t at = 0, end = entries_.back().offset;
  while (at < end) {
    ssize_t n = pread(pack_fd_, buffer.data(), std::min<std::uint64_t>(buffer.size(), end - at), static_cast<off_t>(at));
    if (n <= 0) die_errno("cannot pread pack file");
    hasher.update(buffer.data(), static_cast<std::size_t>(n));
    at += static_cast<std::uint64_t>(n);
  }
  checksum_ = hasher.finish();
  if (lseek(pack_fd_, static_cast<off_t>(end), SEEK_SET) < 0 || !write_in_full(pack_fd_, checksum_.raw()) ||
      ftruncate(pack_fd_, static_cast<off_t>(end + checksum_.raw().size())))
    die_errno("write error on packfile");
}

void IndexPack::finish() {
  if (delta_count_) {
    host_.progress_stop(local_bases_ ? strf("completed with %d local %s", local_bases_, local_bases_ == 1 ? "object" : "objects")
                                     : std::string());
    if (resolved_ != delta_count_) {
      std::uint32_t left = delta_count_ - resolved_;
      die(left == 1 ? "pack has %d unresolved delta" : "pack has %d unresolved deltas", left);
    }
  }
  ofs_deltas_ = {};
  ref_deltas_ = {};
  ref_taken_.reset();
  sort_names();
}

void IndexPack::sort_names() {
  // Eight bytes of each name beside its number keep the sort in the cache.
  struct Key {
    std::uint64_t start;
    std::uint32_t entry;
  };
  std::vector<Key> keys(object_count());
  for (std::uint32_t i = 0; i < keys.size(); i++) keys[i] = {get_be64(entries_[i].oid.data()), i};
  std::sort(keys.begin(), keys.end(), [this](const Key& a, const Key& b) {
    if (a.start != b.start) return a.start < b.start;
    auto order = entries_[a.entry].oid <=> entries_[b.entry].oid;
    return order != 0 ? order < 0 : a.entry < b.entry;
  });
  sorted_.resize(keys.size());
  for (std::uint32_t i = 0; i < keys.size(); i++) sorted_[i] = keys[i].entry;
  if (!options_.refuse_duplicates) return;
  for (std::uint32_t i = 1; i < sorted_.size(); i++)
    if (entries_[sorted_[i]].oid == entries_[sorted_[i - 1]].oid)
      die("The same object %s appears twice in the pack", entries_[sorted_[i]].oid);
}

std::optional<std::uint32_t> IndexPack::find(const ObjectId& oid) const {
  auto found = std::lower_bound(sorted_.begin(), sorted_.end(), oid,
                                [this](std::uint32_t i, const ObjectId& o) { return entries_[i].oid < o; });
  if (found == sorted_.end() || entries_[*found].oid != oid) return std::nullopt;
  return *found;
}

}  // namespace git
