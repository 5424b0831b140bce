// git fsck: checks every object, then that everything which should be reachable is.
#include <sys/stat.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "config/fsck-config.h"
#include "fsck-graph.h"
#include "hash/hasher.h"
#include "index.h"
#include "index/cache-tree.h"
#include "object-name.h"
#include "odb.h"
#include "odb/loose-check.h"
#include "pack-check.h"
#include "pack/pack.h"
#include "refs.h"
#include "worktree.h"

GIT_BUILTIN("fsck", cmd_fsck, kSetup)
GIT_BUILTIN("fsck-objects", cmd_fsck_objects, kSetup)

namespace git {
namespace {

enum FsckError : int {
  kErrorObject = 01,
  kErrorReachable = 02,
  kErrorPack = 04,
  kErrorRefs = 010,
  kErrorCommitGraph = 020,
  kErrorMidx = 040,
  kErrorReverseIndex = 0100,
};

struct Settings {
  bool verbose = false, show_unreachable = false, show_dangling = true, show_tags = false, show_root = false;
  bool cache = false, reflogs = true, full = true, connectivity_only = false, strict = false, lost_found = false;
  bool name_objects = false, references = true;
  int progress = -1;
};

class Fsck {
 public:
  Fsck(Repository& repo, Settings settings)
      : repo_(repo), odb_(repo.odb()), settings_(settings), graph_(repo.odb(), settings.name_objects) {
    for (const ObjectId& oid : repo.shallow_commits()) graph_.boundary.insert(oid);
  }
  int run(const std::vector<std::string>& heads);

 private:
  // ---- objects ----
  void check_loose();
  void check_packs();
  void note_objects_only();
  bool check_object(const ObjectId& oid, const ObjectData& object);
  bool report(const FsckFinding& finding);
  void object_error(const ObjectId& oid, ObjectType type, const char* what);
  // ---- heads ----
  void check_head_argument(const std::string& arg);
  void check_ref(const std::string& name, const ObjectId& oid);
  void check_default_heads();
  void check_reflog(const std::string& name);
  void check_reflog_oid(const std::string& name, const ObjectId& oid, std::uint64_t time);
  void check_index(const std::string& path, bool is_current);
  void check_cache_tree(const CacheTree& tree, const std::string& path);
  void check_references();
  // ---- the end ----
  void check_connectivity();
  void report_unreachable(const ObjectId& oid, const FsckGraph::Node& node);
  void save_lost(const ObjectId& oid, ObjectType type);
  void run_verifiers();

  Repository& repo_;
  ObjectDatabase& odb_;
  Settings settings_;
  FsckGraph graph_;
  FsckOptions options_;
  FsckState state_;
  int errors_ = 0, default_refs_ = 0;
};

std::string_view printable(ObjectType type) {
  std::string_view name = type_name(type);
  return name.empty() ? "unknown" : name;
}

bool Fsck::report(const FsckFinding& finding) {
  bool is_warning = finding.severity == FsckSeverity::warn;
  errf("%s in %s %s: %s\n", is_warning ? "warning" : "error", printable(finding.type), graph_.describe(finding.oid),
       finding.text);
  return !is_warning;
}

void Fsck::object_error(const ObjectId& oid, ObjectType type, const char* what) {
  errors_ |= kErrorObject;
  errf("error in %s %s: %s\n", printable(type), graph_.describe(oid), what);
}

// True where the object is good.
bool Fsck::check_object(const ObjectId& oid, const ObjectData& object) {
  FsckGraph::Node* node = graph_.add(oid, object.type);
  if (!node) return false;
  node->flags = static_cast<std::uint8_t>((node->flags & ~FsckGraph::kReachable) | FsckGraph::kHas);
  if (node->flags & FsckGraph::kSeen) return true;
  node->flags |= FsckGraph::kSeen;
  if (settings_.verbose) errf("Checking %s %s\n", printable(object.type), graph_.describe(oid));
  if (object.type == ObjectType::tree) {
    TreeReader reader(object.data, repo_.algo());
    TreeEntry entry;
    while (reader.next(entry)) {
    }
    if (reader.has_error()) error("%s", reader.error());
  }
  if (!graph_.mark_used(oid, object.type, object.data)) object_error(oid, object.type, "broken links");
  bool bad = fsck_object(oid, object.type, object.data, options_, state_, [this](const FsckFinding& f) { return report(f); });
  if (object.type == ObjectType::commit && settings_.show_root) {
    auto commit = parse_commit(object.data, repo_.algo());
    if (commit && commit->parents.empty()) outf("root %s\n", graph_.describe(oid));
  }
  if (object.type == ObjectType::tag && settings_.show_tags) {
    auto tag = parse_tag(object.data, repo_.algo());
    if (tag)
      outf("tagged %s %s (%s) in %s\n", printable(tag->type), graph_.describe(tag->object), tag->name, graph_.describe(oid));
  }
  return !bad;
}

void Fsck::check_loose() {
  for (const ObjectDatabase::Source& source : odb_.sources()) {
    if (!source.is_local && !settings_.full) continue;
    if (settings_.verbose) errf("Checking object directory\n");
    for_each_loose_file(source.path, repo_.algo(), [&](const LooseFile& file) {
      if (!file.oid) {
        errf("bad sha1 file: %s\n", file.shown_path);
        return;
      }
      ObjectId real = ObjectId::null(repo_.algo());
      auto object = read_loose_checked(file, &real);
      if (!object || real != *file.oid) {
        if (object)
          error("%s: hash-path mismatch, found at: %s", real, file.shown_path);
        else {
          error("%s", object.error().message);
          error("%s: object corrupt or missing: %s", *file.oid, file.shown_path);
        }
        errors_ |= kErrorObject;
        return;
      }
      if (!parses(*object, repo_.algo())) {
        error("%s: object could not be parsed: %s", *file.oid, file.shown_path);
        errors_ |= kErrorObject;
        return;
      }
      if (!check_object(*file.oid, *object)) errors_ |= kErrorObject;
    });
  }
}

void Fsck::check_packs() {
  for (const auto& pack : odb_.packs()) {
    bool good = verify_pack(*pack, [this](const ObjectId& oid, const ObjectData& object) {
      if (!parses(object, repo_.algo())) {
        error("%s: object corrupt or missing", oid);
        errors_ |= kErrorObject;
        return false;
      }
      bool is_good = check_object(oid, object);
      if (!is_good) errors_ |= kErrorObject;
      return is_good;
    });
    if (!good) errors_ |= kErrorPack;
    if (!pack->check_reverse_index()) {
      error("unable to load rev-index for pack '%s'", pack->path());
      errors_ |= kErrorReverseIndex;
    }
  }
}

void Fsck::note_objects_only() {
  auto note = [this](const ObjectId& oid) {
    if (FsckGraph::Node* node = graph_.add(oid, ObjectType::none)) node->flags |= FsckGraph::kHas;
    return true;
  };
  odb_.for_each_loose([&](const ObjectId& oid, const std::string&) { return note(oid); });
  odb_.for_each_packed([&](const ObjectId& oid, const Pack&, std::uint32_t) { return note(oid); });
}

// ---- heads ----

void Fsck::check_head_argument(const std::string& arg) {
  auto oid = get_oid(repo_, arg);
  if (!oid) {
    error("invalid parameter: expected sha1, got '%s'", arg);
    errors_ |= kErrorObject;
    return;
  }
  FsckGraph::Node* node = graph_.find(*oid);
  if (!node || !(node->flags & FsckGraph::kHas)) {
    if (odb_.is_promisor_object(*oid)) return;
    error("%s: object missing", *oid);
    errors_ |= kErrorObject;
    return;
  }
  node->flags |= FsckGraph::kUsed;
  graph_.name(*oid, arg);
  graph_.mark_reachable(*oid);
}

void Fsck::check_ref(const std::string& name, const ObjectId& oid) {
  FsckGraph::Node* node = graph_.find(oid);
  bool is_here = node && (node->flags & FsckGraph::kHas);
  if (!is_here || node->type == ObjectType::none) {
    ObjectType type = odb_.type_of(oid, kLookupNoReplace | kLookupNoFetch);
    if (type == ObjectType::bad) {
      if (odb_.is_promisor_object(oid)) {
        default_refs_++;
        return;
      }
      error("%s: invalid sha1 pointer %s", name, oid);
      errors_ |= kErrorReachable;
      return;
    }
    node = graph_.add(oid, type);
    if (!node) return;
  }
  if (node->type != ObjectType::commit && (name == "HEAD" || starts_with(name, "refs/heads/"))) {
    error("%s: not a commit", name);
    errors_ |= kErrorRefs;
  }
  default_refs_++;
  node->flags |= FsckGraph::kUsed;
  graph_.name(oid, name);
  graph_.mark_reachable(oid);
}

void Fsck::check_reflog_oid(const std::string& name, const ObjectId& oid, std::uint64_t time) {
  if (oid.is_null()) return;
  FsckGraph::Node* node = graph_.find(oid);
  if (node && (node->flags & FsckGraph::kHas)) {
    if (time) graph_.name(oid, strf("%s@{%u}", name, time));
    node->flags |= FsckGraph::kUsed;
    graph_.mark_reachable(oid);
  } else if (!odb_.is_promisor_object(oid)) {
    error("%s: invalid reflog entry %s", name, oid);
    errors_ |= kErrorReachable;
  }
}

void Fsck::check_reflog(const std::string& name) {
  repo_.refs().for_each_reflog_entry(name, false, [&](const ReflogEntry& entry) {
    if (settings_.verbose) errf("Checking reflog %s->%s\n", entry.old_oid, entry.new_oid);
    check_reflog_oid(name, entry.old_oid, 0);
    check_reflog_oid(name, entry.new_oid, entry.time);
    return true;
  });
}

void Fsck::check_default_heads() {
  RefStore& refs = repo_.refs();
  std::vector<Ref> all;
  refs.for_each_raw("refs/", [&](const Ref& ref) { return all.push_back(ref), true; });
  for (const Ref& ref : all) {
    if (ref.oid.is_null()) {
      if (ref.is_broken && ref.symref_target.empty()) check_ref(ref.name, ObjectId::null(repo_.algo()));
      continue;
    }
    check_ref(ref.name, ref.oid);
  }
  for (const Worktree& worktree : list_worktrees(repo_)) {
    std::string head = worktree.is_current ? "HEAD" : worktree_ref_name(worktree, "HEAD");
    auto resolved = refs.resolve(head);
    if (resolved && resolved->exists && !resolved->oid.is_null())
      check_ref(head, resolved->oid);
    else if (resolved && resolved->is_symref && starts_with(resolved->name, "refs/heads/"))
      errf("notice: %s points to an unborn branch (%s)\n", head, resolved->name.substr(11));
    if (settings_.reflogs && !worktree.is_current) check_reflog(head);
  }
  if (settings_.reflogs) refs.for_each_reflog([&](const std::string& name) { return check_reflog(name), true; });
  if (!default_refs_) {
    errf("notice: No default references\n");
    settings_.show_unreachable = false;
  }
}

void Fsck::check_cache_tree(const CacheTree& tree, const std::string& path) {
  if (settings_.verbose) errf("Checking cache tree of %s\n", path);
  if (tree.is_valid()) {
    ObjectType type = odb_.type_of(tree.oid, kLookupNoReplace);
    if (type == ObjectType::bad) {
      error("%s: invalid sha1 pointer in cache-tree of %s", tree.oid, path);
      errors_ |= kErrorRefs;
      return;
    }
    if (FsckGraph::Node* node = graph_.add(tree.oid, type)) {
      node->flags |= FsckGraph::kUsed;
      graph_.name(tree.oid, ":");
      graph_.mark_reachable(tree.oid);
    }
    if (type != ObjectType::tree) object_error(tree.oid, type, "non-tree in cache-tree");
  }
  for (const auto& [name, child] : tree.children) check_cache_tree(*child, path);
}

void Fsck::check_index(const std::string& path, bool is_current) {
  auto bytes = read_file_if_exists(path);
  if (!bytes) return;
  const std::size_t hash_size = raw_size(repo_.algo());
  if (bytes->size() > hash_size) {
    std::string_view trailer = std::string_view(*bytes).substr(bytes->size() - hash_size);
    ObjectId computed = hash_bytes(repo_.algo(), std::string_view(*bytes).substr(0, bytes->size() - hash_size));
    bool is_unhashed = trailer.find_first_not_of('\0') == std::string_view::npos;
    if (!is_unhashed && computed.raw() != trailer) {
      error("bad index file sha1 signature");
      die("index file corrupt");
    }
  }
  Index index = Index::read_from(repo_, path);
  std::string shown = path;
  std::string cwd = current_dir() + "/";
  if (starts_with(shown, cwd)) shown = shown.substr(cwd.size());
  for (const auto& entry : index.entries()) {
    if (is_gitlink_mode(entry->mode) || entry->intent_to_add) continue;
    FsckGraph::Node* node = graph_.add(entry->oid, is_tree_mode(entry->mode) ? ObjectType::tree : ObjectType::blob);
    if (!node) continue;
    node->flags |= FsckGraph::kUsed;
    graph_.name(entry->oid, strf("%s:%s", is_current ? std::string() : shown, entry->path));
    graph_.mark_reachable(entry->oid);
  }
  if (const CacheTree* tree = index.cache_tree()) check_cache_tree(*tree, shown);
}

void Fsck::check_references() {
  ChildProcess child;
  child.git_command = true;
  child.args = {"refs", "verify"};
  if (settings_.verbose) child.args.push_back("--verbose");
  if (settings_.strict) child.args.push_back("--strict");
  if (child.run()) errors_ |= kErrorRefs;
}

// ---- the end ----

void Fsck::save_lost(const ObjectId& oid, ObjectType type) {
  std::string path = repo_.git_path(strf("lost-found/%s/%s", type == ObjectType::commit ? "commit" : "other", oid));
  if (!make_leading_dirs(path)) {
    error("could not create lost-found");
    return;
  }
  std::string content = oid.hex() + "\n";
  if (type == ObjectType::blob) {
    auto object = odb_.read(oid, kLookupNoReplace);
    if (object) content = std::move(object->data);
  }
  if (!write_file(path, content)) error("could not finish '%s'", path);
}

void Fsck::report_unreachable(const ObjectId& oid, const FsckGraph::Node& node) {
  if (!(node.flags & FsckGraph::kHas)) return;
  ObjectType type = node.type == ObjectType::none ? odb_.type_of(oid, kLookupNoReplace | kLookupNoFetch) : node.type;
  if (settings_.show_unreachable) {
    outf("unreachable %s %s\n", printable(type), graph_.describe(oid));
    return;
  }
  if (node.flags & FsckGraph::kUsed) return;
  if (settings_.show_dangling) outf("dangling %s %s\n", printable(type), graph_.describe(oid));
  if (settings_.lost_found) save_lost(oid, type);
}

void Fsck::check_connectivity() {
  graph_.traverse();
  if (settings_.connectivity_only && (settings_.show_dangling || settings_.lost_found)) graph_.mark_used_by_unreachable();
  if (settings_.verbose) errf("Checking connectivity (%u objects)\n", graph_.size());
  graph_.for_each([&](const ObjectId& oid, FsckGraph::Node& node) {
    if (settings_.verbose) errf("Checking %s\n", graph_.describe(oid));
    if (!(node.flags & FsckGraph::kReachable)) return report_unreachable(oid, node);
    if ((node.flags & FsckGraph::kHas) || odb_.is_promisor_object(oid)) return;
    if (!settings_.full && odb_.has(oid, kLookupNoFetch)) return;
    auto info = odb_.info(oid, kLookupNoReplace | kLookupNoFetch);
    if (info && info->where != ObjectInfo::Where::loose) return;
    outf("missing %s %s\n", printable(node.type), graph_.describe(oid));
    errors_ |= kErrorReachable;
  });
}

// The commit-graph and the multi-pack-index have commands that check them.
void Fsck::run_verifiers() {
  auto verify = [&](const char* command, const std::string& dir, int error_bit) {
    ChildProcess child;
    child.git_command = true;
    child.args = {command, "verify", "--object-dir", dir};
    child.args.push_back(settings_.progress > 0 ? "--progress" : "--no-progress");
    if (child.run()) errors_ |= error_bit;
  };
  for (const ObjectDatabase::Source& source : odb_.sources()) {
    std::string graph = path_join(source.path, "info/commit-graph");
    if (repo_.config().get_bool_or("core.commitgraph", true) &&
        (path_exists(graph) || path_exists(graph + "s/commit-graph-chain")))
      verify("commit-graph", source.path, kErrorCommitGraph);
    std::string midx = path_join(source.path, "pack/multi-pack-index");
    if (repo_.config().get_bool_or("core.multipackindex", true) &&
        (path_exists(midx) || path_exists(midx + ".d/multi-pack-index-chain")))
      verify("multi-pack-index", source.path, kErrorMidx);
  }
}

int Fsck::run(const std::vector<std::string>& heads) {
  options_ = fsck_options_from_config(repo_.config(), "fsck", repo_.algo());
  options_.is_strict = settings_.strict;
  if (settings_.references) check_references();
  if (settings_.connectivity_only) {
    note_objects_only();
  } else {
    check_loose();
    if (settings_.full) check_packs();
    auto read = [this](const ObjectId& oid) -> std::optional<ObjectData> {
      auto object = odb_.read(oid, kLookupNoReplace | kLookupNoFetch);
      if (object) return std::move(*object);
      return odb_.is_promisor_object(oid) ? std::optional<ObjectData>(ObjectData{}) : std::nullopt;
    };
    if (fsck_finish(options_, state_, read, [this](const FsckFinding& f) { return report(f); })) errors_ |= kErrorObject;
  }
  bool keeps_cache = settings_.cache;
  for (const std::string& head : heads) check_head_argument(head);
  if (heads.empty()) {
    check_default_heads();
    keeps_cache = true;
  }
  if (keeps_cache) {
    for (const Worktree& worktree : list_worktrees(repo_)) {
      if (worktree.is_bare) continue;
      check_index(worktree.is_current ? repo_.index_file() : path_join(worktree.git_dir, "index"), worktree.is_current);
    }
  }
  check_connectivity();
  run_verifiers();
  if (graph_.found_broken_link) errors_ |= kErrorReachable;
  return errors_;
}

}  // namespace

int cmd_fsck(Invocation& inv) {
  Settings s;
  Options options(
      {"git fsck [--tags] [--root] [--unreachable] [--cache] [--no-reflogs]\n"
       "         [--[no-]full] [--strict] [--verbose] [--lost-found]\n"
       "         [--[no-]dangling] [--[no-]progress] [--connectivity-only]\n"
       "         [--[no-]name-objects] [--[no-]references] [<object>...]"});
  options.boolean('v', "verbose", &s.verbose, "be verbose");
  options.boolean(0, "unreachable", &s.show_unreachable, "show unreachable objects");
  options.boolean(0, "dangling", &s.show_dangling, "show dangling objects");
  options.boolean(0, "tags", &s.show_tags, "report tags");
  options.boolean(0, "root", &s.show_root, "report root nodes");
  options.boolean(0, "cache", &s.cache, "make index objects head nodes");
  options.boolean(0, "reflogs", &s.reflogs, "make reflogs head nodes (default)");
  options.boolean(0, "full", &s.full, "also consider packs and alternate objects");
  options.boolean(0, "connectivity-only", &s.connectivity_only, "check only connectivity");
  options.boolean(0, "strict", &s.strict, "enable more strict checking");
  options.boolean(0, "lost-found", &s.lost_found, "write dangling objects in .git/lost-found");
  options.boolean(0, "progress", &s.progress, "show progress");
  options.boolean(0, "name-objects", &s.name_objects, "show verbose names for reachable objects");
  options.boolean(0, "references", &s.references, "check reference database consistency");
  std::vector<std::string> heads = options.parse(inv.args, inv.prefix_or_empty());
  if (s.verbose) s.progress = 0;
  if (s.lost_found) {
    s.full = true;
    s.reflogs = false;
  }
  inv.repo().use_replace_refs = false;
  return Fsck(inv.repo(), s).run(heads);
}

int cmd_fsck_objects(Invocation& inv) { return cmd_fsck(inv); }

}  // namespace git
