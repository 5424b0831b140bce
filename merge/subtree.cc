// Which directory of one tree looks like the other: both trees' entries are compared name by name, and what agrees
// counts for the fit, what is missing against it.  Two levels of directories are tried, which is what people have.
#include "merge/subtree.h"

#include <map>
#include <vector>

#include "base/error.h"
#include "object/object.h"
#include "odb.h"
#include "repository.h"

namespace git {
namespace {

using Names = std::map<std::string, std::pair<std::uint32_t, ObjectId>>;

Names read_names(Repository& repo, const ObjectId& tree) {
  Names names;
  Result<ObjectData> data = repo.odb().read_peeled(tree, ObjectType::tree);
  if (!data) die("unable to read tree (%s)", tree);
  TreeReader reader(data->data, repo.algo());
  TreeEntry entry;
  while (reader.next(entry)) names[std::string(entry.name)] = {entry.mode, entry.oid};
  return names;
}

int score_match(bool is_dir, bool same) { return is_dir ? (same ? 1000 : 500) : (same ? 500 : 250); }

int score_trees(Repository& repo, const ObjectId& one, const ObjectId& two) {
  Names a = read_names(repo, one), b = read_names(repo, two);
  int score = 0;
  for (const auto& [name, entry] : a) {
    auto it = b.find(name);
    bool is_dir = is_tree_mode(entry.first);
    if (it == b.end())
      score += is_dir ? -50 : -10;
    else if (is_tree_mode(it->second.first) == is_dir)
      score += score_match(is_dir, it->second.second == entry.second);
    else
      score += -100;
  }
  for (const auto& [name, entry] : b)
    if (!a.count(name)) score += is_tree_mode(entry.first) ? -50 : -5;
  return score;
}

struct Best {
  int score;
  std::string path;
};

void try_directories(Repository& repo, const ObjectId& inside, const ObjectId& other, const std::string& base, int depth,
                     Best& best) {
  for (const auto& [name, entry] : read_names(repo, inside)) {
    if (!is_tree_mode(entry.first)) continue;
    int score = score_trees(repo, entry.second, other);
    if (score > best.score) best = {score, base + name};
    if (depth > 0) try_directories(repo, entry.second, other, base + name + "/", depth - 1, best);
  }
}

ObjectId subtree_at(Repository& repo, const ObjectId& tree, std::string_view path) {
  ObjectId at = tree;
  while (!path.empty()) {
    std::size_t slash = path.find('/');
    Names names = read_names(repo, at);
    auto it = names.find(std::string(path.substr(0, slash)));
    if (it == names.end() || !is_tree_mode(it->second.first)) return ObjectId::null(repo.algo());
    at = it->second.second;
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return at;
}

// `tree` with `subtree` in place of the directory at `path`.
ObjectId splice(Repository& repo, const ObjectId& tree, const std::string& path, const ObjectId& subtree) {
  std::size_t slash = path.find('/');
  std::string first = path.substr(0, slash);
  Result<ObjectData> data = repo.odb().read_peeled(tree, ObjectType::tree);
  if (!data) die("unable to read tree (%s)", tree);
  TreeReader reader(data->data, repo.algo());
  TreeEntry entry;
  std::string bytes;
  bool found = false;
  while (reader.next(entry)) {
    ObjectId oid = entry.oid;
    if (entry.name == first && is_tree_mode(entry.mode)) {
      oid = slash == std::string::npos ? subtree : splice(repo, entry.oid, path.substr(slash + 1), subtree);
      found = true;
    }
    append_tree_entry(bytes, entry.mode, entry.name, oid);
  }
  if (!found) die("entry %s not found in tree %s", first, tree);
  return repo.odb().write(ObjectType::tree, bytes).take_or_die();
}

}  // namespace

ObjectId shift_subtree(Repository& repo, const ObjectId& one, const ObjectId& two, const std::string& path) {
  if (!path.empty()) {
    ObjectId inside_one = subtree_at(repo, one, path), inside_two = subtree_at(repo, two, path);
    int score = score_trees(repo, one, two);
    bool add = false, remove = false;
    if (!inside_one.is_null()) {
      int s = score_trees(repo, inside_one, two);
      if (s > score) score = s, add = true;
    }
    if (!inside_two.is_null()) {
      int s = score_trees(repo, one, inside_two);
      if (s > score) add = false, remove = true;
    }
    if (add) return splice(repo, one, path, two);
    return remove ? inside_two : two;
  }
  int none = score_trees(repo, one, two);
  Best add{none, ""}, remove{none, ""};
  try_directories(repo, one, two, "", 2, add);
  try_directories(repo, two, one, "", 2, remove);
  if (add.path.empty() && remove.path.empty()) return two;
  if (add.score >= remove.score && !add.path.empty()) return splice(repo, one, add.path, two);
  return subtree_at(repo, two, remove.path);
}

}  // namespace git
