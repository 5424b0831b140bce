// zlib with the window bits that mean a gzip header.
#include "net/gzip.h"

#include <zlib.h>

#include "base/error.h"

namespace git {
namespace {

constexpr int kGzipWindowBits = 15 + 16;
constexpr std::size_t kPieceSize = 8192;

}  // namespace

std::string gzip_bytes(std::string_view bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindowBits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    die("deflateInit2: out of memory");
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  int code = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (code != Z_STREAM_END) die("cannot deflate request; zlib deflate error %d", code);
  return out;
}

struct GzipReader::State {
  z_stream stream{};
  char piece[kPieceSize];
  bool failed = false, done = false, starved = false;
};

GzipReader::GzipReader() : state_(std::make_unique<State>()) {
  if (inflateInit2(&state_->stream, kGzipWindowBits) != Z_OK) die("inflateInit: out of memory");
}
GzipReader::~GzipReader() { inflateEnd(&state_->stream); }
bool GzipReader::is_done() const { return state_->done; }
bool GzipReader::has_failed() const { return state_->failed; }
bool GzipReader::needs_input() const { return state_->starved || state_->done; }

void GzipReader::begin(std::string_view bytes) {
  state_->stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  state_->stream.avail_in = static_cast<uInt>(bytes.size());
  state_->starved = false;
}

std::string_view GzipReader::step() {
  State& s = *state_;
  s.stream.next_out = reinterpret_cast<Bytef*>(s.piece);
  s.stream.avail_out = sizeof(s.piece);
  int code = inflate(&s.stream, Z_NO_FLUSH);
  s.done = code == Z_STREAM_END;
  s.failed = code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR;
  s.starved = s.stream.avail_out != 0;
  return std::string_view(s.piece, sizeof(s.piece) - s.stream.avail_out);
}

}  // namespace git
