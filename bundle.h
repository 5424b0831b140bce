// Bundles (gitformat-bundle(5)): refs, prerequisites and a pack in one file, and such a file as a remote.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "bundle-header.h"
#include "transport.h"

namespace git {

bool is_bundle_file(const std::string& path, bool is_quiet = true);
// Opens and reads the header; the descriptor stands at the pack. Errors in git's words.
Result<UniqueFd> open_bundle(const std::string& path, BundleHeader& header);
// Are the prerequisites here, and reachable? Says what is missing unless quiet. `is_verbose` lists what it holds.
bool verify_bundle(Repository& repo, const BundleHeader& header, bool is_verbose, bool is_quiet);
void list_bundle_refs(const BundleHeader& header, const std::vector<std::string>& patterns);
// Takes the pack in. `progress_args` go to index-pack. 0, or -1 after an error().
int unbundle(Repository& repo, const BundleHeader& header, UniqueFd fd, const std::vector<std::string>& index_pack_args,
             bool verifies, bool runs_fsck = false);

std::unique_ptr<Transport> make_bundle_transport(Repository* repo, Config& config, Remote* remote, const std::string& path);

}  // namespace git
