// Options of the walk (git-rev-list(1)), and which words of a command line are revisions and which are paths.
#include <algorithm>

#include "base/date.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "object-name.h"
#include "refs.h"
#include "repository.h"
#include "setup.h"
#include "walk/commit-reach.h"
#include "walk/index-peek.h"
#include "walk/revisions-internal.h"

namespace git {
namespace {

long to_count(std::string_view text) {
  std::optional<std::int64_t> n = parse_int(text);
  if (!n) die("'%s': not an integer", text);
  return static_cast<long>(*n);
}
std::int64_t to_time(std::string_view text) { return static_cast<std::int64_t>(approxidate(text)); }
std::int64_t to_timestamp(std::string_view text) {
  std::optional<std::uint64_t> n = parse_uint(text);
  if (!n) die("'%s': not a number of seconds since epoch", text);
  return static_cast<std::int64_t>(*n);
}

// "--name=value" and "--name value".
struct ValuedOption {
  const std::vector<std::string>& args;
  std::size_t at;
  std::string_view value;
  int used = 0;

  bool is(std::string_view name) {
    std::string_view arg = args[at];
    if (arg == name) {
      if (at + 1 >= args.size()) die("Option '%s' requires a value", name.substr(name.find_first_not_of('-')));
      value = args[at + 1];
      used = 2;
      return true;
    }
    if (starts_with(arg, name) && arg.size() > name.size() && arg[name.size()] == '=') {
      value = arg.substr(name.size() + 1);
      used = 1;
      return true;
    }
    return false;
  }
};

}  // namespace

int RevWalk::parse_limit_option(const std::vector<std::string>& args, std::size_t at) {
  std::string_view arg = args[at], value;
  ValuedOption option{args, at, {}};
  auto set_count = [&](std::string_view text) {
    max_count = to_count(text);
    no_walk = false;
  };
  if (option.is("--max-count")) {
    set_count(option.value);
  } else if (option.is("--max-count-oldest")) {
    max_count_oldest = to_count(option.value);
  } else if (option.is("--skip")) {
    skip_count = to_count(option.value);
  } else if (arg.size() > 1 && arg[0] == '-' && is_digit(arg[1])) {
    std::optional<std::uint64_t> n = parse_uint(arg.substr(1));
    if (!n) die("'%s': not a non-negative integer", arg.substr(1));
    set_count(arg.substr(1));
    return 1;
  } else if (arg == "-n") {
    if (at + 1 >= args.size()) {
      error("-n requires an argument");
      exit_with(129);
    }
    set_count(args[at + 1]);
    return 2;
  } else if (skip_prefix(arg, "-n", &value) && !value.empty()) {
    set_count(value);
    return 1;
  } else if (option.is("--max-age")) {
    max_age = to_timestamp(option.value);
  } else if (option.is("--since") || option.is("--after")) {
    max_age = to_time(option.value);
  } else if (option.is("--since-as-filter")) {
    max_age_as_filter = to_time(option.value);
  } else if (option.is("--min-age")) {
    min_age = to_timestamp(option.value);
  } else if (option.is("--before") || option.is("--until")) {
    min_age = to_time(option.value);
  } else if (arg == "--merges") {
    min_parents = 2;
    return 1;
  } else if (arg == "--no-merges") {
    max_parents = 1;
    return 1;
  } else if (arg == "--no-min-parents") {
    min_parents = 0;
    return 1;
  } else if (arg == "--no-max-parents") {
    max_parents = -1;
    return 1;
  } else if (skip_prefix(arg, "--min-parents=", &value)) {
    min_parents = static_cast<int>(to_count(value));
    return 1;
  } else if (skip_prefix(arg, "--max-parents=", &value)) {
    max_parents = static_cast<int>(to_count(value));
    return 1;
  } else {
    return 0;
  }
  return option.used ? option.used : 1;
}

int RevWalk::parse_order_option(std::string_view arg) {
  if (arg == "--topo-order") {
    sort_order = Order::graph;
    topo_order = true;
  } else if (arg == "--date-order") {
    sort_order = Order::by_date;
    topo_order = true;
  } else if (arg == "--author-date-order") {
    sort_order = Order::by_author_date;
    topo_order = true;
  } else if (arg == "--reverse") {
    reverse = !reverse;
  } else {
    return 0;
  }
  return 1;
}

int RevWalk::parse_simplify_option(const std::vector<std::string>& args, std::size_t at) {
  std::string_view arg = args[at], value;
  auto only = [&](bool clash, std::string_view a, std::string_view b) {
    if (clash) die("options '%s' and '%s' cannot be used together", a, b);
  };
  if (arg == "--first-parent") {
    first_parent_only = true;
  } else if (arg == "--exclude-first-parent-only") {
    exclude_first_parent_only = true;
  } else if (arg == "--ancestry-path") {
    ancestry_path = true;
    simplify_history = false;
    limited = true;
    ancestry_path_implicit_bottoms = true;
  } else if (skip_prefix(arg, "--ancestry-path=", &value)) {
    std::optional<ObjectId> oid = get_oid(repo_, value, NameHint::committish);
    if (!oid) {
      error("could not get commit for --ancestry-path argument %s", value);
      exit_with(129);
    }
    Commit* c = pool_.peel_to_commit(*oid);
    if (!c) {
      error("could not get commit for --ancestry-path argument %s", value);
      exit_with(129);
    }
    ancestry_path = true;
    simplify_history = false;
    limited = true;
    ancestry_path_bottoms.push_back(c->oid);
  } else if (arg == "--parents") {
    rewrite_parents = true;
    print_parents = true;
  } else if (arg == "--children") {
    children = true;
    limited = true;
  } else if (arg == "--dense") {
    dense = true;
  } else if (arg == "--sparse") {
    dense = false;
  } else if (arg == "--remove-empty") {
    remove_empty_trees = true;
  } else if (arg == "--simplify-merges") {
    simplify_merges = true;
    topo_order = true;
    rewrite_parents = true;
    simplify_history = false;
    limited = true;
  } else if (arg == "--simplify-by-decoration") {
    simplify_merges = true;
    topo_order = true;
    rewrite_parents = true;
    simplify_history = false;
    simplify_by_decoration = true;
    limited = true;
    prune = true;
  } else if (arg == "--show-pulls") {
    show_pulls = true;
  } else if (arg == "--full-history") {
    simplify_history = false;
  } else if (arg == "--full-diff") {
    full_diff = true;
  } else if (arg == "--left-right") {
    left_right = true;
  } else if (arg == "--left-only") {
    only(right_only, "--left-only", "--right-only");
    left_only = true;
  } else if (arg == "--right-only") {
    only(left_only, "--right-only", "--left-only");
    right_only = true;
  } else if (arg == "--cherry") {
    only(left_only, "--cherry", "--left-only");
    cherry_mark = true;
    right_only = true;
    max_parents = 1;
    limited = true;
  } else if (arg == "--cherry-mark") {
    only(cherry_pick, "--cherry-mark", "--cherry-pick");
    cherry_mark = true;
    limited = true;
  } else if (arg == "--cherry-pick") {
    only(cherry_mark, "--cherry-pick", "--cherry-mark");
    cherry_pick = true;
    limited = true;
  } else if (arg == "--maximal-only") {
    maximal_only = true;
    topo_order = true;
  } else if (arg == "--boundary") {
    boundary = true;
  } else if (arg == "--merge") {
    merge_conflicts = true;
  } else {
    return 0;
  }
  return 1;
}

int RevWalk::parse_object_option(const std::vector<std::string>& args, std::size_t at) {
  std::string_view arg = args[at], value;
  auto all = [&] { tag_objects = tree_objects = blob_objects = true; };
  if (arg == "--objects") {
    all();
  } else if (arg == "--objects-edge") {
    all();
    edge_hint = true;
  } else if (arg == "--objects-edge-aggressive") {
    all();
    edge_hint = true;
    edge_hint_aggressive = true;
  } else if (arg == "--verify-objects") {
    all();
    verify_objects = true;
  } else if (arg == "--in-commit-order") {
    in_commit_order = true;
  } else if (arg == "--unpacked") {
    unpacked = true;
  } else if (starts_with(arg, "--unpacked=")) {
    die("--unpacked=<packfile> no longer supported");
  } else if (arg == "--ignore-missing") {
    ignore_missing = true;
  } else if (arg == "--ignore-missing-links") {
    ignore_missing_links = true;
  } else if (skip_prefix(arg, "--filter=", &value)) {
    if (Result<void> added = add_object_filter(filter, value); !added) die("%s", added.error().message);
  } else if (arg == "--filter") {
    if (at + 1 >= args.size()) die("Option '%s' requires a value", "filter");
    if (Result<void> added = add_object_filter(filter, args[at + 1]); !added) die("%s", added.error().message);
    return 2;
  } else if (arg == "--no-filter") {
    filter = {};
  } else if (arg == "--filter-provided-objects") {
    filter_provided_objects = true;
  } else if (arg == "-g" || arg == "--walk-reflogs") {
    reflog_info = true;
  } else if (allow_exclude_promisor && arg == "--exclude-promisor-objects") {
    exclude_promisor_objects = true;
  } else if (arg == "--show-linear-break") {
    track_linear = true;
    show_linear_break = "                    ..........";
  } else if (skip_prefix(arg, "--show-linear-break=", &value)) {
    track_linear = true;
    show_linear_break = std::string(value);
  } else {
    return 0;
  }
  return 1;
}

int RevWalk::parse_option(const std::vector<std::string>& args, std::size_t at) {
  if (int used = parse_limit_option(args, at)) return used;
  if (int used = parse_order_option(args[at])) return used;
  if (int used = parse_simplify_option(args, at)) return used;
  return parse_object_option(args, at);
}

// Is HEAD in a merge (or pick)? The other side, for --merge.
static std::string merge_head_name(Repository& repo) {
  for (const char* name : {"MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD"})
    if (repo.refs().read_oid(name)) return name;
  die("--merge requires one of the pseudorefs MERGE_HEAD, CHERRY_PICK_HEAD, REVERT_HEAD or REBASE_HEAD");
}

std::vector<std::string> RevWalk::setup(const std::vector<std::string>& args, const Setup& how) {
  prefix_ = std::string(how.prefix);
  allow_exclude_promisor = how.allow_exclude_promisor;
  std::vector<std::string> unknown;
  std::size_t dashdash = args.size();
  bool has_dashdash = how.assume_dashdash;
  if (!how.assume_dashdash) {
    for (std::size_t i = 0; i < args.size(); i++)
      if (args[i] == "--") {
        dashdash = i;
        has_dashdash = true;
        break;
      }
  }
  std::vector<std::string> words(args.begin(), args.begin() + static_cast<std::ptrdiff_t>(dashdash));
  std::vector<std::string> paths;
  if (dashdash < args.size()) paths.assign(args.begin() + static_cast<std::ptrdiff_t>(dashdash) + 1, args.end());
  unsigned revarg = has_dashdash || how.revarg_cannot_be_filename ? static_cast<unsigned>(kCannotBeFilename) : 0u;
  bool end_of_options = false;
  for (std::size_t i = 0; i < words.size();) {
    const std::string& arg = words[i];
    if (!end_of_options && arg.size() > 1 && arg[0] == '-') {
      int used = parse_pseudo_option(words, i);
      if (!used && arg == "--stdin") {
        if (disable_stdin) {
          unknown.push_back(arg);
          i++;
          continue;
        }
        if (read_from_stdin) die("--stdin given twice?");
        read_from_stdin = true;
        read_stdin_arguments();
        used = 1;
      }
      if (!used && arg == "--end-of-options") {
        end_of_options = true;
        i++;
        continue;
      }
      if (!used) used = parse_option(words, i);
      if (!used && how.other_option) used = how.other_option(words, i);
      if (!used) {
        if (!how.keep_unknown) {
          if (how.on_unknown) how.on_unknown(arg);
          die_usage("unrecognized argument: %s", arg);
        }
        unknown.push_back(arg);
        used = 1;
      }
      i += static_cast<std::size_t>(used);
      continue;
    }
    if (!add_argument(arg, revarg)) {
      if (has_dashdash || arg[0] == '^') die("bad revision '%s'", arg);
      if (how.no_paths) die("ambiguous argument '%s': unknown revision", arg);
      for (std::size_t j = i; j < words.size(); j++) verify_filename(how.prefix, words[j], j == i, &repo_);
      pathspec.insert(pathspec.end(), words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
      break;
    }
    i++;
  }
  if (!paths.empty()) pathspec.insert(pathspec.end(), paths.begin(), paths.end());
  finish_setup(true);
  return unknown;
}

void RevWalk::finish_setup(bool) {
  if (merge_conflicts) {
    std::string other_name = merge_head_name(repo_);
    Commit* head = lookup_commit_by_name(repo_, "HEAD");
    Commit* other = lookup_commit_by_name(repo_, other_name);
    if (!head) die("--merge without HEAD?");
    if (!other) die("--merge without %s?", other_name);
    add_reference(head->oid, "HEAD", {}, 0, 0);
    add_reference(other->oid, other_name, {}, 0, kRevSymmetricLeft);
    for (Commit* base : merge_bases(pool_, head, other)) add_reference(base->oid, {}, {}, 0, kRevUninteresting | kRevBottom);
    limited = true;
    got_revision = true;
    pathspec.clear();
    peek_index(repo_, [&](const PeekedEntry& entry) {
      if (entry.stage && (pathspec.empty() || pathspec.back() != entry.path)) pathspec.push_back(entry.path);
      return true;
    });
  }
  if (default_revision && pending.empty() && !got_revision && !reflog_walk_) {
    ObjectContext context;
    std::optional<ObjectId> oid = get_oid_with_context(repo_, *default_revision, NameHint::none, &context, true);
    if (!oid) {
      std::string_view ref = *default_revision;
      if (auto raw = repo_.refs().read("HEAD"); raw) {
        std::optional<ResolvedRef> branch = repo_.refs().resolve("HEAD");
        std::optional<Ref> tip = branch ? std::nullopt : repo_.refs().read(raw->symref_target);
        if (!branch && (!raw->symref_target.empty() || raw->is_broken || (tip && tip->is_broken)))
          die("your current branch appears to be broken");
      }
      if (ref == "HEAD") {
        auto head = repo_.refs().resolve("HEAD");
        if (head && head->is_symref && !head->exists) {
          std::string_view branch = head->name;
          if (skip_prefix(branch, "refs/heads/")) die("your current branch '%s' does not have any commits yet", branch);
        }
        if (head && !head->exists) die("your current branch appears to be broken");
      }
      die("bad default revision '%s'", *default_revision);
    }
    add_cmdline(CmdlineRevision::Whence::rev, *oid, *default_revision, 0);
    add_reference(*oid, *default_revision, context.path, context.mode, 0);
  }
  if (reflog_info && reverse) die("options '%s' and '%s' cannot be used together", "--reverse", "--walk-reflogs");
  if (children && rewrite_parents && print_parents)
    die("options '%s' and '%s' cannot be used together", "--parents", "--children");
  if (max_count_oldest >= 0 && max_count >= 0)
    die("options '%s' and '%s' cannot be used together", "--max-count", "--max-count-oldest");
  if (max_count_oldest >= 0 && skip_count >= 0)
    die("options '%s' and '%s' cannot be used together", "--skip", "--max-count-oldest");
  if (boundary && maximal_only) die("options '%s' and '%s' cannot be used together", "--boundary", "--maximal-only");
  if (!pathspec.empty()) prune = true;
}

}  // namespace git
