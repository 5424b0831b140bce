// git show-index: what an .idx file on stdin says, one object on a line (git-show-index(1)).
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "builtin.h"
#include "pack/bytes.h"

GIT_BUILTIN("show-index", cmd_show_index, kSetupGently)

namespace git {
namespace {

void show_version_1(const unsigned char* table, std::uint32_t count, std::size_t room, HashAlgo algo) {
  std::size_t size = raw_size(algo);
  for (std::uint32_t i = 0; i < count; i++) {
    if (room < size + 4) die("unable to read entry %u/%u", i, count);
    room -= size + 4;
    const unsigned char* entry = table + i * (size + 4);
    outf("%u %s\n", get_be32(entry), ObjectId::from_raw(entry + 4, algo));
  }
}

void show_version_2(const unsigned char* table, std::uint32_t count, std::size_t room, HashAlgo algo) {
  std::size_t size = raw_size(algo);
  if (room / (size + 8) < count) die("unable to read sha1 %u/%u", room / (size + 8), count);
  const unsigned char* crcs = table + std::size_t{count} * size;
  const unsigned char* offsets = crcs + std::size_t{count} * 4;
  const unsigned char* large = offsets + std::size_t{count} * 4;
  std::size_t large_count = (room - std::size_t{count} * (size + 8)) / 8, next = 0;
  for (std::uint32_t i = 0; i < count; i++) {
    std::uint64_t offset = get_be32(offsets + 4 * std::size_t{i});
    if (offset & 0x80000000u) {
      if ((offset & 0x7fffffffu) != next) die("inconsistent 64b offset index");
      if (next >= large_count) die("unable to read 64b offset %u", next);
      offset = get_be64(large + 8 * next++);
    }
    outf("%u %s (%08x)\n", offset, ObjectId::from_raw(table + i * size, algo), get_be32(crcs + 4 * std::size_t{i}));
  }
}

}  // namespace

int cmd_show_index(Invocation& inv) {
  std::string format;
  Options options({"git show-index [--object-format=<hash-algorithm>] < <pack-idx-file>"});
  options.string(0, "object-format", &format, "hash-algorithm", N_("specify the hash algorithm to use"));
  options.parse(inv.args, inv.prefix_or_empty());
  HashAlgo algo = inv.repository ? inv.repository->algo() : HashAlgo::sha1;
  if (!format.empty() && (algo = hash_by_name(format)) == HashAlgo::unknown) die("Unknown hash algorithm");
  std::string bytes = read_fd(0).take_or_die();
  const auto* p = reinterpret_cast<const unsigned char*>(bytes.data());
  if (bytes.size() < 8) die("unable to read header");
  int version = 1;
  std::size_t at = 0;
  if (get_be32(p) == 0xff744f63) {
    version = static_cast<int>(get_be32(p + 4));
    if (version < 2 || version > 2) die("unknown index version");
    at = 8;
  }
  if (bytes.size() < at + 1024) die("unable to read index");
  std::uint32_t count = 0;
  for (unsigned i = 0; i < 256; i++) {
    std::uint32_t n = get_be32(p + at + 4 * i);
    if (n < count) die("corrupt index file");
    count = n;
  }
  at += 1024;
  if (version == 1)
    show_version_1(p + at, count, bytes.size() - at, algo);
  else
    show_version_2(p + at, count, bytes.size() - at, algo);
  return 0;
}

}  // namespace git
