// Reading loose objects: one zlib stream per file.  The header is inflated first, as it says how big a buffer the
// rest needs; then everything is inflated in one call.
#include <fcntl.h>
#include <sys/stat.h>
#include <zlib.h>

#ifdef HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif

#include "base/display-path.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/mapped-file.h"
#include "base/strings.h"
#include "hash/hasher.h"
#include "odb/odb-internal.h"

namespace git::odb {
namespace {

constexpr std::size_t kMaxHeader = 32;

// A zlib stream that is being inflated from a mapped file.
class Inflater {
 public:
  explicit Inflater(std::string_view input) : input_(input) {
    stream_ = {};
    if (inflateInit(&stream_) != Z_OK) die("inflateInit failed");
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Bytes written to `buffer`; less than `size` at the end or where the stream is broken (see status()).
  std::size_t read(void* buffer, std::size_t size) {
    std::size_t done = 0;
    while (done < size && status_ == Z_OK) {
      constexpr std::size_t kStep = 1u << 30;
      std::size_t in = std::min(input_.size(), kStep), out = std::min(size - done, kStep);
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input_.data()));
      stream_.avail_in = static_cast<uInt>(in);
      stream_.next_out = static_cast<Bytef*>(buffer) + done;
      stream_.avail_out = static_cast<uInt>(out);
      status_ = inflate(&stream_, 0);
      input_.remove_prefix(in - stream_.avail_in);
      std::size_t got = out - stream_.avail_out;
      done += got;
      if (status_ == Z_BUF_ERROR && got) status_ = Z_OK;
    }
    return done;
  }
  // Takes the stream to its end: true where nothing but its trailer was left.
  bool finish() {
    char extra;
    return status_ == Z_STREAM_END || (status_ == Z_OK && read(&extra, 1) == 0 && status_ == Z_STREAM_END);
  }
  int status() const { return status_; }
  std::string_view rest() const { return input_; }
  // What zlib has to say, as git reports it.
  void report() const {
    if (status_ == Z_OK || status_ == Z_STREAM_END || status_ == Z_BUF_ERROR) return;
    const char* kind = status_ == Z_DATA_ERROR ? "data stream error" : status_ == Z_MEM_ERROR ? "out of memory" : "unknown error";
    error("inflate: %s (%s)", status_ == Z_NEED_DICT ? "needs dictionary" : kind, stream_.msg ? stream_.msg : "no message");
  }

 private:
  std::string_view input_;
  z_stream stream_;
  int status_ = Z_OK;
};

Error corrupt(const std::string& path, const ObjectId& oid) {
  return make_error(ErrorKind::corrupt, "loose object %s (stored in %s) is corrupt", oid, display_path(path));
}

// Inflates and parses the header; reports what is wrong. `what` names the object in messages.
std::optional<LooseHeader> read_header(Inflater& inflater, std::string& head, const std::string& what) {
  head.resize(128);
  head.resize(inflater.read(head.data(), head.size()));
  std::size_t nul = head.find('\0');
  if (inflater.status() != Z_OK && inflater.status() != Z_STREAM_END && nul == std::string::npos) {
    inflater.report();
    error("unable to unpack %s header", what);
    return std::nullopt;
  }
  if (nul == std::string::npos || nul >= kMaxHeader) {
    error("header for %s too long, exceeds %d bytes", what, static_cast<int>(kMaxHeader));
    return std::nullopt;
  }
  auto header = parse_loose_header(head);
  if (!header) error("unable to parse %s header", what);
  return header;
}

bool looks_deflated(std::string_view bytes) {
  if (bytes.size() < 2) return false;
  unsigned word = static_cast<unsigned char>(bytes[0]) << 8 | static_cast<unsigned char>(bytes[1]);
  return (bytes[0] & 0x8f) == 0x08 && word % 31 == 0;
}

#ifdef HAVE_LIBDEFLATE
struct FreeDecompressor {
  void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
};

// Header and content in one call; false where the slow path has to find out what is wrong.
bool inflate_whole(std::string_view input, std::string& output) {
  thread_local std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor(libdeflate_alloc_decompressor());
  std::size_t in = 0, out = 0;
  auto result =
      libdeflate_zlib_decompress_ex(decompressor.get(), input.data(), input.size(), output.data(), output.size(), &in, &out);
  return result == LIBDEFLATE_SUCCESS && in == input.size() && out == output.size();
}
#endif

// The content behind the header, or nothing (reported).
std::optional<std::string> read_content(std::string_view bytes, Inflater& inflater, const std::string& head,
                                        const LooseHeader& header, const std::string& what) {
#ifdef HAVE_LIBDEFLATE
  if (header.size > 4096 && header.size < (1u << 30)) {
    std::string whole(header.length + header.size, '\0');
    if (inflate_whole(bytes, whole)) {
      whole.erase(0, header.length);
      return whole;
    }
  }
#else
  (void)bytes;
#endif
  std::string data = head.substr(header.length, std::min<std::size_t>(header.size, head.size() - header.length));
  bool too_long = head.size() - header.length > header.size;
  // A size that lies must not make us allocate it: what the file can't hold at zlib's best ratio isn't there.
  std::uint64_t limit = (inflater.rest().size() + 64) * 1100 + data.size();
  std::size_t have = data.size(), want = static_cast<std::size_t>(std::min<std::uint64_t>(header.size, limit));
  if (want > have) {
    data.resize(want);
    have += inflater.read(data.data() + have, want - have);
  }
  if (have != header.size || too_long || !inflater.finish()) {
    inflater.report();
    error("corrupt loose object '%s'", what);
    return std::nullopt;
  }
  if (!inflater.rest().empty()) {
    error("garbage at end of loose object '%s'", what);
    return std::nullopt;
  }
  return data;
}

Result<MappedFile> map_loose(const std::string& path, const ObjectId& oid) {
  auto file = MappedFile::open(path);
  if (!file) {
    if (file.error().kind == ErrorKind::missing) return file;
    error_errno("unable to open loose object %s", oid);
    return corrupt(path, oid);
  }
  if (file->bytes().empty()) {
    error("object file %s is empty", display_path(path));
    return corrupt(path, oid);
  }
  return file;
}

}  // namespace

std::string loose_name(const ObjectId& oid) {
  std::string hex = oid.hex();
  hex.insert(2, 1, '/');
  return hex;
}

std::optional<LooseHeader> parse_loose_header(std::string_view inflated) {
  std::size_t nul = inflated.find('\0');
  if (nul == std::string_view::npos) return std::nullopt;
  std::string_view text = inflated.substr(0, nul);
  std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  LooseHeader header;
  header.type = parse_type_name(text.substr(0, space));
  std::string_view digits = text.substr(space + 1);
  if (digits.size() > 1 && digits[0] == '0') return std::nullopt;
  auto size = parse_uint(digits);
  if (!size) return std::nullopt;
  header.size = *size;
  header.length = nul + 1;
  return header;
}

Result<ObjectData> read_loose(const std::string& path, const ObjectId& oid) {
  auto file = map_loose(path, oid);
  if (!file) return file.error();
  Inflater inflater(file->bytes());
  std::string head, what = oid.hex();
  auto header = read_header(inflater, head, what);
  if (!header) return corrupt(path, oid);
  if (header->type == ObjectType::bad) die("invalid object type");
  auto data = read_content(file->bytes(), inflater, head, *header, what);
  if (!data) return corrupt(path, oid);
  return ObjectData{header->type, std::move(*data)};
}

Result<ObjectInfo> loose_info(const std::string& path, const ObjectId& oid) {
  auto file = map_loose(path, oid);
  if (!file) return file.error();
  Inflater inflater(file->bytes());
  std::string head;
  auto header = read_header(inflater, head, oid.hex());
  if (!header) return corrupt(path, oid);
  if (header->type == ObjectType::bad) die("invalid object type");
  ObjectInfo info;
  info.type = header->type;
  info.size = header->size;
  info.disk_size = file->bytes().size();
  info.delta_base = ObjectId::null(oid.algo());
  info.where = ObjectInfo::Where::loose;
  return info;
}

Result<ObjectData> read_loose_file(const std::string& path, const ObjectId& expected, bool* hash_matches, ObjectId* real) {
  *hash_matches = false;
  std::string shown = display_path(path);
  auto file = MappedFile::open(path);
  if (!file) return make_error(ErrorKind::io, "unable to mmap %s", shown);
  if (file->bytes().empty()) {
    error("object file %s is empty", shown);
    return make_error(ErrorKind::io, "unable to mmap %s", shown);
  }
  if (!looks_deflated(file->bytes())) {
    error("inflate: data stream error (incorrect header check)");
    return make_error(ErrorKind::corrupt, "unable to unpack header of %s", shown);
  }
  Inflater inflater(file->bytes());
  std::string head(128, '\0');
  head.resize(inflater.read(head.data(), head.size()));
  if (head.find('\0') == std::string::npos) {
    inflater.report();
    return make_error(ErrorKind::corrupt, "unable to unpack header of %s", shown);
  }
  if (head.find('\0') >= kMaxHeader) return make_error(ErrorKind::corrupt, "header for %s too long, exceeds 32 bytes", shown);
  auto header = parse_loose_header(head);
  if (!header) return make_error(ErrorKind::corrupt, "unable to parse header of %s", shown);
  if (header->type == ObjectType::bad)
    return make_error(ErrorKind::corrupt, "unable to parse type from header '%s' of %s", head.c_str(), shown);
  auto data = read_content(file->bytes(), inflater, head, *header, expected.hex());
  if (!data) return make_error(ErrorKind::corrupt, "unable to unpack contents of %s", shown);
  *real = hash_object(expected.algo(), type_name(header->type), *data);
  *hash_matches = *real == expected;
  return ObjectData{header->type, std::move(*data)};
}

namespace {

class LooseStream : public ObjectStream {
 public:
  explicit LooseStream(MappedFile file) : file_(std::move(file)), inflater_(file_.bytes()) {}
  bool start(const ObjectId& oid) {
    auto header = read_header(inflater_, head_, oid.hex());
    if (!header || header->type == ObjectType::bad) return false;
    header_ = *header;
    head_.erase(0, header_.length);
    return true;
  }
  ObjectType type() const override { return header_.type; }
  std::uint64_t size() const override { return header_.size; }
  ssize_t read(void* buffer, std::size_t size) override {
    std::size_t from_head = std::min({size, head_.size() - head_at_, static_cast<std::size_t>(header_.size - given_)});
    std::memcpy(buffer, head_.data() + head_at_, from_head);
    head_at_ += from_head;
    given_ += from_head;
    std::size_t want = static_cast<std::size_t>(std::min<std::uint64_t>(size - from_head, header_.size - given_));
    std::size_t got = want ? inflater_.read(static_cast<char*>(buffer) + from_head, want) : 0;
    given_ += got;
    if (got < want) return -1;
    if (from_head + got == 0 && size && (!inflater_.finish() || head_at_ < head_.size())) return -1;
    return static_cast<ssize_t>(from_head + got);
  }

 private:
  MappedFile file_;
  Inflater inflater_;
  LooseHeader header_;
  std::string head_;
  std::size_t head_at_ = 0;
  std::uint64_t given_ = 0;
};

}  // namespace

Result<std::unique_ptr<ObjectStream>> open_loose_stream(const std::string& path, const ObjectId& oid) {
  auto file = map_loose(path, oid);
  if (!file) return file.error();
  auto stream = std::make_unique<LooseStream>(std::move(*file));
  if (!stream->start(oid)) return corrupt(path, oid);
  return std::unique_ptr<ObjectStream>(std::move(stream));
}

}  // namespace git::odb
