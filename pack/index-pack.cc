// Pass one of index-pack: the pack is read from front to back.  One thread inflates (that alone tells where an
// object ends) and the others compute names of whole objects; deltas are only noted.  Pass two is in index-pack-resolve.cc.
#include "pack/index-pack.h"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <thread>

#include <sys/stat.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/progress.h"
#include "pack/bytes.h"
#include "pack/inflate.h"
#include "pack/threads.h"

namespace git {

// ---- the stream ----

// A window on the input. Everything used is hashed, counted and copied to the pack file.
class IndexPack::Input {
 public:
  Input(int fd, int copy_to, const IndexPackOptions& options)
      : fd_(fd), copy_to_(copy_to), max_size_(options.max_input_size), hasher_(options.algo, true) {
    struct stat st;
    is_file_ = !fstat(fd, &st) && S_ISREG(st.st_mode);
    buffer_.resize(kSize);
  }
  std::string_view view() const { return {buffer_.data() + at_, end_ - at_}; }
  std::uint64_t consumed() const { return consumed_; }
  bool is_file() const { return is_file_; }

  // Reads once more; false at the end of the input.
  bool more() {
    if (at_ > kSize / 2 || at_ == end_) shift();
    if (end_ == kSize) shift();
    if (end_ == kSize) return false;
    ssize_t n = xread(fd_, buffer_.data() + end_, kSize - end_);
    if (n < 0) die_errno("read error on input");
    end_ += static_cast<std::size_t>(n);
    received_ += static_cast<std::uint64_t>(n);
    return n > 0;
  }
  // At least `n` bytes in view, or death.
  void need(std::size_t n) {
    while (end_ - at_ < n)
      if (!more()) die("early EOF");
  }
  void use(std::size_t n) {
    crc_ = crc32_of(crc_, {buffer_.data() + at_, n});
    at_ += n;
    consumed_ += n;
    if (max_size_ && consumed_ > max_size_) die("pack exceeds maximum allowed size (%s)", humanise_bytes(max_size_));
  }
  unsigned char take_byte() {
    need(1);
    unsigned char c = static_cast<unsigned char>(buffer_[at_]);
    use(1);
    return c;
  }
  void crc_begin() { crc_ = 0; }
  std::uint32_t crc() const { return crc_; }
  void write_header(std::string_view header) {  // one that was read elsewhere
    hasher_.update(header);
    if (copy_to_ >= 0 && !write_in_full(copy_to_, header)) die_errno("write error on packfile");
    consumed_ += header.size();
  }
  ObjectId finish_hash() {
    flush();
    return hasher_.finish();
  }
  // The trailer, which is no part of what it is the hash of.
  std::string take_trailer(std::size_t size) {
    need(size);
    std::string trailer(view().substr(0, size));
    if (copy_to_ >= 0 && !write_in_full(copy_to_, trailer)) die_errno("write error on packfile");
    at_ += size;
    flushed_ = at_;
    consumed_ += size;
    return trailer;
  }

 private:
  static constexpr std::size_t kSize = 1024 * 1024;

  void flush() {
    std::string_view used(buffer_.data() + flushed_, at_ - flushed_);
    hasher_.update(used);
    if (copy_to_ >= 0 && !write_in_full(copy_to_, used)) die_errno("write error on packfile");
    flushed_ = at_;
  }
  void shift() {
    flush();
    std::memmove(buffer_.data(), buffer_.data() + at_, end_ - at_);
    end_ -= at_;
    at_ = flushed_ = 0;
  }

  int fd_, copy_to_;
  bool is_file_ = false;
  std::uint64_t max_size_, consumed_ = 0, received_ = 0;
  Hasher hasher_;
  std::string buffer_;
  std::size_t at_ = 0, end_ = 0, flushed_ = 0;
  std::uint32_t crc_ = 0;
};

// ---- names of whole objects, beside the reading ----

class IndexPack::NamingQueue {
 public:
  NamingQueue(IndexPack& owner, int threads) : owner_(owner), hasher_(owner.options_.algo) {
    if (threads < 2) return;
    int count = std::min(threads - 1, 8);
    limit_ = static_cast<std::size_t>(count) * 2;
    team_ = std::thread([this, count] {
      try {
        run_threads(
            count, [this](int) { work(); }, [this] { close(); });
      } catch (...) {
        std::lock_guard lock(mutex_);
        failure_ = std::current_exception();
        changed_.notify_all();
      }
    });
  }
  ~NamingQueue() {
    close();
    if (team_.joinable()) team_.join();
  }
  void add(std::uint32_t entry, std::string data) {
    if (!team_.joinable()) {
      owner_.name_object(entry, static_cast<ObjectType>(owner_.entries_[entry].type), data, hasher_);
      return;
    }
    size_ += data.size();
    batch_.push_back({entry, std::move(data)});
    if (size_ >= kBatchSize || batch_.size() >= kBatchCount) send();
  }
  // Waits until every object added has its name.
  void drain() {
    if (!team_.joinable()) return;
    if (!batch_.empty()) send();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return (batches_.empty() && !busy_) || failure_; });
  }
  void finish() {
    if (!team_.joinable()) return;
    if (!batch_.empty()) send();
    close();
    team_.join();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  static constexpr std::size_t kBatchSize = 512 * 1024, kBatchCount = 256;
  struct Job {
    std::uint32_t entry;
    std::string data;
  };
  using Batch = std::vector<Job>;

  void send() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return batches_.size() < limit_ || closed_ || failure_; });
    if (closed_) {
      lock.unlock();
      team_.join();
      if (failure_) std::rethrow_exception(failure_);
      return;
    }
    batches_.push_back(std::move(batch_));
    batch_ = {};
    size_ = 0;
    changed_.notify_all();
  }
  void close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }
  void work() {
    Hasher hasher(owner_.options_.algo);
    for (;;) {
      Batch batch;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !batches_.empty() || closed_; });
        if (batches_.empty()) return;
        batch = std::move(batches_.front());
        batches_.pop_front();
        busy_++;
        changed_.notify_all();
      }
      for (Job& job : batch)
        owner_.name_object(job.entry, static_cast<ObjectType>(owner_.entries_[job.entry].type), job.data, hasher);
      std::lock_guard lock(mutex_);
      busy_--;
      changed_.notify_all();
    }
  }

  IndexPack& owner_;
  Hasher hasher_;
  std::thread team_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> batches_;
  Batch batch_;
  std::size_t size_ = 0, limit_ = 4;
  int busy_ = 0;
  bool closed_ = false;
  std::exception_ptr failure_;
};

// ---- pass one ----

IndexPack::IndexPack(IndexPackOptions options, IndexPackHost& host) : options_(options), host_(host) {}
IndexPack::~IndexPack() = default;

namespace {

[[noreturn]] void bad_object(std::uint64_t offset, const std::string& why) {
  die("pack has bad object at offset %u: %s", offset, why);
}

std::uint32_t read_header(std::string_view header) {
  if (get_be32(header.data()) != 0x5041434b) die("pack signature mismatch");
  std::uint32_t version = get_be32(header.data() + 4);
  if (version != 2 && version != 3) die("pack version %u unsupported", version);
  return get_be32(header.data() + 8);
}

}  // namespace

void IndexPack::parse(int in_fd, int pack_fd) {
  pack_fd_ = pack_fd;
  Input in(in_fd, in_fd == pack_fd ? -1 : pack_fd, options_);
  std::uint32_t count = 0;
  if (options_.pack_header) {
    std::string header("PACK");
    append_be32(header, options_.pack_header->first);
    append_be32(header, options_.pack_header->second);
    count = read_header(header);
    in.write_header(header);
  } else {
    in.need(12);
    count = read_header(in.view().substr(0, 12));
    in.use(12);
  }
  // The number of objects is a claim: what is reserved stays untouched until they are really there.
  entries_.reserve(std::min<std::size_t>(std::size_t{count} + 2, 1u << 22));
  host_.progress_start(options_.from_stdin ? "Receiving objects" : "Indexing objects", count);
  {
    NamingQueue queue(*this, options_.threads);
    for (std::uint32_t i = 0; i < count; i++) {
      parse_one(in, queue, i);
      host_.progress(i + 1, in.consumed());
    }
    queue.finish();
  }
  Entry end;
  end.offset = in.consumed();
  entries_.push_back(end);
  checksum_ = in.finish_hash();
  if (in.take_trailer(raw_size(options_.algo)) != checksum_.raw()) die("pack is corrupted (SHA1 mismatch)");
  if (in.view().empty() && in.is_file()) in.more();
  rest_ = std::string(in.view());
  host_.progress_stop({});
  if (!options_.from_stdin && !rest_.empty()) die("pack has junk at the end");
}

void IndexPack::parse_one(Input& in, NamingQueue& queue, std::uint32_t i) {
  if (entries_.size() == entries_.capacity()) {
    queue.drain();  // whose threads write into the entries
    entries_.reserve(entries_.size() * 2);
  }
  entries_.emplace_back();
  Entry& entry = entries_[i];
  entry.offset = in.consumed();
  in.crc_begin();
  unsigned char c = in.take_byte();
  auto type = static_cast<ObjectType>((c >> 4) & 7);
  entry.size = c & 15;
  for (unsigned shift = 4; c & 0x80; shift += 7) {
    if (shift > 57) bad_object(entry.offset, "object size overflow");
    c = in.take_byte();
    entry.size += std::uint64_t{c & 0x7fu} << shift;
  }
  entry.type = static_cast<std::int8_t>(type);
  bool is_delta = type == ObjectType::ofs_delta || type == ObjectType::ref_delta;
  if (is_delta) base_of_.resize(entries_.size(), kNone);
  if (type == ObjectType::ref_delta) {
    std::size_t size = raw_size(options_.algo);
    in.need(size);
    ref_deltas_.push_back({ObjectId::from_raw(in.view(), options_.algo), i});
    in.use(size);
  } else if (type == ObjectType::ofs_delta) {
    std::uint64_t back = 0;
    for (bool first = true;; first = false) {
      c = in.take_byte();
      if (back >> 56) bad_object(entry.offset, "offset value overflow for delta base object");
      back = first ? c & 0x7fu : ((back + 1) << 7) + (c & 0x7fu);
      if (!(c & 0x80)) break;
    }
    if (!back || back >= entry.offset) bad_object(entry.offset, "delta base offset is out of bound");
    std::uint64_t base = entry.offset - back;
    auto found = std::lower_bound(entries_.begin(), entries_.end() - 1, base,
                                  [](const Entry& e, std::uint64_t offset) { return e.offset < offset; });
    if (found == entries_.end() - 1 || found->offset != base) {
      // A base that is no object is never resolved.
      base_of_[i] = kNone;
    } else {
      base_of_[i] = static_cast<std::uint32_t>(found - entries_.begin());
    }
    ofs_deltas_.push_back(i);
  } else if (type < ObjectType::commit || type > ObjectType::tag) {
    bad_object(entry.offset, strf("unknown object type %d", static_cast<int>(type)));
  }
  entry.header_size = static_cast<std::uint8_t>(in.consumed() - entry.offset);
  if (!is_delta && type == ObjectType::blob && entry.size > options_.big_file_threshold) {
    name_big_blob(in, entry);
    entry.crc = in.crc();
    return;
  }
  std::string data;
  inflate_entry(in, entry, !is_delta, data);
  entry.crc = in.crc();
  if (is_delta)
    delta_count_++;
  else
    queue.add(i, std::move(data));
}

// In one go where all of the stream is in view (or surely is, in a file), piece by piece otherwise.
void IndexPack::inflate_entry(Input& in, Entry& entry, bool want_data, std::string& data) {
  constexpr std::uint64_t kWhole = 256 * 1024;
  if (entry.size <= kWhole) {
    std::uint64_t bound = entry.size + entry.size / 1000 + 64;
    while (in.is_file() && in.view().size() < bound && in.more()) {
    }
    std::size_t used = 0;
    if (in.view().size() > 8 && inflate_whole_fast(in.view(), entry.size, data, &used)) {
      in.use(used);
      return;
    }
    data.clear();
  }
  Inflater inflater;
  char scratch[16384];
  std::uint64_t made = 0;
  while (!inflater.is_done()) {
    if (in.view().empty()) in.need(1);
    std::string_view view = in.view();
    std::size_t before = view.size();
    ssize_t n = inflater.inflate(view, scratch, sizeof scratch);
    if (n < 0) bad_object(entry.offset, "inflate returned -3");
    in.use(before - view.size());
    made += static_cast<std::uint64_t>(n);
    if (made > entry.size) bad_object(entry.offset, "inflated bytes exceed the object's size");
    if (want_data) data.append(scratch, static_cast<std::size_t>(n));
  }
  if (made != entry.size) bad_object(entry.offset, "serious inflate inconsistency");
}

void IndexPack::name_big_blob(Input& in, Entry& entry) {
  Hasher hasher(options_.algo);
  hasher.update(strf("blob %u", entry.size));
  hasher.update(std::string_view("\0", 1));
  Inflater inflater;
  std::vector<char> scratch(65536);
  std::uint64_t made = 0;
  while (!inflater.is_done()) {
    if (in.view().empty()) in.need(1);
    std::string_view view = in.view();
    std::size_t before = view.size();
    ssize_t n = inflater.inflate(view, scratch.data(), scratch.size());
    if (n < 0) bad_object(entry.offset, "inflate returned -3");
    in.use(before - view.size());
    made += static_cast<std::uint64_t>(n);
    hasher.update(scratch.data(), static_cast<std::size_t>(n));
  }
  if (made != entry.size) bad_object(entry.offset, "serious inflate inconsistency");
  entry.oid = hasher.finish();
  entry.real_type = static_cast<std::int8_t>(ObjectType::blob);
  if (host_.has(entry.oid)) to_compare_.push_back(static_cast<std::uint32_t>(&entry - entries_.data()));
  if (options_.inspect) host_.inspect(entry.oid, ObjectType::blob, {});
}

void IndexPack::name_object(std::uint32_t i, ObjectType type, std::string_view data, Hasher& hasher) {
  char header[32];
  int n = std::snprintf(header, sizeof header, "%s %zu", std::string(type_name(type)).c_str(), data.size());
  hasher.reset();
  hasher.update(header, static_cast<std::size_t>(n) + 1);
  hasher.update(data);
  Entry& entry = entries_[i];
  entry.oid = hasher.finish();
  entry.real_type = static_cast<std::int8_t>(type);
  check_collision(entry.oid, type, data);
  if (options_.inspect) host_.inspect(entry.oid, type, data);
}

void IndexPack::check_collision(const ObjectId& oid, ObjectType type, std::string_view data) {
  if (!host_.has(oid)) return;
  Result<ObjectData> known = host_.read(oid);
  if (!known) die("cannot read existing object %s", oid);
  if (known->type != type || known->data != data) die("SHA1 COLLISION FOUND WITH %s !", oid);
}

}  // namespace git
