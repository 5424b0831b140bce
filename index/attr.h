// gitattributes(5): which attributes a path has, from .gitattributes files of the worktree, the index or a tree,
// $GIT_DIR/info/attributes, core.attributesFile and the system file; macros expanded.
//
//   AttributeReader attrs(repo, &index);
//   AttrValue v = attrs.get("dir/file.c", "diff");
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hash/object-id.h"

namespace git {

class Index;
class Repository;

struct AttrValue {
  enum class Kind : std::uint8_t { unspecified, set, unset, value };
  Kind kind = Kind::unspecified;
  std::string value;  // of Kind::value

  bool is_set() const { return kind == Kind::set; }
  bool is_unset() const { return kind == Kind::unset; }
  bool is_unspecified() const { return kind == Kind::unspecified; }
  bool has_value() const { return kind == Kind::value; }
};

// Where .gitattributes of directories are read first.
enum class AttrDirection : std::uint8_t {
  checkin,   // the worktree, the index where there is no file
  checkout,  // the index, the worktree where it has none
  index,     // the index only
};

class AttributeReader {
 public:
  // `index` may be nullptr: it is then read where needed.
  explicit AttributeReader(Repository& repo, Index* index = nullptr, AttrDirection direction = AttrDirection::checkin);
  ~AttributeReader();
  AttributeReader(AttributeReader&&) noexcept;

  // Directories' files come from this tree instead (--source, attr.tree, GIT_ATTR_SOURCE).
  void set_source(const ObjectId& tree);
  void set_direction(AttrDirection direction);  // forgets what was read where it changes

  // `path` from the top of the worktree; a trailing '/' makes it a directory.
  AttrValue get(std::string_view path, std::string_view name);
  std::vector<AttrValue> get(std::string_view path, const std::vector<std::string>& names);
  // Every attribute that is not unspecified, macros' names included, in order of first mention.
  std::vector<std::pair<std::string, AttrValue>> all(std::string_view path);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// "a-b_c.d" without a leading '-'; "builtin_" names are reserved for us.
bool is_valid_attr_name(std::string_view name);
// GIT_ATTR_SOURCE, --attr-source or attr.tree; dies "bad --attr-source or GIT_ATTR_SOURCE".
std::optional<ObjectId> default_attr_source(Repository& repo);

}  // namespace git
