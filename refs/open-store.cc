// The one place that knows all backends.
#include "refs/files-backend.h"

namespace git {

std::unique_ptr<RefStore> RefStore::open(RefStoreOptions options) {
  if (options.format == "files") return std::make_unique<FilesRefStore>(std::move(options));
  die("unknown ref storage format '%s'", options.format);
}

}  // namespace git
