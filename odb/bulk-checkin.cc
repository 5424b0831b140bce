// The header of a pack says how many objects it has, which is known only at the end; so a pack of several is
// read once more for its checksum.
#include "odb/bulk-checkin.h"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <numeric>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"

namespace git {
namespace {

class SortedEntries : public IndexSource {
 public:
  explicit SortedEntries(const std::vector<PackIndexEntry>& entries) : entries_(entries) {}
  std::uint32_t count() const override { return static_cast<std::uint32_t>(entries_.size()); }
  PackIndexEntry at(std::uint32_t i) const override { return entries_[i]; }

 private:
  const std::vector<PackIndexEntry>& entries_;
};

}  // namespace

BulkCheckin::~BulkCheckin() = default;

void BulkCheckin::open() {
  if (file_) return;
  std::string quarantine = odb_.quarantine_dir();
  pack_dir_ = path_join(quarantine.empty() ? odb_.objects_dir() : quarantine, "pack");
  if (!make_dirs(pack_dir_)) die_errno("unable to create directory for '%s'", pack_dir_);
  temp_ = create_pack_tempfile(pack_dir_, "pack");
  file_ = std::make_unique<HashFile>(temp_.fd(), options_.algo, temp_.path());
  file_->write(format_pack_header(1));
}

Result<ObjectId> BulkCheckin::add_blob(std::uint64_t size, const std::function<ssize_t(void*, std::size_t)>& reader) {
  // Taken as it is, for how well it deflates is not known before.
  if (limits_.pack_size && !entries_.empty() && file_->size() + size > limits_.pack_size) finish();
  open();
  HashFile::Mark mark = file_->mark();
  PackIndexEntry entry;
  entry.offset = file_->size();
  Hasher hasher(options_.algo);
  std::string header = strf("blob %u", size);
  header.push_back('\0');
  hasher.update(header);

  file_->crc_begin();
  file_->write(format_entry_header(ObjectType::blob, size));
  z_stream stream{};
  if (deflateInit(&stream, options_.pack_compression) != Z_OK) die("deflateInit failed");
  std::string in(1u << 16, '\0'), out(1u << 16, '\0');
  Error failure;
  for (std::uint64_t left = size;;) {
    std::size_t want = static_cast<std::size_t>(std::min<std::uint64_t>(left, in.size()));
    ssize_t n = want ? reader(in.data(), want) : 0;
    if (want && n <= 0) {
      failure = make_error(ErrorKind::io, n < 0 ? "failed to read: %s" : "short read", std::strerror(errno));
      break;
    }
    hasher.update(in.data(), static_cast<std::size_t>(n));
    left -= static_cast<std::uint64_t>(n);
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(n);
    int status;
    do {
      stream.next_out = reinterpret_cast<Bytef*>(out.data());
      stream.avail_out = static_cast<uInt>(out.size());
      status = deflate(&stream, left ? Z_NO_FLUSH : Z_FINISH);
      file_->write(std::string_view(out).substr(0, out.size() - stream.avail_out));
    } while (left ? stream.avail_in > 0 : status != Z_STREAM_END);
    if (!left) break;
  }
  deflateEnd(&stream);
  entry.crc = file_->crc_end();
  if (!failure.message.empty()) {
    file_->truncate(mark);
    return failure;
  }
  entry.oid = hasher.finish();
  if (names_.count(entry.oid) || odb_.has(entry.oid, kLookupNoFetch)) {
    file_->truncate(mark);
    return entry.oid;
  }
  names_.insert(entry.oid);
  entries_.push_back(entry);
  return entry.oid;
}

void BulkCheckin::fix_header_and_trailer(std::uint64_t size) {
  int fd = temp_.fd();
  std::string header = format_pack_header(static_cast<std::uint32_t>(entries_.size()));
  if (::pwrite(fd, header.data(), header.size(), 0) != static_cast<ssize_t>(header.size()))
    die_errno("unable to write pack header");
  Hasher hasher(options_.algo, true);
  std::string buffer(1u << 17, '\0');
  for (std::uint64_t at = 0; at < size;) {
    std::size_t want = static_cast<std::size_t>(std::min<std::uint64_t>(size - at, buffer.size()));
    ssize_t n = ::pread(fd, buffer.data(), want, static_cast<off_t>(at));
    if (n <= 0) die_errno("unable to read back pack");
    hasher.update(buffer.data(), static_cast<std::size_t>(n));
    at += static_cast<std::uint64_t>(n);
  }
  checksum_ = hasher.finish();
  std::string_view raw = checksum_.raw();
  if (::pwrite(fd, raw.data(), raw.size(), static_cast<off_t>(size)) != static_cast<ssize_t>(raw.size()))
    die_errno("unable to write pack trailer");
}

void BulkCheckin::write_side_files(const std::string& base, const ObjectId& checksum) {
  const bool sync = options_.fsync_components & static_cast<unsigned>(FsyncComponent::pack_metadata);
  std::vector<PackIndexEntry> sorted = entries_;
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.oid < b.oid; });
  std::vector<std::uint32_t> order(sorted.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return sorted[a].offset < sorted[b].offset; });
  if (limits_.write_reverse_index) {
    Tempfile rev = create_pack_tempfile(pack_dir_, "rev");
    HashFile out(rev.fd(), options_.algo, rev.path());
    write_reverse_index(out, order, checksum, options_.algo);
    out.finish();
    publish_pack_file(rev, base + ".rev", sync, options_.shared_repository);
  }
  Tempfile idx = create_pack_tempfile(pack_dir_, "idx");
  HashFile out(idx.fd(), options_.algo, idx.path());
  write_pack_index(out, SortedEntries(sorted), checksum, options_.algo, IndexFormat());
  out.finish();
  publish_pack_file(idx, base + ".idx", sync, options_.shared_repository);
}

void BulkCheckin::finish() {
  if (!file_ || entries_.empty()) {
    file_.reset();
    temp_.remove();
    return;
  }
  const std::uint64_t size = file_->size();
  checksum_ = file_->finish();
  if (entries_.size() != 1) fix_header_and_trailer(size);
  file_.reset();
  std::string base = path_join(pack_dir_, "pack-" + checksum_.hex());
  publish_pack_file(temp_, base + ".pack", options_.fsync_components & static_cast<unsigned>(FsyncComponent::pack),
                    options_.shared_repository);
  write_side_files(base, checksum_);
  entries_.clear();
  names_.clear();
  odb_.add_pack(base + ".idx");
}

}  // namespace git
