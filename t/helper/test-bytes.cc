// Streams of bytes for tests: reproducible noise, zeros, zlib and hexadecimal.
#include <zlib.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "t/helper/test-tool.h"

TEST_TOOL("genrandom", test_genrandom)
TEST_TOOL("genzeros", test_genzeros)
TEST_TOOL("hexdump", test_hexdump)
TEST_TOOL("zlib", test_zlib)

namespace git {

// genrandom <seed> [<size>]: the same bytes for the same seed; an endless stream without a size.
int test_genrandom(std::vector<std::string> args) {
  if (args.size() < 2 || args.size() > 3) die_usage("usage: test-tool genrandom <seed_string> [<size>]");
  std::uint64_t state = 0x9e3779b97f4a7c15u;
  for (char c : args[1]) state = (state ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  std::uint64_t left = UINT64_MAX;
  if (args.size() == 3) {
    auto size = parse_int_with_unit(args[2]);
    if (!size) die("cannot parse argument '%s'", args[2]);
    left = static_cast<std::uint64_t>(*size);
  }
  std::string block;
  while (left) {
    block.clear();
    for (int i = 0; i < 4096 && left; i++, left--) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      block += static_cast<char>(state >> 56);
    }
    if (!write_in_full(1, block)) return -1;
  }
  return 0;
}

int test_genzeros(std::vector<std::string> args) {
  std::uint64_t left = args.size() > 1 ? parse_uint(args[1]).value_or(0) : UINT64_MAX;
  const std::string zeros(1u << 16, '\0');
  while (left) {
    std::size_t n = static_cast<std::size_t>(std::min<std::uint64_t>(left, zeros.size()));
    if (!write_in_full(1, std::string_view(zeros).substr(0, n))) return -1;
    left -= n;
  }
  return 0;
}

int test_hexdump(std::vector<std::string>) {
  std::string bytes = read_fd(0).take_or_die();
  for (char c : bytes) outf("%02x ", static_cast<unsigned>(static_cast<unsigned char>(c)));
  if (!bytes.empty()) out("\n");
  return 0;
}

int test_zlib(std::vector<std::string> args) {
  if (args.size() != 2) die_usage("usage: test-tool zlib [inflate|deflate]");
  std::string in = read_fd(0).take_or_die(), buffer(1u << 16, '\0');
  z_stream stream{};
  bool inflating = args[1] == "inflate";
  if (!inflating && args[1] != "deflate") die_usage("usage: test-tool zlib [inflate|deflate]");
  if ((inflating ? inflateInit(&stream) : deflateInit(&stream, Z_DEFAULT_COMPRESSION)) != Z_OK) die("zlib does not start");
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    status = inflating ? inflate(&stream, Z_FINISH) : deflate(&stream, Z_FINISH);
    out(std::string_view(buffer).substr(0, buffer.size() - stream.avail_out));
    if (status == Z_BUF_ERROR && stream.avail_out == 0) status = Z_OK;
  }
  if (inflating)
    inflateEnd(&stream);
  else
    deflateEnd(&stream);
  return status == Z_STREAM_END ? 0 : 1;
}

}  // namespace git
