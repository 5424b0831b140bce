// What the units of the status formats share.
#pragma once

#include <string>
#include <string_view>

#include "show/wt-status.h"

namespace git {

// Paths as a format shows them.
struct StatusPaths {
  explicit StatusPaths(const WtStatus& s);
  std::string show(std::string_view path) const;
  const WtStatus& status;
  bool quote_high = true;
};

int count_stashes(Repository& repo);
void print_long_status(WtStatus& status);
void print_short_status(WtStatus& status);
void print_porcelain_v2(WtStatus& status);

}  // namespace git
