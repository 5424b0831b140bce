// Recorded resolutions of conflicts, reused (git-rerere(1)).  A conflict is known by what its markers enclose
// (merge/conflict-hunks.h); rr-cache/<id>/ keeps how files looked before and after it was resolved, and MERGE_RR which of
// them the conflicts of this worktree are.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/lockfile.h"
#include "hash/object-id.h"
#include "index.h"
#include "index/attr.h"
#include "index/pathspec.h"

namespace git {

class Repository;
struct NormalizedConflicts;

// What a command does after it left conflicts behind (or committed what they were resolved to), where rerere is enabled.
// `autoupdate`: -1 as configured.
int run_rerere(Repository& repo, int autoupdate);
// Forgets what was recorded of conflicts that are given up (rerere clear).
void rerere_clear(Repository& repo);

class Rerere {
 public:
  explicit Rerere(Repository& repo) : repo_(repo), index_(Index::read(repo)), attrs_(repo, &index_) {}
  // False where rerere is not wanted. Makes rr-cache where rerere.enabled says so.
  bool setup(int autoupdate, bool read_only = false);

  int run();
  void clear();
  int forget(const Pathspec& pathspec);
  void gc();
  std::string diff();
  std::vector<std::string> status() const;
  std::vector<std::string> remaining();

 private:
  struct Id {
    std::string hex;
    int variant = -1;  // -1: not decided
  };
  enum class Kind { resolved, punted, three_staged };

  std::string dir(const std::string& hex) const;
  std::string file(const Id& id, const char* name) const;
  bool has(const Id& id, const char* name) const;
  bool is_recorded(const Id& id) const { return has(id, "preimage") && has(id, "postimage"); }
  std::vector<int> variants(const std::string& hex) const;
  void remove_variant(const Id& id);
  void read_records();
  int write_records();
  Kind classify(std::size_t& at) const;
  std::vector<std::string> conflicts() const;
  std::optional<NormalizedConflicts> normalize_file(const std::string& path);
  std::optional<NormalizedConflicts> normalize_stages(const std::string& path);
  std::optional<std::string> replay(const Id& id, const std::string& path, const std::string& current);
  void do_path(const std::string& path, Id& id, std::vector<std::string>& to_add);
  bool forget_path(const std::string& path);

  Repository& repo_;
  Index index_;
  AttributeReader attrs_;
  LockFile lock_;
  std::map<std::string, Id> records_;
  bool autoupdate_ = false;
};

}  // namespace git
