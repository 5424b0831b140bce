// The result as trees, deepest directories first.  Only directories that collect looked into are written anew; the
// others stand in their parents by name.
#include <algorithm>

#include "merge/merge-ort-internal.h"
#include "object/object.h"
#include "odb.h"
#include "repository.h"

namespace git::merge {
namespace {

struct Entry {
  std::string name;
  MergeVersion version;
};

std::optional<ObjectId> write_tree(Merge& m, std::vector<Entry>& entries) {
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return base_name_compare(a.name, a.version.mode, b.name, b.version.mode) < 0; });
  std::string bytes;
  for (const Entry& entry : entries) append_tree_entry(bytes, entry.version.mode, entry.name, entry.version.oid);
  Result<ObjectId> oid = m.repo.odb().write(ObjectType::tree, bytes);
  if (!oid) {
    m.error = oid.error().message;
    return std::nullopt;
  }
  return *oid;
}

struct DeepestFirst {
  bool operator()(const std::string& a, const std::string& b) const {
    auto depth = [](const std::string& s) { return s.empty() ? -1 : std::count(s.begin(), s.end(), '/'); };
    return depth(a) != depth(b) ? depth(a) > depth(b) : a < b;
  }
};

}  // namespace

std::optional<ObjectId> write_result(Merge& m) {
  std::map<std::string, std::vector<Entry>, DeepestFirst> dirs;
  dirs[""];
  for (const auto& [path, version] : m.results) {
    if (!version.is_present()) continue;
    std::string dir = parent_dir(path);
    dirs[dir].push_back({path.substr(dir.empty() ? 0 : dir.size() + 1), version});
  }
  while (!dirs.empty()) {
    auto node = dirs.extract(dirs.begin());
    std::optional<ObjectId> oid = write_tree(m, node.mapped());
    if (!oid || node.key().empty()) return oid;
    std::string dir = parent_dir(node.key());
    dirs[dir].push_back({node.key().substr(dir.empty() ? 0 : dir.size() + 1), {kModeTree, *oid}});
  }
  return std::nullopt;
}

}  // namespace git::merge
