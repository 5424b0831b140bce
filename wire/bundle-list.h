// A list of bundles (gitprotocol-v2(5) "bundle-uri", technical/bundle-uri): "bundle.<key>" describes the list,
// "bundle.<id>.<key>" one of its bundles. It comes as "key=value" lines from a server, or as a file in config format.
// Keys that mean nothing to us are left alone, so that lists may grow.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace git {

struct BundleInfo {
  std::string id;
  std::string uri;  // as the list has it: may be relative
  std::uint64_t creation_token = 0;
};

class BundleList {
 public:
  enum class Mode : std::uint8_t { none, all, any };
  enum class Heuristic : std::uint8_t { none, creation_token };

  // An error without a message: the value makes no sense, and the line it came in says so best.
  Result<void> update(std::string_view key, std::string_view value);
  Result<void> parse_line(std::string_view line);  // "key=value"
  // Is there a URI for every bundle?
  Result<void> check() const;
  std::string format() const;  // in config format

  int version = 0;
  Mode mode = Mode::none;
  Heuristic heuristic = Heuristic::none;
  const std::vector<BundleInfo>& bundles() const { return bundles_; }
  std::vector<BundleInfo>& bundles() { return bundles_; }
  // What was odd but did no harm.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  Result<void> update_list(std::string_view key, std::string_view value);
  Result<void> update_bundle(std::string_view id, std::string_view key, std::string_view value);

  std::vector<BundleInfo> bundles_;  // in the order they were named
  std::unordered_map<std::string, std::size_t> by_id_;
  std::vector<std::string> warnings_;
};

}  // namespace git
