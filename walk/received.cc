// Commits first, newest to oldest; then each new commit's tree against the trees of its parents.  A tree that is the
// same as a parent's at the same place is complete because that parent is (or will have been checked before).
#include "walk/received.h"

#include <algorithm>

#include "base/fmt.h"
#include "object/object.h"
#include "odb.h"
#include "repository.h"

namespace git {

bool ReceivedCheck::missing(std::string what) {
  what_ = std::move(what);
  return false;
}

namespace {

// One directory: the tree to look at, and the complete trees at the same place.
struct Directory {
  ObjectId tree;
  std::vector<ObjectId> known;
};

}  // namespace

bool ReceivedCheck::check_tree(const ObjectId& root, const std::vector<ObjectId>& known) {
  ObjectDatabase& odb = repo_.odb();
  std::vector<Directory> todo{{root, known}};
  while (!todo.empty()) {
    Directory dir = std::move(todo.back());
    todo.pop_back();
    if (std::find(dir.known.begin(), dir.known.end(), dir.tree) != dir.known.end() || !done_.insert(dir.tree).second) continue;
    Result<ObjectData> data = odb.read(dir.tree, kLookupNoReplace);
    if (!data || data->type != ObjectType::tree) return missing(strf("bad tree object %s", dir.tree));
    std::unordered_map<std::string, std::vector<ObjectId>> known_entries;
    for (const ObjectId& oid : dir.known) {
      Result<ObjectData> other = odb.read(oid, kLookupNoReplace);
      if (!other) continue;
      TreeReader reader(other->data, repo_.algo());
      for (TreeEntry entry; reader.next(entry);) known_entries[std::string(entry.name)].push_back(entry.oid);
    }
    TreeReader reader(data->data, repo_.algo());
    for (TreeEntry entry; reader.next(entry);) {
      if (is_gitlink_mode(entry.mode) || done_.count(entry.oid)) continue;
      auto it = known_entries.find(std::string(entry.name));
      std::vector<ObjectId> same_place = it == known_entries.end() ? std::vector<ObjectId>{} : it->second;
      if (std::find(same_place.begin(), same_place.end(), entry.oid) != same_place.end()) continue;
      if (is_tree_mode(entry.mode)) {
        todo.push_back({entry.oid, std::move(same_place)});
      } else {
        if (odb.type_of(entry.oid, kLookupNoReplace) != ObjectType::blob)
          return missing(strf("missing blob object '%s'", entry.oid));
        done_.insert(entry.oid);
      }
    }
    if (reader.has_error()) return missing(strf("bad tree object %s", dir.tree));
  }
  return true;
}

bool ReceivedCheck::is_complete(const ObjectId& tip) {
  ObjectDatabase& odb = repo_.odb();
  CommitPool& pool = repo_.commits();
  ObjectId oid = tip;
  for (int depth = 0; odb.type_of(oid, kLookupNoReplace) == ObjectType::tag; depth++) {
    Result<ObjectData> data = odb.read(oid, kLookupNoReplace);
    Result<TagHeader> tag = data ? parse_tag(data->data, repo_.algo()) : Result<TagHeader>(Error{});
    if (!tag) return missing(strf("bad tag object %s", oid));
    oid = tag->object;
  }
  switch (odb.type_of(oid, kLookupNoReplace)) {
    case ObjectType::commit:
      break;
    case ObjectType::tree:
      return check_tree(oid, {});
    case ObjectType::blob:
      return true;
    default:
      return missing(strf("bad object %s", oid));
  }
  struct Step {
    Commit* commit;
    Commit* child;  // that named it
  };
  std::vector<Step> todo{{pool.get(oid), nullptr}};
  std::vector<Commit*> fresh;
  while (!todo.empty()) {
    auto [commit, child] = todo.back();
    todo.pop_back();
    if (done_.count(commit->oid)) continue;
    if (!odb.has(commit->oid, kLookupNoReplace) || !pool.parse_quietly(commit))
      return missing(child ? strf("Failed to traverse parents of commit %s", child->oid) : strf("bad object %s", commit->oid));
    if (!odb.is_only_in_quarantine(commit->oid) && visible_.reaches(commit)) continue;
    done_.insert(commit->oid);
    fresh.push_back(commit);
    if (std::find(boundary_.begin(), boundary_.end(), commit->oid) != boundary_.end()) continue;
    for (Commit* parent : commit->parents) todo.push_back({parent, commit});
  }
  for (Commit* commit : fresh) {
    std::vector<ObjectId> known;
    bool is_cut = std::find(boundary_.begin(), boundary_.end(), commit->oid) != boundary_.end();
    for (Commit* parent : commit->parents)
      if (!is_cut && pool.parse_quietly(parent)) known.push_back(pool.tree(parent));
    if (!check_tree(pool.tree(commit), known)) return false;
  }
  return true;
}

}  // namespace git
