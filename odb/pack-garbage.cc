// See the header.
#include "odb/pack-garbage.h"

#include <unistd.h>

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/files.h"
#include "base/progress.h"
#include "base/strings.h"
#include "odb/loose-check.h"
#include "odb/odb-internal.h"

namespace git {
namespace {

bool is_in_pack(ObjectDatabase& odb, const ObjectId& oid) {
  for (const auto& pack : odb.packs())
    if (pack->find(oid)) return true;
  return false;
}

}  // namespace

void prune_packed_objects(ObjectDatabase& odb, unsigned flags, const std::function<void(const std::string&)>& print) {
  Progress progress("Removing duplicate objects", 256, flags & kPrunePackedVerbose, true);
  for_each_loose_file(
      odb.objects_dir(), odb.algo(),
      [&](const LooseFile& file) {
        if (!file.oid || !is_in_pack(odb, *file.oid)) return;
        if (flags & kPrunePackedDryRun)
          print(strf("rm -f %s\n", file.shown_path));
        else if (::unlink(file.path.c_str()) < 0)
          warning_errno("unable to unlink '%s'", file.shown_path);
      },
      false,
      [&](const std::string& dir, unsigned byte) {
        progress.update(byte + 1);
        if (!(flags & kPrunePackedDryRun)) ::rmdir(dir.c_str());
      });
}

void for_each_pack_garbage(const std::string& objects_dir, const std::function<void(const std::string&, const char*)>& fn) {
  static constexpr std::string_view kKnown[] = {"idx", "rev", "pack", "bitmap", "keep", "promisor", "mtimes"};
  std::string dir = path_join(objects_dir, "pack");
  std::vector<std::string> names = list_dir(dir);
  std::sort(names.begin(), names.end());
  std::map<std::string, std::vector<std::string>> groups;  // by name without extension
  for (const std::string& name : names) {
    if (name == "multi-pack-index" || name == "multi-pack-index.d") continue;
    std::size_t dot = name.rfind('.');
    std::string extension = dot == std::string::npos ? "" : name.substr(dot + 1);
    if (starts_with(name, "multi-pack-index") && (extension == "bitmap" || extension == "rev")) continue;
    if (std::find(std::begin(kKnown), std::end(kKnown), extension) == std::end(kKnown))
      fn(path_join(dir, name), "garbage found");
    else
      groups[name.substr(0, dot)].push_back(name);
  }
  for (const auto& [stem, members] : groups) {
    auto has = [&, &group = members, &base = stem](const char* extension) {
      return std::find(group.begin(), group.end(), base + extension) != group.end();
    };
    if (has(".pack") && has(".idx")) continue;
    const char* why = has(".pack")  ? "no corresponding .idx"
                      : has(".idx") ? "no corresponding .pack"
                                    : "no corresponding .idx or .pack";
    for (const std::string& name : members) fn(path_join(dir, name), why);
  }
}

}  // namespace git
