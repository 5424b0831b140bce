// A pattern is a name or a leading part of it up to a '/'; "!" in front shows again, "^" in front looks at the name
// with its namespace.
#include "refs/hidden-refs.h"

#include "base/error.h"
#include "base/strings.h"
#include "config.h"

namespace git {

HiddenRefs::HiddenRefs(Config& config, std::string_view section, std::string ref_namespace)
    : namespace_(std::move(ref_namespace)) {
  std::string own = lowercase(section) + ".hiderefs";
  for (const ConfigEntry& entry : config.entries()) {
    if (entry.key != "transfer.hiderefs" && entry.key != own) continue;
    if (!entry.value) die("missing value for '%s'", entry.key);
    std::string_view pattern = *entry.value;
    while (pattern.size() > 1 && pattern.back() == '/') pattern.remove_suffix(1);
    patterns_.emplace_back(pattern);
  }
}

bool HiddenRefs::is_hidden(std::string_view full) const {
  std::string_view stripped = full;
  bool in_namespace = skip_prefix(stripped, namespace_);
  for (auto it = patterns_.rbegin(); it != patterns_.rend(); ++it) {
    std::string_view pattern = *it;
    bool negated = skip_prefix(pattern, "!");
    bool whole = skip_prefix(pattern, "^");
    std::string_view name = whole ? full : stripped;
    if (!whole && !in_namespace) continue;
    if (starts_with(name, pattern) && (name.size() == pattern.size() || name[pattern.size()] == '/')) return !negated;
  }
  return false;
}

}  // namespace git
