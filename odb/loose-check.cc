// See the header.
#include "odb/loose-check.h"

#include <algorithm>

#include "base/display-path.h"
#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "odb/odb-internal.h"

namespace git {

void for_each_loose_file(const std::string& objects_dir, HashAlgo algo, const std::function<void(const LooseFile&)>& fn,
                         bool with_temporary, const std::function<void(const std::string& dir, unsigned byte)>& at_end) {
  std::string shown_dir = display_path(objects_dir);
  for (unsigned byte = 0; byte < 256; byte++) {
    std::string hex = strf("%02x", byte), dir = path_join(objects_dir, hex);
    std::vector<std::string> names = list_dir(dir);
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      if (!with_temporary && starts_with(name, "tmp_obj_")) continue;
      LooseFile file{path_join(dir, name), path_join(shown_dir, hex + "/" + name), ObjectId::from_hex(hex + name, algo)};
      fn(file);
    }
    if (at_end && path_exists(dir)) at_end(dir, byte);
  }
}

Result<ObjectData> read_loose_checked(const LooseFile& file, ObjectId* real) {
  bool matches = false;
  return odb::read_loose_file(file.path, *file.oid, &matches, real);
}

bool parses(const ObjectData& object, HashAlgo algo) {
  if (object.type == ObjectType::commit) return parse_commit(object.data, algo).ok();
  if (object.type == ObjectType::tag) return parse_tag(object.data, algo).ok();
  return true;
}

}  // namespace git
