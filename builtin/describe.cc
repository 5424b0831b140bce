// git describe: the nearest tag, and how far a commit is from it.
#include <algorithm>
#include <unordered_map>

#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/wildmatch.h"
#include "builtin.h"
#include "index.h"
#include "object-name.h"
#include "refs.h"
#include "walk/commit-queue.h"
#include "walk/list-objects.h"

GIT_BUILTIN("describe", cmd_describe, kSetup)

namespace git {
namespace {

struct DescribeOptions {
  bool all = false, tags = false, long_format = false, first_parent = false, always = false, contains = false, debug = false;
  bool exact = false;
  int abbrev = -1;
  int candidates = 10;
  std::vector<std::string> match, exclude;
  std::optional<std::string> dirty, broken;
};

struct KnownName {
  std::string path;
  ObjectId oid;      // the tag's, or the commit's
  int priority = 0;  // 2 annotated tag, 1 tag, 0 other ref
  bool is_loaded = false, is_misnamed = false, is_checked = false;
  std::string tag_name;
  std::uint64_t tag_date = 0;
};

struct Candidate {
  KnownName* name;
  int depth;
  int found_order;
  std::uint64_t flag;
};

class Describe {
 public:
  Describe(Repository& repo, DescribeOptions& options) : repo_(repo), pool_(repo.commits()), o_(options) {}
  void collect();
  bool has_names() const { return !names_.empty(); }
  std::string describe(const std::string& arg, bool is_last_dirty);
  std::string suffix;

 private:
  bool load_tag(KnownName& name);
  std::string show_name(KnownName& name);
  std::string describe_commit(Commit* c, const std::string& arg);
  std::string describe_blob(const ObjectId& oid, const std::string& arg);
  std::string distance_suffix(int depth, const ObjectId& oid) {
    return strf("-%d-g%s", depth, unique_abbrev(repo_, oid, o_.abbrev));
  }
  int finish_depth(std::vector<Commit*>& list, Candidate& best);

  Repository& repo_;
  CommitPool& pool_;
  DescribeOptions& o_;
  std::unordered_map<ObjectId, KnownName, ObjectIdHash> names_;
  CommitMarks<std::uint64_t> flags_;
};

bool Describe::load_tag(KnownName& name) {
  if (name.is_loaded) return !name.tag_name.empty();
  name.is_loaded = true;
  Result<ObjectData> data = repo_.odb().read(name.oid);
  if (!data || data->type != ObjectType::tag) return false;
  Result<TagHeader> tag = parse_tag(data->data, repo_.algo());
  if (!tag) return false;
  name.tag_name = std::string(tag->name);
  if (std::optional<IdentLine> tagger = split_ident_line(tag->tagger)) name.tag_date = ident_time(*tagger);
  return true;
}

void Describe::collect() {
  repo_.refs().for_each("refs/", [&](const Ref& ref) {
    if (ref.oid.is_null() || ref.is_broken) return true;
    std::string_view path = ref.name, short_name;
    bool is_tag = false;
    if (skip_prefix(path, "refs/tags/", &short_name))
      is_tag = true;
    else if (!o_.all)
      return true;
    else if (!o_.match.empty() || !o_.exclude.empty()) {
      if (!skip_prefix(path, "refs/heads/", &short_name) && !skip_prefix(path, "refs/remotes/", &short_name)) return true;
    }
    for (const std::string& pattern : o_.exclude)
      if (wildmatch(pattern, short_name)) return true;
    if (!o_.match.empty()) {
      bool found = false;
      for (const std::string& pattern : o_.match) found = found || wildmatch(pattern, short_name);
      if (!found) return true;
    }
    std::optional<ObjectId> peeled = repo_.refs().peel(ref);
    bool annotated = peeled && *peeled != ref.oid;
    KnownName name;
    name.path = std::string(o_.all ? path.substr(5) : path.substr(10));
    name.oid = ref.oid;
    name.priority = annotated ? 2 : is_tag ? 1 : 0;
    ObjectId at = annotated ? *peeled : ref.oid;
    auto [known, is_new] = names_.try_emplace(at, name);
    if (is_new) return true;
    KnownName& old = known->second;
    bool replace = old.priority < name.priority;
    if (old.priority == 2 && name.priority == 2) {
      load_tag(old);
      load_tag(name);
      replace = old.tag_date < name.tag_date;
    }
    if (replace) old = name;
    return true;
  });
}

std::string Describe::show_name(KnownName& name) {
  if (name.priority == 2 && !load_tag(name)) die("annotated tag %s not available", name.path);
  if (name.priority != 2) return name.path;
  if (!name.is_checked) {
    name.is_checked = true;
    std::string own = o_.all ? name.path.substr(std::min<std::size_t>(5, name.path.size())) : name.path;
    if (name.tag_name != own) {
      warning("tag '%s' is externally known as '%s'", name.path, name.tag_name);
      name.is_misnamed = true;
    }
  }
  return o_.all ? "tags/" + name.tag_name : name.tag_name;
}

int Describe::finish_depth(std::vector<Commit*>& list, Candidate& best) {
  DateQueue queue;
  for (Commit* c : list) queue.push(c);
  int seen = 0;
  constexpr std::uint64_t kSeen = 1;
  while (!queue.empty()) {
    Commit* c = queue.pop();
    seen++;
    if (flags_[c] & best.flag) {
      if (!queue.any([&](Commit* other) { return !(flags_.get(other) & best.flag); })) break;
    } else {
      best.depth++;
    }
    for (Commit* p : c->parents) {
      pool_.parse_or_die(p);
      if (!(flags_[p] & kSeen)) queue.push(p);
      flags_[p] |= flags_[c] | kSeen;
      if (o_.first_parent) break;
    }
  }
  return seen;
}

std::string Describe::describe_commit(Commit* commit, const std::string& arg) {
  auto exact = names_.find(commit->oid);
  if (exact != names_.end() && (o_.tags || o_.all || exact->second.priority == 2)) {
    KnownName& name = exact->second;
    std::string text = show_name(name);
    if (name.is_misnamed || o_.long_format) text += distance_suffix(0, name.priority == 2 ? commit->oid : commit->oid);
    return text + suffix;
  }
  if (o_.candidates == 0) die("no tag exactly matches '%s'", commit->oid);
  if (o_.debug) errf("No exact match on refs or tags, searching to describe\n");
  flags_.clear();
  constexpr std::uint64_t kSeen = 1;
  const int most = std::min(o_.candidates, 62);
  std::vector<Candidate> found;
  DateQueue queue;
  flags_[commit] = kSeen;
  queue.push(commit);
  int seen = 0, unannotated = 0, annotated = 0;
  Commit* gave_up = nullptr;
  while (!queue.empty()) {
    Commit* c = queue.pop();
    seen++;
    auto known = names_.find(c->oid);
    if (known != names_.end()) {
      KnownName& name = known->second;
      if (!o_.tags && !o_.all && name.priority < 2) {
        unannotated++;
      } else if (static_cast<int>(found.size()) < most) {
        Candidate t{&name, seen - 1, static_cast<int>(found.size()), 1ull << (found.size() + 1)};
        flags_[c] |= t.flag;
        found.push_back(t);
        if (name.priority == 2) annotated++;
      } else {
        gave_up = c;
        break;
      }
    }
    for (Candidate& t : found)
      if (!(flags_[c] & t.flag)) t.depth++;
    if (annotated && queue.empty()) {
      int best_depth = 0x7fffffff;
      std::uint64_t best_flags = 0;
      for (const Candidate& t : found) {
        if (t.depth < best_depth) {
          best_depth = t.depth;
          best_flags = t.flag;
        } else if (t.depth == best_depth) {
          best_flags |= t.flag;
        }
      }
      if ((flags_[c] & best_flags) == best_flags) break;
    }
    for (Commit* p : c->parents) {
      pool_.parse_or_die(p);
      if (!(flags_[p] & kSeen)) queue.push(p);
      flags_[p] |= flags_[c] | kSeen;
      if (o_.first_parent) break;
    }
  }
  if (found.empty()) {
    if (o_.always) return unique_abbrev(repo_, commit->oid, o_.abbrev) + suffix;
    if (unannotated) die("No annotated tags can describe '%s'.\nHowever, there were unannotated tags: try --tags.", commit->oid);
    die("No tags can describe '%s'.\nTry --always, or create some tags.", commit->oid);
  }
  std::stable_sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) {
    return a.depth != b.depth ? a.depth < b.depth : a.found_order < b.found_order;
  });
  std::vector<Commit*> rest;
  if (gave_up) {
    rest.push_back(gave_up);
    seen--;
  }
  while (!queue.empty()) rest.push_back(queue.pop());
  seen += finish_depth(rest, found[0]);
  if (o_.debug) {
    static constexpr const char* kKind[] = {"head", "lightweight", "annotated"};
    for (const Candidate& t : found) errf(" %-11s %8d %s\n", kKind[t.name->priority], t.depth, show_name(*t.name));
    errf("traversed %d commits\n", seen);
    if (gave_up) errf("found %d tags; gave up search at %s\n", static_cast<int>(found.size()) + 1, gave_up->oid);
  }
  (void)arg;
  std::string text = show_name(*found[0].name);
  if (o_.abbrev) text += distance_suffix(found[0].depth, commit->oid);
  return text + suffix;
}

std::string Describe::describe_blob(const ObjectId& oid, const std::string& arg) {
  RevWalk walk(repo_);
  walk.tag_objects = walk.tree_objects = walk.blob_objects = true;
  walk.in_commit_order = true;
  walk.reverse = true;
  std::optional<ObjectId> head = get_oid(repo_, "HEAD");
  if (!head) die("cannot search for blob '%s' on an unborn branch", arg);
  walk.add_pending(*head, "HEAD");
  walk.prepare();
  Commit* current = nullptr;
  std::string found_path;
  Commit* found = nullptr;
  ObjectCallbacks callbacks;
  callbacks.commit = [&](Commit* c) { current = c; };
  callbacks.object = [&](const ObjectId& id, ObjectType, std::string_view path, std::uint32_t) {
    if (id == oid && !found) {
      found = current;
      found_path = std::string(path);
    }
  };
  traverse_commit_list(walk, callbacks);
  if (!found) die("blob '%s' not reachable from HEAD", arg);
  return describe_commit(found, arg) + ":" + found_path;
}

std::string Describe::describe(const std::string& arg, bool) {
  std::optional<ObjectId> oid = get_oid(repo_, arg);
  if (!oid) die("Not a valid object name %s", arg);
  if (Commit* c = pool_.peel_to_commit(*oid)) return describe_commit(c, arg);
  if (repo_.odb().type_of(*oid) == ObjectType::blob) {
    return describe_blob(*oid, arg);
  }
  die("%s is neither a commit nor blob", arg);
}

}  // namespace

int cmd_describe(Invocation& inv) {
  DescribeOptions o;
  int candidates = 10;
  Options options({"git describe [--all] [--tags] [--contains] [--abbrev=<n>] [<commit-ish>...]",
                   "git describe [--all] [--tags] [--contains] [--abbrev=<n>] --dirty[=<mark>]", "git describe <blob>"});
  options.boolean(0, "contains", &o.contains, "find the tag that comes after the commit");
  options.boolean(0, "debug", &o.debug, "debug search strategy on stderr");
  options.boolean(0, "all", &o.all, "use any ref");
  options.boolean(0, "tags", &o.tags, "use any tag, even unannotated");
  options.boolean(0, "long", &o.long_format, "always use long format");
  options.boolean(0, "first-parent", &o.first_parent, "only follow first parent");
  options.abbrev(&o.abbrev);
  options.callback(
      0, "exact-match", "", "only output exact matches",
      [&](const std::optional<std::string>&, bool unset) {
        candidates = unset ? 10 : 0;
        return true;
      },
      kOptNoArg);
  options.integer(0, "candidates", &candidates, "n", "consider <n> most recent tags (default: 10)");
  options.strings(0, "match", &o.match, "pattern", "only consider tags matching <pattern>");
  options.strings(0, "exclude", &o.exclude, "pattern", "do not consider tags matching <pattern>");
  options.boolean(0, "always", &o.always, "show abbreviated commit object as fallback");
  auto mark = [](std::optional<std::string>& target, std::string_view fallback) {
    return [&target, fallback](const std::optional<std::string>& value, bool unset) {
      if (unset)
        target.reset();
      else
        target = value ? *value : std::string(fallback);
      return true;
    };
  };
  options.callback(0, "dirty", "mark", "append <mark> on dirty working tree (default: \"-dirty\")", mark(o.dirty, "-dirty"),
                   kOptOptionalArg);
  options.callback(0, "broken", "mark", "append <mark> on broken working tree (default: \"-broken\")", mark(o.broken, "-broken"),
                   kOptOptionalArg);
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  o.candidates = std::max(candidates, 0);
  Repository& repo = inv.repo();
  if (o.abbrev < 0) o.abbrev = default_abbrev(repo);
  if (o.long_format && o.abbrev == 0) die("options '%s' and '%s' cannot be used together", "--long", "--abbrev=0");
  if (o.contains) {
    ChildProcess child;
    child.git_command = true;
    child.args = {"name-rev", "--peel-tag", "--name-only", "--no-undefined"};
    if (o.always) child.args.push_back("--always");
    if (!o.all) {
      child.args.push_back("--tags");
      for (const std::string& pattern : o.match) child.args.push_back("--refs=refs/tags/" + pattern);
      for (const std::string& pattern : o.exclude) child.args.push_back("--exclude=refs/tags/" + pattern);
    }
    if (args.empty())
      child.args.push_back("HEAD");
    else
      child.args.insert(child.args.end(), args.begin(), args.end());
    return child.run();
  }
  Describe describe(repo, o);
  describe.collect();
  if (!describe.has_names() && !o.always) die("No names found, cannot describe anything.");
  if (!args.empty()) {
    if (o.dirty) die("option '%s' and commit-ishes cannot be used together", "--dirty");
    if (o.broken) die("option '%s' and commit-ishes cannot be used together", "--broken");
    for (const std::string& arg : args) outf("%s\n", describe.describe(arg, false));
    return 0;
  }
  if (o.broken) {
    ChildProcess child;
    child.git_command = true;
    child.args = {"diff-index", "--quiet", "HEAD", "--"};
    child.err = ChildProcess::kNull;
    switch (child.run()) {
      case 0:
        break;
      case 1:
        describe.suffix = o.dirty ? *o.dirty : std::string();
        break;
      default:
        describe.suffix = *o.broken;
        break;
    }
  } else if (o.dirty) {
    setup_work_tree(repo);
    Index index = Index::read(repo);
    index.refresh(Index::kRefreshQuiet | Index::kRefreshUnmerged);
    index.refresh_and_write_quietly();
    ChildProcess child;
    child.git_command = true;
    child.args = {"diff-index", "--quiet", "HEAD", "--"};
    if (child.run()) describe.suffix = *o.dirty;
  }
  outf("%s\n", describe.describe("HEAD", true));
  return 0;
}

}  // namespace git
