#include "pack-objects-source.h"

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "odb.h"
#include "pack-objects.h"
#include "pack/pack.h"
#include "refs.h"
#include "repository.h"
#include "walk/commit-pool.h"
#include "walk/list-objects.h"

namespace git {

void add_named_objects(Repository& repo, PackObjects& packer, int fd) {
  LineReader lines(fd);
  std::string line;
  while (lines.next(line)) {
    std::string_view text = line;
    bool is_base = skip_prefix(text, "-");
    auto oid = ObjectId::parse_prefix(text, repo.algo());
    if (!oid) {
      if (is_base) die("expected edge object ID, got garbage:\n %s\n", line);
      die("expected object ID, got garbage:\n %s\n", line);
    }
    skip_prefix(text, " ");
    if (is_base)
      packer.add_edge(*oid);
    else
      packer.add(*oid, ObjectType::none, text);
  }
}

// ---- revisions ----

namespace {

void read_revisions(Repository& repo, RevWalk& walk) {
  LineReader lines(0);
  std::string line;
  bool is_not = false;
  while (lines.next(line) && !line.empty()) {
    std::string_view text = line;
    if (line == "--not") {
      is_not = !is_not;
    } else if (skip_prefix(text, "--shallow ")) {
      auto oid = ObjectId::from_hex(text, repo.algo());
      if (!oid) die("not an object name '%s'", text);
      walk.pool().set_shallow(*oid);
    } else if (text[0] == '-') {
      die("not a rev '%s'", line);
    } else {
      std::string arg = line;
      if (is_not) arg = starts_with(arg, "^") ? arg.substr(1) : "^" + arg;
      if (!walk.add_argument(arg, RevWalk::kCannotBeFilename)) die("bad revision '%s'", line);
    }
  }
}

// A commit with a graft gets the parents it was made with as well, so that no repack loses them.
void restore_true_parents(Repository& repo, CommitPool& pool) {
  auto text = read_file_if_exists(repo.git_path("info/grafts"));
  if (!text) return;
  for (std::string_view line : split_lines(*text)) {
    std::vector<ObjectId> parents;
    for (std::string_view word : split(rtrim(line), ' '))
      if (auto oid = ObjectId::from_hex(word, repo.algo())) parents.push_back(*oid);
    if (parents.empty()) continue;
    const ObjectId child = parents.front();
    parents.erase(parents.begin());
    auto object = repo.odb().read(child);
    if (!object || object->type != ObjectType::commit) continue;
    auto header = parse_commit(object->data, repo.algo());
    if (!header) continue;
    for (const ObjectId& parent : header->parents)
      if (std::find(parents.begin(), parents.end(), parent) == parents.end()) parents.push_back(parent);
    pool.set_graft(child, std::move(parents));
  }
}

}  // namespace

void add_revisions(Repository& repo, PackObjects& packer, const PackRevisions& how) {
  RevWalk walk(repo);
  walk.tree_objects = walk.blob_objects = walk.tag_objects = true;
  std::vector<std::string> args = how.arguments;
  RevWalk::Setup setup;
  setup.assume_dashdash = true;
  setup.allow_exclude_promisor = true;
  if (how.keep_true_parents) restore_true_parents(repo, walk.pool());
  // Shallow boundaries must be known before any commit is read.
  if (how.read_stdin) read_revisions(repo, walk);
  walk.setup(args, setup);
  if (how.filter.is_set()) walk.filter = how.filter;
  if (how.exclude_promisor) walk.exclude_promisor_objects = true;
  if (how.missing != MissingAction::error) {
    walk.do_not_die_on_missing_tree = true;
    walk.do_not_die_on_missing_objects = true;
  }
  if (how.shortcut) {
    PackRevisions read = how;
    read.tips = walk.pending;
    read.filter = walk.filter;
    if (how.shortcut(read)) return;
  }
  walk.prepare();
  bool thin = packer.options().thin;
  mark_edges_uninteresting(
      walk,
      [&](Commit* commit) {
        if (thin) packer.add_edge(commit->oid);
      },
      how.sparse);
  ObjectCallbacks callbacks;
  auto may_be_missing = [&](const ObjectId& oid) {
    if (how.missing == MissingAction::error) return false;
    if (repo.odb().has(oid, kLookupNoFetch | kLookupNoReplace)) return false;
    return how.missing == MissingAction::allow_any || repo.odb().is_promisor_object(oid);
  };
  callbacks.commit = [&](Commit* commit) {
    packer.add(commit->oid, ObjectType::commit, "");
    if (how.on_object) how.on_object(commit->oid, ObjectType::commit);
  };
  callbacks.object = [&](const ObjectId& oid, ObjectType type, std::string_view path, std::uint32_t) {
    if (how.missing != MissingAction::error && may_be_missing(oid)) return;
    if (how.exclude_promisor && !repo.odb().has(oid, kLookupNoFetch | kLookupNoReplace) && repo.odb().is_promisor_object(oid))
      return;
    packer.add(oid, type, path);
    if (how.on_object) how.on_object(oid, type);
  };
  if (how.missing != MissingAction::error || how.exclude_promisor)
    callbacks.missing = [&](const ObjectId& oid, ObjectType type, std::string_view) {
      if (how.missing == MissingAction::allow_any || repo.odb().is_promisor_object(oid)) return;
      die("missing %s object '%s'", type_name(type), oid);
    };
  std::unique_ptr<FilterRun> filter;
  if (walk.filter.is_set()) filter = start_filter(repo, walk.filter, false, how.sparse_matcher);
  traverse_commit_list(walk, callbacks, filter.get());
}

void add_tags_of_packed(Repository& repo, PackObjects& packer) {
  repo.refs().for_each("refs/tags/", [&](const Ref& ref) {
    std::vector<ObjectId> tags;
    ObjectId oid = ref.oid;
    for (;;) {
      if (repo.odb().type_of(oid, kLookupNoFetch) != ObjectType::tag) break;
      Result<ObjectData> data = repo.odb().read(oid);
      if (!data) break;
      Result<TagHeader> tag = parse_tag(data->data, repo.algo());
      if (!tag) break;
      tags.push_back(oid);
      oid = tag->object;
    }
    if (!tags.empty() && packer.contains(oid))
      for (const ObjectId& tag : tags) packer.add(tag, ObjectType::tag, "");
    return true;
  });
}

// ---- what nothing reaches ----

namespace {

// What gc.recentObjectsHook's commands name counts as new.
std::unordered_set<ObjectId, ObjectIdHash> hooked_recent_objects(Repository& repo) {
  std::unordered_set<ObjectId, ObjectIdHash> recent;
  for (const std::string& command : repo.config().get_strings("gc.recentobjectshook")) {
    ChildProcess child;
    child.use_shell = true;
    child.args = {command};
    CommandOutput result = pipe_command(child, "");
    if (result.code) die("could not enumerate additional recent objects");
    for (std::string_view line : split_lines(result.out)) {
      auto oid = ObjectId::from_hex(line, repo.algo());
      if (!oid) die("unable to parse '%s' as an object name", line);
      recent.insert(*oid);
    }
  }
  return recent;
}

}  // namespace

namespace {

void for_each_object_of(const Pack& pack, const std::function<void(const ObjectId&, std::uint32_t position, std::uint64_t)>& fn) {
  for (std::uint32_t rank = 0; rank < pack.count(); rank++) {
    std::uint32_t position = pack.position_at_rank(rank);
    fn(pack.oid_at(position), position, pack.offset_at(position));
  }
}

bool is_disposable(const Pack& pack) { return pack.is_local() && !pack.has_keep() && !pack.is_kept_in_core; }

}  // namespace

void add_unreachable_packed(Repository& repo, PackObjects& packer) {
  auto packs = repo.odb().packs();
  for (const auto& pack : packs)
    if (is_disposable(*pack))
      for_each_object_of(*pack, [&](const ObjectId& oid, std::uint32_t, std::uint64_t offset) {
        if (!packer.contains(oid)) packer.add(oid, pack->type_at(offset), "");
      });
}

void add_unreachable_loose(Repository& repo, PackObjects& packer) {
  repo.odb().for_each_loose(
      [&](const ObjectId& oid, const std::string& path) {
        if (packer.contains(oid)) return true;
        ObjectType type = repo.odb().type_of(oid, kLookupNoFetch | kLookupNoReplace);
        if (type < ObjectType::commit) {
          warning("loose object at %s could not be examined", path);
          return true;
        }
        packer.add(oid, type, "");
        return true;
      },
      true);
}

void loosen_unreachable(Repository& repo, PackObjects& packer, std::int64_t expiration) {
  auto recent = hooked_recent_objects(repo);
  auto packs = repo.odb().packs();
  for (const auto& pack : packs) {
    if (!is_disposable(*pack)) continue;
    for_each_object_of(*pack, [&](const ObjectId& oid, std::uint32_t, std::uint64_t offset) {
      if (packer.contains(oid) || (pack->mtime() <= expiration && !recent.count(oid))) return;
      // Kept elsewhere, or loose already.
      for (const auto& other : packs)
        if ((other->has_keep() || other->is_kept_in_core || !other->is_local()) && other->find(oid)) return;
      Result<ObjectData> data = pack->read(offset);
      if (!data) die("unable to force loose object");
      if (path_exists(repo.odb().loose_path(oid))) return;
      if (!repo.odb().write_loose(data->type, data->data, pack->mtime())) die("unable to force loose object");
    });
  }
}

// ---- packs ----

Pack* find_pack_by_name(Repository& repo, std::string_view name) {
  std::string_view base = path_basename(name);
  for (const auto& pack : repo.odb().packs())
    if (pack->name() == base || path_basename(pack->path_with("idx")) == base) return pack.get();
  return nullptr;
}

void name_packed_objects(Repository& repo, PackObjects& packer) {
  std::unordered_map<ObjectId, std::uint32_t, ObjectIdHash> numbers;
  const auto& entries = packer.entries();
  for (std::uint32_t i = 0; i < entries.size(); i++)
    if (entries[i].type == ObjectType::tree || entries[i].type == ObjectType::blob) numbers.emplace(entries[i].oid, i);
  std::vector<bool> seen(entries.size());
  std::vector<std::pair<ObjectId, std::string>> stack;
  for (std::uint32_t i = 0; i < entries.size(); i++) {
    if (entries[i].type != ObjectType::commit) continue;
    Result<ObjectData> data = repo.odb().read(entries[i].oid, kLookupNoFetch);
    if (!data) continue;
    Result<CommitHeader> commit = parse_commit(data->data, repo.algo());
    if (!commit || !numbers.count(commit->tree)) continue;
    stack.emplace_back(commit->tree, "");
    while (!stack.empty()) {
      auto [oid, path] = std::move(stack.back());
      stack.pop_back();
      std::uint32_t number = numbers[oid];
      if (seen[number]) continue;
      seen[number] = true;
      packer.set_path(number, path);
      if (entries[number].type != ObjectType::tree) continue;
      Result<ObjectData> tree = repo.odb().read(oid, kLookupNoFetch);
      if (!tree) continue;
      TreeReader reader(tree->data, repo.algo());
      TreeEntry entry;
      while (reader.next(entry))
        if (auto found = numbers.find(entry.oid); found != numbers.end() && !seen[found->second])
          stack.emplace_back(entry.oid, path_join(path, entry.name));
    }
  }
}

namespace {

// Names in order, and whether the mark stood in front.
std::map<std::string, bool> read_pack_names(int fd, std::string_view mark) {
  std::map<std::string, bool> names;
  LineReader lines(fd);
  std::string line;
  while (lines.next(line)) {
    std::string_view name = line;
    bool is_marked = skip_prefix(name, mark);
    if (!name.empty()) names[std::string(name)] = is_marked;
  }
  return names;
}

}  // namespace

void add_stdin_packs(Repository& repo, PackObjects& packer, int fd, const PackedSelection& how) {
  std::vector<Pack*> included;
  for (const auto& [key, is_excluded] : read_pack_names(fd, "^")) {
    std::string_view name = key;
    Pack* pack = find_pack_by_name(repo, name);
    if (!pack) die("could not find pack '%s'", name);
    if (how.exclude_promisor && !is_excluded && pack->is_promisor())
      die("packfile %s is a promisor but --exclude-promisor-objects was given", pack->name());
    if (is_excluded)
      pack->is_kept_in_core = true;
    else
      included.push_back(pack);
  }
  std::stable_sort(included.begin(), included.end(), [](const Pack* a, const Pack* b) { return a->mtime() > b->mtime(); });
  std::vector<ObjectId> commits;
  for (Pack* pack : included)
    for_each_object_of(*pack, [&](const ObjectId& oid, std::uint32_t, std::uint64_t offset) {
      if (!packer.is_wanted(oid)) return;
      ObjectType type = pack->type_at(offset);
      packer.add_from_pack(oid, type, 0, *pack, offset);
      if (how.follow && type == ObjectType::commit) commits.push_back(oid);
    });
  if (how.add_loose) {
    repo.odb().for_each_loose(
        [&](const ObjectId& oid, const std::string&) {
          ObjectType type = repo.odb().type_of(oid, kLookupNoFetch | kLookupNoReplace);
          if (packer.add(oid, type, "") && how.follow && type == ObjectType::commit) commits.push_back(oid);
          return true;
        },
        true);
  }
  if (how.follow && !commits.empty()) {
    RevWalk walk(repo);
    walk.tree_objects = walk.blob_objects = walk.tag_objects = true;
    walk.ignore_missing_links = walk.do_not_die_on_missing_tree = walk.do_not_die_on_missing_objects = true;
    for (const ObjectId& oid : commits) walk.add_pending(oid, "");
    walk.prepare();
    ObjectCallbacks callbacks;
    callbacks.commit = [&](Commit* c) { packer.add(c->oid, ObjectType::commit, ""); };
    callbacks.object = [&](const ObjectId& oid, ObjectType type, std::string_view path, std::uint32_t) {
      if (repo.odb().has(oid, kLookupNoFetch | kLookupNoReplace)) packer.add(oid, type, path);
    };
    callbacks.missing = [](const ObjectId&, ObjectType, std::string_view) {};
    traverse_commit_list(walk, callbacks);
  }
  name_packed_objects(repo, packer);
}

// ---- cruft ----

namespace {

struct CruftObject {
  ObjectId oid;
  ObjectType type = ObjectType::none;
  std::uint32_t mtime = 0;
};

std::vector<CruftObject> list_cruft_candidates(Repository& repo) {
  std::vector<CruftObject> all;
  auto packs = repo.odb().packs();
  for (const auto& pack : packs) {
    if (!pack->is_local() || pack->has_keep() || pack->is_kept_in_core) continue;
    for_each_object_of(*pack, [&](const ObjectId& oid, std::uint32_t position, std::uint64_t offset) {
      std::uint32_t mtime = pack->is_cruft() ? pack->mtime_at(position) : static_cast<std::uint32_t>(pack->mtime());
      all.push_back({oid, pack->type_at(offset), mtime});
    });
  }
  repo.odb().for_each_loose(
      [&](const ObjectId& oid, const std::string& path) {
        auto st = stat_path(path);
        ObjectType type = repo.odb().type_of(oid, kLookupNoFetch | kLookupNoReplace);
        if (st && type >= ObjectType::commit) all.push_back({oid, type, static_cast<std::uint32_t>(st->st_mtime)});
        return true;
      },
      true);
  return all;
}

}  // namespace

void add_cruft(Repository& repo, PackObjects& packer, int fd, std::int64_t expiration) {
  for (const auto& [key, is_discarded] : read_pack_names(fd, "-")) {
    std::string_view name = key;
    Pack* pack = find_pack_by_name(repo, name);
    if (!pack) die("could not find pack '%s'", name);
    pack->is_kept_in_core = !is_discarded;
  }
  std::vector<CruftObject> all = list_cruft_candidates(repo);
  std::unordered_map<ObjectId, std::uint32_t, ObjectIdHash> newest;
  for (const CruftObject& o : all) {
    std::uint32_t& mtime = newest[o.oid];
    mtime = std::max(mtime, o.mtime);
  }
  auto add = [&](const ObjectId& oid, ObjectType type, std::string_view path) {
    packer.add(oid, type, path);
    auto known = newest.find(oid);
    if (known != newest.end()) packer.set_mtime(oid, known->second);
  };
  if (!expiration) {
    for (const CruftObject& o : all) add(o.oid, o.type, "");
    name_packed_objects(repo, packer);
    return;
  }
  // What is recent rescues all that it reaches.
  auto recent = hooked_recent_objects(repo);
  RevWalk walk(repo);
  walk.tree_objects = walk.blob_objects = walk.tag_objects = true;
  walk.ignore_missing = walk.ignore_missing_links = true;
  walk.do_not_die_on_missing_tree = walk.do_not_die_on_missing_objects = true;
  for (const CruftObject& o : all) {
    if (o.mtime <= expiration && !recent.count(o.oid)) continue;
    if (!packer.is_wanted(o.oid)) continue;
    add(o.oid, o.type, "");
    walk.add_pending(o.oid, "");
  }
  walk.prepare();
  ObjectCallbacks callbacks;
  callbacks.commit = [&](Commit* c) { add(c->oid, ObjectType::commit, ""); };
  callbacks.object = [&](const ObjectId& oid, ObjectType type, std::string_view path, std::uint32_t) {
    if (repo.odb().has(oid, kLookupNoFetch | kLookupNoReplace)) add(oid, type, path);
  };
  callbacks.missing = [](const ObjectId&, ObjectType, std::string_view) {};
  traverse_commit_list(walk, callbacks);
  name_packed_objects(repo, packer);
}

}  // namespace git
