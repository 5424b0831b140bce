// Which refs a server keeps to itself (git-config(1), "transfer.hideRefs").
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace git {

class Config;

class HiddenRefs {
 public:
  HiddenRefs() = default;
  // transfer.hideRefs and <section>.hideRefs ("uploadpack", "receive"), in the order of the configuration.
  HiddenRefs(Config& config, std::string_view section, std::string ref_namespace);

  // `full` is the whole name, with the namespace. The last pattern that matches decides.
  bool is_hidden(std::string_view full) const;
  bool empty() const { return patterns_.empty(); }
  const std::vector<std::string>& patterns() const { return patterns_; }

 private:
  std::vector<std::string> patterns_;
  std::string namespace_;  // "refs/namespaces/x/" or ""
};

}  // namespace git
