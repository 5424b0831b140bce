// A path is created only below real directories: a symbolic link in the way is an obstacle that --force removes, never a
// way to somewhere else.
#include "index/entry.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "base/tempfile.h"
#include "index/dir.h"
#include "index/index-state.h"
#include "index/submodule-move.h"
#include "odb.h"
#include "repository.h"

namespace git {
namespace {

// lstat, but missing where something above `path` (behind the first `trusted` bytes) is no directory.
bool check_path(const std::string& path, std::size_t trusted, struct stat& st) {
  for (std::size_t slash = path.find('/', trusted); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    struct stat dir {};
    if (lstat(path.substr(0, slash).c_str(), &dir) < 0 || !S_ISDIR(dir.st_mode)) {
      errno = ENOENT;
      return false;
    }
  }
  return lstat(path.c_str(), &st) == 0;
}

void create_directories(const std::string& path, const CheckoutState& state) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    std::string dir = path.substr(0, slash);
    struct stat st {};
    bool inside_base = slash < state.base_dir.size();
    if (inside_base ? stat(dir.c_str(), &st) == 0 && S_ISDIR(st.st_mode) : lstat(dir.c_str(), &st) == 0 && S_ISDIR(st.st_mode))
      continue;
    if (mkdir(dir.c_str(), 0777) == 0) continue;
    if (errno == EEXIST && state.force && !unlink(dir.c_str()) && !mkdir(dir.c_str(), 0777)) continue;
    die_errno("cannot create directory at '%s'", dir);
  }
}

int write_file_entry(IndexEntry& e, const std::string& path, CheckoutState& state, bool to_temp, std::string* temp_path,
                     struct stat& st, bool& is_delayed) {
  Result<ObjectData> data = state.index->repo().odb().read(e.oid);
  if (!data || data->type != ObjectType::blob) return error("unable to read sha1 file of %s (%s)", e.path, e.oid);
  bool as_link = is_link_mode(e.mode);
  bool has_symlinks = state.index->internals().settings.has_symlinks;
  if (as_link && has_symlinks && !to_temp) {
    if (symlink(data->data.c_str(), path.c_str()) < 0) return error_errno("unable to create symlink %s", path);
    lstat(path.c_str(), &st);
    return 0;
  }
  std::string converted;
  std::string_view bytes = data->data;
  if (!as_link) {
    CheckoutMetadata metadata = state.metadata;
    metadata.blob = e.oid;
    using Smudged = Converter::Smudged;
    Smudged smudged =
        state.converter->to_working_tree_delayable(e.path, bytes, &metadata, state.allow_delay && !to_temp, converted);
    if (smudged == Smudged::delayed) {
      is_delayed = true;
      state.delayed.push_back(&e);
      return 0;
    }
    if (smudged == Smudged::converted) bytes = converted;
  }
  UniqueFd fd;
  if (to_temp) {
    std::string pattern = as_link ? ".merge_link_XXXXXX" : ".merge_file_XXXXXX";
    fd = UniqueFd(mkstemp(pattern.data()));
    *temp_path = pattern;
  } else {
    fd = open_fd(path, O_WRONLY | O_CREAT | O_EXCL, e.mode & 0100 && !as_link ? 0777 : 0666);
  }
  if (!fd) return error_errno("unable to create file %s", path);
  if (!write_in_full(fd.get(), bytes)) return error("unable to write file %s", path);
  if (fstat(fd.get(), &st) < 0 || !fd.close()) return error("unable to write file %s", path);
  return 0;
}

int write_entry(IndexEntry& e, const std::string& path, CheckoutState& state, bool& is_delayed) {
  struct stat st {};
  if (is_gitlink_mode(e.mode)) {
    if (mkdir(path.c_str(), 0777) < 0 && !is_directory(path)) return error("cannot create submodule directory %s", path);
    if (state.submodules && state.submodules->find(e))
      return state.submodules->move(e.path, std::nullopt, e.oid.hex(), state.force ? unsigned{SubmoduleMover::kForce} : 0u) ? 0
                                                                                                                            : -1;
    lstat(path.c_str(), &st);
  } else if (is_regular_mode(e.mode) || is_link_mode(e.mode)) {
    if (int failed = write_file_entry(e, path, state, false, nullptr, st, is_delayed); failed || is_delayed) return failed;
  } else {
    return error("unknown file mode for %s in index", e.path);
  }
  if (state.refresh_cache) {
    if (is_gitlink_mode(e.mode) ? false : lstat(path.c_str(), &st) < 0)
      return error_errno("unable to stat just-written file %s", path);
    state.index->fill_stat(e, st);
    state.index->is_changed = true;
  }
  return 0;
}

}  // namespace

namespace {

// Something is there already: the submodule itself, its empty directory, or what it replaces.
int move_submodule(const IndexEntry& e, const struct stat& st, CheckoutState& state) {
  bool done = false;
  if (is_submodule_populated(e.path)) {
    done = state.submodules->move(e.path, "HEAD", e.oid.hex(), state.force ? unsigned{SubmoduleMover::kForce} : 0u);
  } else {
    if (!S_ISDIR(st.st_mode)) unlink(e.path.c_str());
    done = state.submodules->move(e.path, std::nullopt, e.oid.hex(), 0);
  }
  return done ? 0 : -1;
}

}  // namespace

int checkout_entry(IndexEntry& e, CheckoutState& state, int* made) {
  std::string path = state.base_dir + e.path;
  struct stat st {};
  if (check_path(path, state.base_dir.size(), st)) {
    unsigned changed = state.index->match_stat(e, st, Index::kIgnoreValid | Index::kIgnoreSkipWorktree);
    if (state.submodules && state.submodules->find(e)) return move_submodule(e, st, state);
    if (is_gitlink_mode(e.mode) && S_ISDIR(st.st_mode)) return 0;
    if (!changed) return 0;
    if (!state.force) {
      if (!state.quiet) errf("%s already exists, no checkout\n", path);
      return -1;
    }
    if (S_ISDIR(st.st_mode)) {
      if (is_original_cwd(path)) return error("Refusing to remove the current working directory:\n%s\n", "\t" + path);
      if (remove_dir_recursive(path, 0) < 0) return error("cannot remove '%s'", path);
    } else if (unlink(path.c_str()) < 0) {
      return error_errno("unable to unlink old '%s'", path);
    }
  } else if (state.not_new) {
    return 0;
  }
  create_directories(path, state);
  bool is_delayed = false;
  int failed = write_entry(e, path, state, is_delayed);
  if (made && !failed && !is_delayed) ++*made;
  return failed;
}

int checkout_entry_to_temp(IndexEntry& e, CheckoutState& state, std::string& path) {
  if (is_gitlink_mode(e.mode)) return error("cannot create temporary submodule %s", e.path);
  struct stat st {};
  bool is_delayed = false;
  return write_file_entry(e, e.path, state, true, &path, st, is_delayed);
}

int finish_delayed_checkout(CheckoutState& state, int* made, bool) {
  int errors = 0;
  state.allow_delay = false;
  while (state.converter->has_delayed_filters()) {
    for (const std::string& path : state.converter->available_blobs()) {
      auto it = std::find_if(state.delayed.begin(), state.delayed.end(), [&](IndexEntry* e) { return e->path == path; });
      if (it == state.delayed.end()) {
        errors = 1;
        continue;
      }
      IndexEntry* e = *it;
      state.delayed.erase(it);
      errors |= checkout_entry(*e, state, made) != 0;
    }
  }
  for (IndexEntry* e : state.delayed) {
    error("'%s' was not filtered properly", e->path);
    errors = 1;
  }
  state.delayed.clear();
  return errors;
}

void unlink_entry(const IndexEntry& e, SubmoduleMover* submodules) {
  if (submodules && submodules->find(e)) submodules->move(e.path, "HEAD", std::nullopt, SubmoduleMover::kForce);
  struct stat st {};
  if (!check_path(e.path, 0, st)) return;
  if (is_gitlink_mode(e.mode)) {
    if (S_ISDIR(st.st_mode) && rmdir(e.path.c_str()) < 0 && errno != ENOENT) warning_errno("unable to rmdir '%s'", e.path);
    return;
  }
  if (unlink(e.path.c_str()) < 0 && errno != ENOENT && errno != ENOTDIR) {
    if (errno != EISDIR && errno != EPERM) warning_errno("unable to unlink '%s'", e.path);
    return;
  }
}

void RemovedDirs::schedule(std::string_view path) {
  std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return;
  std::string dir(path.substr(0, slash));
  if (std::find(pending_.begin(), pending_.end(), dir) == pending_.end()) pending_.push_back(std::move(dir));
}

void RemovedDirs::flush() {
  std::sort(pending_.begin(), pending_.end(), [](const auto& a, const auto& b) { return a > b; });
  for (std::string dir : pending_)
    while (!dir.empty() && !is_original_cwd(dir) && rmdir(dir.c_str()) == 0) {
      std::size_t slash = dir.rfind('/');
      dir.resize(slash == std::string::npos ? 0 : slash);
    }
  pending_.clear();
}

RemovedDirs::~RemovedDirs() { flush(); }

}  // namespace git
