// Archives of trees (git-archive(1)): what a command line asks for, and writing it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace git {

class Config;
class Repository;

// Carries out `args` (args[0] is a command's name) and writes the archive to descriptor 1. `name_hint`: a file name
// that may say the format. `is_remote`: for a client, who may ask for less. `repo` nullptr: only --list can be done.
int write_archive(Repository* repo, const std::vector<std::string>& args, std::optional<std::string_view> prefix,
                  const std::string& name_hint, bool is_remote);
// "tar.gz" for "x.tar.gz"; "" where the name says nothing.
std::string archive_format_of_filename(Config& config, std::string_view name);

}  // namespace git
