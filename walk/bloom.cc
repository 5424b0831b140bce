// Double hashing: two murmur3 values of a path give as many bit positions as the settings ask for.
#include "walk/bloom.h"

#include <set>

namespace git {
namespace {

constexpr std::uint32_t kSeed0 = 0x293ae76f, kSeed1 = 0x7e646e2c;

std::uint32_t rotate(std::uint32_t v, int n) { return v << n | v >> (32 - n); }
std::uint32_t scramble(std::uint32_t k) { return rotate(k * 0xcc9e2d51u, 15) * 0x1b873593u; }

}  // namespace

std::uint32_t murmur3_seeded(std::uint32_t seed, std::string_view bytes, std::uint32_t version) {
  auto byte = [&](std::size_t i) {
    unsigned char u = static_cast<unsigned char>(bytes[i]);
    return version == 1 ? static_cast<std::uint32_t>(static_cast<std::int32_t>(static_cast<signed char>(u))) : u;
  };
  std::uint32_t h = seed;
  std::size_t blocks = bytes.size() / 4, i = 0;
  for (std::size_t b = 0; b < blocks; b++, i += 4) {
    std::uint32_t k = byte(i) | byte(i + 1) << 8 | byte(i + 2) << 16 | byte(i + 3) << 24;
    h = rotate(h ^ scramble(k), 13) * 5 + 0xe6546b64u;
  }
  std::uint32_t k = 0;
  switch (bytes.size() & 3) {
    case 3:
      k ^= byte(i + 2) << 16;
      [[fallthrough]];
    case 2:
      k ^= byte(i + 1) << 8;
      [[fallthrough]];
    case 1:
      k ^= byte(i);
      h ^= scramble(k);
      break;
    default:
      break;
  }
  h ^= static_cast<std::uint32_t>(bytes.size());
  h = (h ^ h >> 16) * 0x85ebca6bu;
  h = (h ^ h >> 13) * 0xc2b2ae35u;
  return h ^ h >> 16;
}

BloomKey bloom_key(std::string_view path, const BloomSettings& settings) {
  BloomKey key;
  std::uint32_t a = murmur3_seeded(kSeed0, path, settings.hash_version), b = murmur3_seeded(kSeed1, path, settings.hash_version);
  for (std::uint32_t i = 0; i < settings.hashes; i++) key.hashes.push_back(a + i * b);
  return key;
}
std::vector<BloomKey> bloom_keys_of_path(std::string_view path, const BloomSettings& settings) {
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  std::vector<BloomKey> keys{bloom_key(path, settings)};
  for (std::size_t slash = path.rfind('/'); slash != std::string_view::npos && slash; slash = path.rfind('/', slash - 1))
    keys.push_back(bloom_key(path.substr(0, slash), settings));
  return keys;
}
bool bloom_may_contain(std::string_view filter, const BloomKey& key) {
  std::uint64_t bits = filter.size() * 8;
  if (!bits) return true;
  for (std::uint32_t h : key.hashes) {
    std::uint64_t at = h % bits;
    if (!(static_cast<unsigned char>(filter[at / 8]) >> (at % 8) & 1)) return false;
  }
  return true;
}
void bloom_add(std::string& filter, const BloomKey& key) {
  std::uint64_t bits = filter.size() * 8;
  for (std::uint32_t h : key.hashes) {
    std::uint64_t at = h % bits;
    filter[at / 8] = static_cast<char>(static_cast<unsigned char>(filter[at / 8]) | 1u << (at % 8));
  }
}

std::string make_bloom_filter(const std::vector<std::string>& changed_files, const BloomSettings& settings, bool* too_large) {
  std::set<std::string, std::less<>> paths;
  *too_large = changed_files.size() > settings.max_changed_paths;
  if (!*too_large) {
    for (const std::string& file : changed_files)
      for (std::size_t end = file.size(); end != std::string::npos && end; end = file.rfind('/', end - 1))
        if (!paths.insert(file.substr(0, end)).second) break;
    *too_large = paths.size() > settings.max_changed_paths;
  }
  if (*too_large) return "\xff";
  std::size_t size = (paths.size() * settings.bits_per_entry + 7) / 8;
  std::string filter(size ? size : 1, '\0');
  for (const std::string& path : paths) bloom_add(filter, bloom_key(path, settings));
  return filter;
}

}  // namespace git
