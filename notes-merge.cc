// Both sides are maps from object to note, so a merge is three-way per object; only the texts of notes changed
// on both sides need more.
#include "notes-merge.h"

#include <set>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "config.h"
#include "diff/xmerge.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"
#include "walk/commit-write.h"

namespace git {

std::optional<NotesMergeStrategy> parse_notes_merge_strategy(std::string_view name) {
  if (name == "manual") return NotesMergeStrategy::manual;
  if (name == "ours") return NotesMergeStrategy::ours;
  if (name == "theirs") return NotesMergeStrategy::theirs;
  if (name == "union") return NotesMergeStrategy::union_;
  if (name == "cat_sort_uniq") return NotesMergeStrategy::cat_sort_uniq;
  return std::nullopt;
}

ObjectId create_notes_commit(Repository& repo, const ObjectId& tree, const std::vector<ObjectId>& parents, std::string message) {
  NewCommit commit;
  commit.tree = tree;
  commit.parents = parents;
  commit.message = std::move(message);
  return write_commit(repo, commit).take_or_die();
}

namespace {

using NoteMap = std::map<ObjectId, ObjectId>;

class NotesMerge {
 public:
  NotesMerge(Repository& repo, const NotesMergeOptions& o, NotesTree& local) : repo_(repo), o_(o), local_(local) {}

  NotesMergeResult run() {
    std::optional<ObjectId> ours = repo_.refs().read_oid(o_.local_ref);
    std::optional<ObjectId> theirs = get_oid(repo_, o_.remote_ref, NameHint::committish, true);
    Commit* local = ours ? repo_.commits().peel_to_commit(*ours) : nullptr;
    Commit* remote = theirs ? repo_.commits().peel_to_commit(*theirs) : nullptr;
    if (ours && !local) die("Could not parse local commit %s (%s)", *ours, o_.local_ref);
    if (!theirs && !check_refname_format(o_.remote_ref)) die("Failed to resolve remote notes ref '%s'", o_.remote_ref);
    if (theirs && !remote) die("Could not parse remote commit '%s'", o_.remote_ref);
    if (!ours && !theirs) die("Cannot merge empty notes ref (%s) into empty notes ref (%s)", o_.remote_ref, o_.local_ref);
    using Kind = NotesMergeResult::Kind;
    if (!ours) return {Kind::fast_forward_or_same, *theirs};
    if (!theirs) return {Kind::fast_forward_or_same, *ours};
    CommitList bases = merge_bases(repo_.commits(), local, remote);
    ObjectId base_tree = empty_tree_id(repo_.algo());
    if (bases.empty()) {
      say(4, "No merge base found; performing history-less merge");
    } else {
      base_tree = repo_.commits().tree(bases[0]);
      if (bases.size() == 1) {
        if (bases[0] == remote) {
          say(2, "Already up to date.");
          return {Kind::fast_forward_or_same, local->oid};
        }
        if (bases[0] == local) {
          say(2, "Fast-forward");
          return {Kind::fast_forward_or_same, remote->oid};
        }
      }
    }
    merge_trees(base_tree, repo_.commits().tree(local), repo_.commits().tree(remote));
    ObjectId tree = local_.write();
    std::string message = o_.message;
    if (conflicts_ && o_.strategy == NotesMergeStrategy::manual) {
      message += "\n\nConflicts:\n";
      for (const ObjectId& object : conflicted_) message += "\t" + object.hex() + "\n";
    }
    ObjectId commit = create_notes_commit(repo_, tree, {local->oid, remote->oid}, message);
    return {conflicts_ ? Kind::conflicts : Kind::merged, commit};
  }

 private:
  void say(int level, const std::string& text) {
    if (o_.verbosity >= level) outf("%s\n", text);
  }
  NoteMap notes_of(const ObjectId& tree) {
    if (tree == empty_tree_id(repo_.algo())) return {};
    return NotesTree::read_tree(repo_, tree).notes();
  }
  static std::optional<ObjectId> in(const NoteMap& map, const ObjectId& object) {
    auto found = map.find(object);
    if (found == map.end()) return std::nullopt;
    return found->second;
  }

  void merge_trees(const ObjectId& base_tree, const ObjectId& our_tree, const ObjectId& their_tree) {
    NoteMap base = notes_of(base_tree), ours = notes_of(our_tree), theirs = notes_of(their_tree);
    std::set<ObjectId> changed;
    for (const auto& [object, note] : base)
      if (in(theirs, object) != note) changed.insert(object);
    for (const auto& [object, note] : theirs)
      if (in(base, object) != note) changed.insert(object);
    for (const ObjectId& object : changed) {
      auto b = in(base, object), o = in(ours, object), t = in(theirs, object);
      if (o == t) continue;
      if (o == b) {
        if (t)
          local_.add(object, *t, NotesCombine::overwrite);
        else
          local_.remove(object);
        continue;
      }
      conflict(object, b, o, t);
    }
  }

  void conflict(const ObjectId& object, const std::optional<ObjectId>& b, const std::optional<ObjectId>& o,
                const std::optional<ObjectId>& t) {
    switch (o_.strategy) {
      case NotesMergeStrategy::ours:
        say(2, strf("Using local notes for %s", object));
        return;
      case NotesMergeStrategy::theirs:
        say(2, strf("Using remote notes for %s", object));
        if (t)
          local_.add(object, *t, NotesCombine::overwrite);
        else
          local_.remove(object);
        return;
      case NotesMergeStrategy::union_:
        say(2, strf("Concatenating local and remote notes for %s", object));
        if (t) local_.add(object, *t, NotesCombine::concatenate);
        return;
      case NotesMergeStrategy::cat_sort_uniq:
        say(2, strf("Concatenating unique lines in local and remote notes for %s", object));
        if (t) local_.add(object, *t, NotesCombine::cat_sort_uniq);
        return;
      case NotesMergeStrategy::manual:
        manual(object, b, o, t);
        return;
    }
  }

  std::string text_of(const std::optional<ObjectId>& oid) {
    if (!oid) return {};
    Result<ObjectData> data = repo_.odb().read(*oid);
    if (!data) die("cannot read note %s", *oid);
    return std::move(data->data);
  }

  void manual(const ObjectId& object, const std::optional<ObjectId>& b, const std::optional<ObjectId>& o,
              const std::optional<ObjectId>& t) {
    std::string dir = repo_.git_path("NOTES_MERGE_WORKTREE");
    if (!conflicts_) {
      if (path_exists(dir) && !is_empty_dir(dir))
        die("You have not concluded your previous notes merge (%s exists).\nPlease, use 'git notes merge --commit' or 'git "
            "notes merge --abort' to commit/abort the previous merge before you start a new notes merge.",
            repo_.git_path("NOTES_MERGE_*"));
      make_dirs(dir);
    }
    conflicts_ = true;
    conflicted_.push_back(object);
    local_.remove(object);
    std::string file = dir + "/" + object.hex(), text;
    const char* lref = o_.local_ref.c_str();
    const char* rref = o_.remote_ref.c_str();
    if (!t) {
      say(1, strf("CONFLICT (delete/modify): Notes for object %s deleted in %s and modified in %s. Version from %s left in tree.",
                  object, rref, lref, lref));
      text = text_of(o);
    } else if (!o) {
      say(1, strf("CONFLICT (delete/modify): Notes for object %s deleted in %s and modified in %s. Version from %s left in tree.",
                  object, lref, rref, rref));
      text = text_of(t);
    } else {
      say(1, strf("CONFLICT (%s): Merge conflict in notes for object %s", std::string_view(b ? "content" : "add/add"), object));
      text = merged_text(text_of(b), text_of(o), text_of(t));
    }
    if (!write_file(file, text)) die_errno("could not write '%s'", file);
  }
  std::string merged_text(const std::string& base, const std::string& ours, const std::string& theirs);

  Repository& repo_;
  const NotesMergeOptions& o_;
  NotesTree& local_;
  bool conflicts_ = false;
  std::vector<ObjectId> conflicted_;
};

std::string NotesMerge::merged_text(const std::string& base, const std::string& ours, const std::string& theirs) {
  XmergeParams params;
  params.ours_label = o_.local_ref;
  params.theirs_label = o_.remote_ref;
  return merge_texts(base, ours, theirs, params).bytes;
}

}  // namespace

NotesMergeResult merge_notes(Repository& repo, const NotesMergeOptions& options, NotesTree& local) {
  return NotesMerge(repo, options, local).run();
}

ObjectId commit_notes_merge(Repository& repo, const ObjectId& partial_oid) {
  Commit* partial = repo.commits().get(partial_oid);
  repo.commits().parse_or_die(partial);
  NotesTree tree = NotesTree::read_tree(repo, repo.commits().tree(partial));
  std::string dir = repo.git_path("NOTES_MERGE_WORKTREE");
  for (const std::string& name : list_dir(dir)) {
    std::optional<ObjectId> object = ObjectId::from_hex(name, repo.algo());
    if (!object) continue;
    Result<std::string> text = read_file(dir + "/" + name);
    if (!text) die("failed to read '%s'", dir + "/" + name);
    tree.add(*object, repo.odb().write(ObjectType::blob, *text).take_or_die(), NotesCombine::overwrite);
  }
  Result<std::string> raw = repo.commits().read_buffer(partial);
  if (!raw) die("%s", raw.error().message);
  std::vector<ObjectId> parents;
  for (Commit* p : partial->parents) parents.push_back(p->oid);
  return create_notes_commit(repo, tree.write(), parents, std::string(commit_message(*raw)));
}

void abort_notes_merge(Repository& repo) {
  std::string dir = repo.git_path("NOTES_MERGE_WORKTREE");
  remove_dir_recursively(dir, true);
}

}  // namespace git
