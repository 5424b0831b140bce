// The classic store: one file per ref below refs/, the packed-refs file, and logs/ beside them
// (gitrepository-layout(5)).  A loose file hides the packed record of its name.
//
// Lock order: loose refs in the order of the transaction, then packed-refs.  A reader looks at the loose file first and
// at packed-refs afterwards; pack-refs writes packed-refs before it prunes, so nothing disappears in between.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/lockfile.h"
#include "refs.h"
#include "refs/packed-refs.h"
#include "refs/ref-transaction.h"

namespace git {

class FilesRefStore : public RefStore {
 public:
  explicit FilesRefStore(RefStoreOptions options);

  std::optional<Ref> read(std::string_view name) override;
  void for_each_raw(std::string_view prefix, const std::function<bool(const Ref&)>& fn, const std::vector<std::string>& exclude,
                    std::string_view start) override;
  std::size_t for_each_pointing_at(std::string_view prefix, std::span<const ObjectId> oids,
                                   const std::function<bool(const Ref&)>& fn) override;
  void for_each_unpacked(std::string_view prefix, const std::function<bool(const Ref&)>& fn) override;
  void for_each_root_ref(const std::function<bool(const Ref&)>& fn) override;
  std::string find_conflict(std::string_view name, const std::vector<std::string>& skip) override;

  std::unique_ptr<RefTransaction> begin(unsigned flags) override;
  Result<void> rename(std::string_view from, std::string_view to, std::string message, bool copy) override;
  Result<void> pack_refs(const PackRefsOptions& options) override;
  bool needs_packing() override;
  Result<void> create_on_disk() override;
  Result<void> remove_on_disk() override;
  void verify(const std::function<void(const RefFinding&)>& report) override;

  bool has_reflog(std::string_view name) override;
  Result<void> create_reflog(std::string_view name) override;
  bool delete_reflog(std::string_view name) override;
  bool for_each_reflog_entry(std::string_view name, bool newest_first,
                             const std::function<bool(const ReflogEntry&)>& fn) override;
  void for_each_reflog(const std::function<bool(const std::string& name)>& fn) override;
  Result<void> expire_reflog(std::string_view name, const ReflogExpire& options) override;

  // ---- for the room ----
  std::string path_of(std::string_view name) const;
  std::string log_path_of(std::string_view name) const;
  // What the loose file says; `is_directory` where a directory stands in its place.
  struct Loose {
    enum class Kind : unsigned char { missing, directory, direct, symbolic, broken } kind = Kind::missing;
    ObjectId oid;
    std::string target;
  };
  Loose read_loose(std::string_view name) const;
  PackedRefsFile& packed() { return packed_; }
  Result<void> append_reflog(std::string_view name, const ObjectId& old_oid, const ObjectId& new_oid, std::string_view committer,
                             std::string_view message, unsigned flags);
  // Locks `path`.lock, making directories as needed.
  Result<LockFile> lock_path(const std::string& path, long timeout_ms);
  void remove_empty_ref_dirs(std::string_view name);
  bool prefers_symlinks() const { return options_.write_symlink_head; }
  // One change of packed-refs; an absent id removes.
  struct PackedChange {
    std::string name;
    std::optional<ObjectId> oid;
    std::optional<ObjectId> peeled;
  };
  // REQUIRES: packed-refs.lock is held; `changes` sorted by name. Writes packed-refs.new, then renames it or drops it.
  Result<void> write_packed_successor(const std::vector<PackedChange>& changes);
  Result<void> publish_packed_successor();
  void discard_packed_successor() { successor_.reset(); }

 private:
  struct LooseWalk;
  Ref make_ref(std::string_view name, const Loose& loose);
  Ref make_ref(const PackedEntry& entry);
  void prune_loose(const std::string& name, const ObjectId& oid);

  PackedRefsFile packed_;
  std::optional<Tempfile> successor_;
};

// Parses "<hex>\n" or "ref: <name>\n".
FilesRefStore::Loose parse_loose_ref(std::string_view text, HashAlgo algo);
// Removes `path` where it holds nothing but empty directories.
bool remove_empty_tree(const std::string& path);
std::unique_ptr<RefTransaction> make_files_transaction(FilesRefStore& store, unsigned flags);

}  // namespace git
