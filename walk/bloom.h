// Bloom filters of changed paths (gitformat-commit-graph(5), "BDAT"): which paths a commit may have changed against
// its first parent.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "walk/commit-graph.h"

namespace git {

// Version 1 hashed bytes over 0x7f as negative numbers; version 2 does not.
std::uint32_t murmur3_seeded(std::uint32_t seed, std::string_view bytes, std::uint32_t version);

struct BloomKey {
  std::vector<std::uint32_t> hashes;
};
BloomKey bloom_key(std::string_view path, const BloomSettings& settings);
// Keys of the path and of every directory above it.
std::vector<BloomKey> bloom_keys_of_path(std::string_view path, const BloomSettings& settings);
// False: certainly not in the filter.
bool bloom_may_contain(std::string_view filter, const BloomKey& key);
void bloom_add(std::string& filter, const BloomKey& key);
// The filter of `paths` (files and the directories above them, each once); a single 0 byte for none, a single 0xff byte for
// too many.
std::string make_bloom_filter(const std::vector<std::string>& changed_files, const BloomSettings& settings, bool* too_large);

}  // namespace git
