// ZIP (PKWARE's application note): each entry behind a local header, a central directory at the end.  Blobs that are
// streamed don't know their checksum beforehand; a data descriptor follows them.  Zip64 fields appear only where the old
// ones overflow.
#include <zlib.h>

#include <ctime>

#include "archive-internal.h"
#include "base/error.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "config.h"
#include "diff/userdiff.h"
#include "diff/xmerge.h"
#include "index/attr.h"
#include "repository.h"
#include "walk/commit-pool.h"

namespace git {
namespace {

constexpr unsigned kFlagDescriptor = 1u << 3, kFlagUtf8 = 1u << 11;
constexpr std::uint64_t kMax32 = 0xffffffff;

class ByteWriter {
 public:
  ByteWriter& u16(std::uint64_t v) { return put(v, 2); }
  ByteWriter& u32(std::uint64_t v) { return put(v, 4); }
  ByteWriter& u64(std::uint64_t v) { return put(v, 8); }
  ByteWriter& bytes(std::string_view text) {
    text_ += text;
    return *this;
  }
  const std::string& text() const { return text_; }

 private:
  ByteWriter& put(std::uint64_t v, int size) {
    for (int i = 0; i < size; i++) text_ += static_cast<char>(v >> (8 * i) & 0xff);
    return *this;
  }
  std::string text_;
};

std::uint64_t clamp32(std::uint64_t v) { return std::min(v, kMax32); }

// A raw deflate stream.
class RawDeflater {
 public:
  explicit RawDeflater(int level) {
    if (deflateInit2(&stream_, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) die("%s", _("deflate error"));
  }
  ~RawDeflater() { deflateEnd(&stream_); }
  RawDeflater(const RawDeflater&) = delete;
  RawDeflater& operator=(const RawDeflater&) = delete;
  std::string deflate_some(std::string_view bytes, bool is_last) {
    std::string result;
    char buffer[16384];
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(buffer);
      stream_.avail_out = sizeof buffer;
      int status = deflate(&stream_, is_last ? Z_FINISH : Z_NO_FLUSH);
      if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) die(_("deflate error (%d)"), status);
      result.append(buffer, sizeof buffer - stream_.avail_out);
    } while (!stream_.avail_out);
    return result;
  }

 private:
  z_stream stream_{};
};

class ZipWriter : public ArchiveWriter {
 public:
  ZipWriter(Repository& repo, const ArchiveRequest& request, AttributeReader& attributes)
      : request_(request), attributes_(attributes), drivers_(&repo, &repo.config(), nullptr) {
    std::time_t time = static_cast<std::time_t>(request.time);
    struct tm local {};
    localtime_r(&time, &local);
    date_ = local.tm_mday + (local.tm_mon + 1) * 32 + (local.tm_year + 1900 - 1980) * 512;
    time_ = local.tm_sec / 2 + local.tm_min * 32 + local.tm_hour * 2048;
  }
  void begin() override {}
  void add(const ArchiveEntry& entry) override;
  void finish() override;

 private:
  // What both headers of an entry say.
  struct Facts {
    unsigned flags = 0, method = 0;
    std::uint32_t crc = 0;
    std::uint64_t packed = 0, size = 0, offset = 0;
  };
  void write(std::string_view bytes) {
    offset_ += bytes.size();
    out(bytes);
  }
  void write_local_header(const ArchiveEntry& entry, const Facts& facts);
  void write_stream(const ArchiveEntry& entry, Facts& facts);
  void add_to_directory(const ArchiveEntry& entry, const Facts& facts, bool is_text);
  bool is_text(const ArchiveEntry& entry, std::string_view first_bytes);
  std::string timestamp_extra() const {
    return ByteWriter().u16(0x5455).u16(5).bytes("\1").u32(static_cast<std::uint64_t>(request_.time)).text();
  }

  const ArchiveRequest& request_;
  AttributeReader& attributes_;
  UserdiffTable drivers_;
  int date_ = 0, time_ = 0;
  std::uint64_t offset_ = 0;
  std::uint64_t count_ = 0;
  bool is_streamed_text_ = false;
  std::string directory_;
};

bool ZipWriter::is_text(const ArchiveEntry& entry, std::string_view first_bytes) {
  AttrValue value = attributes_.get(entry.path, "diff");
  if (value.is_set() || value.is_unset()) return value.is_set();
  const UserdiffDriver* driver = value.has_value() ? drivers_.by_name(value.value) : nullptr;
  if (driver && driver->binary) return !*driver->binary;
  return !is_binary_text(first_bytes);
}

void ZipWriter::write_local_header(const ArchiveEntry& entry, const Facts& facts) {
  bool is_big = facts.size > kMax32 || facts.packed > kMax32;
  std::string extra = timestamp_extra();
  if (is_big) extra += ByteWriter().u16(1).u16(16).u64(facts.size).u64(facts.packed).text();
  ByteWriter header;
  header.u32(0x04034b50).u16(is_big ? 45 : 10).u16(facts.flags).u16(facts.method).u16(static_cast<std::uint64_t>(time_));
  header.u16(static_cast<std::uint64_t>(date_)).u32(facts.crc);
  // A stream's packed size is in its descriptor.
  std::uint64_t packed = (facts.flags & kFlagDescriptor) && facts.method ? 0 : facts.packed;
  header.u32(is_big ? kMax32 : packed).u32(is_big ? kMax32 : facts.size);
  header.u16(entry.path.size()).u16(extra.size()).bytes(entry.path).bytes(extra);
  write(header.text());
}

// Content that is read in pieces: deflated (or stored) as it comes, its sums behind it.
void ZipWriter::write_stream(const ArchiveEntry& entry, Facts& facts) {
  std::unique_ptr<RawDeflater> deflater;
  if (facts.method == 8) deflater = std::make_unique<RawDeflater>(request_.compression_level);
  char buffer[65536];
  facts.packed = 0;
  facts.size = 0;
  for (bool is_first = true;; is_first = false) {
    ssize_t n = entry.stream->read(buffer, sizeof buffer);
    if (n < 0) die(_("cannot read '%s'"), entry.oid);
    if (n == 0) break;
    std::string_view piece(buffer, static_cast<std::size_t>(n));
    if (is_first) is_streamed_text_ = is_text(entry, piece);
    facts.crc = static_cast<std::uint32_t>(crc32(facts.crc, reinterpret_cast<const Bytef*>(buffer), static_cast<uInt>(n)));
    facts.size += piece.size();
    std::string made = deflater ? deflater->deflate_some(piece, false) : std::string(piece);
    facts.packed += made.size();
    write(made);
  }
  if (deflater) {
    std::string made = deflater->deflate_some({}, true);
    facts.packed += made.size();
    write(made);
  }
  ByteWriter descriptor;
  descriptor.u32(0x08074b50).u32(facts.crc);
  if (entry.size > kMax32)
    descriptor.u64(facts.packed).u64(facts.size);
  else
    descriptor.u32(facts.packed).u32(facts.size);
  write(descriptor.text());
}

void ZipWriter::add(const ArchiveEntry& entry) {
  Facts facts;
  facts.offset = offset_;
  for (unsigned char c : entry.path)
    if (c >= 0x80) {
      if (is_valid_utf8(entry.path))
        facts.flags |= kFlagUtf8;
      else
        warning(_("path is not valid UTF-8: %s"), entry.path);
      break;
    }
  if (entry.path.size() > 0xffff) die(_("path too long (%d chars, SHA1: %s): %s"), entry.path.size(), entry.oid, entry.path);
  if (entry.is_directory()) {
    write_local_header(entry, facts);
    return add_to_directory(entry, facts, false);
  }
  if (!is_regular_mode(entry.mode) && !is_link_mode(entry.mode))
    die(_("unsupported file mode: 0%o (SHA1: %s)"), entry.mode, entry.oid);
  bool compresses = is_regular_mode(entry.mode) && request_.compression_level != 0 && entry.size > 0;
  facts.size = facts.packed = entry.size;
  if (entry.stream) {
    facts.flags |= kFlagDescriptor;
    facts.method = compresses ? 8 : 0;
    write_local_header(entry, facts);
    write_stream(entry, facts);
    return add_to_directory(entry, facts, is_streamed_text_);
  }
  facts.crc = static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(entry.content.data()), static_cast<uInt>(entry.content.size())));
  std::string deflated;
  std::string_view stored = entry.content;
  if (compresses) {
    deflated = RawDeflater(request_.compression_level).deflate_some(entry.content, true);
    if (deflated.size() < entry.content.size()) {
      facts.method = 8;
      facts.packed = deflated.size();
      stored = deflated;
    }
  }
  write_local_header(entry, facts);
  write(stored);
  add_to_directory(entry, facts, is_text(entry, entry.content));
}

void ZipWriter::add_to_directory(const ArchiveEntry& entry, const Facts& facts, bool is_text) {
  std::uint32_t mode = entry.mode;
  std::uint64_t attributes = 0;
  if (entry.is_directory())
    attributes = 16;
  else if (is_link_mode(mode))
    attributes = static_cast<std::uint64_t>(mode | 0777) << 16;
  else if (mode & 0111)
    attributes = static_cast<std::uint64_t>(mode) << 16;
  bool is_unix = is_link_mode(mode) || (is_regular_mode(mode) && (mode & 0111));
  std::string extra = timestamp_extra();
  ByteWriter big;
  if (facts.size > kMax32) big.u64(facts.size);
  if (facts.packed > kMax32) big.u64(facts.packed);
  if (facts.offset > kMax32) big.u64(facts.offset);
  if (!big.text().empty()) extra += ByteWriter().u16(1).u16(big.text().size()).bytes(big.text()).text();
  ByteWriter header;
  header.u32(0x02014b50).u16(is_unix ? 0x0317 : 0).u16(big.text().empty() ? 10 : 45).u16(facts.flags).u16(facts.method);
  header.u16(static_cast<std::uint64_t>(time_)).u16(static_cast<std::uint64_t>(date_)).u32(facts.crc);
  header.u32(clamp32(facts.packed)).u32(clamp32(facts.size)).u16(entry.path.size()).u16(extra.size());
  header.u16(0).u16(0).u16(is_text ? 1 : 0).u32(attributes).u32(clamp32(facts.offset));
  header.bytes(entry.path).bytes(extra);
  directory_ += header.text();
  count_++;
}

void ZipWriter::finish() {
  std::uint64_t start = offset_, size = directory_.size();
  write(directory_);
  if (count_ > 0xffff || start > kMax32 || size > kMax32) {
    std::uint64_t at = offset_;
    ByteWriter end;
    end.u32(0x06064b50).u64(44).u16(45).u16(45).u32(0).u32(0).u64(count_).u64(count_).u64(size).u64(start);
    end.u32(0x07064b50).u32(0).u64(at).u32(1);
    write(end.text());
  }
  std::string comment = request_.commit ? request_.commit->oid.hex() : "";
  std::uint64_t count = std::min<std::uint64_t>(count_, 0xffff);
  ByteWriter end;
  end.u32(0x06054b50).u16(0).u16(0).u16(count).u16(count).u32(clamp32(size)).u32(clamp32(start));
  end.u16(comment.size()).bytes(comment);
  write(end.text());
}

}  // namespace

std::unique_ptr<ArchiveWriter> make_zip_writer(Repository& repo, const ArchiveRequest& request, AttributeReader& attributes) {
  return std::make_unique<ZipWriter>(repo, request, attributes);
}

}  // namespace git
