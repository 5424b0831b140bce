// The one place that knows all backends.
#include "refs/files-backend.h"
#include "refs/reftable-backend.h"

namespace git {

std::unique_ptr<RefStore> RefStore::open(RefStoreOptions options) {
  if (options.format == "files") return std::make_unique<FilesRefStore>(std::move(options));
  if (options.format == "reftable") return std::make_unique<ReftableRefStore>(std::move(options));
  die("unknown ref storage format '%s'", options.format);
}

}  // namespace git
