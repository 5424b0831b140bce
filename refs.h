// References: files, packed-refs and reftable behind one door (gitrepository-layout(5), git-update-ref(1)).
// Names are full ("refs/heads/main", "HEAD").  Per-worktree refs (HEAD, refs/bisect, refs/worktree,
// refs/rewritten, pseudo refs) live in git_dir, all others in common_dir; "main-worktree/X" and
// "worktrees/<id>/X" reach over.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hash/object-id.h"

namespace git {

// ---- names (git-check-ref-format(1)) ----
enum RefFormatFlag : unsigned { kRefnameAllowOneLevel = 1, kRefnameRefspecPattern = 2 };
bool check_refname_format(std::string_view name, unsigned flags = 0);
bool refname_is_safe(std::string_view name);     // can't leave the refs directory
bool is_root_ref_syntax(std::string_view name);  // "HEAD", "FOO_HEAD": upper case, '-' and '_'
bool is_pseudo_ref(std::string_view name);       // FETCH_HEAD, MERGE_HEAD
bool is_root_ref(std::string_view name);         // HEAD, *_HEAD and the few others that live beside it
bool is_per_worktree_ref(std::string_view name);
// "refs/heads/x" -> "x" for the well-known prefixes ("refs/heads/", "refs/tags/", "refs/remotes/", "refs/").
std::string_view prettify_refname(std::string_view name);
// The rules by which "x" means a ref: "%.*s", "refs/%.*s", "refs/tags/...", heads, remotes, remotes/x/HEAD.
std::vector<std::string> expand_ref_candidates(std::string_view name);
bool refname_matches(std::string_view abbreviated, std::string_view full);
// The same as a number: the earlier the rule that matched, the higher; 0 where none does.
int refname_match_rank(std::string_view abbreviated, std::string_view full);

struct Ref {
  std::string name;
  ObjectId oid;                    // resolved; null where it is broken or unborn
  std::optional<ObjectId> peeled;  // where packed-refs (or reftable) knows it
  std::string symref_target;       // immediate target, "" where the ref is direct
  bool is_broken = false;
  bool is_packed = false;
  bool is_bad_name = false;  // on disk, but no acceptable name (is_broken, too)
  bool peel_known = false;   // `peeled` is the whole truth: absent means that this is no tag
};

struct ResolvedRef {
  std::string name;        // the last ref of the chain, which may not exist
  ObjectId oid;            // null where unborn
  bool is_symref = false;  // the name asked for was symbolic
  bool exists = false;
};

enum class FsckMessage : std::uint8_t;  // object/fsck.h

// What verify() has to say: "refs/heads/x", badRefContent, "garbage".
struct RefFinding {
  std::string path;
  FsckMessage id;
  std::string text;
};

struct ReflogEntry {
  ObjectId old_oid, new_oid;
  std::string committer;  // "Name <mail>"
  std::uint64_t time = 0;
  int tz = 0;
  std::string message;  // without the newline
};

// One change of one ref.
enum RefUpdateFlag : unsigned {
  kRefNoDeref = 1u << 0,  // a symref itself is changed
  kRefForceCreateReflog = 1u << 1,
  kRefSkipOidVerification = 1u << 2,  // the new object need not exist
  kRefSkipReflog = 1u << 3,
  kRefLogOnly = 1u << 4,
  kRefSkipNameCheck = 1u << 5,
};
struct RefUpdate {
  std::string name;
  std::optional<ObjectId> new_oid;        // null id deletes; absent only verifies
  std::optional<ObjectId> old_oid;        // null id: must not exist; absent: anything goes
  std::optional<std::string> new_target;  // make it symbolic
  std::optional<std::string> old_target;  // must be symbolic and point there
  unsigned flags = 0;
  std::string message;  // for the reflog
  // With kRefLogOnly: exactly these go into the log, by this committer ("Name <mail> time tz").
  struct LogOids {
    ObjectId old_oid, new_oid;
    std::string committer;
  };
  std::optional<LogOids> log_oids;
};

// An update that a kAllowFailure transaction left out.
struct RefRejection {
  std::string name;
  std::optional<ObjectId> old_oid, new_oid;
  std::optional<std::string> old_target, new_target;
  std::string reason;   // "refname conflict", "incorrect old value provided" ...
  std::string message;  // in full
};

// All or nothing. Dropped without commit() it is aborted.
class RefTransaction {
 public:
  virtual ~RefTransaction() = default;
  virtual Result<void> add(RefUpdate update) = 0;  // only format errors here
  // Locks and checks everything; the messages are git's ("cannot lock ref '%s': is at %s but expected %s" ...).
  virtual Result<void> prepare() = 0;
  virtual Result<void> commit() = 0;  // prepares first where that was not done
  virtual void abort() = 0;
  // With kAllowFailure updates that can't be made are left out and listed here (name, reason).
  virtual const std::vector<std::pair<std::string, std::string>>& rejected() const = 0;
  virtual const std::vector<RefRejection>& rejections() const = 0;
};

struct RefStoreOptions {
  HashAlgo algo = HashAlgo::sha1;
  std::string git_dir;  // this worktree's
  std::string common_dir;
  std::string format = "files";  // or "reftable"
  // core.logAllRefUpdates: -1 unset (true unless bare), 0 no, 1 yes, 2 always
  int log_all_ref_updates = -1;
  bool is_bare = false;
  bool write_symlink_head = false;     // core.preferSymlinkRefs
  long files_lock_timeout_ms = 100;    // core.filesRefLockTimeout
  long packed_lock_timeout_ms = 1000;  // core.packedRefsTimeout
  // reftable.blockSize, .restartInterval, .geometricFactor, .lockTimeout
  unsigned reftable_block_size = 4096, reftable_restart_interval = 16, reftable_geometric_factor = 2;
  long reftable_lock_timeout_ms = 100;
  int shared_repository = 0;
  bool fsync = true;
  // Called where a reflog entry is written: "Name <mail> time tz".
  std::function<std::string()> committer_ident;
  // Does the object exist (and what is it peeled)? Absent: not checked.
  std::function<bool(const ObjectId&)> object_exists;
  std::function<bool(const ObjectId&)> is_commit;
  std::function<std::optional<ObjectId>(const ObjectId&)> peel;
  // reference-transaction hook: state ("preparing" "prepared" "committed" "aborted"), stdin text; false vetoes.
  std::function<bool(const std::string& state, const std::string& input)> transaction_hook;
};

class RefStore {
 public:
  virtual ~RefStore() = default;
  static std::unique_ptr<RefStore> open(RefStoreOptions options);

  // ---- reading ----
  // One step, no following of symrefs. nullopt where it isn't there.
  virtual std::optional<Ref> read(std::string_view name) = 0;
  // Follows symrefs (at most 5 deep). nullopt where the name itself isn't there at all, or is broken.
  std::optional<ResolvedRef> resolve(std::string_view name);
  std::optional<ObjectId> read_oid(std::string_view name);  // resolve() to an existing object name
  bool exists(std::string_view name) { return read_oid(name).has_value(); }
  // Refs whose name starts with `prefix`, by name; a seek, not a scan. `fn` returns false to stop.
  // Names starting with any of `exclude` are skipped without being read where possible.
  // Broken refs, dangling symrefs and refs to missing objects are left out, the last with an error message.
  void for_each(std::string_view prefix, const std::function<bool(const Ref&)>& fn, const std::vector<std::string>& exclude = {});
  // The same with everything that is broken; starts at the first name that is not below `start`.
  virtual void for_each_raw(std::string_view prefix, const std::function<bool(const Ref&)>& fn,
                            const std::vector<std::string>& exclude = {}, std::string_view start = {}) = 0;
  // Refs whose name starts with `prefix` and that point at one of `oids`, or at a tag that is recorded to peel to one,
  // in no particular order.  Costs far less than looking at every ref.  Returns how many refs there were to look at.
  virtual std::size_t for_each_pointing_at(std::string_view prefix, std::span<const ObjectId> oids,
                                           const std::function<bool(const Ref&)>& fn);
  // Refs that were changed since they were last packed; where the store can't tell, all. No particular order.
  virtual void for_each_unpacked(std::string_view prefix, const std::function<bool(const Ref&)>& fn) { for_each_raw(prefix, fn); }
  // HEAD and the root refs of this worktree.
  virtual void for_each_root_ref(const std::function<bool(const Ref&)>& fn) = 0;
  // The object behind tags; nullopt where the ref does not point at a tag.
  std::optional<ObjectId> peel(const Ref& ref);
  // Would creating `name` clash with an existing ref (D/F)? The message of the refusal, or "".
  virtual std::string find_conflict(std::string_view name, const std::vector<std::string>& skip = {}) = 0;

  // ---- writing ----
  enum TransactionFlag : unsigned { kAllowFailure = 1, kInitial = 2 };
  virtual std::unique_ptr<RefTransaction> begin(unsigned flags = 0) = 0;
  Result<void> update(RefUpdate update);  // a transaction of one
  Result<void> remove(std::string_view name, std::optional<ObjectId> old_oid, std::string message, unsigned flags = 0);
  Result<void> create_symref(std::string_view name, std::string_view target, std::string message);
  virtual Result<void> rename(std::string_view from, std::string_view to, std::string message, bool copy) = 0;
  struct PackRefsOptions {
    bool all = false, prune = true, auto_pack = false;
    std::vector<std::string> include, exclude;
  };
  virtual Result<void> pack_refs(const PackRefsOptions& options) = 0;
  // Would an auto_pack do anything? Costs what changed since the last one.
  virtual bool needs_packing() = 0;
  virtual Result<void> create_on_disk() = 0;  // what init makes
  virtual Result<void> remove_on_disk() = 0;  // everything that is this store's, when another format takes over
  // Looks at the files themselves; names and contents that are bad are reported, nothing dies.
  virtual void verify(const std::function<void(const RefFinding&)>& report) = 0;

  // ---- reflogs ----
  virtual bool has_reflog(std::string_view name) = 0;
  virtual Result<void> create_reflog(std::string_view name) = 0;
  virtual bool delete_reflog(std::string_view name) = 0;
  // Oldest first, or newest first. `fn` returns false to stop. False where there is no log.
  virtual bool for_each_reflog_entry(std::string_view name, bool newest_first,
                                     const std::function<bool(const ReflogEntry&)>& fn) = 0;
  virtual void for_each_reflog(const std::function<bool(const std::string& name)>& fn) = 0;
  // Keeps the entries for which `keep` says so, in one locked rewrite.
  struct ReflogExpire {
    bool dry_run = false, rewrite = false, update_ref = false;
    std::function<bool(const ReflogEntry&)> keep;
  };
  virtual Result<void> expire_reflog(std::string_view name, const ReflogExpire& options) = 0;

  const RefStoreOptions& options() const { return options_; }

 protected:
  explicit RefStore(RefStoreOptions options) : options_(std::move(options)) {}
  RefStoreOptions options_;
};

}  // namespace git
