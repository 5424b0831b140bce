// The reftable store (technical/reftable): one stack of tables for the repository and one for each linked worktree's own refs.
// FETCH_HEAD and MERGE_HEAD are files here, too.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "refs.h"
#include "refs/ref-transaction.h"
#include "refs/reftable-stack.h"

namespace git {

class ReftableRefStore : public RefStore {
 public:
  explicit ReftableRefStore(RefStoreOptions options);

  std::optional<Ref> read(std::string_view name) override;
  void for_each_raw(std::string_view prefix, const std::function<bool(const Ref&)>& fn, const std::vector<std::string>& exclude,
                    std::string_view start) override;
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
  // The stack that holds `name`, read afresh; `*inner` gets its name there.
  reftable::Stack& stack_for(std::string_view name, std::string* inner);
  reftable::LogRecord make_log(const std::string& inner, std::uint64_t update_index, const ObjectId& old_oid,
                               const ObjectId& new_oid, const std::string& committer, const std::string& message) const;
  bool wants_log(std::string_view name, unsigned flags);
  reftable::RefRecord make_record(const std::string& inner, std::uint64_t update_index, const ObjectId& oid) const;

 private:
  reftable::Stack& stack_at(const std::string& git_dir);
  Ref make_ref(const reftable::RefRecord& record) const;
  // Entries of one log, newest first.
  std::vector<reftable::LogRecord> read_log(std::string_view name);
  Result<void> write_to(std::string_view name,
                        const std::function<void(reftable::Writer&, std::uint64_t, const std::string&)>& fill);

  std::map<std::string, std::unique_ptr<reftable::Stack>> stacks_;
};

std::unique_ptr<RefTransaction> make_reftable_transaction(ReftableRefStore& store, unsigned flags);

}  // namespace git
