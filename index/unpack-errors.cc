// Plumbing names one path and stops; a porcelain lists all of them and says what to do.
#include "index/unpack-errors.h"

#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "config.h"

namespace git {
namespace {

bool is_sparse_warning(UnpackError error) {
  return error == UnpackError::sparse_not_uptodate_file || error == UnpackError::sparse_unmerged_file ||
         error == UnpackError::sparse_orphaned_not_overwritten;
}

const char* plumbing_text(UnpackError error) {
  switch (error) {
    case UnpackError::would_overwrite:
      return "Entry '%s' would be overwritten by merge. Cannot merge.";
    case UnpackError::not_uptodate_file:
      return "Entry '%s' not uptodate. Cannot merge.";
    case UnpackError::not_uptodate_dir:
      return "Updating '%s' would lose untracked files in it";
    case UnpackError::cwd_in_the_way:
      return "Refusing to remove '%s' since it is the current working directory.";
    case UnpackError::would_lose_untracked_overwritten:
      return "Untracked working tree file '%s' would be overwritten by merge.";
    case UnpackError::would_lose_untracked_removed:
      return "Untracked working tree file '%s' would be removed by merge.";
    case UnpackError::would_lose_submodule:
      return "Submodule '%s' cannot checkout new HEAD.";
    default:
      return "%s";
  }
}

}  // namespace

std::string UnpackErrors::text(UnpackError error) const {
  const std::string& cmd = o_.porcelain_command;
  std::string action = cmd == "checkout" ? "switch branches" : cmd;
  bool advice = o_.advise_commit_before_merge;
  auto with_advice = [&](std::string head, const char* what) {
    return head + cmd + ":\n%s" + (advice ? strf("%s before you %s.", what, action) : std::string());
  };
  switch (error) {
    case UnpackError::would_overwrite:
    case UnpackError::not_uptodate_file:
      return with_advice("Your local changes to the following files would be overwritten by ",
                         "Please commit your changes or stash them");
    case UnpackError::not_uptodate_dir:
      return "Updating the following directories would lose untracked files in them:\n%s";
    case UnpackError::cwd_in_the_way:
      return "Refusing to remove the current working directory:\n%s";
    case UnpackError::would_lose_untracked_removed:
      return with_advice("The following untracked working tree files would be removed by ", "Please move or remove them");
    case UnpackError::would_lose_untracked_overwritten:
      return with_advice("The following untracked working tree files would be overwritten by ", "Please move or remove them");
    case UnpackError::would_lose_submodule:
      return "Cannot update submodule:\n%s";
    case UnpackError::sparse_not_uptodate_file:
      return "The following paths are not up to date and were left despite sparse patterns:\n%s";
    case UnpackError::sparse_unmerged_file:
      return "The following paths are unmerged and were left despite sparse patterns:\n%s";
    case UnpackError::sparse_orphaned_not_overwritten:
      return "The following paths were already present and thus not updated despite sparse patterns:\n%s";
    default:
      return "%s";
  }
}

int UnpackErrors::add(UnpackError error_kind, const std::string& path) {
  if (is_sparse_warning(error_kind)) {
    paths_[static_cast<std::size_t>(error_kind)].insert(path);
    return -1;
  }
  if (o_.quiet) return -1;
  if (!o_.show_all_errors) return error(plumbing_text(error_kind), o_.super_prefix + path);
  paths_[static_cast<std::size_t>(error_kind)].insert(path);
  return -1;
}

void UnpackErrors::show() {
  bool any = false;
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    auto kind = static_cast<UnpackError>(i);
    if (paths_[i].empty() || is_sparse_warning(kind)) continue;
    any = true;
    std::string list;
    for (const std::string& path : paths_[i]) list += "\t" + o_.super_prefix + path + "\n";
    std::string format = o_.porcelain_command.empty() ? std::string(plumbing_text(kind)) : text(kind);
    if (o_.porcelain_command.empty()) {
      for (const std::string& path : paths_[i]) error(format.c_str(), o_.super_prefix + path);
    } else {
      error(format.c_str(), list);
    }
    paths_[i].clear();
  }
  if (any) err("Aborting\n");
}

void UnpackErrors::show_warnings() {
  bool any = false;
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    auto kind = static_cast<UnpackError>(i);
    if (paths_[i].empty() || !is_sparse_warning(kind)) continue;
    any = true;
    std::string list;
    for (const std::string& path : paths_[i]) list += "\t" + o_.super_prefix + path + "\n";
    warning(text(kind).c_str(), list);
    paths_[i].clear();
  }
  if (any) err("After fixing the above paths, you may want to run `git sparse-checkout reapply`.\n");
}

}  // namespace git
