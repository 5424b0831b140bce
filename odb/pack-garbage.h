// Loose objects that packs have too, and files in objects/pack that belong to no pack.
#pragma once

#include <functional>
#include <string>

namespace git {

class ObjectDatabase;

enum PrunePackedFlag : unsigned { kPrunePackedDryRun = 1, kPrunePackedVerbose = 2 };
// Removes (or prints "rm -f <path>" for) our loose objects that are in a pack as well.
void prune_packed_objects(ObjectDatabase& odb, unsigned flags, const std::function<void(const std::string&)>& print);

// Calls with the path and why ("no corresponding .idx", "garbage found" ...).
void for_each_pack_garbage(const std::string& objects_dir,
                           const std::function<void(const std::string& path, const char* why)>& fn);

}  // namespace git
