// The header of a bundle (gitformat-bundle(5)): a signature line, capability lines ('@', version 3), prerequisites ('-'),
// refs, an empty line. Read line by line and without any I/O; what follows the empty line is a pack.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "hash/object-id.h"

namespace git {

struct BundleHeader {
  int version = 2;
  HashAlgo algo = HashAlgo::sha1;
  std::string filter;                                           // "" where there is none
  std::vector<std::pair<ObjectId, std::string>> prerequisites;  // without their comments
  std::vector<std::pair<ObjectId, std::string>> refs;
};

// The version that the first line tells, 0 where it is no bundle's.
int bundle_version_of(std::string_view line);
// One line after the first, with its newline. True at the end of the header.
Result<bool> parse_bundle_header_line(BundleHeader& header, std::string_view line);

}  // namespace git
