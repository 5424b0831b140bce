// fsck.<msg-id>, receive.fsck.<msg-id> and fetch.fsck.<msg-id> (git-config(1)).
#pragma once

#include <string>

#include "object/fsck.h"

namespace git {

class Config;

// `section` is "fsck", "receive.fsck" or "fetch.fsck".
FsckOptions fsck_options_from_config(const Config& config, const std::string& section, HashAlgo algo);
// The same as a child is told it ("--strict=<list>"): "missingEmail=warn,skiplist=/path". Names that nobody knows are warned
// about ("skipping unknown msg id '%s'").
std::string fsck_severities_from_config(const Config& config, const std::string& section, const char* unknown_message);
// Options without any configuration, able to read .gitmodules.
FsckOptions default_fsck_options();
// Reads a skip list; dies "could not open SHA-1 list: %s".
void load_fsck_skip_list(FsckOptions& options, const std::string& path, HashAlgo algo);

}  // namespace git
