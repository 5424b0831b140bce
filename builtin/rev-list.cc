// git rev-list: commits (and objects) reachable from some and not from others, for scripts.
#include <unordered_set>

#include "base/error.h"
#include "base/fd.h"
#include "base/quote.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "config/color.h"
#include "diff/rev-limiter.h"
#include "log-patch-id.h"
#include "object-name.h"
#include "odb.h"
#include "pack-bitmap.h"
#include "show/display-options.h"
#include "show/graph.h"
#include "walk/bisect.h"
#include "walk/list-objects.h"
#include "walk/reflog-walk.h"
#include "walk/revisions.h"

GIT_BUILTIN("rev-list", cmd_rev_list, kSetup | kNoParseopt)

namespace git {
namespace {

[[noreturn]] void rev_list_usage() {
  usage(
      "git rev-list [<options>] <commit>... [--] [<path>...]\n\n"
      "  limiting output:\n"
      "    --max-count=<n>, --max-age=<epoch>, --min-age=<epoch>\n"
      "    --sparse, --no-merges, --min-parents=<n>, --no-min-parents, --max-parents=<n>, --no-max-parents\n"
      "    --remove-empty, --all, --branches, --tags, --remotes, --stdin, --exclude-hidden=[fetch|receive|uploadpack], --quiet\n"
      "  ordering output:\n"
      "    --topo-order, --date-order, --reverse\n"
      "  formatting output:\n"
      "    --parents, --children, --objects | --objects-edge, --disk-usage[=human], --unpacked\n"
      "    --header | --pretty, --[no-]object-names, --abbrev=<n> | --no-abbrev, --abbrev-commit, --left-right, --count, -z\n"
      "  special purpose:\n"
      "    --bisect, --bisect-vars, --bisect-all");
}

std::string human_size(std::uint64_t bytes) {
  auto unit = [&](std::uint64_t one, const char* name) {
    std::uint64_t whole = bytes / one, part = (bytes % one) * 100 / one;
    return strf("%u.%02u %s", whole, part, name);
  };
  if (bytes > 1ull << 30) return unit(1ull << 30, "GiB");
  if (bytes > 1ull << 20) return unit(1ull << 20, "MiB");
  if (bytes > 1ull << 10) return unit(1ull << 10, "KiB");
  return strf(bytes == 1 ? "%u byte" : "%u bytes", bytes);
}

class RevList {
 public:
  explicit RevList(Invocation& inv) : inv_(inv), repo_(inv.repo()), walk_(repo_), display_(walk_) {}
  int run();

 private:
  int own_option(const std::vector<std::string>& args, std::size_t at);
  void show_commit(Commit* c);
  void verify(const ObjectId& oid);
  void print_commit(Commit* c);
  void show_message(Commit* c);
  void show_object(const ObjectId& oid, ObjectType type, std::string_view path);
  void note_missing(const ObjectId& oid, ObjectType type, std::string_view path);
  void print_missing();
  void print_oid_line(std::string_view mark, const ObjectId& oid);
  int show_bisect();
  void print_counts();
  bool show_from_bitmap();
  int test_bitmap();

  Invocation& inv_;
  Repository& repo_;
  RevWalk walk_;
  DisplayOptions display_;
  std::unique_ptr<Graph> graph_;
  bool quiet_ = false, count_ = false, timestamp_ = false, header_nul_ = false, commit_header_ = true;
  bool object_names_ = true, nul_ = false;
  bool disk_usage_ = false, disk_human_ = false;
  bool bisect_list_ = false, bisect_all_ = false, bisect_vars_ = false;
  bool print_omitted_ = false;
  bool use_bitmap_ = false, test_bitmap_ = false;
  MissingAction missing_ = MissingAction::error;
  std::uint64_t total_disk_ = 0;
  std::uint64_t left_ = 0, right_ = 0, same_ = 0;
  struct Missing {
    ObjectId oid;
    ObjectType type;
    std::string path;
  };
  std::vector<Missing> missing_list_;
  std::unordered_set<ObjectId, ObjectIdHash> missing_set_;
  int bisect_distance_ = 0;
};

int RevList::own_option(const std::vector<std::string>& args, std::size_t at) {
  std::string_view arg = args[at], value;
  if (arg == "--header") {
    display_.verbose_header = true;
    header_nul_ = true;
  } else if (arg == "--timestamp") {
    timestamp_ = true;
  } else if (arg == "--quiet") {
    quiet_ = true;
  } else if (arg == "--count") {
    count_ = true;
  } else if (arg == "--bisect") {
    bisect_list_ = true;
  } else if (arg == "--bisect-all") {
    bisect_list_ = bisect_all_ = true;
  } else if (arg == "--bisect-vars") {
    bisect_list_ = bisect_vars_ = true;
  } else if (arg == "--use-bitmap-index") {
    use_bitmap_ = true;
  } else if (arg == "--test-bitmap") {
    test_bitmap_ = true;
  } else if (arg == "--filter-print-omitted") {
    print_omitted_ = true;
  } else if (arg == "--no-filter-print-omitted") {
    print_omitted_ = false;
  } else if (arg == "--object-names") {
    object_names_ = true;
  } else if (arg == "--no-object-names") {
    object_names_ = false;
  } else if (arg == "--commit-header") {
    commit_header_ = true;
  } else if (arg == "--no-commit-header") {
    commit_header_ = false;
  } else if (arg == "--disk-usage") {
    disk_usage_ = quiet_ = true;
  } else if (skip_prefix(arg, "--disk-usage=", &value)) {
    if (value != "human")
      die("invalid value for '%s': '%s', the only allowed format is '%s'", "--disk-usage=<format>", value, "human");
    disk_usage_ = disk_human_ = quiet_ = true;
  } else if (arg == "-z") {
    nul_ = true;
  } else if (skip_prefix(arg, "--missing=", &value)) {
    if (value == "error")
      missing_ = MissingAction::error;
    else if (value == "allow-any")
      missing_ = MissingAction::allow_any;
    else if (value == "print")
      missing_ = MissingAction::print;
    else if (value == "print-info")
      missing_ = MissingAction::print_info;
    else if (value == "allow-promisor")
      missing_ = MissingAction::allow_promisor;
    else
      return 0;
    walk_.do_not_die_on_missing_objects = missing_ != MissingAction::error;
  } else {
    return 0;
  }
  return 1;
}

void RevList::show_message(Commit* c) {
  std::string text = pretty_commit(display_.context, c);
  bool oneline = display_.format.format == CommitFormat::oneline;
  std::string_view end = header_nul_ ? std::string_view("\0", 1) : std::string_view("\n");
  if (!graph_) {
    bool user = display_.format.format == CommitFormat::user || display_.format.format == CommitFormat::reference;
    if (!user || !text.empty()) {
      out(text);
      out(end);
    }
    return;
  }
  if (text.empty()) {
    if (graph_->show_remainder()) out("\n");
    if (oneline) out("\n");
    return;
  }
  if (!oneline) graph_->show_oneline();
  graph_->show_commit_message(text);
  if (text.back() == '\n') graph_->show_padding();
  out(end);
}

void RevList::show_commit(Commit* c) {
  if (graph_) graph_->update(c);
  if (disk_usage_)
    if (auto info = repo_.odb().info(c->oid)) total_disk_ += info->disk_size;
  if (count_) {
    std::uint32_t f = walk_.flags(c);
    if (f & kRevPatchsame)
      same_++;
    else if (f & kRevSymmetricLeft)
      left_++;
    else
      right_++;
    repo_.commits().drop_buffer(c);
    return;
  }
  if (quiet_) return;
  print_commit(c);
  repo_.commits().drop_buffer(c);
}

void RevList::print_commit(Commit* c) {
  if (graph_) graph_->show_commit();
  const bool verbose = display_.verbose_header;
  const bool oneline = verbose && display_.format.format == CommitFormat::oneline;
  if (commit_header_ || !verbose) {
    if (timestamp_) outf("%u ", c->date);
    if (verbose && !oneline && !header_nul_) out("commit ");
    if (!graph_) out(walk_.mark(c));
    out(display_.abbrev_commit && display_.abbrev != 0 ? unique_abbrev(repo_, c->oid, display_.abbrev) : c->oid.hex());
    if (walk_.print_parents)
      for (Commit* p : walk_.parents(c)) {
        out(" ");
        out(p->oid.hex());
      }
    if (walk_.children)
      for (Commit* child : walk_.children_of(c)) {
        out(" ");
        out(child->oid.hex());
      }
    if (bisect_all_) {
      PrettyContext::DecorateOptions names;
      names.prefix.clear();
      names.suffix.clear();
      std::string refs = display_.context.decorate_with(c, names, false);
      outf(" (%s%sdist=%d)", refs, refs.empty() ? "" : ", ", bisect_distance_);
    }
    if (oneline)
      out(" ");
    else if (nul_)
      out(std::string_view("\0", 1));
    else
      out("\n");
  }
  if (verbose)
    show_message(c);
  else if (graph_ && graph_->show_remainder())
    out("\n");
}

// --verify-objects: does the content make the name?
void RevList::verify(const ObjectId& oid) {
  Result<ObjectData> data = repo_.odb().read(oid);
  if (data && repo_.odb().hash(data->type, data->data) == repo_.odb().replaced(oid)) return;
  error("hash mismatch %s", oid);
  die("unable to parse object: %s", oid);
}

void RevList::note_missing(const ObjectId& oid, ObjectType type, std::string_view path) {
  switch (missing_) {
    case MissingAction::error:
      die("missing %s object '%s'", type_name(type), oid);
    case MissingAction::allow_any:
      return;
    case MissingAction::allow_promisor:
      if (repo_.odb().is_promisor_object(oid)) return;
      die("unexpected missing %s object '%s'", type_name(type), oid);
    case MissingAction::print:
    case MissingAction::print_info:
      if (missing_set_.insert(oid).second) missing_list_.push_back({oid, type, std::string(path)});
      return;
  }
}

void RevList::show_object(const ObjectId& oid, ObjectType type, std::string_view path) {
  std::optional<ObjectInfo> info;
  if (disk_usage_ || type != ObjectType::tree || missing_ != MissingAction::error) {
    bool here = true;
    if (disk_usage_) {
      info = repo_.odb().info(oid, missing_ == MissingAction::error ? 0u : static_cast<unsigned>(kLookupNoFetch));
      here = info.has_value();
    } else {
      here = repo_.odb().has(oid, missing_ == MissingAction::error ? 0u : static_cast<unsigned>(kLookupNoFetch));
    }
    if (!here) {
      note_missing(oid, type, path);
      return;
    }
  }
  if (walk_.verify_objects) verify(oid);
  if (disk_usage_ && info) total_disk_ += info->disk_size;
  if (count_) {
    right_++;
    return;
  }
  if (quiet_) return;
  out(oid.hex());
  if (nul_) {
    out(std::string_view("\0", 1));
    if (object_names_ && !path.empty()) {
      out("path=");
      out(path);
      out(std::string_view("\0", 1));
    }
    return;
  }
  if (object_names_) {
    out(" ");
    out(path.substr(0, path.find('\n')));
  }
  out("\n");
}

void RevList::print_oid_line(std::string_view mark, const ObjectId& oid) {
  out(mark);
  out(oid.hex());
  out("\n");
}

void RevList::print_missing() {
  for (const ObjectId& oid : walk_.missing_commits)
    if (missing_ == MissingAction::print || missing_ == MissingAction::print_info) {
      if (missing_set_.insert(oid).second) missing_list_.push_back({oid, ObjectType::commit, {}});
    } else if (missing_ == MissingAction::allow_promisor && !repo_.odb().is_promisor_object(oid)) {
      die("unexpected missing %s object '%s'", "commit", oid);
    }
  for (const Missing& m : missing_list_) {
    if (nul_) {
      out(m.oid.hex());
      out(std::string_view("\0missing=yes\0", 13));
      if (missing_ == MissingAction::print_info) {
        if (!m.path.empty()) {
          out("path=" + m.path);
          out(std::string_view("\0", 1));
        }
        out(strf("type=%s", type_name(m.type)));
        out(std::string_view("\0", 1));
      }
      continue;
    }
    outf("?%s", m.oid);
    if (missing_ == MissingAction::print_info) {
      if (!m.path.empty())
        outf(" path=%s", quote_c_style(m.path).find('"') == 0 || m.path.find(' ') == std::string::npos ? quote_c_style(m.path)
                                                                                                       : "\"" + m.path + "\"");
      outf(" type=%s", type_name(m.type));
    }
    out("\n");
  }
}

void RevList::print_counts() {
  if (walk_.left_right && walk_.cherry_mark)
    outf("%u\t%u\t%u\n", left_, right_, same_);
  else if (walk_.left_right)
    outf("%u\t%u\n", left_, right_);
  else if (walk_.cherry_mark)
    outf("%u\t%u\n", left_ + right_, same_);
  else
    outf("%u\n", left_ + right_);
}

int RevList::show_bisect() {
  Bisection found = find_bisection(walk_, walk_.commits(), bisect_all_, walk_.first_parent_only);
  if (bisect_vars_) {
    if (found.candidates.empty()) return 1;
    if (bisect_all_) {
      for (const auto& c : found.candidates) {
        bisect_distance_ = c.distance;
        print_commit(c.commit);
      }
      out("------\n");
    }
    int count = std::max(found.all - found.reaches, found.reaches);
    std::string name = found.all ? found.candidates[0].commit->oid.hex() : "";
    outf("bisect_rev='%s'\nbisect_nr=%d\nbisect_good=%d\nbisect_bad=%d\nbisect_all=%d\nbisect_steps=%d\n", name, count - 1,
         found.all - found.reaches - 1, found.reaches - 1, found.all, estimate_bisect_steps(found.all));
    return 0;
  }
  for (const auto& c : found.candidates) {
    bisect_distance_ = c.distance;
    print_commit(c.commit);
  }
  return 0;
}

// The answer of a bitmap, where one is there and can give it; false where the walk must.
bool RevList::show_from_bitmap() {
  bool all_objects = walk_.tree_objects && walk_.blob_objects && walk_.tag_objects;
  if (!walk_.pathspec.empty() || display_.verbose_header || display_.wants_graph || bisect_list_ || walk_.left_right ||
      walk_.boundary || walk_.reverse || walk_.first_parent_only || walk_.unpacked || missing_ != MissingAction::error ||
      walk_.skip_count > 0 || walk_.max_age >= 0 || walk_.min_age >= 0 || walk_.commit_filter || walk_.min_parents > 0 ||
      walk_.max_parents >= 0 || walk_.no_walk || walk_.cherry_mark || walk_.exclude_promisor_objects || repo_.is_shallow())
    return false;
  if (walk_.max_count >= 0 && (all_objects || !count_)) return false;
  ObjectFilter filter = walk_.filter;
  if (print_omitted_ || !BitmapIndex::can_filter(filter)) return false;
  auto index = BitmapIndex::open(repo_);
  if (!index) return false;
  std::vector<ObjectId> wants, haves;
  for (const PendingObject& tip : walk_.pending) (tip.flags & kRevUninteresting ? haves : wants).push_back(tip.oid);
  auto answer = index->ask(wants, haves, filter);
  if (!answer) return false;
  auto wanted = [&](ObjectType type) { return all_objects || type == ObjectType::commit; };
  std::uint64_t commits = 0, others = 0;
  auto show = [&](const ObjectId& oid, ObjectType type) {
    (type == ObjectType::commit ? commits : others)++;
    if (disk_usage_)
      if (auto info = repo_.odb().info(oid)) total_disk_ += info->disk_size;
    if (!count_ && !quiet_) outf("%s\n", oid);
  };
  for (ObjectType type : {ObjectType::commit, ObjectType::tree, ObjectType::blob, ObjectType::tag}) {
    if (!wanted(type)) continue;
    answer->bits.for_each([&](std::size_t n) {
      auto bit = static_cast<std::uint32_t>(n);
      if (index->type_of(bit) == type) show(index->oid_of(bit), type);
    });
  }
  for (const auto& [oid, type] : answer->extra)
    if (wanted(type)) show(oid, type);
  if (count_ && !disk_usage_) {
    if (walk_.max_count >= 0) commits = std::min(commits, static_cast<std::uint64_t>(walk_.max_count));
    outf("%u\n", commits + others);
  }
  if (disk_usage_) outf("%s\n", disk_human_ ? human_size(total_disk_) : strf("%u", total_disk_));
  return true;
}

// Compares a commit's bitmap with what a walk finds.
int RevList::test_bitmap() {
  auto index = BitmapIndex::open(repo_);
  if (!index) die("failed to load bitmap indexes");
  if (walk_.pending.size() != 1) die("you must specify exactly one commit to test");
  errf("Bitmap v%d test (%d entries)\n", 1, static_cast<int>(index->commits().size()));
  Commit* tip = repo_.commits().peel_to_commit(walk_.pending[0].oid);
  const Bitmap* known = tip ? index->bitmap_of(tip->oid) : nullptr;
  if (!known) die("commit '%s' doesn't have an indexed bitmap", walk_.pending[0].oid);
  errf("Found bitmap for '%s'. %d bits / %08x checksum\n", tip->oid, static_cast<int>(known->count()), 0);
  walk_.tree_objects = walk_.blob_objects = walk_.tag_objects = true;
  walk_.prepare();
  Bitmap seen;
  auto note = [&](const ObjectId& oid) {
    auto bit = index->bit_of(oid);
    if (!bit) die("object '%s' not in bitmap", oid);
    seen.set(*bit);
  };
  ObjectCallbacks callbacks;
  callbacks.commit = [&](Commit* c) { note(c->oid); };
  callbacks.object = [&](const ObjectId& oid, ObjectType type, std::string_view, std::uint32_t) {
    if (type != ObjectType::tag) note(oid);
  };
  traverse_commit_list(walk_, callbacks);
  if (!seen.is_subset_of(*known) || !known->is_subset_of(seen)) die("mismatch in bitmap results");
  err("OK!\n");
  return 0;
}

int RevList::run() {
  std::vector<std::string> args(inv_.args.begin() + 1, inv_.args.end());
  if (args.size() == 1 && args[0] == "-h") rev_list_usage();
  RevWalk::Setup setup;
  setup.prefix = inv_.prefix_or_empty();
  setup.allow_exclude_promisor = true;
  setup.other_option = [this](const std::vector<std::string>& list, std::size_t at) {
    if (int used = own_option(list, at)) return used;
    return display_.parse(list, at);
  };
  setup.on_unknown = [](const std::string&) { rev_list_usage(); };
  // --exclude-promisor-objects and --missing decide what a missing tip means, so they are looked for first.
  for (const std::string& arg : args) {
    if (arg == "--exclude-promisor-objects") {
      walk_.exclude_promisor_objects = true;
      // A fetch for what is missing checks what it brought with this option; it must not fetch in turn.
      repo_.odb().set_promisor_fetch(nullptr);
    }
    if (starts_with(arg, "--missing=") && arg != "--missing=error") {
      walk_.do_not_die_on_missing_objects = true;
      repo_.odb().set_promisor_fetch(nullptr);
    }
    if (arg == "--ignore-missing") walk_.ignore_missing = true;
  }
  walk_.setup(args, setup);
  limit_walk_by_paths(walk_, inv_.prefix_or_empty());
  give_patch_ids(walk_, inv_.prefix_or_empty());
  if (walk_.bisect || bisect_list_) {
    bisect_list_ = bisect_list_ || walk_.bisect;
    walk_.limited = true;
  }
  if (display_.verbose_header && display_.format.format == CommitFormat::medium && header_nul_)
    display_.format.format = CommitFormat::raw;
  if (walk_.pending.empty() && !walk_.got_revision && !walk_.read_from_stdin && !walk_.reflog_walk() && !walk_.got_revision)
    rev_list_usage();
  bool color = want_color(config_color_when(repo_.config(), "diff"));
  display_.finish(color);
  if (display_.wants_graph) {
    if (walk_.reverse) die("options '%s' and '%s' cannot be used together", "--reverse", "--graph");
    if (walk_.reflog_info) die("options '%s' and '%s' cannot be used together", "--walk-reflogs", "--graph");
    if (walk_.no_walk) die("options '%s' and '%s' cannot be used together", "--no-walk", "--graph");
    if (count_) die("options '%s' and '%s' cannot be used together", "--count", "--graph");
    graph_ = std::make_unique<Graph>(walk_, repo_.config(), color, [](std::string_view text) { out(text); });
  }
  if (walk_.filter.is_set() && !walk_.tree_objects) die("object filtering requires --objects");
  if (nul_ && (walk_.left_right || display_.verbose_header || display_.wants_graph)) rev_list_usage();
  if (count_ && walk_.tree_objects && (walk_.left_right || walk_.cherry_mark))
    die("marked counting and '%s' cannot be used together", "--objects");
  if (test_bitmap_) return test_bitmap();
  if (use_bitmap_ && show_from_bitmap()) return 0;
  repo_.commits().keep_buffers = display_.verbose_header || walk_.commit_filter != nullptr;
  walk_.prepare();
  if (walk_.tree_objects)
    mark_edges_uninteresting(walk_, [&](Commit* c) {
      if (!count_ && !quiet_) outf("-%s\n", c->oid);
    });
  if (bisect_list_) return show_bisect();
  std::unique_ptr<FilterRun> filter;
  if (walk_.filter.is_set()) filter = start_filter(repo_, walk_.filter, print_omitted_, sparse_pattern_matcher);
  ObjectCallbacks callbacks;
  callbacks.commit = [this](Commit* c) {
    if (walk_.verify_objects) verify(c->oid);
    show_commit(c);
  };
  callbacks.object = [this](const ObjectId& oid, ObjectType type, std::string_view path, std::uint32_t) {
    show_object(oid, type, path);
  };
  traverse_commit_list(walk_, callbacks, filter.get());
  if (print_omitted_ && filter)
    for (const ObjectId& oid : filter->omitted) print_oid_line("~", oid);
  print_missing();
  if (count_) print_counts();
  if (disk_usage_) outf("%s\n", disk_human_ ? human_size(total_disk_) : strf("%u", total_disk_));
  return 0;
}

}  // namespace

int cmd_rev_list(Invocation& inv) { return RevList(inv).run(); }

}  // namespace git
