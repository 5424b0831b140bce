// Cone patterns name whole directories, so that "is this path in?" is a look into two sets:
//
//   /*            files at the top
//   !/*/          no directory,
//   /a/           but a,
//   !/a/*/        of which only the files,
//   /a/b/         and a/b with everything below         ->  parent {"/a"}, recursive {"/a/b"}
#include "index/sparse.h"

#include <dirent.h>

#include <cstring>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "config.h"
#include "index/cache-tree.h"
#include "index/index-state.h"
#include "odb.h"
#include "repository.h"

namespace git {
namespace {

// "\*" stands for "*" and so on.
std::string unescape_cone(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

std::string escape_cone(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '*' || c == '?' || c == '[' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

// Is every wildcard in the middle of the pattern escaped?
bool is_plain_cone(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      if (i + 1 >= text.size() || !std::strchr("*?[\\", text[i + 1])) return false;
      ++i;
    } else if (text[i] == '*' || text[i] == '?' || text[i] == '[') {
      return false;
    }
  }
  return true;
}

// One pattern taken into the cone's sets; false where it is no cone pattern (warned).
bool add_cone_pattern(SparsePatterns& p, const IgnorePattern& pattern) {
  std::string_view text = pattern.pattern;
  bool negative = pattern.flags & kPatternNegative, dir = pattern.flags & kPatternMustBeDir;
  if (text == "/*" && !negative && !dir) {
    p.full_cone = true;
    return true;
  }
  if (text == "/*" && negative && dir) {
    p.full_cone = false;
    return true;
  }
  if (text.size() < 2 || text[0] != '/' || !dir || text.find("**") != std::string_view::npos) {
    warning("unrecognized pattern: '%s'", text);
    return false;
  }
  std::string_view body = text;
  if (negative) {
    if (!strip_suffix(body, "/*") || !is_plain_cone(body)) {
      warning("unrecognized negative pattern: '%s'", text);
      return false;
    }
    std::string name = unescape_cone(body);
    if (!p.recursive.erase(name)) {
      warning("unrecognized negative pattern: '%s'", text);
      return false;
    }
    p.parent.insert(name);
    return true;
  }
  if (!is_plain_cone(body)) {
    warning("unrecognized pattern: '%s'", text);
    return false;
  }
  std::string name = unescape_cone(body);
  if (p.parent.count(name)) {
    warning("your sparse-checkout file may have issues: pattern '%s' is repeated", text);
    p.recursive.clear();
    p.parent.clear();
    return false;
  }
  p.recursive.insert(std::move(name));
  return true;
}

}  // namespace

SparsePatterns SparsePatterns::parse(std::string_view text, bool cone) {
  SparsePatterns p;
  p.list.source = "sparse-checkout";
  add_patterns_from_buffer(p.list, text, "");
  p.use_cone = cone;
  if (!cone) return p;
  for (const IgnorePattern& pattern : p.list.patterns) {
    if (add_cone_pattern(p, pattern)) continue;
    warning("disabling cone pattern matching");
    p.use_cone = false;
    p.recursive.clear();
    p.parent.clear();
    break;
  }
  return p;
}

SparsePatterns::Match SparsePatterns::match(std::string_view path, unsigned char type) const {
  if (!use_cone) {
    const IgnorePattern* pattern = last_matching_pattern(list, path, type);
    if (!pattern) return Match::undecided;
    return pattern->flags & kPatternNegative ? Match::no : Match::yes;
  }
  if (full_cone) return Match::yes;
  bool is_dir = type == DT_DIR;
  if (!path.empty() && path.back() == '/') path.remove_suffix(1), is_dir = true;
  std::string name = "/" + std::string(path);
  std::string parent_name = name.substr(0, name.rfind('/'));
  if (is_dir) {
    if (recursive.count(name)) return Match::recursive;
    if (parent.count(name)) return Match::yes;
  } else {
    if (parent_name.empty() || parent.count(parent_name)) return Match::yes;
  }
  for (std::string above = is_dir ? name : parent_name; !above.empty(); above.resize(above.rfind('/')))
    if (recursive.count(above)) return Match::recursive;
  return Match::no;
}

bool SparsePatterns::path_in_checkout(std::string_view path, unsigned char type) const {
  Match m = match(path, type);
  while (m == Match::undecided) {
    if (!path.empty() && path.back() == '/') path.remove_suffix(1);
    std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) return false;
    path = path.substr(0, slash);
    m = match(path, DT_DIR);
  }
  return m == Match::yes || m == Match::recursive;
}

std::string SparsePatterns::format_cone() const {
  std::string out = "/*\n";
  if (full_cone) return out;
  out += "!/*/\n";
  auto has_recursive_parent = [&](const std::string& name) {
    for (std::size_t slash = name.rfind('/'); slash != std::string::npos && slash; slash = name.rfind('/', slash - 1))
      if (recursive.count(name.substr(0, slash))) return true;
    return false;
  };
  for (const std::string& name : parent)
    if (!recursive.count(name) && !has_recursive_parent(name)) {
      std::string escaped = escape_cone(name);
      out += escaped + "/\n!" + escaped + "/*/\n";
    }
  for (const std::string& name : recursive)
    if (!has_recursive_parent(name)) out += escape_cone(name) + "/\n";
  return out;
}

bool is_sparse_checkout(Repository& repo) { return repo.config().get_bool_or("core.sparsecheckout", false); }
bool is_sparse_checkout_cone(Repository& repo) {
  return is_sparse_checkout(repo) && repo.config().get_bool_or("core.sparsecheckoutcone", false);
}
std::string sparse_checkout_file(Repository& repo) { return repo.git_path("info/sparse-checkout"); }

std::optional<SparsePatterns> read_sparse_patterns(Repository& repo) {
  if (!is_sparse_checkout(repo)) return std::nullopt;
  Result<std::string> text = read_file(sparse_checkout_file(repo));
  if (!text) return std::nullopt;
  return SparsePatterns::parse(*text, is_sparse_checkout_cone(repo));
}

namespace {

const SparsePatterns* patterns_of(Index& index) {
  IndexInternals& in = index.internals();
  if (!in.sparse_read) {
    in.sparse_read = true;
    if (auto patterns = read_sparse_patterns(index.repo())) in.sparse = std::make_unique<SparsePatterns>(std::move(*patterns));
  }
  return in.sparse.get();
}

}  // namespace

bool path_in_sparse_checkout(Index& index, std::string_view path) {
  const SparsePatterns* patterns = patterns_of(index);
  if (!patterns || path.empty()) return true;
  return patterns->path_in_checkout(path, path.back() == '/' ? DT_DIR : DT_REG);
}

bool path_in_cone_sparse_checkout(Index& index, std::string_view path) {
  const SparsePatterns* patterns = patterns_of(index);
  if (!patterns || path.empty() || !patterns->use_cone) return true;
  return patterns->path_in_checkout(path, path.back() == '/' ? DT_DIR : DT_REG);
}

std::function<bool(std::string_view path, bool is_tree)> sparse_path_limits(SparsePatterns patterns, bool prunes_trees) {
  auto shared = std::make_shared<SparsePatterns>(std::move(patterns));
  prunes_trees &= shared->use_cone;
  return [shared, prunes_trees](std::string_view path, bool is_tree) {
    if (is_tree && !prunes_trees) return true;
    if (is_tree) path.remove_suffix(1);
    return shared->path_in_checkout(path, is_tree ? DT_DIR : DT_REG);
  };
}

// ---- sparse index ----

namespace {

void expand_entry(Index& index, std::vector<IndexEntry>& out, const ObjectId& tree, const std::string& base) {
  Result<ObjectData> data = index.repo().odb().read(tree);
  if (!data) die("%s", data.error().message);
  TreeReader reader(data->data, tree.algo());
  for (TreeEntry e; reader.next(e);) {
    std::string path = base + std::string(e.name);
    if (is_tree_mode(e.mode)) {
      expand_entry(index, out, e.oid, path + "/");
      continue;
    }
    IndexEntry entry;
    entry.path = std::move(path);
    entry.mode = canon_mode(e.mode);
    entry.oid = e.oid;
    entry.skip_worktree = true;
    out.push_back(std::move(entry));
  }
}

// Expands the directories for which `wanted` says so; true where one stays.
bool expand(Index& index, const std::function<bool(std::string_view)>& wanted) {
  std::vector<IndexEntry> added;
  bool stays = false, any = false;
  for (const auto& e : index.entries()) {
    if (!is_tree_mode(e->mode)) continue;
    if (!wanted(e->path)) {
      stays = true;
      continue;
    }
    expand_entry(index, added, e->oid, e->path);
    e->remove = any = true;
  }
  if (!any) return stays;
  index.replace_entries([&](std::vector<std::unique_ptr<IndexEntry>>& entries) {
    std::erase_if(entries, [](const auto& e) { return e->remove; });
    for (IndexEntry& e : added) entries.push_back(std::make_unique<IndexEntry>(std::move(e)));
  });
  return stays;
}

// [from, to) are the entries below `base`; the ones to keep are appended to `out`.
bool can_collapse(Index& index, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i) {
    const IndexEntry& e = index[i];
    if (e.stage || is_gitlink_mode(e.mode) || !e.skip_worktree) return false;
  }
  return true;
}

}  // namespace

void ensure_full_index(Index& index) {
  if (!index.is_sparse) return;
  expand(index, [](std::string_view) { return true; });
  index.is_sparse = false;
  index.set_cache_tree(nullptr);
}

void expand_index_to_path(Index& index, std::string_view path) {
  if (!index.is_sparse) return;
  bool inside = false;
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos && !inside; slash = path.find('/', slash + 1)) {
    IndexEntry* e = index.find(path.substr(0, slash + 1));
    inside = e && is_tree_mode(e->mode);
  }
  if (inside) ensure_full_index(index);
}

bool convert_to_sparse(Index& index, unsigned flags) {
  Repository& repo = index.repo();
  if (index.is_sparse || !index.size() || !is_sparse_checkout_cone(repo)) return false;
  if (!(flags & 1u) && !repo.config().get_bool_or("index.sparse", false)) return false;
  const SparsePatterns* patterns = patterns_of(index);
  if (!patterns || !patterns->use_cone || index.has_unmerged() || index.internals().split) return false;
  // Names of the directories come from the cache tree.
  index.set_cache_tree(nullptr);
  if (!update_cache_tree(index, kCacheTreeMissingOk | kCacheTreeSilent)) return false;
  std::vector<std::unique_ptr<IndexEntry>> made;
  std::vector<bool> drop(index.size());
  for (std::size_t i = 0; i < index.size();) {
    const std::string path = index[i].path;
    std::size_t next = i + 1;
    for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
      std::string directory = path.substr(0, slash + 1);
      if (patterns->match(directory, DT_DIR) != SparsePatterns::Match::no) continue;
      std::size_t end = i;
      while (end < index.size() && starts_with(index[end].path, directory)) ++end;
      if (i && starts_with(index[i - 1].path, directory)) continue;
      CacheTree* tree = index.cache_tree()->find(std::string_view(directory).substr(0, slash));
      if (!can_collapse(index, i, end) || !tree || !tree->is_valid()) continue;
      auto e = std::make_unique<IndexEntry>();
      e->path = directory;
      e->mode = kModeTree;
      e->oid = tree->oid;
      e->skip_worktree = true;
      made.push_back(std::move(e));
      for (std::size_t k = i; k < end; ++k) drop[k] = true;
      next = end;
      break;
    }
    i = next;
  }
  index.replace_entries([&](std::vector<std::unique_ptr<IndexEntry>>& entries) {
    std::vector<std::unique_ptr<IndexEntry>> kept;
    for (std::size_t i = 0; i < entries.size(); ++i)
      if (!drop[i]) kept.push_back(std::move(entries[i]));
    for (auto& e : made) kept.push_back(std::move(e));
    entries = std::move(kept);
  });
  index.is_sparse = true;
  index.set_cache_tree(nullptr);
  return update_cache_tree(index, kCacheTreeMissingOk | kCacheTreeSilent).ok();
}

}  // namespace git
