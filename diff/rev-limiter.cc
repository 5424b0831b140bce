// Plain paths, by far the most common, are followed component by component and cost one tree per level; anything
// else walks both trees side by side.
#include "diff/rev-limiter.h"

#include <dirent.h>

#include "base/error.h"
#include "index/dir.h"
#include "odb.h"
#include "repository.h"

namespace git {
namespace {

struct Found {
  ObjectId oid;
  std::uint32_t mode = 0;  // 0: not there
};

Found find_entry(std::string_view tree, HashAlgo algo, std::string_view name) {
  TreeReader reader(tree, algo);
  TreeEntry entry;
  while (reader.next(entry))
    if (entry.name == name) return {entry.oid, entry.mode};
  return {};
}

}  // namespace

PathspecLimiter::PathspecLimiter(Repository& repo, Pathspec spec, bool any_change_will_do)
    : repo_(repo), any_(any_change_will_do) {
  set_spec(std::move(spec));
}
void PathspecLimiter::set_spec(Pathspec spec) {
  spec_ = std::move(spec);
  literal_ = !spec_.empty();
  for (const PathspecItem& item : spec_.items)
    if (item.is_wild() || item.magic & ~static_cast<unsigned>(kMagicTop | kMagicLiteral) || item.match.empty()) literal_ = false;
}

void PathspecLimiter::note(unsigned bits) { found_ |= bits; }

std::string PathspecLimiter::read_tree(const ObjectId& oid) {
  if (oid.is_null()) return {};
  Result<ObjectData> data = repo_.odb().read(oid);
  if (!data || data->type != ObjectType::tree) die("unable to read tree (%s)", oid);
  return std::move(data->data);
}

void PathspecLimiter::compare_path(const ObjectId& old_tree, const ObjectId& new_tree, std::string_view path) {
  Found a{old_tree, old_tree.is_null() ? 0 : kModeTree}, b{new_tree, kModeTree};
  while (!path.empty()) {
    if (a.mode == b.mode && a.oid == b.oid) return;
    std::size_t slash = path.find('/');
    std::string_view name = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    a = is_tree_mode(a.mode) ? find_entry(read_tree(a.oid), repo_.algo(), name) : Found{};
    b = is_tree_mode(b.mode) ? find_entry(read_tree(b.oid), repo_.algo(), name) : Found{};
    if (slash != std::string_view::npos) {
      // What comes is below a directory; a file of that name has nothing there.
      if (!is_tree_mode(a.mode)) a = {};
      if (!is_tree_mode(b.mode)) b = {};
    }
    if (!a.mode && !b.mode) return;
  }
  if (a.mode == b.mode && a.oid == b.oid) return;
  if (!a.mode)
    note(1);
  else if (!b.mode)
    note(2);
  else
    note(3);
}

void PathspecLimiter::compare_trees(const ObjectId& old_tree, const ObjectId& new_tree, std::string& base) {
  if (old_tree == new_tree) return;
  std::string old_bytes = read_tree(old_tree), new_bytes = read_tree(new_tree);
  TreeReader old_reader(old_bytes, repo_.algo()), new_reader(new_bytes, repo_.algo());
  TreeEntry a, b;
  bool has_a = old_reader.next(a), has_b = new_reader.next(b);
  bool all = false;
  auto wanted = [&](const TreeEntry& e) {
    if (all) return true;
    Interest interest = tree_entry_interesting(repo_, spec_, base, e.name, e.mode, true);
    if (interest == Interest::all) all = true;
    return interest == Interest::yes || interest == Interest::all;
  };
  auto descend = [&](const TreeEntry* from, const TreeEntry* to) {
    std::size_t length = base.size();
    base += (from ? from : to)->name;
    base += '/';
    const ObjectId none = ObjectId::null(repo_.algo());
    compare_trees(from ? from->oid : none, to ? to->oid : none, base);
    base.resize(length);
  };
  auto one_sided = [&](const TreeEntry& e, bool is_old) {
    if (!wanted(e)) return;
    if (is_tree_mode(e.mode))
      descend(is_old ? &e : nullptr, is_old ? nullptr : &e);
    else
      note(is_old ? 2 : 1);
  };
  while ((has_a || has_b) && !is_decided()) {
    int order = !has_a ? 1 : !has_b ? -1 : base_name_compare(a.name, a.mode, b.name, b.mode);
    if (order < 0) {
      one_sided(a, true);
      has_a = old_reader.next(a);
      continue;
    }
    if (order > 0) {
      one_sided(b, false);
      has_b = new_reader.next(b);
      continue;
    }
    if ((a.oid != b.oid || a.mode != b.mode) && wanted(b)) {
      if (is_tree_mode(a.mode) && is_tree_mode(b.mode))
        descend(&a, &b);
      else
        note(3);
    }
    has_a = old_reader.next(a);
    has_b = new_reader.next(b);
  }
}

TreeChange PathspecLimiter::compare(const ObjectId& old_tree, const ObjectId& new_tree) {
  found_ = 0;
  if (literal_) {
    for (const PathspecItem& item : spec_.items) {
      compare_path(old_tree, new_tree, item.match);
      if (is_decided()) break;
    }
  } else {
    std::string base;
    compare_trees(old_tree, new_tree, base);
  }
  switch (found_) {
    case 0:
      return TreeChange::same;
    case 1:
      return TreeChange::only_added;
    case 2:
      return TreeChange::only_removed;
    default:
      return TreeChange::different;
  }
}

std::vector<std::string> PathspecLimiter::literal_paths() const {
  std::vector<std::string> paths;
  if (!literal_) return paths;
  for (const PathspecItem& item : spec_.items) {
    std::string path = item.match;
    while (!path.empty() && path.back() == '/') path.pop_back();
    paths.push_back(path);
  }
  return paths;
}

SparseMatcher sparse_pattern_matcher(std::string_view patterns) {
  auto list = std::make_shared<PatternList>();
  add_patterns_from_buffer(*list, patterns, {});
  return [list](std::string_view path, bool is_directory) {
    const IgnorePattern* found = last_matching_pattern(*list, path, is_directory ? DT_DIR : DT_REG);
    if (!found) return -1;
    return found->flags & kPatternNegative ? 0 : 1;
  };
}

void limit_walk_by_paths(RevWalk& walk, std::string_view prefix) {
  if (walk.pathspec.empty()) return;
  Pathspec spec = parse_pathspec(walk.repo(), walk.pathspec, prefix, kPreferFull, kMagicAll & ~static_cast<unsigned>(kMagicAttr));
  if (spec.empty()) return;
  walk.prune = true;
  Repository& repo = walk.repo();
  walk.path_wanted = [&repo, spec](std::string_view path, std::uint32_t mode) {
    std::size_t slash = path.rfind('/');
    std::string_view base = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash + 1);
    std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    Interest interest = tree_entry_interesting(repo, spec, base, name, mode, true);
    return interest == Interest::yes || interest == Interest::all;
  };
  walk.limiter = std::make_unique<PathspecLimiter>(repo, std::move(spec), !walk.remove_empty_trees);
}

}  // namespace git
