// A pack taken apart into loose objects (git-unpack-objects(1)).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace git {

class Repository;

struct UnpackOptions {
  bool dry_run = false, quiet = false, recover = false, strict = false;
  std::string severities;
  std::uint64_t max_input_size = 0;
  std::optional<std::pair<std::uint32_t, std::uint32_t>> pack_header;  // read already by somebody else
};
struct UnpackResult {
  bool has_errors = false;  // with `recover`
  std::string rest;         // what was read behind the pack
};
UnpackResult unpack_objects(Repository& repo, int fd, const UnpackOptions& options);

}  // namespace git
