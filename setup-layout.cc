// What a git directory is, where its shared half is, and which format it has (gitrepository-layout(5),
// "repository-version").
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/env.h"
#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "config.h"
#include "setup.h"

namespace git {
namespace {

bool is_valid_head(const std::string& path) {
  auto st = lstat_path(path);
  if (!st) return false;
  if (S_ISLNK(st->st_mode)) {
    auto target = read_link(path);
    return target && starts_with(*target, "refs/");
  }
  auto text = read_file(path);
  if (!text) return false;
  std::string_view rest = *text;
  if (skip_prefix(rest, "ref:")) return starts_with(ltrim(rest), "refs/");
  std::size_t digits = 0;
  while (digits < rest.size() && hex_value(rest[digits]) >= 0) digits++;
  return digits >= 40;
}

constexpr std::size_t kMaxGitfile = 1u << 20;

struct FormatReader {
  RepositoryLayout& layout;
  int version = -1;
  bool worktree_config = false;
  std::vector<std::string> unknown{}, v1_only{};

  void read(const ConfigEntry& entry);
  void read_extension(const ConfigEntry& entry, std::string_view name);
  void read_place(const ConfigEntry& entry);
};

void FormatReader::read(const ConfigEntry& entry) {
  std::string_view name = entry.key;
  if (entry.key == "core.repositoryformatversion") {
    bool range = false;
    auto value = parse_config_int64(entry.value.value_or(""), INT32_MIN, INT32_MAX, &range);
    if (!value) die_bad_config_number(entry, range);
    version = static_cast<int>(*value);
  } else if (skip_prefix(name, "extensions.")) {
    read_extension(entry, name);
  } else {
    read_place(entry);
  }
}
void FormatReader::read_place(const ConfigEntry& entry) {
  if (entry.key == "core.bare") layout.configured_bare = parse_config_bool(entry.key, entry.value).take_or_die();
  if (entry.key == "core.worktree") {
    if (!entry.value) die_missing_config_value(entry);
    layout.configured_worktree = entry.value;
  }
}
void FormatReader::read_extension(const ConfigEntry& entry, std::string_view name) {
  auto truth = [&] { return parse_config_bool(entry.key, entry.value).take_or_die(); };
  auto text = [&] {
    if (!entry.value) die_missing_config_value(entry);
    return *entry.value;
  };
  if (name == "noop") return;
  if (name == "preciousobjects") {
    layout.precious_objects = truth();
  } else if (name == "partialclone") {
    layout.partial_clone = text();
  } else if (name == "worktreeconfig") {
    worktree_config = truth();
  } else if (name == "noop-v1") {
    v1_only.emplace_back(name);
  } else if (name == "objectformat") {
    layout.algo = hash_by_name(text());
    if (layout.algo == HashAlgo::unknown) {
      error("invalid value for '%s': '%s'", "extensions.objectformat", text());
      die_bad_config_variable(entry);
    }
    v1_only.emplace_back(name);
  } else if (name == "compatobjectformat") {
    layout.compat_algo = hash_by_name(text());
    if (layout.compat_algo == HashAlgo::unknown) {
      error("invalid value for '%s': '%s'", "extensions.compatobjectformat", text());
      die_bad_config_variable(entry);
    }
    v1_only.emplace_back(name);
  } else if (name == "refstorage") {
    std::string format = text();
    std::size_t colon = format.find(':');
    if (colon != std::string::npos) format.resize(colon);
    if (format != "files" && format != "reftable") {
      error("invalid value for '%s': '%s'", "extensions.refstorage", format);
      die_bad_config_variable(entry);
    }
    layout.ref_format = text();
    v1_only.emplace_back(name);
  } else if (name == "relativeworktrees") {
    layout.relative_worktrees = truth();
    v1_only.emplace_back(name);
  } else if (name == "submodulepathconfig") {
    layout.submodule_path_config = truth();
    v1_only.emplace_back(name);
  } else {
    unknown.emplace_back(name);
  }
}

std::optional<std::string> format_problem(const FormatReader& reader) {
  constexpr int kNewestVersion = 1;
  if (reader.version > kNewestVersion) return strf("Expected git repo version <= %d, found %d", kNewestVersion, reader.version);
  auto listed = [](std::string text, const std::vector<std::string>& names) {
    for (const std::string& name : names) text += "\n\t" + name;
    return text;
  };
  if (reader.version >= 1 && !reader.unknown.empty())
    return listed(Q_("unknown repository extension found:", "unknown repository extensions found:", reader.unknown.size()),
                  reader.unknown);
  if (reader.version == 0 && !reader.v1_only.empty())
    return listed(Q_("repo version is 0, but v1-only extension found:", "repo version is 0, but v1-only extensions found:",
                     reader.v1_only.size()),
                  reader.v1_only);
  return std::nullopt;
}

}  // namespace

std::string common_dir_of(const std::string& git_dir, bool use_env) {
  if (use_env)
    if (auto set = get_env("GIT_COMMON_DIR"); set && !set->empty()) return *set;
  auto text = read_file_if_exists(path_join(git_dir, "commondir"));
  if (!text) return git_dir;
  std::string target(*text);
  while (ends_with(target, "\n") || ends_with(target, "\r")) target.pop_back();
  if (!is_absolute_path(target)) target = path_join(git_dir, target);
  return real_path_forgiving(target);
}

bool is_git_directory(const std::string& path) {
  if (!is_valid_head(path_join(path, "HEAD"))) return false;
  std::string common = common_dir_of(path, true);
  auto objects = get_env("GIT_OBJECT_DIRECTORY");
  if (::access((objects ? *objects : path_join(common, "objects")).c_str(), X_OK) < 0) return false;
  return ::access(path_join(common, "refs").c_str(), X_OK) == 0;
}

Result<std::string> read_gitfile(const std::string& path) {
  auto st = stat_path(path);
  if (!st) return make_error(ErrorKind::missing, "not a git repository: %s", path);
  if (S_ISDIR(st->st_mode)) return make_error(ErrorKind::missing, "not a regular file: %s", path);
  if (!S_ISREG(st->st_mode)) return make_error(ErrorKind::invalid, "not a regular file: '%s'", path);
  if (static_cast<std::uint64_t>(st->st_size) > kMaxGitfile)
    return make_error(ErrorKind::invalid, "too large to be a .git file: '%s'", path);
  auto text = read_file(path);
  if (!text) return make_error(ErrorKind::invalid, "error opening '%s': %s", path, std::strerror(errno));
  std::string_view target = *text;
  if (!skip_prefix(target, "gitdir: ")) return make_error(ErrorKind::invalid, "invalid gitfile format: %s", path);
  while (ends_with(target, "\n") || ends_with(target, "\r")) target.remove_suffix(1);
  if (target.empty()) return make_error(ErrorKind::invalid, "no path in gitfile: %s", path);
  std::string dir(target);
  std::size_t slash = path.rfind('/');
  if (!is_absolute_path(dir) && slash != std::string::npos) dir = path.substr(0, slash + 1) + dir;
  if (!is_git_directory(dir)) return make_error(ErrorKind::invalid, "gitfile does not point to a valid repository: %s", path);
  return real_path_forgiving(dir);
}

std::optional<std::string> resolve_git_dir(const std::string& path) {
  if (is_git_directory(path)) return path;
  auto target = read_gitfile(path);
  if (target) return *target;
  return std::nullopt;
}

Result<RepositoryLayout> read_repository_layout(const std::string& git_dir, bool use_env) {
  RepositoryLayout layout;
  layout.git_dir = git_dir;
  layout.git_dir_abs = real_path_forgiving(git_dir);
  layout.common_dir_shown = common_dir_of(git_dir, use_env);
  layout.common_dir = real_path_forgiving(layout.common_dir_shown);
  bool has_common = layout.common_dir_shown != git_dir;

  FormatReader reader{layout};
  ConfigSources no_sources;
  auto entries = read_config_file(path_join(layout.common_dir_shown, "config"), false, no_sources);
  if (!entries && entries.error().kind == ErrorKind::corrupt) return entries.error();
  if (entries)
    for (const ConfigEntry& entry : *entries) reader.read(entry);
  if (auto problem = format_problem(reader)) return Error{ErrorKind::invalid, *problem};
  layout.repository_format = std::max(reader.version, 0);
  layout.worktree_config = reader.worktree_config;
  if (layout.worktree_config) {
    auto own = read_config_file(path_join(git_dir, "config.worktree"), false, no_sources);
    if (!own && own.error().kind == ErrorKind::corrupt) return own.error();
    if (own)
      for (const ConfigEntry& entry : *own) reader.read_place(entry);
  } else if (has_common) {
    // The main worktree's own business.
    layout.configured_bare.reset();
    layout.configured_worktree.reset();
  }
  if (use_env) {
    layout.objects_dir = get_env_or("GIT_OBJECT_DIRECTORY", "");
    layout.index_file = get_env_or("GIT_INDEX_FILE", "");
  }
  return layout;
}

}  // namespace git
