// Sizes of objects that another repository has, without fetching them (gitprotocol-v2(5) "object-info").
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "hash/object-id.h"

namespace git {

class Repository;

// `remote` is a name, URL or path. Objects that aren't there are left out. Dies where the server can't be asked.
std::map<ObjectId, std::uint64_t> fetch_object_info(Repository& repo, const std::string& remote,
                                                    const std::vector<ObjectId>& oids);

}  // namespace git
