// Both trees are read entry by entry in tree order, like a merge of two sorted lists; a name that is a file on one side
// and a directory on the other counts as two.
#include "diff/tree-diff.h"

#include "base/error.h"
#include "diff/options.h"
#include "odb.h"
#include "repository.h"

namespace git {
namespace {

class TreeWalker {
 public:
  TreeWalker(Repository& repo, const TreeDiffSettings& settings, const TreeDiffFunction& fn)
      : repo_(repo), settings_(settings), fn_(fn) {}

  bool walk(const ObjectId* old_tree, const ObjectId* new_tree, std::string& base, int depth) {
    const std::string old_bytes = read(old_tree), new_bytes = read(new_tree);
    Cursor old_side(*this, old_bytes), new_side(*this, new_bytes);
    old_side.advance(base);
    new_side.advance(base);
    while (old_side.is_valid || new_side.is_valid) {
      const int order = !old_side.is_valid   ? 1
                        : !new_side.is_valid ? -1
                                             : base_name_compare(old_side.entry.name, old_side.entry.mode, new_side.entry.name,
                                                                 new_side.entry.mode);
      const TreeEntry* old_entry = order <= 0 ? &old_side.entry : nullptr;
      const TreeEntry* new_entry = order >= 0 ? &new_side.entry : nullptr;
      if (!visit(old_entry, new_entry, base, depth)) return false;
      if (old_entry) old_side.advance(base);
      if (new_entry) new_side.advance(base);
    }
    return true;
  }

 private:
  struct Cursor {
    Cursor(TreeWalker& walker_, const std::string& bytes) : walker(walker_), reader(bytes, walker_.repo_.algo()) {}
    // To the next entry that the pathspec wants.
    void advance(const std::string& base) {
      for (;;) {
        is_valid = reader.next(entry);
        if (!is_valid) {
          if (reader.has_error()) die("%s", reader.error());
          return;
        }
        if (takes_all || !walker.settings_.pathspec || walker.settings_.pathspec->empty()) return;
        Interest interest = tree_entry_interesting(walker.repo_, *walker.settings_.pathspec, base, entry.name, entry.mode,
                                                   walker.settings_.recursive);
        if (interest == Interest::all) takes_all = true;
        if (interest == Interest::all || interest == Interest::yes) return;
        if (interest == Interest::all_not) {
          is_valid = false;
          return;
        }
      }
    }
    TreeWalker& walker;
    TreeReader reader;
    TreeEntry entry;
    bool is_valid = false;
    bool takes_all = false;
  };

  std::string read(const ObjectId* tree) {
    if (!tree || tree->is_null()) return {};
    auto object = repo_.odb().read_peeled(*tree, ObjectType::tree);
    if (!object) die("unable to read tree (%s)", *tree);
    return std::move(object->data);
  }

  bool visit(const TreeEntry* old_entry, const TreeEntry* new_entry, std::string& base, int depth) {
    const TreeEntry& any = new_entry ? *new_entry : *old_entry;
    if (old_entry && new_entry && old_entry->oid == new_entry->oid && old_entry->mode == new_entry->mode &&
        !settings_.find_copies_harder)
      return true;
    const std::size_t base_length = base.size();
    base.append(any.name);
    const bool is_tree = is_tree_mode(any.mode);
    const bool enter = is_tree && settings_.recursive && (!settings_.max_depth || depth < *settings_.max_depth);
    bool go_on = true;
    if (!enter || settings_.tree_in_recursive) go_on = fn_(base, old_entry, new_entry);
    if (go_on && enter) {
      base += '/';
      go_on = walk(old_entry ? &old_entry->oid : nullptr, new_entry ? &new_entry->oid : nullptr, base, depth + 1);
    }
    base.resize(base_length);
    return go_on;
  }

  Repository& repo_;
  const TreeDiffSettings& settings_;
  const TreeDiffFunction& fn_;
};

void queue_differences(DiffOptions& options, const ObjectId& old_tree, const ObjectId& new_tree, const std::string& base) {
  TreeDiffSettings settings;
  settings.pathspec = &options.pathspec;
  settings.recursive = options.recursive;
  settings.tree_in_recursive = options.tree_in_recursive;
  settings.find_copies_harder = options.find_copies_harder;
  if (options.max_depth_valid && options.max_depth >= 0) settings.max_depth = options.max_depth;
  walk_tree_diff(*options.repo, settings, old_tree, new_tree, base,
                 [&](const std::string& path, const TreeEntry* old_entry, const TreeEntry* new_entry) {
                   if (old_entry && new_entry)
                     options.change(old_entry->mode, new_entry->mode, old_entry->oid, new_entry->oid, true, true, path);
                   else if (old_entry)
                     options.add_remove('-', old_entry->mode, old_entry->oid, true, path);
                   else
                     options.add_remove('+', new_entry->mode, new_entry->oid, true, path);
                   return !(options.quick && options.has_changes && !options.diff_from_contents && !options.filter &&
                            !options.find_copies_harder);
                 });
}

// --follow: the one path was added here; find what it was before, and go on with that name.
void try_to_follow(DiffOptions& options, const ObjectId& old_tree, const ObjectId& new_tree, const std::string& base) {
  if (!options.pathspec.empty() && options.pathspec.items.size() != 1) return;
  const PairPtr choice = options.queue.front();
  DiffOptions search;
  search.repo = options.repo;
  search.config = options.config;
  search.index = options.index;
  search.recursive = true;
  search.find_copies_harder = true;
  search.detect_rename = DetectRename::rename;
  search.single_follow = true;
  search.output_format = kDiffNoOutput;
  search.break_opt = options.break_opt;
  search.rename_score = options.rename_score ? options.rename_score : kDefaultRenameScore;
  search.follow_path = options.pathspec.items[0].match;
  search.pathspec = Pathspec();
  queue_differences(search, old_tree, new_tree, base);
  if (search.break_opt != -1) diffcore_break(search);
  diffcore_rename(search);
  if (search.break_opt != -1) diffcore_merge_broken(search);
  resolve_statuses(search);

  for (PairPtr& pair : search.queue) {
    if ((pair->status != 'R' && pair->status != 'C') || pair->two->path != options.pathspec.items[0].match) continue;
    options.pathspec = literal_pathspec({pair->one->path});
    options.found_follow = true;
    options.queue = {pair};
    // Were the old name still there, git would keep following the new one; log asks us again with the old.
    return;
  }
}

}  // namespace

bool walk_tree_diff(Repository& repo, const TreeDiffSettings& settings, const ObjectId& old_tree, const ObjectId& new_tree,
                    const std::string& base, const TreeDiffFunction& fn) {
  if (old_tree == new_tree && !settings.find_copies_harder) return true;
  std::string path = base;
  return TreeWalker(repo, settings, fn).walk(&old_tree, &new_tree, path, 0);
}

void diff_tree(DiffOptions& options, const ObjectId& old_tree, const ObjectId& new_tree, const std::string& base) {
  queue_differences(options, old_tree, new_tree, base);
  options.found_follow = false;
  const bool is_addition = options.queue.size() == 1 && !options.queue[0]->one->is_valid();
  if (options.follow_renames && !options.pathspec.empty() && is_addition) try_to_follow(options, old_tree, new_tree, base);
}

}  // namespace git
