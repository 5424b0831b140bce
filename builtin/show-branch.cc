// git show-branch: branches and their commits side by side (git-show-branch(1)).
#include <algorithm>
#include <map>
#include <queue>
#include <unordered_map>

#include "base/date.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "base/versioncmp.h"
#include "base/wildmatch.h"
#include "builtin.h"
#include "config.h"
#include "config/color.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "show/ref-values.h"
#include "walk/commit-reach.h"
#include "walk/tracking.h"

GIT_BUILTIN("show-branch", cmd_show_branch, kSetup)

namespace git {
namespace {

constexpr std::size_t kMaxRevs = 26;
constexpr const char* kColors[] = {"\033[31m",   "\033[32m",   "\033[33m",   "\033[34m",   "\033[35m",   "\033[36m",
                                   "\033[1;31m", "\033[1;32m", "\033[1;33m", "\033[1;34m", "\033[1;35m", "\033[1;36m"};

struct Settings {
  bool all = false, remotes = false, no_name = false, current = false, sha1_name = false, merge_base = false, independent = false;
  bool topics = false, sparse = false, date_order = false, topo_order = false;
  int more = 0, color = kColorUnknown;
  std::optional<std::string> reflog;  // "[<n>[,<base>]]"
  bool use_color = false;
};

struct Rev {
  std::string name;
  Commit* commit = nullptr;
  std::string reflog_message;
};

class BranchView {
 public:
  BranchView(Repository& repo, const Settings& s, std::vector<Rev> revs) : repo_(repo), s_(s), revs_(std::move(revs)) {
    all_ = (1u << revs_.size()) - 1;
  }
  int show();

 private:
  struct Mark {
    unsigned revs = 0;
    bool uninteresting = false;
    std::string base;
    int generation = -1;  // -1: no name yet
  };
  Mark& mark(Commit* commit) { return marks_[commit]; }
  void join();
  void order();
  void name_commits();
  void name_chain(Commit* commit, bool* any);
  std::string name_text(const Mark& m) const;
  std::string one_commit(Commit* commit, bool without_name);
  std::string colored(std::size_t i, char c) const;
  bool omit(Commit* commit);

  Repository& repo_;
  const Settings& s_;
  std::vector<Rev> revs_;
  unsigned all_ = 0;
  std::unordered_map<Commit*, Mark> marks_;
  std::vector<Commit*> seen_;
};

// Walks until everything left is in all of them, passing on which revs reach each commit.
void BranchView::join() {
  auto older = [](const Commit* a, const Commit* b) { return a->date < b->date; };
  std::priority_queue<Commit*, std::vector<Commit*>, decltype(older)> queue(older);
  std::unordered_map<Commit*, bool> is_seen;
  for (std::size_t i = 0; i < revs_.size(); ++i) {
    Commit* c = revs_[i].commit;
    repo_.commits().parse(c).or_die();
    bool is_new = !mark(c).revs;
    mark(c).revs |= 1u << i;
    if (is_new) queue.push(c);
  }
  int extra = s_.more;
  auto has_interesting = [&](auto copy) {
    while (!copy.empty()) {
      if (!mark(copy.top()).uninteresting) return true;
      copy.pop();
    }
    return false;
  };
  while (!queue.empty()) {
    bool goes_on = has_interesting(queue);
    Commit* c = queue.top();
    queue.pop();
    if (!goes_on && extra <= 0) break;
    if (!is_seen[c]) seen_.push_back(c);
    is_seen[c] = true;
    Mark own = mark(c);
    if ((own.revs & all_) == all_) own.uninteresting = true;
    for (Commit* parent : c->parents) {
      Mark& theirs = mark(parent);
      if ((theirs.revs & own.revs) == own.revs && theirs.uninteresting >= own.uninteresting) continue;
      repo_.commits().parse(parent).or_die();
      if (!is_seen[parent]) {
        seen_.push_back(parent);
        is_seen[parent] = true;
        if (!goes_on) --extra;
      }
      theirs.revs |= own.revs;
      theirs.uninteresting = theirs.uninteresting || own.uninteresting;
      queue.push(parent);
    }
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (Commit* c : seen_) {
      Mark& own = mark(c);
      if (!own.uninteresting && (own.revs & all_) != all_) continue;
      for (Commit* parent : c->parents) {
        auto found = marks_.find(parent);
        if (found == marks_.end() || found->second.uninteresting) continue;
        found->second.uninteresting = true;
        found->second.revs |= own.revs;
        changed = true;
      }
    }
  }
}

// Children before parents; of several, the newest first, or the line of the last one shown.
void BranchView::order() {
  std::stable_sort(seen_.begin(), seen_.end(), [](const Commit* a, const Commit* b) { return a->date > b->date; });
  std::unordered_map<Commit*, int> children;
  for (Commit* c : seen_) children[c];
  for (Commit* c : seen_)
    for (Commit* parent : c->parents)
      if (auto found = children.find(parent); found != children.end()) ++found->second;
  std::vector<Commit*> ready, result;
  for (auto c = seen_.rbegin(); c != seen_.rend(); ++c)
    if (!children[*c]) ready.push_back(*c);
  while (!ready.empty()) {
    auto next = ready.end() - 1;
    if (s_.date_order) next = std::max_element(ready.begin(), ready.end(), [](auto* a, auto* b) { return a->date < b->date; });
    Commit* c = *next;
    ready.erase(next);
    result.push_back(c);
    for (Commit* parent : c->parents)
      if (auto found = children.find(parent); found != children.end() && --found->second == 0) ready.push_back(parent);
  }
  seen_ = std::move(result);
}

std::string BranchView::name_text(const Mark& m) const {
  if (m.generation == 0) return m.base;
  return m.generation == 1 ? m.base + "^" : strf("%s~%d", m.base, m.generation);
}

void BranchView::name_chain(Commit* commit, bool* any) {
  while (mark(commit).generation >= 0 && !commit->parents.empty()) {
    Commit* parent = commit->parents[0];
    if (!marks_.contains(parent) || mark(parent).generation >= 0) return;
    Mark own = mark(commit);
    mark(parent).base = own.base;
    mark(parent).generation = own.generation + 1;
    *any = true;
    commit = parent;
  }
}

void BranchView::name_commits() {
  for (Commit* c : seen_)
    for (const Rev& rev : revs_)
      if (rev.commit == c && mark(c).generation < 0) {
        mark(c).base = rev.name;
        mark(c).generation = 0;
      }
  for (bool any = true; any;) {
    any = false;
    for (Commit* c : seen_) name_chain(c, &any);
  }
  for (bool any = true; any;) {
    any = false;
    for (Commit* c : seen_) {
      if (mark(c).generation < 0) continue;
      for (std::size_t n = 0; n < c->parents.size(); ++n) {
        Commit* parent = c->parents[n];
        if (!marks_.contains(parent) || mark(parent).generation >= 0) continue;
        std::string name = name_text(mark(c)) + (n == 0 ? "^" : strf("^%d", n + 1));
        mark(parent).base = name;
        mark(parent).generation = 0;
        any = true;
        bool chained = false;
        name_chain(parent, &chained);
      }
    }
  }
}

std::string BranchView::one_commit(Commit* commit, bool without_name) {
  std::string subject = "(unavailable)";
  if (Result<std::string> text = repo_.commits().read_buffer(commit)) subject = one_line(split_message(*text).subject);
  std::string_view shown = subject;
  skip_prefix(shown, "[PATCH] ");
  if (without_name) return std::string(shown) + "\n";
  const Mark& m = mark(commit);
  std::string name = m.generation >= 0 && !s_.sha1_name ? name_text(m) : unique_abbrev(repo_, commit->oid);
  return "[" + name + "] " + std::string(shown) + "\n";
}

std::string BranchView::colored(std::size_t i, char c) const {
  std::string text(1, c);
  return s_.use_color ? kColors[i % std::size(kColors)] + text + std::string(kColorReset) : text;
}

// A merge that only one of the branches has is noise, unless it is a tip.
bool BranchView::omit(Commit* commit) {
  for (const Rev& rev : revs_)
    if (rev.commit == commit) return false;
  unsigned bits = mark(commit).revs & all_;
  return bits && !(bits & (bits - 1));
}

int BranchView::show() {
  std::string head = current_branch(repo_).value_or("");
  std::optional<ObjectId> head_oid = repo_.refs().read_oid("HEAD");
  std::size_t head_at = ~std::size_t{0};
  join();
  if (revs_.size() > 1 || s_.more < 0) {
    for (std::size_t i = 0; i < revs_.size(); ++i) {
      std::string_view name = revs_[i].name;
      if (!skip_prefix(name, "refs/heads/")) skip_prefix(name, "heads/");
      bool is_head = !head.empty() && name == head && head_oid && *head_oid == revs_[i].commit->oid;
      if (s_.more < 0)
        outf("%s [%s] ", is_head ? "*" : " ", revs_[i].name);
      else
        out(std::string(i, ' ') + colored(i, is_head ? '*' : '!') + " [" + revs_[i].name + "] ");
      out(s_.reflog ? revs_[i].reflog_message + "\n" : one_commit(revs_[i].commit, true));
      if (is_head) head_at = i;
    }
    if (s_.more >= 0) out(std::string(revs_.size(), '-') + "\n");
  }
  if (s_.more < 0) return 0;
  order();
  if (!s_.sha1_name && !s_.no_name) name_commits();
  bool shown_merge_point = false;
  int extra = s_.more;
  for (Commit* c : seen_) {
    unsigned bits = mark(c).revs & all_;
    bool is_merge_point = bits == all_, is_merge = c->parents.size() > 1;
    shown_merge_point = shown_merge_point || is_merge_point;
    if (revs_.size() > 1) {
      if (s_.topics && !is_merge_point && (bits & 1)) continue;
      if (!s_.sparse && is_merge && omit(c)) continue;
      for (std::size_t i = 0; i < revs_.size(); ++i)
        out(!(bits & (1u << i)) ? " " : colored(i, is_merge ? '-' : i == head_at ? '*' : '+'));
      out(" ");
    }
    out(one_commit(c, s_.no_name));
    if (shown_merge_point && --extra < 0) break;
  }
  return 0;
}

// ---- which revs ----
class RevCollector {
 public:
  explicit RevCollector(Repository& repo) : repo_(repo) {}
  std::vector<Rev> revs;

  void add(const ObjectId& oid, std::string name, bool allow_same = true) {
    Commit* commit = repo_.commits().peel_to_commit(oid);
    if (!commit) return;
    for (const Rev& rev : revs)
      if (!allow_same && rev.commit == commit && rev.name == name) return;
    if (revs.size() >= kMaxRevs) {
      warning("ignoring %s; cannot handle more than %d refs", name, kMaxRevs);
      return;
    }
    revs.push_back({std::move(name), commit, ""});
  }
  void add_refs(std::string_view prefix, std::string_view strip, const std::string& pattern = {}) {
    std::size_t first = revs.size();
    repo_.refs().for_each(prefix, [&](const Ref& ref) {
      std::string name = ref.name.substr(strip.size());
      if (pattern.empty() || wildmatch(pattern, name) || wildmatch(pattern, ref.name)) add(ref.oid, name, false);
      return true;
    });
    std::stable_sort(revs.begin() + static_cast<std::ptrdiff_t>(first), revs.end(),
                     [](const Rev& a, const Rev& b) { return versioncmp(a.name, b.name) < 0; });
  }
  void add_argument(const std::string& text) {
    if (std::optional<ObjectId> oid = get_oid(repo_, text, NameHint::none, true)) return add(*oid, text);
    if (has_glob_special(text)) {
      std::size_t before = revs.size();
      add_refs("refs/", starts_with(text, "refs/") ? "" : "refs/", text);
      if (revs.size() == before) add_refs("refs/heads/", "refs/heads/", text);
      if (revs.size() == before) error("no matching refs with %s", text);
      return;
    }
    die("bad sha1 reference %s", text);
  }

 private:
  Repository& repo_;
};

void collect_reflog(Repository& repo, RevCollector& collector, const Settings& s, const std::vector<std::string>& args) {
  if (args.size() > 1) die("--reflog option needs one branch name");
  std::string name = args.empty() ? current_branch(repo).value_or("HEAD") : args[0], full;
  ObjectId oid;
  if (!dwim_log(repo, name, &oid, &full)) die("no such ref %s", name);
  std::string_view text = *s.reflog;
  std::uint64_t count = 4, base = 0;
  if (!text.empty()) {
    std::size_t comma = text.find(',');
    std::optional<std::uint64_t> n = parse_uint(text.substr(0, comma));
    if (!n) die("unrecognized reflog param '%s'", text);
    count = *n;
    if (comma != std::string_view::npos) base = parse_uint(text.substr(comma + 1)).value_or(0);
  }
  if (count > kMaxRevs) die("only %d entries can be shown at one time.", kMaxRevs);
  std::uint64_t at = 0;
  DateFormat relative;
  relative.mode = DateMode::relative;
  repo.refs().for_each_reflog_entry(full, true, [&](const ReflogEntry& entry) {
    if (at >= base + count) return false;
    if (at >= base) {
      std::size_t before = collector.revs.size();
      collector.add(entry.new_oid, strf("%s@{%d}", name, at));
      if (collector.revs.size() > before)
        collector.revs.back().reflog_message = strf("(%s) %s", show_date(entry.time, entry.tz, relative), entry.message);
    }
    ++at;
    return true;
  });
}

int show_bases(Repository& repo, const std::vector<Rev>& revs, bool independent) {
  std::vector<Commit*> commits;
  for (const Rev& rev : revs) commits.push_back(rev.commit);
  CommitList found = independent ? reduce_heads(repo.commits(), commits)
                     : commits.size() == 1
                         ? commits
                         : merge_bases_many(repo.commits(), commits[0], std::span<Commit* const>(commits).subspan(1));
  if (!independent && commits.size() > 2) found = octopus_merge_bases(repo.commits(), commits);
  for (Commit* commit : found) outf("%s\n", commit->oid);
  return found.empty() ? 1 : 0;
}

}  // namespace

int cmd_show_branch(Invocation& inv) {
  Repository& repo = inv.repo();
  Settings s;
  Options options(
      {"git show-branch [-a | --all] [-r | --remotes] [--topo-order | --date-order]\n"
       "                [--current] [--color[=<when>] | --no-color] [--sparse]\n"
       "                [--more=<n> | --list | --independent | --merge-base]\n"
       "                [--no-name | --sha1-name] [--topics]\n"
       "                [(<rev> | <glob>)...]",
       "git show-branch (-g | --reflog)[=<n>[,<base>]] [--list] [<ref>]"});
  options.boolean('a', "all", &s.all, N_("show remote-tracking and local branches"));
  options.boolean('r', "remotes", &s.remotes, N_("show remote-tracking branches"));
  options.color(&s.color, N_("color '*!+-' corresponding to the branch"));
  options.callback(
      0, "more", "n", N_("show <n> more commits after the common ancestor"),
      [&s](const std::optional<std::string>& value, bool) {
        std::optional<std::int64_t> n = value ? parse_int(*value) : 1;
        if (!n) return false;
        s.more = static_cast<int>(*n);
        return true;
      },
      kOptOptionalArg | kOptNoNeg);
  options.set_int(0, "list", &s.more, -1, N_("synonym to more=-1"));
  options.boolean(0, "no-name", &s.no_name, N_("suppress naming strings"));
  options.boolean(0, "current", &s.current, N_("include the current branch"));
  options.boolean(0, "sha1-name", &s.sha1_name, N_("name commits with their object names"));
  options.boolean(0, "merge-base", &s.merge_base, N_("show possible merge bases"));
  options.boolean(0, "independent", &s.independent, N_("show refs unreachable from any other ref"));
  options.boolean(0, "topo-order", &s.topo_order, N_("show commits in topological order"), kOptNoNeg);
  options.boolean(0, "topics", &s.topics, N_("show only commits not on the first branch"));
  options.boolean(0, "sparse", &s.sparse, N_("show merges reachable from only one tip"));
  options.boolean(0, "date-order", &s.date_order, N_("topologically sort, maintaining date order where possible"), kOptNoNeg);
  options.callback(
      'g', "reflog", "<n>[,<base>]", N_("show <n> most recent ref-log entries starting at base"),
      [&s](const std::optional<std::string>& value, bool) {
        s.reflog = value.value_or("");
        return true;
      },
      kOptOptionalArg | kOptLiteralArgHelp | kOptNoNeg);
  std::vector<std::string> given(inv.args);
  if (given.size() == 1)
    for (const std::string& word : repo.config().get_strings("showbranch.default")) given.push_back(word);
  std::vector<std::string> args = options.parse(given, inv.prefix_or_empty());
  if (s.all) s.remotes = true;
  if (s.more && (s.merge_base || s.independent)) options.usage_with_options();
  if (s.reflog && (s.more > 0 || s.all || s.remotes || s.merge_base || s.independent))
    die("options '%s' and '%s' cannot be used together", "--reflog", "--all/--remotes/--independent/--merge-base");
  if (s.reflog && s.current) die("options '%s' and '%s' cannot be used together", "--reflog", "--current");
  int when = s.color == kColorUnknown ? config_color_when(repo.config(), "showbranch") : s.color;
  s.use_color = want_color(when) && s.more >= 0;
  RevCollector collector(repo);
  if (s.reflog) {
    collect_reflog(repo, collector, s, args);
    if (collector.revs.empty()) return 0;
  } else {
    for (const std::string& arg : args) collector.add_argument(arg);
    if (args.empty() && (!s.remotes || s.all)) collector.add_refs("refs/heads/", "refs/heads/");
    if (s.remotes) collector.add_refs("refs/remotes/", "refs/");
  }
  std::optional<std::string> head = current_branch(repo);
  if (s.current && head) {
    bool has = std::any_of(collector.revs.begin(), collector.revs.end(), [&](const Rev& r) { return r.name == *head; });
    std::optional<ObjectId> oid = repo.refs().read_oid("HEAD");
    if (!has && oid) collector.add(*oid, *head);
  }
  if (collector.revs.empty()) {
    err("No revs to be shown.\n");
    return 0;
  }
  if (s.merge_base || s.independent) return show_bases(repo, collector.revs, s.independent);
  return BranchView(repo, s, std::move(collector.revs)).show();
}

}  // namespace git
