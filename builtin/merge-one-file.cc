// git merge-one-file: what merge-index calls for a path that read-tree could not merge.
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "builtin.h"
#include "index.h"
#include "index/attr.h"
#include "merge-strategy.h"
#include "merge/ll-merge.h"
#include "odb.h"

GIT_BUILTIN("merge-one-file", cmd_merge_one_file, kSetup | kNeedWorkTree | kNoParseopt)

namespace git {
namespace {

struct OneFile {
  Repository& repo;
  std::string base, ours, theirs, path, base_mode, our_mode, their_mode;

  int run();
  int remove();
  int add(const std::string& mode, const std::string& oid);
  int add_theirs();
  int merge_contents();
  std::string bytes_of(const std::string& hex) const;
};

int OneFile::remove() {
  if (!ours.empty()) {
    outf(_("Removing %s\n"), path);
    flush_out();
    const std::string file = repo.worktree_path(path);
    if (is_file(file)) {
      remove_file(file);
      remove_empty_parents(std::string(path_dirname(file)), *repo.worktree());
    }
  }
  return run_strategy_step({"update-index", "--remove", "--", path});
}

int OneFile::add(const std::string& mode, const std::string& oid) {
  if (int code = run_strategy_step({"update-index", "--add", "--cacheinfo", mode, oid, path})) return code;
  return run_strategy_step({"checkout-index", "-u", "-f", "--", path});
}

int OneFile::add_theirs() {
  outf(_("Adding %s\n"), path);
  if (is_file(repo.worktree_path(path))) {
    errf(_("ERROR: untracked %s is overwritten by the merge.\n"), path);
    return 1;
  }
  return add(their_mode, theirs);
}

std::string OneFile::bytes_of(const std::string& hex) const {
  auto oid = ObjectId::from_hex(hex, repo.algo());
  if (!oid) return {};
  return std::move(repo.odb().read(*oid).take_or_die().data);
}

int OneFile::merge_contents() {
  for (const std::string* mode : {&our_mode, &their_mode}) {
    if (*mode == "120000") {
      errf(_("ERROR: %s: Not merging symbolic link changes.\n"), path);
      return 1;
    }
    if (*mode == "160000") {
      errf(_("ERROR: %s: Not merging conflicting submodule changes.\n"), path);
      return 1;
    }
  }
  if (base.empty())
    outf(_("Added %s in both, but differently.\n"), path);
  else
    outf(_("Auto-merging %s\n"), path);
  Index index = Index::read(repo);
  AttributeReader attrs(repo, &index);
  std::string merged;
  const LlMergeStatus status =
      ll_merge(repo, attrs, merged, path, {bytes_of(base), ""}, {bytes_of(ours), "ours"}, {bytes_of(theirs), "theirs"}, {});
  std::string problem;
  if (status != LlMergeStatus::clean || base.empty()) problem = _("content conflict");
  // Our version first, for its mode; then what it became.
  if (run_strategy_step({"checkout-index", "-f", "--stage=2", "--", path})) return 1;
  if (!write_file(repo.worktree_path(path), merged)) return 1;
  if (our_mode != their_mode) {
    if (!problem.empty()) problem += ", ";
    problem += strf(_("permissions conflict: %s->%s,%s"), base_mode, our_mode, their_mode);
  }
  if (!problem.empty()) {
    flush_out();
    errf(_("ERROR: %s in %s\n"), problem, path);
    return 1;
  }
  return run_strategy_step({"update-index", "--", path});
}

int OneFile::run() {
  const bool ours_unchanged = base == ours, theirs_unchanged = base == theirs;
  if (!base.empty() &&
      ((ours.empty() && theirs.empty()) || (ours_unchanged && theirs.empty()) || (ours.empty() && theirs_unchanged))) {
    if ((ours.empty() && base_mode != their_mode && !theirs.empty()) ||
        (theirs.empty() && base_mode != our_mode && !ours.empty())) {
      errf(_("ERROR: File %s deleted on one branch but had its\nERROR: permissions changed on the other.\n"), path);
      return 1;
    }
    return remove();
  }
  if (base.empty() && theirs.empty()) return run_strategy_step({"update-index", "--add", "--cacheinfo", our_mode, ours, path});
  if (base.empty() && ours.empty()) return add_theirs();
  if (base.empty() && ours == theirs) {
    if (our_mode != their_mode) {
      errf(_("ERROR: File %s added identically in both branches,\nERROR: but permissions conflict %s->%s.\n"), path, our_mode,
           their_mode);
      return 1;
    }
    outf(_("Adding %s\n"), path);
    return add(our_mode, ours);
  }
  if (!ours.empty() && !theirs.empty()) return merge_contents();
  errf(_("ERROR: %s: Not handling case %s -> %s -> %s\n"), path, base, ours, theirs);
  return 1;
}

}  // namespace

int cmd_merge_one_file(Invocation& inv) {
  const auto& a = inv.args;
  if (a.size() != 8) {
    err("usage: git merge-one-file <orig blob> <our blob> <their blob> <path> <orig mode> <our mode> <their mode>\n\n"
        "Blob ids and modes should be empty for missing files.\n");
    return 1;
  }
  return OneFile{inv.repo(), a[1], a[2], a[3], a[4], a[5], a[6], a[7]}.run();
}

}  // namespace git
