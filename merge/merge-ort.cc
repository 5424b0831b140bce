// The passes of a merge, and the recursion over merge bases: several bases are merged two by two into a virtual one,
// whose conflicts stay as text in its blobs.  The virtual commits exist in memory only.
#include "merge/merge-ort.h"

#include <algorithm>

#include "base/strings.h"
#include "config.h"
#include "diff/xdiff.h"
#include "merge/merge-ort-internal.h"
#include "merge/subtree.h"
#include "object-name.h"
#include "object/object.h"
#include "odb.h"
#include "repository.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"

namespace git {

namespace merge {

void Merge::say(std::vector<std::string> about, std::string type, std::string text) {
  if (depth) return;
  if (text.empty() || text.back() != '\n') text += '\n';
  std::string key = about[0];
  messages[key].push_back({std::move(about), std::move(type), std::move(text), false});
}

bool Merge::read_blob(const ObjectId& oid, std::string& bytes) {
  Result<ObjectData> data = repo.odb().read(oid);
  if (!data) {
    error = strf(_("cannot read object %s"), oid);
    return false;
  }
  if (data->type != ObjectType::blob) {
    error = strf(_("object %s is not a blob"), oid);
    return false;
  }
  bytes = std::move(data->data);
  return true;
}

}  // namespace merge

namespace {

Result<MergeResult> merge_at_depth(Repository& repo, const MergeOptions& options, const ObjectId& base, const ObjectId& side1,
                                   const ObjectId& side2, int depth) {
  merge::Merge m(repo, options);
  m.depth = depth;
  ObjectId shifted1 = side1, shifted_base = base;
  ObjectId other = side2;
  if (options.subtree_shift_auto || !options.subtree_shift.empty()) {
    other = shift_subtree(repo, side1, side2, options.subtree_shift);
    shifted_base = shift_subtree(repo, side1, base, options.subtree_shift);
  }
  std::optional<ObjectId> tree;
  if (merge::collect(m, shifted_base, shifted1, other) && merge::detect_and_process_renames(m) && merge::resolve_paths(m))
    tree = merge::write_result(m);
  if (!tree) return Error{ErrorKind::corrupt, m.error};
  MergeResult result;
  result.is_clean = m.is_clean && m.conflicted.empty();
  result.tree = *tree;
  result.conflicted = std::move(m.conflicted);
  result.conflicted_results = std::move(m.conflicted_results);
  for (auto& [path, list] : m.messages)
    for (MergeMessage& message : list) result.messages.push_back(std::move(message));
  return result;
}

// A commit that exists in memory only.
Commit* make_virtual_commit(Repository& repo, const ObjectId& tree, const std::vector<Commit*>& parents) {
  std::string bytes = strf("tree %s\n", tree);
  for (const Commit* parent : parents) bytes += strf("parent %s\n", parent->oid);
  bytes += "author merged tree <> 0 +0000\ncommitter merged tree <> 0 +0000\n\nmerged tree\n";
  ObjectId oid = repo.odb().hash(ObjectType::commit, bytes);
  repo.odb().pretend(oid, {ObjectType::commit, bytes});
  Commit* commit = repo.commits().get(oid);
  repo.commits().parse(commit).or_die();
  return commit;
}

Result<MergeResult> merge_commits_at_depth(Repository& repo, MergeOptions options, std::vector<Commit*> bases, Commit* side1,
                                           Commit* side2, int depth) {
  CommitPool& pool = repo.commits();
  std::reverse(bases.begin(), bases.end());  // oldest first
  ObjectId base_tree = empty_tree_id(repo.algo());
  std::string ancestor = "empty tree";
  if (bases.size() == 1) {
    pool.parse(bases[0]).or_die();
    base_tree = pool.tree(bases[0]);
    ancestor = options.ancestor.empty() || depth ? unique_abbrev(repo, bases[0]->oid) : options.ancestor;
  } else if (bases.size() > 1) {
    Commit* merged = bases[0];
    for (std::size_t i = 1; i < bases.size(); i++) {
      MergeOptions inner = options;
      inner.branch1 = "Temporary merge branch 1";
      inner.branch2 = "Temporary merge branch 2";
      inner.ancestor.clear();
      Commit* next = bases[i];
      std::vector<Commit*> inner_bases = merge_bases(pool, merged, next);
      Result<MergeResult> step = merge_commits_at_depth(repo, inner, std::move(inner_bases), merged, next, depth + 1);
      if (!step) return step;
      merged = make_virtual_commit(repo, step->tree, {merged, next});
    }
    base_tree = pool.tree(merged);
    ancestor = "merged common ancestors";
  }
  if (options.ancestor.empty() || depth) options.ancestor = ancestor;
  pool.parse(side1).or_die();
  pool.parse(side2).or_die();
  return merge_at_depth(repo, options, base_tree, pool.tree(side1), pool.tree(side2), depth);
}

}  // namespace

Result<MergeResult> merge_trees(Repository& repo, const MergeOptions& options, const ObjectId& base, const ObjectId& side1,
                                const ObjectId& side2) {
  return merge_at_depth(repo, options, base, side1, side2, 0);
}

Result<MergeResult> merge_commits(Repository& repo, MergeOptions options, std::vector<Commit*> bases, Commit* side1,
                                  Commit* side2) {
  return merge_commits_at_depth(repo, std::move(options), std::move(bases), side1, side2, 0);
}

std::string format_merge_messages(const MergeResult& result) {
  std::string text;
  for (const MergeMessage& message : result.messages) text += message.text;
  return text;
}

MergeOptions MergeOptions::from_config(Repository& repo) {
  MergeOptions options;
  Config& config = repo.config();
  options.verbosity = config.get_int_or("merge.verbosity", 2);
  options.rename_limit = config.get_int_or("diff.renamelimit", options.rename_limit);
  options.rename_limit = config.get_int_or("merge.renamelimit", options.rename_limit);
  options.renormalize = config.get_bool_or("merge.renormalize", false);
  auto renames = [&](const char* key) {
    auto value = config.get_string(key);
    if (!value) return;
    bool copies = *value == "copy" || *value == "copies";
    options.detect_renames = copies || config.get_bool_or(key, true);
  };
  renames("diff.renames");
  renames("merge.renames");
  if (auto value = config.get_string("merge.directoryrenames")) {
    auto truth = parse_maybe_bool(value);
    if (truth)
      options.directory_renames = *truth ? DirectoryRenames::apply : DirectoryRenames::none;
    else if (iequals(*value, "conflict"))
      options.directory_renames = DirectoryRenames::conflict;
  }
  options.xdiff_flags |= kXdfHistogram;
  return options;
}

namespace {

bool set_algorithm(MergeOptions& options, std::string_view name) {
  unsigned flag = 0;
  if (iequals(name, "patience"))
    flag = kXdfPatience;
  else if (iequals(name, "histogram"))
    flag = kXdfHistogram;
  else if (iequals(name, "minimal"))
    flag = kXdfNeedMinimal;
  else if (!iequals(name, "myers") && !iequals(name, "default"))
    return false;
  options.xdiff_flags = (options.xdiff_flags & ~(kXdfAlgorithmMask | kXdfNeedMinimal)) | flag;
  return true;
}

// "50%", "0.5", "5" (five tenths), as -M takes it; of 60000. Negative where it is none.
int parse_rename_score(std::string_view text) {
  std::uint64_t number = 0, scale = 1;
  bool dot = false;
  std::size_t i = 0;
  for (; i < text.size(); i++) {
    if (!dot && text[i] == '.') {
      scale = 1;
      dot = true;
    } else if (text[i] == '%') {
      scale = dot ? scale * 100 : 100;
      i++;
      break;
    } else if (is_digit(text[i])) {
      if (scale < 100000) {
        scale *= 10;
        number = number * 10 + static_cast<std::uint64_t>(text[i] - '0');
      }
    } else {
      break;
    }
  }
  if (i != text.size()) return -1;
  return static_cast<int>(number >= scale ? 60000 : 60000 * number / scale);
}

}  // namespace

bool MergeOptions::parse_strategy_option(std::string_view option) {
  std::string_view value;
  if (option == "ours")
    variant = MergeVariant::ours;
  else if (option == "theirs")
    variant = MergeVariant::theirs;
  else if (option == "subtree")
    subtree_shift_auto = true;
  else if (skip_prefix(option, "subtree=", &value))
    subtree_shift = value;
  else if (option == "patience" || option == "histogram")
    return set_algorithm(*this, option);
  else if (skip_prefix(option, "diff-algorithm=", &value))
    return set_algorithm(*this, value);
  else if (option == "ignore-space-change")
    xdiff_flags |= kXdfIgnoreWhitespaceChange;
  else if (option == "ignore-all-space")
    xdiff_flags |= kXdfIgnoreWhitespace;
  else if (option == "ignore-space-at-eol")
    xdiff_flags |= kXdfIgnoreWhitespaceAtEol;
  else if (option == "ignore-cr-at-eol")
    xdiff_flags |= kXdfIgnoreCrAtEol;
  else if (option == "renormalize")
    renormalize = true;
  else if (option == "no-renormalize")
    renormalize = false;
  else if (option == "no-renames")
    detect_renames = false;
  else if (option == "find-renames") {
    detect_renames = true;
    rename_score = 0;
  } else if (skip_prefix(option, "find-renames=", &value) || skip_prefix(option, "rename-threshold=", &value)) {
    rename_score = parse_rename_score(value);
    if (rename_score < 0) return false;
    detect_renames = true;
  } else {
    return false;
  }
  return true;
}

}  // namespace git
