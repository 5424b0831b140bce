// One repository: where it is, and its stores, each opened on first use.  Passed to everything at or above
// the walk floor; there is no global one.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hash/object-id.h"

namespace git {

class Config;
class ObjectDatabase;
class RefStore;
class CommitPool;

// What discovery found (setup.h).
struct RepositoryLayout {
  std::string git_dir;  // as git prints it: relative to the cwd at start, or absolute
  std::string git_dir_abs;
  std::string common_dir;               // absolute
  std::string common_dir_shown;         // as git prints it: git_dir itself unless this is a linked worktree
  std::optional<std::string> worktree;  // absolute; absent for a bare repository
  bool is_bare = false;
  bool has_bogus_worktree_config = false;          // core.bare and core.worktree at once
  std::optional<bool> configured_bare;             // core.bare
  std::optional<std::string> configured_worktree;  // core.worktree
  int repository_format = 0;
  HashAlgo algo = HashAlgo::sha1;
  HashAlgo compat_algo = HashAlgo::unknown;
  std::string ref_format = "files";
  bool worktree_config = false;  // extensions.worktreeConfig
  bool relative_worktrees = false;
  bool precious_objects = false;
  bool submodule_path_config = false;  // extensions.submodulePathConfig
  std::string partial_clone;           // extensions.partialClone: the promisor remote's name
  std::string objects_dir;             // GIT_OBJECT_DIRECTORY, "" for the usual place
  std::string index_file;              // GIT_INDEX_FILE, "" for the usual place
};

class Repository {
 public:
  explicit Repository(RepositoryLayout layout);
  ~Repository();
  Repository(const Repository&) = delete;
  Repository& operator=(const Repository&) = delete;
  // Opens the repository at a git directory or worktree, for submodules and local peers. No environment is read.
  static Result<std::unique_ptr<Repository>> open(const std::string& path);

  const RepositoryLayout& layout() const { return layout_; }
  const std::string& git_dir() const { return layout_.git_dir; }
  const std::string& git_dir_abs() const { return layout_.git_dir_abs; }
  const std::string& common_dir() const { return layout_.common_dir; }
  const std::optional<std::string>& worktree() const { return layout_.worktree; }
  bool is_bare() const { return layout_.is_bare; }
  // After the cwd changed: what git_dir() and the paths below are to be called from now on.
  void set_git_dir(const std::string& git_dir);
  HashAlgo algo() const { return layout_.algo; }

  // <git_dir>/name or <common_dir>/name, whichever holds it ("index", "HEAD", "MERGE_HEAD" are per worktree;
  // "objects", "refs/heads", "config", "hooks", "info" are common). Relative where git_dir is.
  std::string git_path(std::string_view name) const;
  std::string common_path(std::string_view name) const;
  std::string worktree_path(std::string_view name) const;  // REQUIRES: a worktree
  std::string index_file() const;

  Config& config();
  ObjectDatabase& odb();
  RefStore& refs();
  CommitPool& commits();  // with grafts, shallow boundaries and replace refs in place

  // ---- shallow (gitformat: $GIT_DIR/shallow) ----
  bool is_shallow();
  std::vector<ObjectId> shallow_commits();
  std::string shallow_file() const;
  void reload_shallow();  // after .git/shallow changed; drops the commit pool

  int shared_repository();
  std::string startup_prefix;    // "sub/dir/" the command was started in, for "HEAD:./file"
  bool use_replace_refs = true;  // cleared by --no-replace-objects
  // Runs the reference-transaction hook (RefStoreOptions); REQUIRES: set before refs() is first called.
  std::function<bool(const std::string& state, const std::string& input)> ref_transaction_hook;
  // A name inside the ref namespace of GIT_NAMESPACE ("refs/namespaces/x/"), "" without one.
  const std::string& ref_namespace();

 private:
  ObjectId find_replacement(const ObjectId& oid);
  std::optional<ObjectId> peel_tag(const ObjectId& oid);
  void load_grafts();

  RepositoryLayout layout_;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace git
