// The worktree goes from head to the result tree by a two-way merge, which refuses to overwrite what is not committed;
// then every path in conflict loses its stage 0 entry and gets those of the sides.
#include "merge/checkout-result.h"

#include "base/files.h"
#include "index.h"
#include "index/unpack-trees.h"
#include "object/object.h"
#include "repository.h"

namespace git {
namespace {

void record_stages(Repository& repo, Index& index, const MergeResult& result) {
  for (const auto& [path, stages] : result.conflicted) {
    bool was_sparse = false;
    if (const IndexEntry* entry = index.find(path)) was_sparse = entry->skip_worktree;
    index.remove_path(path);
    for (int stage = 0; stage < 3; stage++) {
      const MergeVersion& version = stages[static_cast<std::size_t>(stage)];
      if (!version.is_present()) continue;
      IndexEntry entry;
      entry.path = path;
      entry.oid = version.oid;
      entry.mode = version.mode;
      entry.stage = static_cast<std::uint8_t>(stage + 1);
      index.add(std::move(entry), Index::kOkToAdd | Index::kOkToReplace | Index::kSkipDfCheck);
    }
    (void)was_sparse;
  }
  (void)repo;
}

}  // namespace

Result<void> switch_to_merge_result(Repository& repo, Index& index, const ObjectId& head, const MergeResult& result,
                                    const std::string& command) {
  if (index.has_unmerged()) return make_error(ErrorKind::conflict, "%s", _("index is unmerged"));
  index.refresh(Index::kRefreshQuiet);
  UnpackOptions options;
  options.head_idx = -1;
  options.merge = true;
  options.update = true;
  options.fn = UnpackOptions::Merge::twoway;
  options.porcelain_command = command;
  options.quiet = false;
  options.preserve_ignored = false;
  if (unpack_trees(index, {head, result.tree}, options) != 0) return make_error(ErrorKind::conflict, "%s", "");
  record_stages(repo, index, result);
  return {};
}

void append_conflicts_hint(std::string& message, const Index& index, const std::string& comment, bool scissors) {
  if (scissors)
    message += "\n" + comment + " ------------------------ >8 ------------------------\n" + comment +
               " Do not modify or remove the line above.\n" + comment + " Everything below it will be ignored.\n" + comment +
               "\n";
  else
    message += "\n";
  message += comment + " Conflicts:\n";
  std::string last;
  for (const auto& entry : index.entries()) {
    if (entry->stage == 0 || entry->path == last) continue;
    last = entry->path;
    message += comment + "\t" + last + "\n";
  }
}

}  // namespace git
