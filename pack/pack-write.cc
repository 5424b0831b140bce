#include "pack/pack-write.h"

#include <unistd.h>

#include <algorithm>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "pack/bytes.h"

namespace git {
namespace {

constexpr std::size_t kBufferSize = 128 * 1024;

std::uint32_t hash_number(HashAlgo algo) { return algo == HashAlgo::sha256 ? 2 : 1; }

}  // namespace

HashFile::HashFile(int fd, HashAlgo algo, std::string name) : fd_(fd), name_(std::move(name)), hasher_(algo, true) {
  buffer_.reserve(kBufferSize);
}

void HashFile::write(std::string_view bytes) {
  if (crc_on_) crc_ = crc32_of(crc_, bytes);
  if (bytes.size() >= kBufferSize) {
    flush();
    hasher_.update(bytes);
    if (fd_ >= 0 && !write_in_full(fd_, bytes)) die_errno("unable to write file %s", name_);
    written_ += bytes.size();
    return;
  }
  if (buffer_.size() + bytes.size() > kBufferSize) flush();
  buffer_.append(bytes);
}

void HashFile::write_be32(std::uint32_t value) {
  char bytes[4];
  put_be32(bytes, value);
  write({bytes, 4});
}

std::uint32_t HashFile::crc_end() {
  crc_on_ = false;
  return crc_;
}

void HashFile::flush() {
  hasher_.update(buffer_);
  if (fd_ >= 0 && !write_in_full(fd_, buffer_)) die_errno("unable to write file %s", name_);
  written_ += buffer_.size();
  buffer_.clear();
}

HashFile::Mark HashFile::mark() {
  flush();
  return {written_, hasher_};
}

void HashFile::truncate(const Mark& mark) {
  flush();
  if (ftruncate(fd_, static_cast<off_t>(mark.size)) || lseek(fd_, static_cast<off_t>(mark.size), SEEK_SET) < 0)
    die_errno("unable to truncate %s", name_);
  hasher_ = mark.hasher;
  written_ = mark.size;
}

ObjectId HashFile::finish() {
  flush();
  ObjectId id = hasher_.finish();
  if (fd_ >= 0 && !write_in_full(fd_, id.raw())) die_errno("unable to write file %s", name_);
  written_ += id.raw().size();
  return id;
}

std::string format_entry_header(ObjectType type, std::uint64_t size) {
  std::string out;
  unsigned c = static_cast<unsigned>(type) << 4 | static_cast<unsigned>(size & 15);
  for (size >>= 4; size; size >>= 7) {
    out.push_back(static_cast<char>(c | 0x80));
    c = static_cast<unsigned>(size & 0x7f);
  }
  out.push_back(static_cast<char>(c));
  return out;
}

std::string format_delta_offset(std::uint64_t distance) {
  char bytes[10];
  int at = 10;
  bytes[--at] = static_cast<char>(distance & 127);
  while (distance >>= 7) bytes[--at] = static_cast<char>(128 | (--distance & 127));
  return std::string(bytes + at, static_cast<std::size_t>(10 - at));
}

std::string format_pack_header(std::uint32_t count) {
  std::string out("PACK");
  append_be32(out, 2);
  append_be32(out, count);
  return out;
}

void write_pack_index(HashFile& out, const IndexSource& entries, const ObjectId& pack_checksum, HashAlgo algo,
                      const IndexFormat& format) {
  std::uint32_t count = entries.count();
  std::uint32_t fanout[256] = {};
  for (std::uint32_t i = 0; i < count; i++) fanout[entries.at(i).oid.data()[0]]++;
  // Version 1 can't say what version 2 can: offsets of more than 32 bits.
  int version = format.version;
  for (std::uint32_t i = 0; version == 1 && i < count; i++)
    if (entries.at(i).offset > 0xffffffffu || (entries.at(i).offset >> 31 && entries.at(i).offset > format.offset_limit))
      version = 2;
  if (version == 2) {
    out.write_be32(0xff744f63);
    out.write_be32(2);
  }
  std::uint32_t total = 0;
  for (std::uint32_t n : fanout) out.write_be32(total += n);
  if (version == 1) {
    for (std::uint32_t i = 0; i < count; i++) {
      PackIndexEntry entry = entries.at(i);
      out.write_be32(static_cast<std::uint32_t>(entry.offset));
      out.write(entry.oid.raw());
    }
  } else {
    for (std::uint32_t i = 0; i < count; i++) out.write(entries.at(i).oid.raw());
    for (std::uint32_t i = 0; i < count; i++) out.write_be32(entries.at(i).crc);
    std::vector<std::uint64_t> large;
    for (std::uint32_t i = 0; i < count; i++) {
      std::uint64_t offset = entries.at(i).offset;
      bool is_large = offset > 0x7fffffffu || offset > format.offset_limit;
      if (is_large) {
        out.write_be32(0x80000000u | static_cast<std::uint32_t>(large.size()));
        large.push_back(offset);
      } else {
        out.write_be32(static_cast<std::uint32_t>(offset));
      }
    }
    for (std::uint64_t offset : large) {
      out.write_be32(static_cast<std::uint32_t>(offset >> 32));
      out.write_be32(static_cast<std::uint32_t>(offset));
    }
  }
  out.write(pack_checksum.raw().substr(0, raw_size(algo)));
}

void write_reverse_index(HashFile& out, std::span<const std::uint32_t> order, const ObjectId& pack_checksum, HashAlgo algo) {
  out.write("RIDX");
  out.write_be32(1);
  out.write_be32(hash_number(algo));
  for (std::uint32_t position : order) out.write_be32(position);
  out.write(pack_checksum.raw());
}

void write_mtimes(HashFile& out, std::span<const std::uint32_t> mtimes, const ObjectId& pack_checksum, HashAlgo algo) {
  out.write("MTME");
  out.write_be32(1);
  out.write_be32(hash_number(algo));
  for (std::uint32_t mtime : mtimes) out.write_be32(mtime);
  out.write(pack_checksum.raw());
}

Tempfile create_pack_tempfile(const std::string& dir, std::string_view what) {
  std::string pattern = path_join(dir, "tmp_" + std::string(what) + "_XXXXXX");
  make_leading_dirs(pattern);
  Result<Tempfile> file = Tempfile::from_pattern(pattern, 0, 0600);
  if (!file) die("unable to create '%s': %s", pattern, file.error().message);
  return std::move(*file);
}

void publish_pack_file(Tempfile& file, const std::string& path, bool fsync, int shared_repository) {
  if (fsync && file.fd() >= 0 && !file.sync()) die_errno("fsync error on '%s'", file.path());
  if (file.fd() >= 0 && !file.close()) die_errno("unable to write file %s", file.path());
  if (chmod(file.path().c_str(), 0444)) die_errno("unable to make temporary pack file '%s' readable", file.path());
  if (shared_repository) adjust_shared_perm(file.path(), shared_repository);
  if (path_exists(path)) {
    file.remove();  // the same bytes are there under the same name
    return;
  }
  if (!file.rename_to(path)) die_errno("unable to rename temporary file to '%s'", path);
}

}  // namespace git
