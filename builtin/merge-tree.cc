// git merge-tree: a merge without index and worktree.
#include <algorithm>

#include "base/fd.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "base/strings.h"
#include "builtin.h"
#include "merge/merge-ort.h"
#include "merge/trivial-tree.h"
#include "object-name.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"

GIT_BUILTIN("merge-tree", cmd_merge_tree, kSetup)

namespace git {
namespace {

struct Settings {
  bool allow_unrelated = false, name_only = false, use_stdin = false, quiet = false;
  int show_messages = -1;
  char terminator = '\n';
  MergeOptions merge;
};

Commit* commit_or_die(Repository& repo, const std::string& name) {
  Commit* commit = lookup_commit_by_name(repo, name);
  if (!commit) die(_("%s - not something we can merge"), name);
  return commit;
}

ObjectId tree_or_die(Repository& repo, const std::string& name) {
  auto oid = get_oid(repo, name, NameHint::treeish);
  auto tree = oid ? peel_to_type(repo, *oid, ObjectType::tree, true) : std::nullopt;
  if (!tree) die(_("could not parse as tree '%s'"), name);
  return *tree;
}

void show_stages(const Settings& s, const MergeResult& result) {
  std::string last;
  for (const auto& [path, stages] : result.conflicted) {
    std::string shown = s.terminator ? quote_c_style(path) : path;
    if (s.name_only) {
      if (path != last) out(shown + s.terminator);
      last = path;
      continue;
    }
    for (std::size_t i = 0; i < 3; i++) {
      if (!stages[i].is_present()) continue;
      outf("%06o %s %d\t%s%c", stages[i].mode, stages[i].oid, i + 1, shown, s.terminator);
    }
  }
}

void show_messages(const Settings& s, const MergeResult& result) {
  out(std::string_view(&s.terminator, 1));
  for (const MergeMessage& message : result.messages) {
    if (!s.terminator) {
      outf("%u", message.paths.size());
      out(std::string_view("\0", 1));
      for (const std::string& path : message.paths) out(path + '\0');
      out(message.type + '\0' + message.text + '\0');
    } else {
      out(message.text);
    }
  }
}

// 1 clean, 0 conflicts; dies on trouble.
int real_merge(Repository& repo, Settings s, const std::string& base, const std::string& one, const std::string& two) {
  s.merge.branch1 = one;
  s.merge.branch2 = two;
  Result<MergeResult> result = Error{};
  if (!base.empty()) {
    s.merge.ancestor = base;
    result = merge_trees(repo, s.merge, tree_or_die(repo, base), tree_or_die(repo, one), tree_or_die(repo, two));
  } else {
    Commit* a = commit_or_die(repo, one);
    Commit* b = commit_or_die(repo, two);
    std::vector<Commit*> bases = merge_bases(repo.commits(), a, b);
    if (bases.empty() && !s.allow_unrelated) die(_("refusing to merge unrelated histories"));
    result = merge_commits(repo, s.merge, std::move(bases), a, b);
  }
  if (!result) die(_("failure to merge"));
  if (s.quiet) return result->is_clean;
  if (s.use_stdin) {
    outf("%d", result->is_clean);
    out(std::string_view(&s.terminator, 1));
  }
  outf("%s%c", result->tree, s.terminator);
  if (!result->is_clean) show_stages(s, *result);
  if (s.show_messages == 1 || (s.show_messages < 0 && !result->is_clean)) show_messages(s, *result);
  if (s.use_stdin) out(std::string_view(&s.terminator, 1));
  return result->is_clean;
}

int merge_stdin(Repository& repo, const Settings& s) {
  LineReader reader(0);
  std::string line;
  while (reader.next(line)) {
    std::vector<std::string_view> words;
    for (std::string_view word : split(line, ' '))
      if (!word.empty()) words.push_back(word);
    if (words.size() == 2)
      real_merge(repo, s, "", std::string(words[0]), std::string(words[1]));
    else if (words.size() == 4 && words[1] == "--")
      real_merge(repo, s, std::string(words[0]), std::string(words[2]), std::string(words[3]));
    else
      die(_("malformed input line: '%s'."), line);
    flush_out();
  }
  return 0;
}

}  // namespace

int cmd_merge_tree(Invocation& inv) {
  Settings s;
  s.merge = MergeOptions::from_config(inv.repo());
  int mode = 0;
  constexpr int real = 'w', kTrivial = 't';
  std::optional<std::string> base;
  std::vector<std::string> strategy_options;
  Options options({"git merge-tree [--write-tree] [<options>] <branch1> <branch2>",
                   "git merge-tree [--trivial-merge] <base-tree> <branch1> <branch2>"});
  options.cmd_mode(0, "write-tree", &mode, real, N_("do a real merge instead of a trivial merge"));
  options.cmd_mode(0, "trivial-merge", &mode, kTrivial, N_("do a trivial merge only"));
  options.boolean(0, "messages", &s.show_messages, N_("also show informational/conflict messages"));
  options.boolean(0, "quiet", &s.quiet, N_("suppress all output; only exit status wanted"), kOptNoNeg);
  bool nul = false;
  options.boolean('z', "", &nul, N_("separate paths with the NUL character"), kOptNoNeg);
  options.boolean(0, "name-only", &s.name_only, N_("list filenames without modes/oids/stages"));
  options.boolean(0, "allow-unrelated-histories", &s.allow_unrelated, N_("allow merging unrelated histories"));
  options.boolean(0, "stdin", &s.use_stdin, N_("perform multiple merges, one per line of input"));
  options.string(0, "merge-base", &base, "tree-ish", N_("specify a merge-base for the merge"));
  options.strings('X', "strategy-option", &strategy_options, "option=value", N_("option for selected merge strategy"));
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty(), kStopAtNonOption);
  // Three trees without options mean the old way.
  const bool has_options = inv.args.size() != args.size() + 1;
  if (mode == kTrivial || (!mode && !has_options && args.size() == 3)) {
    if (args.size() != 3 || inv.args.size() > args.size() + 2) options.usage_with_options();
    out(trivial_merge_report(inv.repo(), tree_or_die(inv.repo(), args[0]), tree_or_die(inv.repo(), args[1]),
                             tree_or_die(inv.repo(), args[2])));
    return 0;
  }
  if (nul) s.terminator = '\0';
  for (const std::string& option : strategy_options)
    if (!s.merge.parse_strategy_option(option)) die(_("unknown strategy option: -X%s"), option);
  if (s.quiet && s.show_messages == -1) s.show_messages = 0;
  if (s.use_stdin) {
    if (base) die(_("options '%s' and '%s' cannot be used together"), "--merge-base", "--stdin");
    if (!args.empty()) options.usage_with_options();
    return merge_stdin(inv.repo(), s);
  }
  if (args.size() != 2) options.usage_with_options();
  return real_merge(inv.repo(), s, base.value_or(""), args[0], args[1]) ? 0 : 1;
}

}  // namespace git
