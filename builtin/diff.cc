// git diff: finds out from its arguments which two things to compare.
#include "diff.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "diff-no-index.h"
#include "diff/combine.h"
#include "index.h"
#include "index/pathspec.h"
#include "odb.h"
#include "refs.h"
#include "setup.h"
#include "walk/commit-pool.h"
#include "walk/revisions.h"

GIT_BUILTIN("diff", cmd_diff, kSetupGently | kNoParseopt)

namespace git {
namespace {

constexpr const char* kUsage =
    "git diff [<options>] [<commit>] [--] [<path>...]\n"
    "   or: git diff [<options>] --cached [--merge-base] [<commit>] [--] [<path>...]\n"
    "   or: git diff [<options>] [--merge-base] <commit> [<commit>...] <commit> [--] [<path>...]\n"
    "   or: git diff [<options>] <commit>...<commit> [--] [<path>...]\n"
    "   or: git diff [<options>] <blob> <blob>\n"
    "   or: git diff [<options>] --no-index [--] <path> <path> [<pathspec>...]\n";

[[noreturn]] void die_usage_of_diff() { usage("%s", kUsage); }

struct Request {
  bool cached = false, merge_base = false;
  bool is_combined_set = false;
  CombineSettings combine;
  DiffFilesSettings files;
};

class DiffCommand {
 public:
  DiffCommand(Invocation& inv, Index& index, DiffOptions& options)
      : inv_(inv), repo_(inv.repo()), index_(index), options_(options), walk_(repo_) {}

  int run(DiffOptionParser& parser) {
    RevWalk::Setup how;
    how.prefix = inv_.prefix_or_empty();
    how.other_option = [&](const std::vector<std::string>& args, std::size_t at) { return option(parser, args, at); };
    how.keep_unknown = true;
    auto left = walk_.setup({inv_.args.begin() + 1, inv_.args.end()}, how);
    if (!left.empty()) {
      error("invalid option: %s", left[0]);
      return 255;
    }
    if (!options_.output_format) options_.output_format = kDiffPatch;
    options_.recursive = true;
    options_.rotate_to_strict = true;
    options_.pathspec = parse_pathspec(repo_, walk_.pathspec, inv_.prefix_or_empty(), kPreferFull | kPathspecPrefixOrigin);
    diff_setup_done(options_);
    sort_tips();
    dispatch();
    diffcore_std(options_);
    diff_flush(options_);
    const int code = diff_result_code(options_);
    if (options_.skipped_stat_unmatch > 1) index_.refresh_and_write_quietly();
    return code;
  }

 private:
  int option(DiffOptionParser& parser, const std::vector<std::string>& args, std::size_t at) {
    const std::string& arg = args[at];
    if (arg == "--cached" || arg == "--staged")
      request_.cached = true;
    else if (arg == "--merge-base")
      request_.merge_base = true;
    else if (arg == "--base" || arg == "-1")
      request_.files.unmerged_stage = 1;
    else if (arg == "--ours" || arg == "-2")
      request_.files.unmerged_stage = 2;
    else if (arg == "--theirs" || arg == "-3")
      request_.files.unmerged_stage = 3;
    else if (arg == "-0")
      request_.files.unmerged_stage = 0;
    else if (arg == "-q")
      request_.files.silent_on_removed = true;
    else if (arg == "--no-index")
      return 1;
    else if (parse_combine_option(request_.combine, arg))
      return 1;
    else
      return parser.parse(args, at);
    if (is_digit(arg[1]) || arg == "--base" || arg == "--ours" || arg == "--theirs") stage_chosen_ = true;
    return 1;
  }

  void sort_tips() {
    for (const PendingObject& tip : walk_.pending) {
      ObjectId oid = tip.oid;
      ObjectType type = repo_.odb().type_of(oid);
      if (type == ObjectType::tag) {
        for (ObjectType wanted : {ObjectType::commit, ObjectType::tree, ObjectType::blob}) {
          ObjectId actual;
          if (!repo_.odb().read_peeled(oid, wanted, &actual)) continue;
          oid = actual;
          type = wanted;
          break;
        }
      }
      if (type == ObjectType::blob)
        blobs_.push_back(tip);
      else if (type == ObjectType::commit || type == ObjectType::tree)
        trees_.push_back({oid, type, tip.name, tip.path, tip.mode, tip.flags});
      else
        die("unhandled object '%s' given.", tip.name);
    }
  }

  void dispatch() {
    const std::size_t paths = options_.pathspec.size();
    if (trees_.empty() && blobs_.empty()) {
      if (request_.cached) {
        auto head = repo_.refs().read_oid("HEAD");
        return with_index(head ? *head : empty_tree_id(repo_.algo()), "HEAD", head.has_value());
      }
      if (request_.merge_base) die("--merge-base only works with two commits");
      return with_files();
    }
    if (blobs_.size() == 2 && trees_.empty() && !paths) return two_blobs();
    if (blobs_.size() == 1 && trees_.empty() && paths == 1) return blob_and_file();
    if (!blobs_.empty()) die_usage_of_diff();
    if (trees_.size() == 1) return with_index(trees_[0].oid, trees_[0].name, true);
    if (request_.cached) die_usage_of_diff();
    if (trees_.size() == 2) return two_trees();
    if (is_symmetric() && trees_.size() >= 3) return symmetric();
    return combined();
  }

  void with_files() {
    setup_work_tree(repo_);
    diff_set_mnemonic_prefix(options_, "i/", "w/");
    if (!stage_chosen_ && (request_.combine.enabled || options_.output_format & kDiffPatch)) {
      if (!request_.combine.enabled) request_.combine.enabled = request_.combine.dense = true;
      request_.files.combine = [this](const CombinePath& path) { show_combined_diff(options_, path, request_.combine); };
    }
    index_.refresh(Index::kRefreshQuiet | Index::kRefreshUnmergedQuiet);
    diff_files(options_, index_, request_.files);
  }

  void with_index(ObjectId tree, const std::string& name, bool has_head) {
    if (request_.merge_base) {
      if (!has_head) die("no merge base found");
      tree = diff_merge_base(repo_, tree);
    }
    DiffIndexSettings settings;
    settings.cached = request_.cached;
    if (settings.cached) {
      diff_set_mnemonic_prefix(options_, "c/", "i/");
    } else {
      setup_work_tree(repo_);
      diff_set_mnemonic_prefix(options_, "c/", "w/");
      index_.refresh(Index::kRefreshQuiet | Index::kRefreshUnmergedQuiet);
    }
    if (request_.combine.enabled)
      settings.combine = [this](const CombinePath& path) { show_combined_diff(options_, path, request_.combine); };
    diff_index(options_, index_, peel_to_tree_or_die(repo_, tree, name), settings);
  }

  ObjectId tree_of(const PendingObject& tip) { return peel_to_tree_or_die(repo_, tip.oid, tip.name); }

  void two_trees() {
    PendingObject first = trees_[0], second = trees_[1];
    // "^A B": the other way round.
    if (second.flags & kRevUninteresting) std::swap(first, second);
    if (request_.merge_base) {
      if ((first.flags | second.flags) & kRevUninteresting) die("--merge-base does not work with ranges");
      first.oid = diff_merge_base(repo_, first.oid, second.oid);
    }
    diff_set_mnemonic_prefix(options_, "c/", "c/");
    diff_tree(options_, tree_of(first), tree_of(second));
  }

  // "A...B" leaves its merge bases as uninteresting tips in front of A and B.
  bool is_symmetric() const {
    for (const CmdlineRevision& rev : walk_.cmdline)
      if (rev.whence == CmdlineRevision::Whence::left || rev.whence == CmdlineRevision::Whence::merge_base ||
          (rev.flags & kRevSymmetricLeft))
        return true;
    return false;
  }
  void symmetric() {
    const PendingObject *base = nullptr, *left = nullptr, *right = nullptr;
    int bases = 0, others = 0;
    for (const PendingObject& tip : trees_) {
      if (tip.flags & kRevUninteresting) {
        if (!base) base = &tip;
        bases++;
      } else if (tip.flags & kRevSymmetricLeft) {
        left = &tip;
      } else {
        right = &tip;
        others++;
      }
    }
    if (!left || !right || others != 1) die_usage_of_diff();
    if (!base) die("%s...%s: no merge base", left->name, right->name);
    if (bases > 1) warning("%s...%s: multiple merge bases, using %s", left->name, right->name, base->oid);
    if (request_.merge_base) die_usage_of_diff();
    diff_set_mnemonic_prefix(options_, "c/", "c/");
    diff_tree(options_, tree_of(*base), tree_of(*right));
  }

  void combined() {
    if (request_.merge_base) die_usage_of_diff();
    if (!request_.combine.enabled) request_.combine.enabled = request_.combine.dense = true;
    // "git diff M M^@": the first is the result.
    std::vector<ObjectId> parents;
    std::size_t result = 0;
    for (std::size_t i = 0; i < trees_.size(); i++)
      if (!(trees_[i].flags & kRevUninteresting)) {
        result = i;
        break;
      }
    for (std::size_t i = 0; i < trees_.size(); i++)
      if (i != result) parents.push_back(tree_of(trees_[i]));
    diff_tree_combined(options_, tree_of(trees_[result]), parents, request_.combine);
  }

  void stuff_change(std::uint32_t old_mode, std::uint32_t new_mode, const ObjectId& old_oid, const ObjectId& new_oid,
                    bool old_valid, bool new_valid, std::string old_path, std::string new_path) {
    if (!old_oid.is_null() && !new_oid.is_null() && old_oid == new_oid && old_mode == new_mode) return;
    auto one = std::make_shared<DiffFilespec>(std::move(old_path)), two = std::make_shared<DiffFilespec>(std::move(new_path));
    one->fill(old_oid, old_valid, old_mode);
    two->fill(new_oid, new_valid, new_mode);
    if (options_.reverse_diff) std::swap(one, two);
    queue_pair(options_.queue, one, two);
  }
  static std::uint32_t mode_of(const PendingObject& tip) { return tip.mode ? canon_mode(tip.mode) : kModeBlob; }
  static std::string path_of(const PendingObject& tip) { return tip.path.empty() ? tip.name : tip.path; }

  void two_blobs() {
    PendingObject first = blobs_[0], second = blobs_[1];
    if (second.flags & kRevUninteresting) std::swap(first, second);
    diff_set_mnemonic_prefix(options_, "o/", "o/");
    stuff_change(mode_of(first), mode_of(second), first.oid, second.oid, true, true, path_of(first), path_of(second));
  }

  void blob_and_file() {
    setup_work_tree(repo_);
    const PendingObject& blob = blobs_[0];
    const std::string path = options_.pathspec.items[0].match;
    struct stat st;
    if (::lstat(path.c_str(), &st)) die_errno("failed to stat '%s'", path);
    if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode)) die("'%s': not a regular file or symlink", path);
    diff_set_mnemonic_prefix(options_, "o/", "w/");
    const std::uint32_t mode = canon_mode(st.st_mode);
    stuff_change(blob.mode ? canon_mode(blob.mode) : mode, mode, blob.oid, ObjectId::null(repo_.algo()), true, false,
                 blob.path.empty() ? path : blob.path, path);
  }

  Invocation& inv_;
  Repository& repo_;
  Index& index_;
  DiffOptions& options_;
  RevWalk walk_;
  Request request_;
  bool stage_chosen_ = false;
  std::vector<PendingObject> trees_, blobs_;
};

// Does the command line ask for plain files: --no-index, or no repository, or paths outside of it?
bool wants_no_index(const Invocation& inv) {
  std::size_t i = 1;
  for (; i < inv.args.size(); i++) {
    const std::string& arg = inv.args[i];
    if (arg == "--") {
      i++;
      break;
    }
    if (arg.empty() || arg[0] != '-') break;
    if (arg == "--no-index") return true;
  }
  if (!inv.repository) return true;
  return inv.repository->worktree() && inv.args.size() == i + 2 &&
         (!prefix_path_gently(*inv.repository, inv.prefix_or_empty(), inv.args[i]) ||
          !prefix_path_gently(*inv.repository, inv.prefix_or_empty(), inv.args[i + 1]));
}

}  // namespace

int cmd_diff(Invocation& inv) {
  if (inv.args.size() == 2 && inv.args[1] == "-h") {
    outf("usage: %s", kUsage);
    return 129;
  }
  const bool no_index = wants_no_index(inv);
  if (!inv.repository || no_index) {
    bool is_explicit = false;
    for (const std::string& arg : inv.args) {
      if (arg == "--") break;
      if (arg == "--no-index") is_explicit = true;
    }
    return diff_no_index(inv.repository.get(), inv.prefix_or_empty(), {inv.args.begin() + 1, inv.args.end()}, is_explicit);
  }
  Repository& repo = inv.repo();
  Index index = Index::read(repo);
  DiffOptions options = make_diff_options(&repo, repo.config(), &index, inv.prefix_or_empty(), DiffConfig::ui);
  options.allow_external = true;
  options.allow_textconv = true;
  options.stat_width = -1;
  options.stat_graph_width = -1;
  DiffOptionParser parser(options);
  return DiffCommand(inv, index, options).run(parser);
}

}  // namespace git
