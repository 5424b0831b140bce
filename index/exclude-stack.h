// The exclude rules that hold in one directory: command line, .gitignore files from the top down to it, and the two
// standard files.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "index/dir.h"

namespace git {

class ExcludeStack {
 public:
  explicit ExcludeStack(Index& index);
  std::vector<std::unique_ptr<PatternList>> command_line, files;
  std::string per_directory;
  bool icase = false;

  // The pattern that decides about the path (a negative one too), nullptr where none speaks.
  const IgnorePattern* last_matching(std::string_view path, unsigned char type);
  // Name of the per-directory file's content in `directory`, as last read; null where there is none.
  ObjectId per_directory_oid(std::string_view directory);
  bool has_patterns() const { return !command_line.empty() || !files.empty() || !per_directory.empty(); }

 private:
  struct Frame {
    std::string base;  // "" or "dir/"
    PatternList list;
    const IgnorePattern* excluded = nullptr;  // the directory itself is, and with it all below
    ObjectId oid;
  };
  void enter(std::string_view directory);
  void push(std::string base);
  const IgnorePattern* match(std::string_view path, unsigned char type);
  Index& index_;
  std::vector<std::unique_ptr<Frame>> frames_;
};

}  // namespace git
