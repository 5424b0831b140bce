// The bytes of an index file (gitformat-index(5)): pure, bytes to values and back.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hash/object-id.h"
#include "index.h"

namespace git {

struct RawExtension {
  std::string name;  // four bytes
  std::string_view data;
};
struct ParsedIndex {
  int version = 0;
  std::vector<std::unique_ptr<IndexEntry>> entries;
  std::vector<RawExtension> extensions;  // borrow from the bytes
  ObjectId checksum;
};
// Errors: "bad signature 0x%08x", "bad index version %d", "bad index file sha1 signature", "index file corrupt".
Result<ParsedIndex> parse_index(std::string_view bytes, HashAlgo algo, bool verify_checksum);

// An entry with its own name taken from the shared index (split index) is written without one.
struct FormatEntry {
  const IndexEntry* entry;
  bool strip_name = false;
};
// Header and entries; no extension, no checksum.
std::string format_index_entries(int version, const std::vector<FormatEntry>& entries, HashAlgo algo);
void append_extension(std::string& out, std::string_view name, std::string_view data);
bool needs_extended_flags(const IndexEntry& entry);

void put_be32(std::string& out, std::uint32_t value);
void put_be16(std::string& out, std::uint32_t value);
std::uint32_t get_be32(std::string_view bytes, std::size_t at = 0);
std::uint32_t get_be16(std::string_view bytes, std::size_t at = 0);
// The offset encoding of v4 names and of UNTR.
void put_varint(std::string& out, std::uint64_t value);
std::optional<std::uint64_t> take_varint(std::string_view& bytes);

}  // namespace git
