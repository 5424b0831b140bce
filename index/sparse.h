// Which paths a sparse checkout wants (git-sparse-checkout(1)): $GIT_DIR/info/sparse-checkout, cone or not.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "index/dir.h"

namespace git {

class SparsePatterns {
 public:
  PatternList list;  // non-cone
  bool use_cone = false;
  bool full_cone = false;           // everything at the top level is in
  std::set<std::string> recursive;  // cone: "/dir" wanted with all below
  std::set<std::string> parent;     // cone: "/dir" of which the files directly inside are wanted

  enum class Match : std::int8_t { undecided = -1, no = 0, yes = 1, recursive = 2 };
  Match match(std::string_view path, unsigned char type) const;
  // Also asks the parents, as read-tree does. True where the entry belongs into the worktree.
  bool path_in_checkout(std::string_view path, unsigned char type) const;
  std::string format_cone() const;  // the file's text

  static SparsePatterns parse(std::string_view text, bool cone);
};

bool is_sparse_checkout(Repository& repo);       // core.sparseCheckout
bool is_sparse_checkout_cone(Repository& repo);  // core.sparseCheckoutCone
std::string sparse_checkout_file(Repository& repo);
std::optional<SparsePatterns> read_sparse_patterns(Repository& repo);
bool path_in_sparse_checkout(Index& index, std::string_view path);
bool path_in_cone_sparse_checkout(Index& index, std::string_view path);

// The limits of a walk by path. Only a cone tells which directories need not be entered (`prunes_trees`).
std::function<bool(std::string_view path, bool is_tree)> sparse_path_limits(SparsePatterns patterns, bool prunes_trees);

// ---- sparse index ----
// Replaces directory entries by what they hold; `only` limits that to what is needed for the path.
void ensure_full_index(Index& index);
void expand_index_to_path(Index& index, std::string_view path);
// Collapses directories outside the cone where allowed (index.sparse, cone mode, no conflicts). False where it can't be.
bool convert_to_sparse(Index& index, unsigned flags = 0);

}  // namespace git
