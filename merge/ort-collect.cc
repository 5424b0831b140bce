// Walks the three trees side by side and looks into a directory only where the sides differ, so that the cost
// follows the change.  What one side left alone and both sides changed alike is settled here.
//
// Rejected: settling a whole directory that one side left alone without looking into it.  The other side's
// additions there may be the targets of renames that matter elsewhere.
#include "merge/merge-ort-internal.h"
#include "object/object.h"
#include "odb.h"
#include "repository.h"

namespace git::merge {
namespace {

struct Frame {
  std::string prefix;             // "dir/" or ""
  std::array<ObjectId, 3> trees;  // null: not there
};

using Entries = std::map<std::string, std::array<MergeVersion, 3>>;

bool read_entries(Merge& m, const Frame& frame, Entries& entries) {
  for (int side = 0; side < 3; side++) {
    const ObjectId& oid = frame.trees[static_cast<std::size_t>(side)];
    if (oid.is_null()) continue;
    Result<ObjectData> tree = m.repo.odb().read(oid);
    if (!tree || tree->type != ObjectType::tree) {
      m.error = strf("collecting merge info failed for trees: unable to read tree (%s)", oid);
      return false;
    }
    TreeReader reader(tree->data, m.repo.algo());
    TreeEntry entry;
    while (reader.next(entry)) entries[std::string(entry.name)][static_cast<std::size_t>(side)] = {entry.mode, entry.oid};
    if (reader.has_error()) {
      m.error = strf("%s in tree %s", reader.error(), oid);
      return false;
    }
  }
  return true;
}

// Everything below is the same on all sides, or both sides made the same of it.
bool is_settled(const std::array<MergeVersion, 3>& v) { return v[1] == v[2] && v[0] == v[1]; }

void collect_entry(Merge& m, const std::string& path, const std::array<MergeVersion, 3>& versions, std::vector<Frame>& todo) {
  PathInfo& info = m.paths[path];
  info.names = {path, path, path};
  if (is_settled(versions)) {
    info.is_resolved = true;
    info.result = versions[0];
    return;
  }
  Frame below{path + "/", {ObjectId::null(m.repo.algo()), ObjectId::null(m.repo.algo()), ObjectId::null(m.repo.algo())}};
  for (std::size_t side = 0; side < 3; side++) {
    if (is_tree_mode(versions[side].mode)) {
      info.dirmask |= 1u << side;
      below.trees[side] = versions[side].oid;
    } else {
      info.stages[side] = versions[side];
    }
  }
  if (info.filemask() == 7 && versions[1] == versions[2]) {
    info.is_resolved = true;
    info.result = versions[1];
  }
  if (info.dirmask) todo.push_back(std::move(below));
}

}  // namespace

bool collect(Merge& m, const ObjectId& base, const ObjectId& side1, const ObjectId& side2) {
  std::vector<Frame> todo{{"", {base, side1, side2}}};
  while (!todo.empty()) {
    Frame frame = std::move(todo.back());
    todo.pop_back();
    Entries entries;
    if (!read_entries(m, frame, entries)) return false;
    for (auto& [name, versions] : entries) collect_entry(m, frame.prefix + name, versions, todo);
  }
  return true;
}

}  // namespace git::merge
