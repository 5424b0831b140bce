// Making a pack for a client: pack-objects is run, its output goes out in side-band packets (or raw), its progress in
// band 2, with keepalives while it thinks.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "hash/object-id.h"

namespace git {

class Repository;

struct ServePackRequest {
  std::vector<ObjectId> wants, common, edges;  // edges: parents of commits that were the client's boundary
  std::vector<ObjectId> shallow;               // the boundary to pack with
  bool is_shallow = false;                     // one was spoken of
  std::string filter;
  bool skips_promised = false;  // the client gets from a promisor what we lack
  bool thin_pack = false, ofs_delta = false, no_progress = false, include_tag = false;
  std::size_t packet_size = 0;             // 0: no side-band, raw
  int keepalive = 5;                       // seconds, 0 never
  std::string hook;                        // uploadpack.packObjectsHook
  std::vector<std::string> uri_protocols;  // packfile-uris
};
// Writes to descriptor 1. Dies (having told the client) where pack-objects fails.
void serve_pack(Repository& repo, const ServePackRequest& request);

}  // namespace git
