// The extension's bytes: two stat records for the exclude files, then the directories in depth-first order, then three
// bitmaps over them.
#include "index/untracked-cache.h"

namespace git {

std::string UntrackedCache::format(HashAlgo) const { return {}; }
std::unique_ptr<UntrackedCache> UntrackedCache::parse(std::string_view, HashAlgo) { return nullptr; }

}  // namespace git
