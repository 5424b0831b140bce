// Each entry is 62 bytes (with SHA-1), a name, and padding to eight; version 3 adds flags, version 4 takes the front of
// each name from the entry before:
//
//   "dir/a.c" "dir/b.c"   ->   0 "dir/a.c\0"   3 "b.c\0"      (drop 3 bytes of the name before, add these)
#include "index/index-format.h"

#include "hash/hasher.h"

namespace git {
namespace {

constexpr std::uint32_t kSignature = 0x44495243;  // "DIRC"
constexpr std::uint32_t kFlagAssumeValid = 0x8000, kFlagExtended = 0x4000, kNameMask = 0xfff;
constexpr std::uint32_t kFlagSkipWorktree = 0x4000, kFlagIntentToAdd = 0x2000, kKnownExtended = 0x6000;
constexpr std::size_t kStatBytes = 40;

Error corrupt() { return make_error(ErrorKind::corrupt, "index file corrupt"); }

Result<void> take_name(IndexEntry& entry, std::string_view& rest, std::size_t fixed, std::uint32_t flags, int version,
                       const std::string* previous, std::string_view whole) {
  if (version == 4) {
    std::optional<std::uint64_t> strip = take_varint(rest);
    std::size_t have = previous ? previous->size() : 0;
    if (!strip || *strip > have) {
      return make_error(ErrorKind::corrupt, "malformed name field in the index, near path '%s'",
                        previous ? *previous : std::string());
    }
    std::size_t end = rest.find('\0');
    if (end == std::string_view::npos) return corrupt();
    if (previous) entry.path.assign(*previous, 0, have - static_cast<std::size_t>(*strip));
    entry.path.append(rest.substr(0, end));
    rest.remove_prefix(end + 1);
    return {};
  }
  std::size_t length = flags & kNameMask;
  if (length == kNameMask) length = rest.find('\0');
  if (length == std::string_view::npos || length >= rest.size()) return corrupt();
  entry.path.assign(rest.substr(0, length));
  std::size_t total = (fixed + length + 8) & ~std::size_t{7};
  if (total > whole.size()) return corrupt();
  rest = whole.substr(total);
  return {};
}

Result<std::unique_ptr<IndexEntry>> take_entry(std::string_view& rest, HashAlgo algo, int version, const std::string* previous) {
  std::string_view whole = rest;
  std::size_t fixed = kStatBytes + raw_size(algo) + 2;
  if (rest.size() < fixed + 2) return corrupt();
  auto entry = std::make_unique<IndexEntry>();
  StatData& s = entry->stat;
  s.ctime_sec = get_be32(rest, 0), s.ctime_nsec = get_be32(rest, 4), s.mtime_sec = get_be32(rest, 8),
  s.mtime_nsec = get_be32(rest, 12);
  s.dev = get_be32(rest, 16), s.ino = get_be32(rest, 20);
  entry->mode = get_be32(rest, 24);
  s.uid = get_be32(rest, 28), s.gid = get_be32(rest, 32), s.size = get_be32(rest, 36);
  entry->oid = ObjectId::from_raw(rest.substr(kStatBytes, raw_size(algo)), algo);
  std::uint32_t flags = get_be16(rest, kStatBytes + raw_size(algo));
  entry->assume_valid = flags & kFlagAssumeValid;
  entry->stage = static_cast<std::uint8_t>(flags >> 12 & 3);
  if (flags & kFlagExtended) {
    std::uint32_t extended = get_be16(rest, fixed);
    if (extended & ~kKnownExtended) return make_error(ErrorKind::corrupt, "unknown index entry format 0x%08x", extended << 16);
    entry->skip_worktree = extended & kFlagSkipWorktree;
    entry->intent_to_add = extended & kFlagIntentToAdd;
    fixed += 2;
  }
  rest.remove_prefix(fixed);
  if (Result<void> r = take_name(*entry, rest, fixed, flags, version, previous, whole); !r) return r.error();
  return entry;
}

Result<void> check_trailer(std::string_view bytes, HashAlgo algo, bool verify, ParsedIndex& parsed) {
  std::size_t n = raw_size(algo);
  parsed.checksum = ObjectId::from_raw(bytes.substr(bytes.size() - n), algo);
  if (!verify || parsed.checksum.is_null()) return {};
  if (hash_bytes(algo, bytes.substr(0, bytes.size() - n), true) != parsed.checksum)
    return make_error(ErrorKind::corrupt, "bad index file sha1 signature");
  return {};
}

}  // namespace

std::uint32_t get_be32(std::string_view b, std::size_t at) {
  auto u = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(b[at + i])); };
  return u(0) << 24 | u(1) << 16 | u(2) << 8 | u(3);
}
std::uint32_t get_be16(std::string_view b, std::size_t at) {
  return static_cast<std::uint32_t>(static_cast<unsigned char>(b[at]) << 8 | static_cast<unsigned char>(b[at + 1]));
}
void put_be32(std::string& out, std::uint32_t v) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(v >> shift & 0xff);
}
void put_be16(std::string& out, std::uint32_t v) {
  out += static_cast<char>(v >> 8 & 0xff);
  out += static_cast<char>(v & 0xff);
}

void put_varint(std::string& out, std::uint64_t value) {
  char buffer[16];
  std::size_t at = sizeof buffer;
  buffer[--at] = static_cast<char>(value & 127);
  while (value >>= 7) buffer[--at] = static_cast<char>(128 | (--value & 127));
  out.append(buffer + at, sizeof buffer - at);
}

std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto c = static_cast<unsigned char>(bytes[i]);
    if (i) {
      if (value >= (~std::uint64_t{0} >> 7) - 1) return std::nullopt;
      value = (value + 1) << 7;
    }
    value |= c & 127u;
    if (c & 128) continue;
    bytes.remove_prefix(i + 1);
    return value;
  }
  return std::nullopt;
}

Result<ParsedIndex> parse_index(std::string_view bytes, HashAlgo algo, bool verify_checksum) {
  ParsedIndex parsed;
  if (bytes.size() < 12 + raw_size(algo)) return make_error(ErrorKind::corrupt, "index file smaller than expected");
  if (get_be32(bytes) != kSignature) return make_error(ErrorKind::corrupt, "bad signature 0x%08x", get_be32(bytes));
  parsed.version = static_cast<int>(get_be32(bytes, 4));
  if (parsed.version < 2 || parsed.version > 4) return make_error(ErrorKind::corrupt, "bad index version %d", parsed.version);
  if (Result<void> r = check_trailer(bytes, algo, verify_checksum, parsed); !r) return r.error();
  std::uint32_t count = get_be32(bytes, 8);
  std::string_view rest = bytes.substr(12, bytes.size() - 12 - raw_size(algo));
  if (count > rest.size() / (kStatBytes + 2)) return corrupt();
  parsed.entries.reserve(count);
  const std::string* previous = nullptr;
  for (std::uint32_t i = 0; i < count; ++i) {
    Result<std::unique_ptr<IndexEntry>> entry = take_entry(rest, algo, parsed.version, previous);
    if (!entry) return entry.error();
    parsed.entries.push_back(std::move(*entry));
    previous = &parsed.entries.back()->path;
  }
  while (rest.size() >= 8) {
    std::uint32_t size = get_be32(rest, 4);
    if (size > rest.size() - 8) return corrupt();
    parsed.extensions.push_back({std::string(rest.substr(0, 4)), rest.substr(8, size)});
    rest.remove_prefix(8 + size);
  }
  return parsed;
}

bool needs_extended_flags(const IndexEntry& entry) { return entry.skip_worktree || entry.intent_to_add; }

std::string format_index_entries(int version, const std::vector<FormatEntry>& entries, HashAlgo algo) {
  std::string out;
  put_be32(out, kSignature);
  put_be32(out, static_cast<std::uint32_t>(version));
  put_be32(out, static_cast<std::uint32_t>(entries.size()));
  std::string_view previous;
  for (const FormatEntry& item : entries) {
    const IndexEntry& e = *item.entry;
    std::string_view name = item.strip_name ? std::string_view() : std::string_view(e.path);
    std::size_t start = out.size();
    const StatData& s = e.stat;
    for (std::uint32_t v : {s.ctime_sec, s.ctime_nsec, s.mtime_sec, s.mtime_nsec, s.dev, s.ino, e.mode, s.uid, s.gid, s.size})
      put_be32(out, v);
    out.append(e.oid.is_null() ? std::string(raw_size(algo), '\0') : std::string(e.oid.raw()));
    bool extended = needs_extended_flags(e);
    std::uint32_t flags = static_cast<std::uint32_t>(name.size() < kNameMask ? name.size() : kNameMask) |
                          static_cast<std::uint32_t>(e.stage) << 12 | (e.assume_valid ? kFlagAssumeValid : 0) |
                          (extended ? kFlagExtended : 0);
    put_be16(out, flags);
    if (extended) put_be16(out, (e.skip_worktree ? kFlagSkipWorktree : 0) | (e.intent_to_add ? kFlagIntentToAdd : 0));
    if (version == 4) {
      std::size_t common = 0;
      while (common < name.size() && common < previous.size() && name[common] == previous[common]) ++common;
      put_varint(out, previous.size() - common);
      out.append(name.substr(common));
      out += '\0';
      previous = name;
    } else {
      out.append(name);
      out.append(8 - (out.size() - start) % 8, '\0');
    }
  }
  return out;
}

void append_extension(std::string& out, std::string_view name, std::string_view data) {
  out.append(name);
  put_be32(out, static_cast<std::uint32_t>(data.size()));
  out.append(data);
}

}  // namespace git
