// Where a clone comes from: is a name a repository or a bundle on this machine, what is the copy called, and how its
// objects are taken over without a conversation.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace git {

struct CloneSource {
  std::string path;  // the git directory, or a bundle
  bool is_bundle = false;
};
// nullopt where `name` is none on this machine.
std::optional<CloneSource> find_clone_source(const std::string& name);
// The last part of a URL as a directory name: "host:dir/repo.git/" gives "repo". Dies where there is none.
std::string guess_clone_directory(std::string_view url, bool is_bundle, bool is_bare);
// Links or copies everything below `from`, an "objects" directory. Dies on symbolic links.
void copy_objects_directory(const std::string& from, const std::string& to, bool hardlinks, bool must_link);

}  // namespace git
