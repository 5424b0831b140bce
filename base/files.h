// Paths and whole files.  Paths are bytes with '/' between components; functions that return
// bool leave errno set on false.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace git {

// ---- paths, pure ----
bool is_absolute_path(std::string_view path);
// "a/b" + "c" = "a/b/c"; "" + "c" = "c"; no second '/' where one is there.
std::string path_join(std::string_view dir, std::string_view name);
std::string_view path_dirname(std::string_view path);   // "." for a plain name, as dirname(3)
std::string_view path_basename(std::string_view path);  // as basename(3)
// Removes "." and ".." and double slashes without looking at the disk; nullopt where ".." climbs above the root.
std::optional<std::string> normalize_path(std::string_view path);
// `path` seen from `base` (both absolute, normalized), with ".." where needed.
std::string relative_path(std::string_view path, std::string_view base);
// `path` below `dir` ("" for dir itself), nullopt where it isn't.
std::optional<std::string_view> path_below(std::string_view path, std::string_view dir);

// ---- the disk ----
std::string current_dir();  // honours $PWD where it names the same place
std::string absolute_path(std::string_view path);
Result<std::string> real_path(const std::string& path);    // resolves links; the last component may be missing
std::string real_path_forgiving(const std::string& path);  // any component may be missing
// "~/x" and "~user/x"; "%(prefix)/x" is the install prefix. nullopt where the user is unknown.
std::optional<std::string> expand_user_path(std::string_view path);

bool path_exists(const std::string& path);   // lstat succeeds
bool is_file(const std::string& path);       // follows links
bool is_directory(const std::string& path);  // follows links
std::optional<struct stat> stat_path(const std::string& path);
std::optional<struct stat> lstat_path(const std::string& path);
std::optional<std::string> read_link(const std::string& path);

// The bytes of a file; missing where it isn't there (ENOENT, ENOTDIR), io otherwise.
Result<std::string> read_file(const std::string& path);
std::optional<std::string> read_file_if_exists(const std::string& path);  // dies on other failures
// Plain overwrite, for files that need no lock.
bool write_file(const std::string& path, std::string_view bytes, int mode = 0666);

bool make_dir(const std::string& path, int mode = 0777);
bool make_dirs(const std::string& path);          // like mkdir -p
bool make_leading_dirs(const std::string& path);  // everything above the last component
bool remove_file(const std::string& path);        // true also where it was not there
bool remove_dir_recursively(const std::string& path, bool keep_top = false);
// Removes `path`'s parents upwards while they are empty, never `stop` itself.
void remove_empty_parents(std::string path, std::string_view stop);
// Names in a directory without "." and "..", in no order; missing directory gives an empty list.
std::vector<std::string> list_dir(const std::string& path);
bool is_empty_dir(const std::string& path);

// ---- sharing and syncing ----
// core.sharedRepository: 0 none, 0660/0664 bits to add, negative value as exact mode.
bool adjust_shared_perm(const std::string& path, int shared);

enum class FsyncComponent : std::uint32_t {
  loose_object = 1,
  pack = 2,
  pack_metadata = 4,
  commit_graph = 8,
  index = 16,
  reference = 32,
};

}  // namespace git
