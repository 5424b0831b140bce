// What diff-files and diff-index share: revisions and diff options from one command line, raw output where nothing else
// was asked for, and the end of it.
//
//   PlumbingDiff diff(repo, prefix);
//   diff.parse(args, [&](const std::string& arg) { ... }, kUsage, 1);
//   diff.set_up();
//   diff_index(diff.options, ...);
//   return diff.finish();
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "diff.h"
#include "diff/combine.h"
#include "index.h"
#include "walk/revisions.h"

namespace git {

class PlumbingDiff {
 public:
  PlumbingDiff(Repository& repo, std::string_view prefix);

  // `own` takes the command's own options. Dies with `usage_text` unless just `revisions` are named, and without limits.
  void parse(const std::vector<std::string>& args, const std::function<bool(const std::string&)>& own, const char* usage_text,
             std::size_t revisions);
  void set_up();
  // Shows what was queued; the exit code.
  int finish();

  Index index;
  DiffOptions options;
  CombineSettings combine;
  RevWalk walk;

 private:
  Repository& repo_;
  std::string prefix_;
};

}  // namespace git
