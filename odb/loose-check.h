// Loose files one by one, for fsck, prune and count-objects: also those that are no objects.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "object/object.h"

namespace git {

struct LooseFile {
  std::string path;             // absolute
  std::string shown_path;       // as messages print it
  std::optional<ObjectId> oid;  // absent: its name is no object's
};
// Every file in the two-digit directories below `objects_dir`, by name; temporary files are left out unless asked for.
void for_each_loose_file(const std::string& objects_dir, HashAlgo algo, const std::function<void(const LooseFile&)>& fn,
                         bool with_temporary = false,
                         const std::function<void(const std::string& dir, unsigned byte)>& at_end = {});
// The object in the file and its true name. Errors are git's.
Result<ObjectData> read_loose_checked(const LooseFile& file, ObjectId* real);
// Could a reader make sense of the bytes: a commit with tree and parents, a tag with its object?
bool parses(const ObjectData& object, HashAlgo algo);

}  // namespace git
