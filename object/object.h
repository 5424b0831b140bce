// Object types and the codecs of commits, trees and tags (Documentation/gitformat: git-cat-file,
// git-hash-object "literally").  Pure: bytes in, values out; views borrow from the bytes given.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hash/object-id.h"

namespace git {

enum class ObjectType : std::int8_t { bad = -1, none = 0, commit = 1, tree = 2, blob = 3, tag = 4, ofs_delta = 6, ref_delta = 7 };
std::string_view type_name(ObjectType type);        // "commit" ...; "" for none and bad
ObjectType parse_type_name(std::string_view name);  // bad where it is none of the four

struct ObjectData {
  ObjectType type = ObjectType::none;
  std::string data;
};

// ---- trees ----
inline constexpr std::uint32_t kModeTree = 0040000;
inline constexpr std::uint32_t kModeBlob = 0100644;
inline constexpr std::uint32_t kModeExecutable = 0100755;
inline constexpr std::uint32_t kModeLink = 0120000;
inline constexpr std::uint32_t kModeGitlink = 0160000;
constexpr bool is_tree_mode(std::uint32_t m) { return (m & 0170000) == kModeTree; }
constexpr bool is_link_mode(std::uint32_t m) { return (m & 0170000) == kModeLink; }
constexpr bool is_gitlink_mode(std::uint32_t m) { return (m & 0170000) == kModeGitlink; }
constexpr bool is_regular_mode(std::uint32_t m) { return (m & 0170000) == 0100000; }
// What git stores for a mode found on disk or in a tree: 100644, 100755, 120000, 40000, 160000.
constexpr std::uint32_t canon_mode(std::uint32_t m) {
  if (is_regular_mode(m)) return m & 0100 ? kModeExecutable : kModeBlob;
  if (is_link_mode(m)) return kModeLink;
  if (is_tree_mode(m)) return kModeTree;
  return kModeGitlink;
}
constexpr ObjectType type_of_mode(std::uint32_t m) {
  return is_tree_mode(m) ? ObjectType::tree : is_gitlink_mode(m) ? ObjectType::commit : ObjectType::blob;
}

struct TreeEntry {
  std::uint32_t mode = 0;
  std::string_view name;  // borrows from the tree's bytes
  ObjectId oid;
};

// Walks a tree's bytes without copying. After next() returned false, error() tells whether the
// bytes were bad ("too-short tree object", "malformed mode in tree entry", "empty filename in tree entry").
class TreeReader {
 public:
  TreeReader(std::string_view bytes, HashAlgo algo) : rest_(bytes), algo_(algo) {}
  bool next(TreeEntry& entry);
  bool has_error() const { return error_ != nullptr; }
  const char* error() const { return error_; }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  HashAlgo algo_;
  const char* error_ = nullptr;
};
Result<std::vector<TreeEntry>> parse_tree(std::string_view bytes, HashAlgo algo);
void append_tree_entry(std::string& tree, std::uint32_t mode, std::string_view name, const ObjectId& oid);
// The order of entries in a tree: as if directories ended in '/'.
int base_name_compare(std::string_view a, std::uint32_t mode_a, std::string_view b, std::uint32_t mode_b);
// The same, but a file and a directory of one name are equal (0).
int df_name_compare(std::string_view a, std::uint32_t mode_a, std::string_view b, std::uint32_t mode_b);

// ---- identities ----
// "Name <mail> 1234567890 +0100"; parts borrow from the line.
struct IdentLine {
  std::string_view name, mail;
  std::string_view date, tz;  // empty where missing or malformed
};
std::optional<IdentLine> split_ident_line(std::string_view line);
// Seconds since the epoch (0 where the date is bad) and hours*100+minutes as written (-0700 = -700).
std::uint64_t ident_time(const IdentLine& ident);
int ident_tz(const IdentLine& ident);

// ---- commits and tags ----
struct CommitHeader {
  ObjectId tree;
  std::vector<ObjectId> parents;
  std::string_view author, committer;  // ident lines; empty where missing
  std::uint64_t commit_time = 0;       // the committer's, 0 where it can't be read
  std::string_view encoding;           // empty where there is none
  std::string_view message;            // behind the first empty line
};
// Only what a walk needs is required: tree and parents. Errors are git's ("bogus commit object", "bad tree").
Result<CommitHeader> parse_commit(std::string_view bytes, HashAlgo algo);
// The value of the first header `key` (continuation lines unfolded with '\n'), nullopt where there is none.
std::optional<std::string> find_commit_header(std::string_view bytes, std::string_view key);
std::string_view commit_message(std::string_view bytes);  // behind the headers

struct TagHeader {
  ObjectId object;
  ObjectType type = ObjectType::bad;
  std::string_view name;
  std::string_view tagger;  // empty where missing
  std::string_view message;
};
Result<TagHeader> parse_tag(std::string_view bytes, HashAlgo algo);

}  // namespace git
