// Hashes of standard input, as hex or raw, and how fast.
#include <chrono>

#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "hash/hasher.h"
#include "t/helper/test-tool.h"

TEST_TOOL("sha1", test_sha1)
TEST_TOOL("sha1-unsafe", test_sha1_unsafe)
TEST_TOOL("sha1-is-sha1dc", test_sha1_is_sha1dc)
TEST_TOOL("sha256", test_sha256)
TEST_TOOL("hash-speed", test_hash_speed)

namespace git {
namespace {

// "tool [-b] [<buffer megabytes>]": the hash of standard input.
int hash_stdin(const std::vector<std::string>& args, HashAlgo algo, bool unsafe) {
  bool binary = args.size() > 1 && args[1] == "-b";
  std::size_t megabytes = args.size() > 1 && !binary ? static_cast<std::size_t>(parse_uint(args[1]).value_or(1)) : 0;
  std::string buffer(megabytes ? megabytes << 20 : 8192, '\0');
  Hasher hasher(algo, unsafe);
  for (;;) {
    ssize_t n = read_in_full(0, buffer.data(), buffer.size());
    if (n < 0) die_errno("test-hash");
    if (n == 0) break;
    hasher.update(buffer.data(), static_cast<std::size_t>(n));
  }
  ObjectId id = hasher.finish();
  if (binary)
    out(id.raw());
  else
    outf("%s\n", id);
  return 0;
}

}  // namespace

int test_sha1(std::vector<std::string> args) { return hash_stdin(args, HashAlgo::sha1, false); }
int test_sha1_unsafe(std::vector<std::string> args) { return hash_stdin(args, HashAlgo::sha1, true); }
int test_sha256(std::vector<std::string> args) { return hash_stdin(args, HashAlgo::sha256, false); }
int test_sha1_is_sha1dc(std::vector<std::string>) { return 0; }

int test_hash_speed(std::vector<std::string> args) {
  if (args.size() < 2) die_usage("usage: test-tool hash-speed algo_name");
  bool unsafe = args[1] == "sha1-unsafe";
  HashAlgo algo = unsafe ? HashAlgo::sha1 : hash_by_name(args[1]);
  if (algo == HashAlgo::unknown) die("unknown algorithm: %s", args[1]);
  for (std::size_t size : {64u, 256u, 1024u, 8192u, 16384u}) {
    std::string bytes(size, 'x');
    std::uint64_t total = 0;
    auto start = std::chrono::steady_clock::now();
    double seconds = 0;
    while (seconds < 0.3) {
      for (int i = 0; i < 256; i++) hash_bytes(algo, bytes, unsafe);
      total += size * 256;
      seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
    outf("size %u: %u KiB/s\n", size, static_cast<std::uint64_t>(static_cast<double>(total) / 1024 / seconds));
  }
  return 0;
}

}  // namespace git
