// git merge-index: a program for each path that read-tree left unmerged.
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"
#include "index.h"

GIT_BUILTIN("merge-index", cmd_merge_index, kSetup | kNeedWorkTree | kNoParseopt)

namespace git {
namespace {

constexpr const char* kUsage = "git merge-index [-o] [-q] <merge-program> (-a | [--] [<filename>...])";

struct MergeIndex {
  Index index;
  std::string program;
  bool one_shot = false, quiet = false;
  int failures = 0;

  void merge_path(const std::string& path);
  void merge_at(std::size_t& at);
};

// The entries of one path from `at` on, which is moved behind them.
void MergeIndex::merge_at(std::size_t& at) {
  const std::string path = index[at].path;
  std::string names[3], modes[3];
  while (at < index.size() && index[at].path == path) {
    const IndexEntry& entry = index[at++];
    if (!entry.stage) return;
    names[entry.stage - 1] = entry.oid.hex();
    modes[entry.stage - 1] = strf("%o", entry.mode);
  }
  flush_out();
  ChildProcess child;
  std::string_view builtin = program;
  child.git_command = skip_prefix(builtin, "git-");
  child.args = {std::string(builtin), names[0], names[1], names[2], path, modes[0], modes[1], modes[2]};
  if (child.run() == 0) return;
  if (one_shot) {
    failures++;
    return;
  }
  if (!quiet) die("merge program failed");
  exit_with(1);
}

void MergeIndex::merge_path(const std::string& path) {
  const std::ptrdiff_t position = index.find_position(path);
  if (position >= 0) return;  // merged
  auto at = static_cast<std::size_t>(-position - 1);
  if (at >= index.size() || index[at].path != path) die("git merge-index: %s not in the cache", path);
  merge_at(at);
}

}  // namespace

int cmd_merge_index(Invocation& inv) {
  const std::vector<std::string>& args = inv.args;
  if (args.size() < 3) usage("%s", kUsage);
  MergeIndex merge{Index::read(inv.repo()), "", false, false, 0};
  std::size_t i = 1;
  if (args[i] == "-o") {
    merge.one_shot = true;
    i++;
  }
  if (i < args.size() && args[i] == "-q") {
    merge.quiet = true;
    i++;
  }
  if (i >= args.size()) usage("%s", kUsage);
  merge.program = args[i++];
  bool only_paths = false;
  for (; i < args.size(); i++) {
    const std::string& arg = args[i];
    if (only_paths || arg.empty() || arg[0] != '-') {
      merge.merge_path(prefix_filename(inv.prefix_or_empty(), arg));
    } else if (arg == "--") {
      only_paths = true;
    } else if (arg == "-a") {
      for (std::size_t at = 0; at < merge.index.size();) {
        if (merge.index[at].stage)
          merge.merge_at(at);
        else
          at++;
      }
    } else {
      die("git merge-index: unknown option %s", arg);
    }
  }
  if (merge.failures && !merge.quiet) die("merge program failed");
  return merge.failures ? 1 : 0;
}

}  // namespace git
