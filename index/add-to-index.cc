// An entry whose file did not change keeps its object name without being read; one that did is filtered, hashed and stored.
#include "index/add-to-index.h"

#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "index/convert.h"
#include "index/dir.h"
#include "index/index-state.h"
#include "index/sparse.h"
#include "index/submodule-head.h"
#include "odb.h"
#include "repository.h"

namespace git {
namespace {

// The name an entry of the index has that equals `path` but for its case, for a file system that ignores case.
std::string name_by_case(Index& index, const std::string& path) {
  if (!index.internals().settings.ignore_case || index.find(path)) return path;
  for (const auto& e : index.entries())
    if (iequals(e->path, path)) return e->path;
  // Directories known by another case.
  std::string result = path;
  for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    std::string_view dir = std::string_view(path).substr(0, slash + 1);
    for (const auto& e : index.entries())
      if (istarts_with(e->path, dir)) {
        result.replace(0, slash + 1, e->path, 0, slash + 1);
        break;
      }
  }
  return result;
}

}  // namespace

int add_to_index(Index& index, const std::string& given, const struct stat& st, unsigned flags) {
  bool intent = flags & kAddIntent, pretend = flags & kAddPretend;
  bool is_dir = S_ISDIR(st.st_mode);
  if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode) && !is_dir)
    return error("%s: can only add regular files, symbolic links or git-directories", given);
  std::string path = given;
  if (is_dir) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    std::optional<ObjectId> head = submodule_head(path);
    if (!head) {
      error("'%s' does not have a commit checked out", path + "/");
      return error("unable to index file '%s'", path + "/");
    }
    if (head->algo() != index.repo().algo()) return error("cannot add a submodule of a different hash algorithm");
  }
  path = name_by_case(index, path);
  const WorktreeSettings& settings = index.internals().settings;
  IndexEntry e;
  e.path = path;
  if (intent)
    e.intent_to_add = true;
  else
    index.fill_stat(e, st);
  std::ptrdiff_t near = index.find_position(path);
  const IndexEntry* old = nullptr;
  if (near >= 0)
    old = &index[static_cast<std::size_t>(near)];
  else if (auto i = static_cast<std::size_t>(-near - 1); i < index.size() && index[i].path == path) {
    old = &index[i];
    if (IndexEntry* ours = index.find(path, 2)) old = ours;
  }
  if (settings.trust_executable_bit && settings.has_symlinks)
    e.mode = entry_mode_of(st.st_mode);
  else if (!settings.has_symlinks && S_ISREG(st.st_mode) && old && is_link_mode(old->mode))
    e.mode = old->mode;
  else if (!settings.trust_executable_bit && S_ISREG(st.st_mode))
    e.mode = old && is_regular_mode(old->mode) ? old->mode : kModeBlob;
  else
    e.mode = entry_mode_of(st.st_mode);
  IndexEntry* alias = index.find(path);
  unsigned match = Index::kIgnoreValid | Index::kIgnoreSkipWorktree | Index::kRacyIsDirty;
  if (!(flags & kAddRenormalize) && alias && !alias->stage && !index.match_stat(*alias, st, match)) {
    if (!is_gitlink_mode(alias->mode)) alias->is_uptodate = true;
    return 0;
  }
  if (intent) {
    e.oid = empty_blob_id(index.repo().algo());
    if (alias) return 0;
  } else if ((flags & kAddRenormalize) && S_ISREG(st.st_mode)) {
    IndexInternals& in = index.internals();
    if (!in.converter) in.converter = std::make_unique<Converter>(index.repo(), &index);
    Result<std::string> bytes = read_file(path);
    if (!bytes) return error("open(\"%s\"): %s", path, strerror(errno));
    std::optional<std::string> converted = in.converter->to_git(path, *bytes, kConvertRenormalize | kConvertWriteObject);
    Result<ObjectId> oid = index.repo().odb().write(ObjectType::blob, converted ? *converted : *bytes);
    if (!oid) return error("%s", oid.error().message);
    e.oid = *oid;
  } else {
    Result<ObjectId> oid = index_path(index, path, st, !pretend);
    if (!oid) {
      error("%s", oid.error().message);
      return error("unable to index file '%s'", path);
    }
    e.oid = *oid;
  }
  bool was_same = alias && !alias->stage && alias->oid == e.oid && alias->mode == e.mode && !alias->intent_to_add;
  if (alias && alias->assume_valid) e.assume_valid = true;
  if (!pretend) {
    bool unmerged = index.is_path_unmerged(path);
    if (unmerged) index.remove_path(path);
    unsigned add_flags = Index::kOkToAdd | Index::kOkToReplace | (was_same ? unsigned{Index::kKeepCacheTree} : 0u);
    if (!index.add(std::move(e), add_flags)) return error("unable to add '%s' to index", path);
  }
  if ((flags & (kAddVerbose | kAddPretend)) && !was_same) outf("add '%s'\n", path);
  return 0;
}

int add_file_to_index(Index& index, const std::string& path, unsigned flags) {
  struct stat st {};
  if (lstat(path.c_str(), &st) < 0) die_errno("unable to stat '%s'", path);
  return add_to_index(index, path, st, flags);
}

int add_files_to_cache(Index& index, const Pathspec* spec, unsigned flags, bool include_sparse) {
  struct Change {
    std::string path;
    bool is_gone;
  };
  std::vector<Change> changes;
  ensure_full_index(index);
  std::string last;
  for (std::size_t i = 0; i < index.size(); ++i) {
    IndexEntry& e = index[i];
    if (e.path == last) continue;
    last = e.path;
    if (spec && !spec->empty() && !index_entry_path_match(index, *spec, e.path, e.mode)) continue;
    if (e.skip_worktree || (!include_sparse && !path_in_sparse_checkout(index, e.path))) continue;
    if (e.assume_valid && !e.stage) continue;
    struct stat st {};
    bool gone = has_symlink_leading_path(e.path) || lstat(e.path.c_str(), &st) < 0;
    if (!gone && S_ISDIR(st.st_mode) && !is_gitlink_mode(e.mode) && !submodule_head(e.path)) gone = true;
    if (gone) {
      changes.push_back({e.path, true});
      continue;
    }
    if (is_gitlink_mode(e.mode) && S_ISDIR(st.st_mode) && !submodule_head(e.path)) continue;
    if (!e.stage && !index.modified(e, st, 0)) {
      if (!is_gitlink_mode(e.mode) && index.match_stat(e, st, 0)) {
        index.fill_stat(e, st);
        index.is_changed = true;
      }
      continue;
    }
    changes.push_back({e.path, false});
  }
  int errors = 0;
  for (const Change& c : changes) {
    if (c.is_gone) {
      if (flags & kAddIgnoreRemoval) continue;
      if (!(flags & kAddPretend)) index.remove_path(c.path);
      if (flags & (kAddPretend | kAddVerbose)) outf("remove '%s'\n", c.path);
      continue;
    }
    if (add_file_to_index(index, c.path, flags) == 0) continue;
    if (!(flags & kAddIgnoreErrors)) die("updating files failed");
    errors = 1;
  }
  return errors;
}

bool chmod_index_entry(Index& index, IndexEntry& e, char flip) {
  if (!is_regular_mode(e.mode)) return false;
  e.mode = flip == '+' ? kModeExecutable : kModeBlob;
  index.invalidate_path(e.path);
  e.is_uptodate = false;
  index.is_changed = true;
  return true;
}

}  // namespace git
