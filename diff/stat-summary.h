// " 3 files changed, 2 insertions(+)": also what apply and merge say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace git {

std::string format_stat_summary(std::size_t files, std::uint64_t insertions, std::uint64_t deletions);

}  // namespace git
