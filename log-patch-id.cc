// The patch is made as text and hashed without white space, hunk positions and blob names; only a binary file's
// blob names count, because they are all its patch says.
#include "log-patch-id.h"

#include "base/strings.h"
#include "diff.h"
#include "hash/hasher.h"
#include "index.h"
#include "index/pathspec.h"
#include "repository.h"
#include "walk/revisions.h"

namespace git {
namespace {

std::string squeezed(std::string_view line) {
  std::string out;
  for (char c : line)
    if (!is_space(c)) out += c;
  return out;
}

std::optional<ObjectId> patch_id(Repository& repo, Commit* commit, const Pathspec* spec) {
  CommitPool& pool = repo.commits();
  pool.parse_or_die(commit);
  if (commit->parents.size() > 1) return std::nullopt;
  std::string text;
  Index index(repo);
  DiffOptions options = make_diff_options(&repo, repo.config(), &index, {}, DiffConfig::none);
  options.recursive = true;
  options.output_format = kDiffPatch;
  options.full_index = true;
  options.use_color = 0;
  options.allow_external = options.allow_textconv = false;
  options.write = [&text](std::string_view bytes) { text += bytes; };
  if (spec) options.pathspec = *spec;
  diff_setup_done(options);
  ObjectId before = ObjectId::null(repo.algo());
  if (!commit->parents.empty()) {
    pool.parse_or_die(commit->parents[0]);
    before = pool.tree(commit->parents[0]);
  }
  diff_tree(options, before, pool.tree(commit));
  diffcore_std(options);
  diff_flush(options);
  Hasher hasher(repo.algo());
  std::string index_line;
  bool in_hunk = false;
  for (std::string_view line : split_lines(text)) {
    if (starts_with(line, "diff --git ")) in_hunk = false;
    if (!in_hunk && starts_with(line, "index ")) {
      index_line = squeezed(line);
      continue;
    }
    if (starts_with(line, "Binary files ")) hasher.update(index_line);
    if (starts_with(line, "@@ ")) {
      in_hunk = true;
      continue;
    }
    hasher.update(squeezed(line));
  }
  return hasher.finish();
}

}  // namespace

std::optional<ObjectId> commit_patch_id(Repository& repo, Commit* commit) { return patch_id(repo, commit, nullptr); }

void give_patch_ids(RevWalk& walk, std::string_view prefix) {
  if (!walk.cherry_pick && !walk.cherry_mark) return;
  auto spec = std::make_shared<Pathspec>();
  if (!walk.pathspec.empty()) *spec = parse_pathspec(walk.repo(), walk.pathspec, prefix, kPreferFull);
  Repository& repo = walk.repo();
  walk.patch_id = [&repo, spec](Commit* c) { return patch_id(repo, c, spec->empty() ? nullptr : spec.get()); };
}

}  // namespace git
