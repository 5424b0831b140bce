// Bundles that somebody put where they are cheap to get (technical/bundle-uri): taken in before a clone or fetch, so that
// the server has less to send. Whatever goes wrong is a warning: the server is the truth, the bundles are a shortcut.
#pragma once

#include <string>

#include "base/result.h"
#include "wire/bundle-list.h"

namespace git {

class Repository;

// Takes in the bundle, or the bundles of the list, that is at `uri`; their refs go below refs/bundles/. False, after
// warnings, where that failed. `has_heuristic`: it is a list worth coming back to (fetch.bundleURI).
bool fetch_bundle_uri(Repository& repo, const std::string& uri, bool* has_heuristic = nullptr);
// The same for a list that the server told us about; `base` is the server's URL.
bool fetch_bundle_list(Repository& repo, BundleList list, const std::string& base);

// A list in config format.
Result<BundleList> read_bundle_list(const std::string& path);
// Makes the URIs of the list absolute.
Result<void> resolve_bundle_uris(BundleList& list, const std::string& base);

}  // namespace git
