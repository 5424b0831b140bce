// A directory whose entries did not change keeps its tree's name, so `git commit` after one edit writes one tree for each
// level above the edited file and nothing else.
#include "index/cache-tree.h"

#include <vector>

#include "base/fd.h"
#include "base/strings.h"
#include "index.h"
#include "index/index-state.h"
#include "object/object.h"
#include "odb.h"
#include "repository.h"

namespace git {
namespace {

struct Builder {
  Index& index;
  ObjectDatabase& odb;
  unsigned flags;

  bool missing_ok() const { return flags & kCacheTreeMissingOk; }
  bool dry_run() const { return flags & kCacheTreeDryRun; }

  // Entries [at, ...) below `base`; the number of entries covered.
  Result<std::size_t> update(CacheTree& tree, std::size_t at, const std::string& base);
  Result<void> store(CacheTree& tree, const std::string& bytes);
};

Result<void> Builder::store(CacheTree& tree, const std::string& bytes) {
  if (dry_run()) {
    tree.oid = odb.hash(ObjectType::tree, bytes);
    return {};
  }
  if (flags & kCacheTreeRepair) {
    ObjectId oid = odb.hash(ObjectType::tree, bytes);
    if (odb.has(oid, kLookupQuick | kLookupNoFetch))
      tree.oid = oid;
    else
      tree.entry_count = -1;
    return {};
  }
  Result<ObjectId> written = odb.write(ObjectType::tree, bytes);
  if (!written) return written.error();
  tree.oid = *written;
  return {};
}

Result<std::size_t> Builder::update(CacheTree& tree, std::size_t at, const std::string& base) {
  if (tree.is_valid() && !(flags & kCacheTreeMissingOk ? false : !odb.has(tree.oid)))
    return static_cast<std::size_t>(tree.entry_count);
  std::size_t start = at;
  std::string bytes;
  bool to_invalidate = false;
  std::map<std::string, std::unique_ptr<CacheTree>, CacheTree::NameOrder> kept;
  while (at < index.size() && starts_with(index[at].path, base)) {
    const IndexEntry& e = index[at];
    std::string_view name = std::string_view(e.path).substr(base.size());
    std::size_t slash = name.find('/');
    if (is_tree_mode(e.mode) && slash + 1 == name.size()) {  // a sparse directory
      std::string child(name.substr(0, slash));
      auto sub = std::make_unique<CacheTree>();
      sub->entry_count = 1;
      sub->oid = e.oid;
      append_tree_entry(bytes, kModeTree, child, e.oid);
      kept[child] = std::move(sub);
      ++at;
      continue;
    }
    if (slash != std::string_view::npos) {
      std::string child(name.substr(0, slash));
      std::unique_ptr<CacheTree> sub;
      if (auto it = tree.children.find(child); it != tree.children.end())
        sub = std::move(it->second);
      else
        sub = std::make_unique<CacheTree>();
      Result<std::size_t> covered = update(*sub, at, base + child + "/");
      if (!covered) return covered.error();
      if (*covered == 0) return make_error(ErrorKind::corrupt, "index cache-tree records empty sub-tree");
      at += *covered;
      if (!sub->is_valid()) to_invalidate = true;
      if (!sub->oid.is_null() && sub->oid != empty_tree_id(odb.algo())) append_tree_entry(bytes, kModeTree, child, sub->oid);
      kept[child] = std::move(sub);
      continue;
    }
    ++at;
    if (e.remove) {
      to_invalidate = true;
      continue;
    }
    if (e.intent_to_add) {
      to_invalidate = true;
      continue;
    }
    bool must_exist = !missing_ok() && !is_gitlink_mode(e.mode) && !e.skip_worktree;
    if (e.oid.is_null() || (must_exist && !odb.has(e.oid)))
      return make_error(ErrorKind::missing, "invalid object %06o %s for '%s'", e.mode, e.oid, e.path);
    append_tree_entry(bytes, e.mode, name, e.oid);
  }
  tree.children = std::move(kept);
  tree.entry_count = static_cast<int>(at - start);
  if (Result<void> r = store(tree, bytes); !r) return r.error();
  if (to_invalidate) tree.entry_count = -1;
  return at - start;
}

void format_one(const CacheTree& tree, std::string_view name, std::string& out) {
  out.append(name);
  out += '\0';
  out += strf("%d %d\n", tree.entry_count, static_cast<int>(tree.children.size()));
  if (tree.is_valid()) out.append(tree.oid.raw());
  for (const auto& [child, sub] : tree.children) format_one(*sub, child, out);
}

std::unique_ptr<CacheTree> parse_one(std::string_view& bytes, HashAlgo algo, std::string& name, int depth) {
  std::size_t nul = bytes.find('\0');
  if (nul == std::string_view::npos || depth > 4096) return nullptr;
  name = bytes.substr(0, nul);
  bytes.remove_prefix(nul + 1);
  std::size_t newline = bytes.find('\n');
  if (newline == std::string_view::npos) return nullptr;
  std::string_view line = bytes.substr(0, newline);
  bytes.remove_prefix(newline + 1);
  std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return nullptr;
  auto count = parse_int(line.substr(0, space)), subtrees = parse_int(line.substr(space + 1));
  if (!count || !subtrees || *subtrees < 0 || *count > INT32_MAX) return nullptr;
  auto tree = std::make_unique<CacheTree>();
  tree->entry_count = static_cast<int>(*count);
  if (tree->is_valid()) {
    if (bytes.size() < raw_size(algo)) return nullptr;
    tree->oid = ObjectId::from_raw(bytes.substr(0, raw_size(algo)), algo);
    bytes.remove_prefix(raw_size(algo));
  }
  for (std::int64_t i = 0; i < *subtrees; ++i) {
    std::string child_name;
    std::unique_ptr<CacheTree> child = parse_one(bytes, algo, child_name, depth + 1);
    if (!child) return nullptr;
    tree->children[child_name] = std::move(child);
  }
  return tree;
}

// The unmerged paths, git's way: one line for each stage.
std::string unmerged_report(Index& index) {
  std::string text;
  int shown = 0;
  for (const auto& e : index.entries()) {
    if (!e->stage) continue;
    if (++shown > 10) {
      text += "...\n";
      break;
    }
    text += strf("%s: unmerged (%s)\n", e->path, e->oid);
  }
  return text;
}

int prime(Index& index, CacheTree& tree, const ObjectId& oid, const std::string& base) {
  tree.oid = oid;
  Result<ObjectData> data = index.repo().odb().read(oid);
  if (!data) return tree.entry_count = -1;
  TreeReader reader(data->data, oid.algo());
  int count = 0;
  for (TreeEntry e; reader.next(e);) {
    if (!is_tree_mode(e.mode)) {
      ++count;
      continue;
    }
    std::string name(e.name);
    auto sub = std::make_unique<CacheTree>();
    if (index.is_sparse && index.find_position(base + name + "/") >= 0) {
      sub->oid = e.oid;
      sub->entry_count = 1;
    } else if (prime(index, *sub, e.oid, base + name + "/") < 0) {
      return tree.entry_count = -1;
    }
    count += sub->entry_count;
    tree.children[name] = std::move(sub);
  }
  return tree.entry_count = count;
}

}  // namespace

bool CacheTree::is_fully_valid() const {
  if (!is_valid()) return false;
  for (const auto& [name, child] : children)
    if (!child->is_fully_valid()) return false;
  return true;
}

void CacheTree::invalidate(std::string_view path) {
  entry_count = -1;
  std::size_t slash = path.find('/');
  auto it = children.find(path.substr(0, slash));
  if (it == children.end()) return;
  if (slash == std::string_view::npos)
    children.erase(it);
  else
    it->second->invalidate(path.substr(slash + 1));
}

CacheTree* CacheTree::find(std::string_view path) {
  CacheTree* tree = this;
  while (tree && !path.empty()) {
    std::size_t slash = path.find('/');
    auto it = tree->children.find(path.substr(0, slash));
    if (it == tree->children.end()) return nullptr;
    tree = it->second.get();
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return tree;
}

std::string CacheTree::format(HashAlgo) const {
  std::string out;
  format_one(*this, "", out);
  return out;
}

std::unique_ptr<CacheTree> CacheTree::parse(std::string_view bytes, HashAlgo algo) {
  std::string name;
  std::unique_ptr<CacheTree> tree = parse_one(bytes, algo, name, 0);
  return name.empty() ? std::move(tree) : nullptr;
}

Result<ObjectId> update_cache_tree(Index& index, unsigned flags) {
  if (index.has_unmerged()) {
    if (!(flags & kCacheTreeSilent)) err(unmerged_report(index));
    return make_error(ErrorKind::conflict, "%s", "");
  }
  const std::string* previous = nullptr;
  for (const auto& e : index.entries()) {
    if (previous && e->path.size() > previous->size() && e->path[previous->size()] == '/' && starts_with(e->path, *previous) &&
        previous->back() != '/')
      return make_error(ErrorKind::conflict, "You have both %s and %s", *previous, e->path);
    previous = &e->path;
  }
  if (!index.cache_tree()) index.set_cache_tree(std::make_unique<CacheTree>());
  Builder builder{index, index.repo().odb(), flags};
  Result<std::size_t> covered = builder.update(*index.cache_tree(), 0, "");
  if (!covered) return covered.error();
  index.is_changed = true;
  index.internals().cache_tree_changed = true;
  return index.cache_tree()->oid;
}

void prime_cache_tree(Index& index, const ObjectId& tree) {
  auto root = std::make_unique<CacheTree>();
  prime(index, *root, tree, "");
  index.set_cache_tree(std::move(root));
}

bool cache_tree_matches(Index& index, std::string_view path, const ObjectId& tree) {
  CacheTree* root = index.cache_tree();
  CacheTree* found = root ? root->find(path) : nullptr;
  return found && found->is_valid() && found->oid == tree;
}

}  // namespace git
