// A list that makes the branches of a history again, with "label", "reset" and "merge" (git-rebase(1), "REBASING MERGES").
//
// To jump as little as possible each branch is written as a whole: from its tip back to what is written already, then in
// the order of history.  Commits that others need later get a label.
#include <algorithm>
#include <map>
#include <set>

#include "advice.h"
#include "base/error.h"
#include "base/strings.h"
#include "config.h"
#include "log-patch-id.h"
#include "object-name.h"
#include "odb.h"
#include "rebase-script.h"
#include "refs.h"
#include "repository.h"
#include "show/commit-message.h"
#include "show/pretty.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"
#include "walk/revisions.h"

namespace git {
namespace {

class Labels {
 public:
  explicit Labels(Repository& repo)
      : repo_(repo), max_length_(static_cast<std::size_t>(std::max(1, repo.config().get_int_or("rebase.maxlabellength", 250)))) {}
  void put(const Commit* commit, const std::string& label) {
    by_commit_[commit] = label;
    used_.insert(lowercase(label));
  }
  const std::string* find(const Commit* commit) const {
    auto it = by_commit_.find(commit);
    return it == by_commit_.end() ? nullptr : &it->second;
  }
  // The label of a commit, made of `wanted` where it has none yet.
  const std::string& of(const Commit* commit, std::string_view wanted) {
    if (const std::string* known = find(commit)) return *known;
    std::string label = clean(wanted);
    if (label.empty()) label = "rev-" + unique_abbrev(repo_, commit->oid);
    if (used_.count(lowercase(label)) || ObjectId::from_hex(label, repo_.algo())) {
      for (int i = 2;; i++) {
        std::string numbered = strf("%s-%d", label, i);
        if (used_.count(lowercase(numbered))) continue;
        label = std::move(numbered);
        break;
      }
    }
    put(commit, label);
    return by_commit_[commit];
  }
  // A name for a commit that is not made again.
  const std::string& name_of(const Commit* commit) {
    if (const std::string* known = find(commit)) return *known;
    int length = default_abbrev(repo_);
    std::string name = unique_abbrev(repo_, commit->oid, length);
    while (used_.count(name) && name.size() < hex_size(repo_.algo())) name = commit->oid.hex().substr(0, name.size() + 1);
    put(commit, name);
    return by_commit_[commit];
  }

 private:
  // Fit for a ref: letters, digits and what isn't ASCII, with single dashes for the rest.
  std::string clean(std::string_view text) const {
    std::string label;
    for (std::size_t i = 0; i < text.size();) {
      // A character that takes several bytes is kept whole, or left out.
      std::size_t end = i + 1;
      const char c = text[i];
      const bool is_wide = static_cast<unsigned char>(c) & 0x80;
      while (is_wide && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) end++;
      if (label.size() + (end - i) > max_length_) break;
      const std::string_view character = text.substr(i, end - i);
      i = end;
      if (is_wide || is_alnum(c))
        label += character;
      else if (!label.empty() && label.back() != '-')
        label += '-';
    }
    return label;
  }
  Repository& repo_;
  std::size_t max_length_;
  std::map<const Commit*, std::string> by_commit_;
  std::set<std::string> used_;
};

// "Merge branch 'topic'" names the branch.
std::string_view label_from_subject(std::string_view subject) {
  std::string_view rest = subject;
  if (!skip_prefix(rest, "Merge ")) return subject;
  const std::size_t open = rest.find('\'');
  const std::size_t close = open == std::string_view::npos ? open : rest.find('\'', open + 1);
  if (close != std::string_view::npos) return rest.substr(open + 1, close - open - 1);
  if (!skip_prefix(rest, "pull request ")) return subject;
  const std::size_t from = rest.find(" from ");
  return from == std::string_view::npos ? subject : rest.substr(from + 6);
}

struct MergesScript {
  MergesScript(Repository& r, const RebaseScript& h) : repo(r), how(h), pool(r.commits()), labels(r) {}
  Repository& repo;
  const RebaseScript& how;
  CommitPool& pool;
  Labels labels;
  std::vector<Commit*> commits, tips;
  std::set<const Commit*> interesting, shown;
  std::map<const Commit*, std::string> lines;
  std::map<ObjectId, std::string> branches;  // names, by tip

  void collect();
  void add_merge(Commit* commit, const std::string& summary);
  void label_branch_points();
  void write_branch(Commit* tip, std::string& text);
  std::string summary_of(Commit* commit) { return format_commit_simple(repo, commit, instruction_format(repo)); }
  bool is_empty(Commit* commit);
};

bool MergesScript::is_empty(Commit* commit) {
  pool.parse_or_die(commit);
  if (commit->parents.empty()) return pool.tree(commit) == empty_tree_id(pool.algo());
  pool.parse_or_die(commit->parents[0]);
  return pool.tree(commit->parents[0]) == pool.tree(commit);
}

void MergesScript::add_merge(Commit* commit, const std::string& summary) {
  std::string line = "merge -C " + commit->oid.hex();
  std::string_view subject = summary;
  skip_prefix(subject, "# ");
  for (std::size_t i = 1; i < commit->parents.size(); i++) {
    Commit* other = commit->parents[i];
    if (!interesting.count(other)) {
      line += " " + labels.name_of(other);
      continue;
    }
    tips.push_back(other);
    auto branch = branches.find(other->oid);
    line += " " + labels.of(other, branch != branches.end() ? std::string_view(branch->second) : label_from_subject(subject));
  }
  lines[commit] = line + " " + summary;
}

void MergesScript::collect() {
  repo.refs().for_each("refs/heads/", [this](const Ref& ref) {
    branches.emplace(ref.oid, ref.name.substr(11));
    return true;
  });
  RevWalk walk(repo);
  std::vector<std::string> args = {"--topo-order", "--reverse", "--right-only"};
  if (!how.reapply_cherry_picks) args.push_back("--cherry-mark");
  args.push_back(how.base.hex() + "..." + how.tip.hex());
  if (how.exclude) args.push_back("^" + how.exclude->hex());
  walk.setup(args, {});
  give_patch_ids(walk, "");
  walk.prepare();
  const std::string comment = comment_prefix_of(repo.config());
  bool skipped = false;
  while (Commit* commit = walk.next()) {
    commits.push_back(commit);
    interesting.insert(commit);
    const bool empty = is_empty(commit);
    if (!empty && (walk.flags(commit) & kRevPatchsame)) {
      if (how.warn_skipped) warning(_("skipped previously applied commit %s"), unique_abbrev(repo, commit->oid));
      skipped = true;
      continue;
    }
    if (empty && !how.keep_empty) continue;
    const std::string summary = summary_of(commit);
    if (commit->parents.size() > 1)
      add_merge(commit, summary);
    else
      lines[commit] = strf("pick %s %s", commit->oid, summary) + (empty ? " " + comment + " empty" : std::string());
  }
  if (skipped && how.warn_skipped)
    advise_if_enabled(repo.config(), "skippedCherryPicks", _("use --reapply-cherry-picks to include skipped commits"));
}

void MergesScript::label_branch_points() {
  std::set<const Commit*> has_child;
  for (Commit* commit : commits)
    for (Commit* parent : commit->parents)
      if (interesting.count(parent) && !has_child.insert(parent).second) labels.of(parent, "branch-point");
  if (!commits.empty()) tips.push_back(commits.back());
}

void MergesScript::write_branch(Commit* tip, std::string& text) {
  const std::string* label = labels.find(tip);
  text += label ? strf("\n%s Branch %s\n", comment_prefix_of(repo.config()), *label) : std::string("\n");
  std::vector<Commit*> branch;
  Commit* at = tip;
  while (at && interesting.count(at) && !shown.count(at)) {
    branch.push_back(at);
    at = at->parents.empty() ? nullptr : at->parents[0];
  }
  if (!at) {
    text += how.rebase_cousins || how.is_root_with_onto ? "reset onto\n" : "reset [new root]\n";
  } else {
    const std::string* to = labels.find(at);
    if (!to && !how.rebase_cousins) to = &labels.name_of(at);
    if (!to || *to == "onto") {
      text += "reset onto\n";
    } else {
      pool.parse_or_die(at);
      text += "reset " + *to + " " + summary_of(at) + "\n";
    }
  }
  for (auto it = branch.rbegin(); it != branch.rend(); ++it) {
    if (auto line = lines.find(*it); line != lines.end()) text += line->second + "\n";
    if (const std::string* name = labels.find(*it)) text += "label " + *name + "\n";
    shown.insert(*it);
  }
}

}  // namespace

std::string make_script_with_merges(Repository& repo, const RebaseScript& how) {
  MergesScript script(repo, how);
  CommitPool& pool = repo.commits();
  CommitList bases = merge_bases(pool, pool.get(how.base), pool.get(how.tip));
  if (!bases.empty())
    script.labels.put(bases[0], "onto");
  else
    script.labels.put(nullptr, "onto");
  script.collect();
  script.label_branch_points();
  if (script.commits.empty()) return {};
  std::string text = "label onto\n";
  for (Commit* tip : script.tips)
    if (!script.shown.count(tip)) script.write_branch(tip, text);
  return text;
}

}  // namespace git
