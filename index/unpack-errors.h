// Why paths can't be done, collected and told in the words of the command.
#pragma once

#include <array>
#include <set>
#include <string>

#include "index/unpack-trees.h"

namespace git {

class UnpackErrors {
 public:
  explicit UnpackErrors(UnpackOptions& options) : o_(options) {}
  int add(UnpackError error, const std::string& path);  // -1
  void show();                                          // everything that stops the command, then "Aborting"
  void show_warnings();                                 // what a sparse checkout left alone

 private:
  std::string text(UnpackError error) const;
  UnpackOptions& o_;
  std::array<std::set<std::string>, static_cast<std::size_t>(UnpackError::count)> paths_;
};

}  // namespace git
