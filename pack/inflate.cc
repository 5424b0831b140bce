// Most packed objects are small, and their inflated size is known: one call into libdeflate beats a zlib
// stream by a factor of two.  The decompressor is kept per thread, for making one costs more than a small object.
#include "pack/inflate.h"

#include <memory>

#include "base/error.h"

#ifdef HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif

namespace git {
namespace {

// Deflate can't make more than this of one byte, so that a claimed size can be refused before it is allocated.
constexpr std::uint64_t kMaxRatio = 1040;

#ifdef HAVE_LIBDEFLATE
struct FreeDecompressor {
  void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
};

libdeflate_decompressor* thread_decompressor() {
  thread_local std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor(libdeflate_alloc_decompressor());
  return decompressor.get();
}
#endif

bool inflate_with_zlib(std::string_view input, char* output, std::size_t size, std::size_t* consumed) {
  Inflater inflater;
  std::string_view rest = input;
  std::size_t made = 0;
  char beyond;
  while (!inflater.is_done()) {
    bool full = made == size;
    ssize_t n = inflater.inflate(rest, full ? &beyond : output + made, full ? 1 : size - made);
    if (n < 0 || (full && n > 0)) return false;
    if (n == 0 && !inflater.is_done()) return false;
    made += static_cast<std::size_t>(n);
  }
  if (consumed) *consumed = input.size() - rest.size();
  return made == size;
}

}  // namespace

bool inflate_into(std::string_view input, char* output, std::size_t size, std::size_t* consumed) {
#ifdef HAVE_LIBDEFLATE
  std::size_t used = 0, made = 0;
  char nothing;
  libdeflate_result result = libdeflate_zlib_decompress_ex(thread_decompressor(), input.data(), input.size(),
                                                           size ? output : &nothing, size, &used, &made);
  if (result == LIBDEFLATE_SUCCESS && made == size) {
    if (consumed) *consumed = used;
    return true;
  }
#endif
  // What libdeflate refuses zlib may accept; it also tells why not.
  return inflate_with_zlib(input, output, size, consumed);
}

bool inflate_whole(std::string_view input, std::uint64_t size, std::string& output, std::size_t* consumed) {
  if (size / kMaxRatio > input.size()) return false;
  output.resize(size);
  return inflate_into(input, output.data(), size, consumed);
}

bool inflate_whole_fast(std::string_view input, std::uint64_t size, std::string& output, std::size_t* consumed) {
#ifdef HAVE_LIBDEFLATE
  output.resize(size);
  std::size_t made = 0;
  char nothing;
  return libdeflate_zlib_decompress_ex(thread_decompressor(), input.data(), input.size(), size ? output.data() : &nothing, size,
                                       consumed, &made) == LIBDEFLATE_SUCCESS &&
         made == size;
#else
  return inflate_whole(input, size, output, consumed);
#endif
}

ssize_t inflate_start(std::string_view input, char* output, std::size_t size) {
  Inflater inflater;
  std::size_t made = 0;
  while (made < size && !inflater.is_done()) {
    ssize_t n = inflater.inflate(input, output + made, size - made);
    if (n < 0) return -1;
    if (n == 0) break;
    made += static_cast<std::size_t>(n);
  }
  return static_cast<ssize_t>(made);
}

Inflater::Inflater() {
  if (inflateInit(&stream_) != Z_OK) die("inflateInit: out of memory");
}

Inflater::~Inflater() { inflateEnd(&stream_); }

void Inflater::reset() {
  inflateReset(&stream_);
  done_ = false;
}

ssize_t Inflater::inflate(std::string_view& input, char* output, std::size_t size) {
  constexpr std::size_t kPiece = 1u << 30;
  if (done_) return 0;
  std::size_t give = std::min(input.size(), kPiece), room = std::min(size, kPiece);
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  stream_.avail_in = static_cast<uInt>(give);
  stream_.next_out = reinterpret_cast<Bytef*>(output);
  stream_.avail_out = static_cast<uInt>(room);
  int status = ::inflate(&stream_, Z_NO_FLUSH);
  input.remove_prefix(give - stream_.avail_in);
  if (status == Z_STREAM_END)
    done_ = true;
  else if (status != Z_OK && status != Z_BUF_ERROR)
    return -1;
  return static_cast<ssize_t>(room - stream_.avail_out);
}

std::string deflate_bytes(std::string_view bytes, int level) {
  Deflater deflater(level);
  std::string output;
  output.reserve(bytes.size() / 2 + 64);
  deflater.deflate(bytes, true, output);
  return output;
}

Deflater::Deflater(int level) {
  if (deflateInit(&stream_, level) != Z_OK) die("deflateInit: out of memory");
}

Deflater::~Deflater() { deflateEnd(&stream_); }

void Deflater::deflate(std::string_view bytes, bool finish, std::string& output) {
  constexpr std::size_t kPiece = 1u << 30;
  char buffer[16384];
  do {
    std::size_t give = std::min(bytes.size(), kPiece);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(give);
    bytes.remove_prefix(give);
    int mode = finish && bytes.empty() ? Z_FINISH : Z_NO_FLUSH;
    int status;
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(buffer);
      stream_.avail_out = sizeof buffer;
      status = ::deflate(&stream_, mode);
      output.append(buffer, sizeof buffer - stream_.avail_out);
    } while (stream_.avail_out == 0 || (mode == Z_FINISH && status != Z_STREAM_END));
  } while (!bytes.empty());
}

}  // namespace git
