// Orders names with numbers in them by the numbers: v1.9 before v1.10.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace git {

// `suffixes` are the values of versionsort.suffix: "1.0-rc1" comes before "1.0" where "-rc" is among them, and the order of
// the list decides between two suffixes.
int versioncmp(std::string_view a, std::string_view b, const std::vector<std::string>& suffixes = {});

}  // namespace git
