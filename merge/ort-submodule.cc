// The submodule's own repository says whether one commit follows the other.  Where it is not checked out nothing
// can be said, and the conflict stays with the user.
#include "merge/ort-submodule.h"

#include "base/files.h"
#include "object-name.h"
#include "refs.h"
#include "repository.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"

namespace git::merge {
namespace {

std::string submodule_title(Repository& sub, Commit* commit) {
  Result<std::string> bytes = sub.commits().read_buffer(commit);
  std::string_view message = bytes ? commit_message(*bytes) : std::string_view();
  return std::string(message.substr(0, message.find('\n')));
}

// Merges in the submodule that contain both sides, those that no other contains.
std::vector<Commit*> find_containing_merges(Repository& sub, Commit* a, Commit* b) {
  std::vector<Commit*> merges;
  CommitPool& pool = sub.commits();
  std::vector<Commit*> todo;
  CommitMarks<char> seen;
  sub.refs().for_each("refs/", [&](const Ref& ref) {
    if (Commit* tip = ref.oid.is_null() ? nullptr : pool.peel_to_commit(ref.oid)) todo.push_back(tip);
    return true;
  });
  while (!todo.empty()) {
    Commit* commit = todo.back();
    todo.pop_back();
    if (seen[commit] || !pool.parse_quietly(commit)) continue;
    seen[commit] = 1;
    if (commit->parents.size() > 1 && in_merge_bases(pool, a, commit) && in_merge_bases(pool, b, commit))
      merges.push_back(commit);
    for (Commit* parent : commit->parents) todo.push_back(parent);
  }
  std::vector<Commit*> minimal;
  for (Commit* one : merges) {
    bool contains_other = false;
    for (Commit* other : merges) contains_other = contains_other || (other != one && in_merge_bases(pool, other, one));
    if (!contains_other) minimal.push_back(one);
  }
  return minimal;
}

}  // namespace

SubmoduleMerge merge_submodule(Merge& m, const std::string& path, const ObjectId& base, const ObjectId& ours,
                               const ObjectId& theirs) {
  SubmoduleMerge result{m.depth ? base : ours, false};
  if (ours.is_null() || theirs.is_null()) {
    m.say({path}, "CONFLICT (submodule with possible resolution)", strf(_("Failed to merge submodule %s (no merge base)"), path));
    return result;
  }
  std::string dir = m.repo.worktree() ? m.repo.worktree_path(path) : path;
  Result<std::unique_ptr<Repository>> opened = Repository::open(dir);
  if (!opened) {
    m.say({path}, "CONFLICT (submodule not initialized)", strf(_("Failed to merge submodule %s (not checked out)"), path));
    return result;
  }
  Repository& sub = **opened;
  Commit* o = base.is_null() ? nullptr : sub.commits().peel_to_commit(base);
  Commit* a = sub.commits().peel_to_commit(ours);
  Commit* b = sub.commits().peel_to_commit(theirs);
  if (base.is_null()) {
    m.say({path}, "CONFLICT (submodule with possible resolution)", strf(_("Failed to merge submodule %s (no merge base)"), path));
    return result;
  }
  if (!o || !a || !b) {
    m.say({path}, "CONFLICT (submodule history not available)",
          strf(_("Failed to merge submodule %s (commits not present)"), path));
    return result;
  }
  if (!in_merge_bases(sub.commits(), o, a) || !in_merge_bases(sub.commits(), o, b)) {
    m.say({path}, "CONFLICT (submodule may have rewinds)",
          strf(_("Failed to merge submodule %s (commits don't follow merge-base)"), path));
    return result;
  }
  if (in_merge_bases(sub.commits(), a, b)) {
    m.say({path}, "Fast forwarding submodule", strf(_("Note: Fast-forwarding submodule %s to %s"), path, b->oid));
    return {theirs, true};
  }
  if (in_merge_bases(sub.commits(), b, a)) {
    m.say({path}, "Fast forwarding submodule", strf(_("Note: Fast-forwarding submodule %s to %s"), path, a->oid));
    return {ours, true};
  }
  if (m.depth) return result;
  std::vector<Commit*> merges = find_containing_merges(sub, a, b);
  if (merges.empty()) {
    m.say({path}, "CONFLICT (submodule)", strf(_("Failed to merge submodule %s"), path));
  } else if (merges.size() == 1) {
    m.say({path}, "CONFLICT (submodule with possible resolution)",
          strf(_("Failed to merge submodule %s, but a possible merge resolution exists: %s"), path,
               strf("%s %s", unique_abbrev(sub, merges[0]->oid), submodule_title(sub, merges[0]))));
  } else {
    std::string list;
    for (Commit* merge : merges) list += strf("  > %s %s\n", unique_abbrev(sub, merge->oid), submodule_title(sub, merge));
    m.say({path}, "CONFLICT (submodule with possible resolution)",
          strf(_("Failed to merge submodule %s, but multiple possible merges exist:\n%s"), path, list));
  }
  return result;
}

}  // namespace git::merge
