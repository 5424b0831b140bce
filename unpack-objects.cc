// Small packs are better loose.  Objects are written as they come; a delta waits in memory until its base has been
// written, which in packs made by git it mostly has been.
#include "unpack-objects.h"

#include <unistd.h>

#include <cstring>
#include <map>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "base/progress.h"
#include "hash/hasher.h"
#include "index-pack-check.h"
#include "odb.h"
#include "pack/bytes.h"
#include "pack/delta.h"
#include "pack/inflate.h"
#include "repository.h"

namespace git {
namespace {

class Unpacker {
 public:
  Unpacker(Repository& repo, int fd, const UnpackOptions& options)
      : repo_(repo), odb_(repo.odb()), algo_(repo.algo()), fd_(fd), options_(options), hasher_(repo.algo(), true) {
    if (options.strict) {
      IndexPackCheck::Options how;
      how.fsck = how.links = true;
      how.severities = options.severities;
      check_ = std::make_unique<IndexPackCheck>(&repo, algo_, how);
    }
    buffer_.resize(1 << 16);
  }

  UnpackResult run() {
    std::uint32_t count = read_pack_header();
    {
      Progress progress("Unpacking objects", count, !options_.quiet);
      for (std::uint32_t i = 0; i < count; i++) {
        unpack_one();
        progress.throughput(consumed_);
        progress.update(i + 1);
      }
    }
    ObjectId checksum = hasher_.finish();
    need(raw_size(algo_));
    if (view().substr(0, raw_size(algo_)) != checksum.raw()) die("final sha1 did not match");
    at_ += raw_size(algo_);
    if (waiting_count_ && !result_.has_errors) die("unresolved deltas left after unpacking");
    if (check_) {
      check_->finish_links([this](const ObjectId& oid) {
        auto held = held_.find(oid);
        return held == held_.end() ? ObjectType::none : held->second.type;
      });
      // Everything named is here: now what was held back may be seen.
      for (auto& [oid, object] : held_) write_now(object.type, object.data);
      check_->finish_fsck();
    }
    result_.rest = std::string(view());
    return std::move(result_);
  }

 private:
  struct Waiting {
    std::uint64_t offset;
    std::string delta;
  };
  struct Known {
    ObjectId oid;
    bool is_resolved = false;
  };

  std::string_view view() const { return {buffer_.data() + at_, end_ - at_}; }
  bool more() {
    if (at_) {
      std::memmove(buffer_.data(), buffer_.data() + at_, end_ - at_);
      end_ -= at_;
      at_ = 0;
    }
    if (end_ == buffer_.size()) return true;
    ssize_t n = xread(fd_, buffer_.data() + end_, buffer_.size() - end_);
    if (n < 0) die_errno("read error on input");
    end_ += static_cast<std::size_t>(n);
    return n > 0;
  }
  void need(std::size_t n) {
    while (end_ - at_ < n)
      if (!more()) die("early EOF");
  }
  void use(std::size_t n) {
    hasher_.update(view().substr(0, n));
    at_ += n;
    consumed_ += n;
    if (options_.max_input_size && consumed_ > options_.max_input_size)
      die("pack exceeds maximum allowed size (%s)", humanise_bytes(options_.max_input_size));
  }
  unsigned char take_byte() {
    need(1);
    unsigned char c = static_cast<unsigned char>(buffer_[at_]);
    use(1);
    return c;
  }

  std::uint32_t read_pack_header() {
    std::string header("PACK");
    if (options_.pack_header) {
      append_be32(header, options_.pack_header->first);
      append_be32(header, options_.pack_header->second);
      hasher_.update(header);
      consumed_ += 12;
    } else {
      need(12);
      header = view().substr(0, 12);
      use(12);
    }
    if (get_be32(header.data()) != 0x5041434b) die("bad pack file");
    std::uint32_t version = get_be32(header.data() + 4);
    if (version != 2 && version != 3) die("unknown pack file version %u", version);
    return get_be32(header.data() + 8);
  }

  // nullopt where the stream is broken and the user wants what can be had.
  std::optional<std::string> inflate(std::uint64_t size, const std::function<void(std::string_view)>& sink = {}) {
    std::string data;
    Inflater inflater;
    char scratch[16384];
    std::uint64_t made = 0;
    while (!inflater.is_done()) {
      if (view().empty()) need(1);
      std::string_view rest = view();
      std::size_t before = rest.size();
      ssize_t n = inflater.inflate(rest, scratch, sizeof scratch);
      if (n < 0) {
        error("inflate returned %d", -3);
        if (!options_.recover) exit_with(1);
        result_.has_errors = true;
        return std::nullopt;
      }
      use(before - rest.size());
      made += static_cast<std::uint64_t>(n);
      if (made > size) break;
      if (sink)
        sink({scratch, static_cast<std::size_t>(n)});
      else if (!options_.dry_run)
        data.append(scratch, static_cast<std::size_t>(n));
    }
    if (made != size) {
      error("inflate returned %d", -5);
      if (!options_.recover) exit_with(1);
      result_.has_errors = true;
      return std::nullopt;
    }
    return data;
  }

  void unpack_one() {
    std::uint64_t offset = consumed_;
    unsigned char c = take_byte();
    auto type = static_cast<ObjectType>((c >> 4) & 7);
    std::uint64_t size = c & 15;
    for (unsigned shift = 4; c & 0x80; shift += 7) {
      if (shift > 57) die("object size overflow");
      c = take_byte();
      size += std::uint64_t{c & 0x7fu} << shift;
    }
    if (type == ObjectType::blob && size > odb_.options().big_file_threshold && !check_) return unpack_big(offset, size);
    if (type == ObjectType::ref_delta) {
      need(raw_size(algo_));
      ObjectId base = ObjectId::from_raw(view(), algo_);
      use(raw_size(algo_));
      auto delta = inflate(size);
      if (!delta || options_.dry_run) return;
      if (has_object(base))
        resolve(offset, base, *delta);
      else
        wait_for(by_oid_[base], offset, std::move(*delta));
    } else if (type == ObjectType::ofs_delta) {
      std::uint64_t back = 0;
      for (bool first = true;; first = false) {
        c = take_byte();
        if (back >> 56) die("offset value overflow for delta base object");
        back = first ? c & 0x7fu : ((back + 1) << 7) + (c & 0x7fu);
        if (!(c & 0x80)) break;
      }
      if (!back || back >= offset) die("offset value out of bound for delta base object");
      auto delta = inflate(size);
      if (!delta || options_.dry_run) return;
      auto base = objects_.find(offset - back);
      if (base != objects_.end())
        resolve(offset, base->second, *delta);
      else
        wait_for(by_offset_[offset - back], offset, std::move(*delta));
    } else if (type >= ObjectType::commit && type <= ObjectType::tag) {
      auto data = inflate(size);
      if (data && !options_.dry_run) finish(offset, type, *data);
    } else {
      error("bad object type %d", static_cast<int>(type));
      result_.has_errors = true;
      if (!options_.recover) exit_with(1);
    }
  }

  void unpack_big(std::uint64_t offset, std::uint64_t size) {
    if (options_.dry_run) {
      inflate(size, [](std::string_view) {});
      return;
    }
    Inflater inflater;
    auto reader = [&](void* buffer, std::size_t room) -> ssize_t {
      for (;;) {
        if (inflater.is_done()) return 0;
        if (view().empty()) need(1);
        std::string_view rest = view();
        std::size_t before = rest.size();
        ssize_t n = inflater.inflate(rest, static_cast<char*>(buffer), room);
        if (n < 0) die("inflate returned %d", -3);
        use(before - rest.size());
        if (n > 0) return n;
      }
    };
    Result<ObjectId> oid = odb_.write_stream(ObjectType::blob, size, reader);
    if (!oid) die("failed to write object in stream");
    while (!inflater.is_done()) {
      char rest;
      if (reader(&rest, 1) > 0) die("inflate returned %d", -5);
    }
    objects_[offset] = *oid;
    release(offset, *oid);
  }

  void wait_for(std::vector<Waiting>& list, std::uint64_t offset, std::string delta) {
    list.push_back({offset, std::move(delta)});
    waiting_count_++;
  }

  bool has_object(const ObjectId& oid) { return held_.count(oid) || odb_.has(oid, kLookupNoReplace); }

  void resolve(std::uint64_t offset, const ObjectId& base_oid, std::string_view delta) {
    Result<ObjectData> base = make_error(ErrorKind::missing, "");
    if (auto held = held_.find(base_oid); held != held_.end())
      base = held->second;
    else
      base = odb_.read(base_oid, kLookupNoReplace);
    std::string result;
    if (!base) {
      error("failed to read delta-pack base object %s", base_oid);
      if (!options_.recover) exit_with(1);
      result_.has_errors = true;
      return;
    }
    if (!apply_delta(base->data, delta, result)) die("failed to apply delta");
    finish(offset, base->type, result);
  }

  void finish(std::uint64_t offset, ObjectType type, const std::string& data) {
    ObjectId oid = odb_.hash(type, data);
    if (check_) {
      check_->inspect(oid, type, data);
      // Blobs hold no names; the others become visible when all that they name is there.
      if (type == ObjectType::blob)
        write_now(type, data);
      else
        held_.emplace(oid, ObjectData{type, data});
    } else {
      write_now(type, data);
    }
    objects_[offset] = oid;
    release(offset, oid);
  }
  void write_now(ObjectType type, const std::string& data) {
    Result<ObjectId> oid = odb_.write(type, data);
    if (!oid) {
      error("%s", oid.error().message);
      die("failed to write object");
    }
  }

  void release(std::uint64_t offset, const ObjectId& oid) {
    auto take = [&](auto& map, const auto& key) {
      auto found = map.find(key);
      if (found == map.end()) return;
      std::vector<Waiting> list = std::move(found->second);
      map.erase(found);
      for (Waiting& waiting : list) {
        waiting_count_--;
        ready_.push_back({oid, std::move(waiting)});
      }
    };
    take(by_offset_, offset);
    take(by_oid_, oid);
    if (is_draining_) return;
    is_draining_ = true;
    while (!ready_.empty()) {
      auto [base, waiting] = std::move(ready_.back());
      ready_.pop_back();
      resolve(waiting.offset, base, waiting.delta);
    }
    is_draining_ = false;
  }

  Repository& repo_;
  ObjectDatabase& odb_;
  HashAlgo algo_;
  int fd_;
  const UnpackOptions& options_;
  Hasher hasher_;
  std::unique_ptr<IndexPackCheck> check_;
  std::string buffer_;
  std::size_t at_ = 0, end_ = 0;
  std::uint64_t consumed_ = 0;
  std::unordered_map<std::uint64_t, ObjectId> objects_;
  std::unordered_map<std::uint64_t, std::vector<Waiting>> by_offset_;
  std::unordered_map<ObjectId, std::vector<Waiting>, ObjectIdHash> by_oid_;
  std::unordered_map<ObjectId, ObjectData, ObjectIdHash> held_;
  std::vector<std::pair<ObjectId, Waiting>> ready_;
  bool is_draining_ = false;
  std::uint64_t waiting_count_ = 0;
  UnpackResult result_;
};

}  // namespace

UnpackResult unpack_objects(Repository& repo, int fd, const UnpackOptions& options) { return Unpacker(repo, fd, options).run(); }

}  // namespace git
