// POSIX tar: 512-byte headers, pax headers for what doesn't fit them (long paths and links, huge sizes, far times), blocks of
// 20 records.  A commit's name stands in a global pax header as a comment.
#include <sys/stat.h>

#include <zlib.h>

#include <cstring>

#include "archive-internal.h"
#include "base/error.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "repository.h"
#include "walk/commit-pool.h"

namespace git {
namespace {

constexpr std::size_t kRecord = 512;
constexpr std::size_t kBlock = kRecord * 20;
constexpr std::uint64_t kMaxUstarSize = 077777777777, kMaxUstarTime = 077777777777;

struct TarHeader {
  char name[100];
  char mode[8], uid[8], gid[8];
  char size[12], mtime[12];
  char checksum[8];
  char type;
  char link[100];
  char magic[6], version[2];
  char user[32], group[32];
  char device_major[8], device_minor[8];
  char prefix[155];
  char unused[12];
};
static_assert(sizeof(TarHeader) == kRecord);

// Where finished bytes go: standard output, a filter's standard input, or our own gzip.
class TarSink {
 public:
  virtual ~TarSink() = default;
  virtual void write(std::string_view bytes) = 0;
  virtual void finish() {}
};

class PlainSink : public TarSink {
 public:
  void write(std::string_view bytes) override { out(bytes); }
};

class GzipSink : public TarSink {
 public:
  explicit GzipSink(int level) {
    if (deflateInit2(&stream_, level, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK) die("%s", _("deflate error"));
    header_.os = 3;  // Unix, whatever this was built on: the same tree gives the same bytes everywhere
    deflateSetHeader(&stream_, &header_);
  }
  ~GzipSink() override { deflateEnd(&stream_); }
  void write(std::string_view bytes) override { deflate_some(bytes, Z_NO_FLUSH); }
  void finish() override { deflate_some({}, Z_FINISH); }

 private:
  void deflate_some(std::string_view bytes, int flush) {
    char buffer[16384];
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    for (;;) {
      stream_.next_out = reinterpret_cast<Bytef*>(buffer);
      stream_.avail_out = sizeof buffer;
      int status = deflate(&stream_, flush);
      if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) die(_("deflate error (%d)"), status);
      out({buffer, sizeof buffer - stream_.avail_out});
      if (stream_.avail_out) return;
    }
  }
  z_stream stream_{};
  gz_header header_{};
};

class FilterSink : public TarSink {
 public:
  explicit FilterSink(std::string command) : command_(std::move(command)) {
    child_.args = {command_};
    child_.use_shell = true;
    child_.in = ChildProcess::kPipe;
    child_.silent_exec_failure = true;
    flush_out();
    if (!child_.start()) die_errno(_("unable to start '%s' filter"), command_);
  }
  void write(std::string_view bytes) override {
    if (!write_in_full(child_.in_fd(), bytes)) die_errno("%s", _("write error"));
  }
  void finish() override {
    child_.close_in();
    if (child_.finish()) die(_("'%s' filter reported error"), command_);
  }

 private:
  std::string command_;
  ChildProcess child_;
};

std::uint32_t configured_umask(Config& config) {
  auto value = config.get_string("tar.umask");
  if (!value) return 002;
  if (*value != "user") return static_cast<std::uint32_t>(config.get_int_or("tar.umask", 002));
  mode_t mask = ::umask(0);
  ::umask(mask);
  return mask;
}

// "<length> key=value\n", where the length counts itself.
std::string pax_record(std::string_view key, std::string_view value) {
  std::size_t rest = key.size() + value.size() + 3;  // ' ', '=', newline
  std::size_t length = rest + 1;
  while (length != rest + std::to_string(length).size()) length = rest + std::to_string(length).size();
  return strf("%u %s=%s\n", length, key, value);
}

class TarWriter : public ArchiveWriter {
 public:
  TarWriter(Repository& repo, const ArchiveRequest& request, std::unique_ptr<TarSink> sink)
      : request_(request), sink_(std::move(sink)), umask_(configured_umask(repo.config())), time_(request.time) {}
  void begin() override;
  void add(const ArchiveEntry& entry) override;
  void finish() override;

 private:
  TarHeader header(std::uint32_t mode, std::uint64_t size) const;
  void write_header(TarHeader& header);
  void write_pax(char type, std::string_view name, std::string_view records);
  void write(std::string_view bytes);
  void pad();
  void write_content(const ArchiveEntry& entry);
  void place_path(TarHeader& header, const ArchiveEntry& entry, std::string& pax) const;

  const ArchiveRequest& request_;
  std::unique_ptr<TarSink> sink_;
  std::uint32_t umask_;
  std::int64_t time_;
  std::string block_;
};

template <std::size_t N>
void put(char (&field)[N], std::string_view text) {
  std::memcpy(field, text.data(), std::min(N, text.size()));
}

TarHeader TarWriter::header(std::uint32_t mode, std::uint64_t size) const {
  TarHeader h;
  std::memset(&h, 0, sizeof h);
  put(h.mode, strf("%07o", mode & 07777));
  put(h.size, strf("%011o", is_regular_mode(mode) ? size : std::uint64_t{0}));
  put(h.mtime, strf("%011o", static_cast<std::uint64_t>(time_)));
  put(h.uid, "0000000");
  put(h.gid, "0000000");
  put(h.user, "root");
  put(h.group, "root");
  put(h.device_major, "0000000");
  put(h.device_minor, "0000000");
  put(h.magic, std::string_view("ustar\0", 6));
  put(h.version, "00");
  return h;
}

void TarWriter::write_header(TarHeader& h) {
  std::memset(h.checksum, ' ', sizeof h.checksum);
  unsigned sum = 0;
  for (unsigned char byte : std::string_view(reinterpret_cast<const char*>(&h), sizeof h)) sum += byte;
  std::memset(h.checksum, 0, sizeof h.checksum);
  put(h.checksum, strf("%07o", sum));
  write({reinterpret_cast<const char*>(&h), sizeof h});
}

void TarWriter::write(std::string_view bytes) {
  block_ += bytes;
  if (block_.size() < kBlock) return;
  std::size_t whole = block_.size() / kBlock * kBlock;
  sink_->write(std::string_view(block_).substr(0, whole));
  block_.erase(0, whole);
}

void TarWriter::pad() {
  if (std::size_t over = block_.size() % kRecord) write(std::string(kRecord - over, '\0'));
}

void TarWriter::write_pax(char type, std::string_view name, std::string_view records) {
  TarHeader h = header(0100666, records.size());
  put(h.name, name);
  h.type = type;
  write_header(h);
  write(records);
  pad();
}

void TarWriter::begin() {
  std::string records;
  if (request_.commit) records += pax_record("comment", request_.commit->oid.hex());
  if (static_cast<std::uint64_t>(time_) > kMaxUstarTime) {
    records += pax_record("mtime", std::to_string(time_));
    time_ = static_cast<std::int64_t>(kMaxUstarTime);
  }
  if (!records.empty()) write_pax('g', "pax_global_header", records);
}

// A long path is cut at a slash into prefix and name where that is possible; else a pax header has it.
void TarWriter::place_path(TarHeader& h, const ArchiveEntry& entry, std::string& pax) const {
  std::string_view path = entry.path;
  if (path.size() <= sizeof h.name) return put(h.name, path);
  std::size_t cut = path.size();
  if (path.back() == '/') cut--;
  cut = std::min(cut, sizeof h.prefix);
  do {
    cut--;
  } while (cut > 0 && path[cut] != '/');
  if (cut > 0 && path.size() - cut - 1 <= sizeof h.name) {
    put(h.prefix, path.substr(0, cut));
    put(h.name, path.substr(cut + 1));
    return;
  }
  put(h.name, strf("%s.data", entry.oid));
  pax += pax_record("path", path);
}

void TarWriter::write_content(const ArchiveEntry& entry) {
  if (!entry.stream) {
    write(entry.content);
    return pad();
  }
  char buffer[16384];
  std::uint64_t total = 0;
  while (total < entry.size) {
    ssize_t n = entry.stream->read(buffer, sizeof buffer);
    if (n <= 0) die(_("cannot read '%s'"), entry.oid);
    write({buffer, static_cast<std::size_t>(n)});
    total += static_cast<std::uint64_t>(n);
  }
  pad();
}

void TarWriter::add(const ArchiveEntry& entry) {
  std::uint32_t mode = entry.mode;
  char type = '0';
  if (entry.is_directory()) {
    type = '5';
    mode = (mode | 0777) & ~umask_;
  } else if (is_link_mode(mode)) {
    type = '2';
    mode |= 0777;
  } else if (is_regular_mode(mode)) {
    mode = (mode | (mode & 0100 ? 0777 : 0666)) & ~umask_;
  } else {
    die(_("unsupported file mode: 0%o (SHA1: %s)"), mode, entry.oid);
  }
  std::uint64_t size = is_regular_mode(mode) ? entry.size : 0;
  std::string pax;
  std::uint64_t shown_size = size;
  if (size > kMaxUstarSize) shown_size = 0;
  TarHeader h = header(mode, shown_size);
  h.type = type;
  place_path(h, entry, pax);
  if (is_link_mode(mode)) {
    if (entry.content.size() > sizeof h.link) {
      put(h.link, strf("see %s.paxheader", entry.oid));
      pax += pax_record("linkpath", entry.content);
    } else {
      put(h.link, entry.content);
    }
  }
  if (size > kMaxUstarSize) pax += pax_record("size", std::to_string(size));
  if (!pax.empty()) write_pax('x', strf("%s.paxheader", entry.oid), pax);
  write_header(h);
  if (size) write_content(entry);
}

// At least two records of zeros end the archive, and the last block is filled.
void TarWriter::finish() {
  std::size_t tail = kBlock - block_.size();
  write(std::string(tail, '\0'));
  if (tail < 2 * kRecord) write(std::string(kBlock, '\0'));
  sink_->finish();
}

}  // namespace

std::unique_ptr<ArchiveWriter> make_tar_writer(Repository& repo, const ArchiveRequest& request, const ArchiveFormat& format) {
  std::unique_ptr<TarSink> sink;
  if (format.kind == ArchiveFormat::Kind::tar) {
    sink = std::make_unique<PlainSink>();
  } else if (format.command == "git archive gzip") {
    sink = std::make_unique<GzipSink>(request.compression_level);
  } else {
    std::string command = format.command;
    if (request.compression_level >= 0) command += strf(" -%d", request.compression_level);
    sink = std::make_unique<FilterSink>(std::move(command));
  }
  return std::make_unique<TarWriter>(repo, request, std::move(sink));
}

}  // namespace git
