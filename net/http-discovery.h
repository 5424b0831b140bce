// What stands behind .../info/refs (gitprotocol-http(5), "Discovering References"): the advertisement of a smart server,
// or the list of a dumb one.  Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/refs-advertisement.h"

namespace git {

// The smart service's own words, as a service on a pipe would say them: "# service=..." is taken off.
// An empty view where `content_type` says that the server is a dumb one.
Result<std::string_view> smart_advertisement(std::string_view service, std::string_view content_type, std::string_view body);

struct DumbRefs {
  HashAlgo algo = HashAlgo::sha1;
  std::vector<AdvertisedRef> refs;
};
// "<oid>\t<name>" lines; the length of the first oid says the algorithm. invalid where it is no such list.
Result<DumbRefs> parse_dumb_refs(std::string_view body);

}  // namespace git
