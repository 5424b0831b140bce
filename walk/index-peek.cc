// Only the fixed part of each entry and its name matter here; versions 2 to 4 (gitformat-index(5)).
#include "walk/index-peek.h"

#include "base/mapped-file.h"
#include "base/strings.h"
#include "repository.h"

namespace git {
namespace {

std::uint32_t be32(std::string_view s, std::size_t at) {
  std::uint32_t v = 0;
  for (int i = 0; i < 4; i++) v = v << 8 | static_cast<unsigned char>(s[at + static_cast<std::size_t>(i)]);
  return v;
}

// Returns the offset behind the entries, 0 where the file is not an index.
std::size_t scan(std::string_view bytes, HashAlgo algo, const std::function<bool(const PeekedEntry&)>& fn) {
  const std::size_t hash = raw_size(algo);
  if (bytes.size() < 12 + hash || bytes.substr(0, 4) != "DIRC") return 0;
  std::uint32_t version = be32(bytes, 4), count = be32(bytes, 8);
  if (version < 2 || version > 4) return 0;
  std::size_t at = 12;
  PeekedEntry entry;
  bool stopped = false;
  for (std::uint32_t i = 0; i < count; i++) {
    std::size_t start = at;
    if (at + 42 + hash > bytes.size()) return 0;
    entry.mode = be32(bytes, at + 24);
    entry.oid = ObjectId::from_raw(bytes.substr(at + 40, hash), algo);
    at += 40 + hash;
    unsigned flags =
        static_cast<unsigned>(static_cast<unsigned char>(bytes[at]) << 8 | static_cast<unsigned char>(bytes[at + 1]));
    at += 2;
    entry.stage = static_cast<int>(flags >> 12 & 3);
    entry.skip_worktree = false;
    if (flags & 0x4000) {
      if (at + 2 > bytes.size()) return 0;
      entry.skip_worktree = static_cast<unsigned char>(bytes[at]) & 0x40;
      at += 2;
    }
    if (version == 4) {
      std::size_t strip = 0;
      unsigned char c = static_cast<unsigned char>(bytes[at++]);
      strip = c & 127;
      while (c & 128 && at < bytes.size()) {
        c = static_cast<unsigned char>(bytes[at++]);
        strip = ((strip + 1) << 7) | (c & 127);
      }
      if (strip > entry.path.size()) return 0;
      entry.path.resize(entry.path.size() - strip);
    } else {
      entry.path.clear();
    }
    std::size_t end = bytes.find('\0', at);
    if (end == std::string_view::npos) return 0;
    entry.path.append(bytes.substr(at, end - at));
    at = version == 4 ? end + 1 : start + ((end - start + 8) & ~static_cast<std::size_t>(7));
    if (!stopped && !fn(entry)) stopped = true;
  }
  return at;
}

void cache_tree_node(std::string_view& data, const std::string& path, HashAlgo algo, int depth,
                     const std::function<void(const std::string&, const ObjectId&)>& fn) {
  std::size_t end = data.find('\0');
  if (end == std::string_view::npos || depth > 4096) {
    data = {};
    return;
  }
  std::string own = path + std::string(data.substr(0, end));
  if (depth) own += "/";
  data.remove_prefix(end + 1);
  std::size_t newline = data.find('\n');
  if (newline == std::string_view::npos) {
    data = {};
    return;
  }
  std::vector<std::string_view> counts = split(data.substr(0, newline), ' ');
  data.remove_prefix(newline + 1);
  if (counts.size() != 2) {
    data = {};
    return;
  }
  auto entries = parse_int(counts[0]), subtrees = parse_int(counts[1]);
  if (entries.value_or(-1) >= 0) {
    if (data.size() < raw_size(algo)) {
      data = {};
      return;
    }
    fn(own, ObjectId::from_raw(data.substr(0, raw_size(algo)), algo));
    data.remove_prefix(raw_size(algo));
  }
  for (std::int64_t i = 0; i < subtrees.value_or(0) && !data.empty(); i++) cache_tree_node(data, own, algo, depth + 1, fn);
}

}  // namespace

bool peek_index_file(const std::string& path, HashAlgo algo, const std::function<bool(const PeekedEntry&)>& fn) {
  Result<MappedFile> file = MappedFile::open(path);
  return file && scan(file->bytes(), algo, fn) != 0;
}
bool peek_index(Repository& repo, const std::function<bool(const PeekedEntry&)>& fn) {
  return peek_index_file(repo.index_file(), repo.algo(), fn);
}

void peek_cache_tree(Repository& repo, const std::function<void(const std::string& path, const ObjectId&)>& fn) {
  Result<MappedFile> file = MappedFile::open(repo.index_file());
  if (!file) return;
  std::string_view bytes = file->bytes();
  std::size_t at = scan(bytes, repo.algo(), [](const PeekedEntry&) { return true; });
  if (!at) return;
  while (at + 8 + raw_size(repo.algo()) <= bytes.size()) {
    std::uint32_t size = be32(bytes, at + 4);
    if (at + 8 + size > bytes.size()) return;
    if (bytes.substr(at, 4) == "TREE") {
      std::string_view data = bytes.substr(at + 8, size);
      cache_tree_node(data, {}, repo.algo(), 0, fn);
      return;
    }
    at += 8 + size;
  }
}

}  // namespace git
