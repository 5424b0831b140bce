// Notes (git-notes(1)): texts attached to objects, kept in a tree of their own whose entries are object names,
// spread over directories by their leading digits ("fanout") as they become many.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hash/object-id.h"

namespace git {

class Repository;

std::string default_notes_ref(Repository& repo);      // GIT_NOTES_REF, core.notesRef, refs/notes/commits
std::string expand_notes_ref(std::string_view name);  // "x" -> "refs/notes/x"
std::string expand_loose_notes_ref(Repository& repo, std::string_view name);

enum class NotesCombine : std::uint8_t { overwrite, ignore, concatenate, cat_sort_uniq };
std::optional<NotesCombine> parse_notes_combine(std::string_view name);

class NotesTree {
 public:
  // A ref that isn't there is an empty tree. Dies where the tree is broken.
  static NotesTree read(Repository& repo, const std::string& ref);
  static NotesTree read_tree(Repository& repo, const ObjectId& tree);
  explicit NotesTree(Repository& repo) : repo_(&repo) {}

  std::optional<ObjectId> find(const ObjectId& object) const;
  // Sorted by object name.
  const std::map<ObjectId, ObjectId>& notes() const { return notes_; }
  // False where combining failed to read.
  bool add(const ObjectId& object, const ObjectId& note, NotesCombine how);
  bool remove(const ObjectId& object);
  ObjectId write() const;  // the tree
  std::string ref;
  bool is_dirty = false;

 private:
  void load(const ObjectId& tree, const std::string& prefix, const std::string& path);
  ObjectId write_level(std::map<ObjectId, ObjectId>::const_iterator from, std::map<ObjectId, ObjectId>::const_iterator to,
                       std::size_t depth, const std::string& path) const;
  Repository* repo_;
  std::map<ObjectId, ObjectId> notes_;
  struct NonNote {
    std::uint32_t mode;
    ObjectId oid;
  };
  std::map<std::string, NonNote> non_notes_;  // by whole path
};

// What the log family shows: the refs asked for, or the default ones and notes.displayRef.
struct NotesDisplay {
  int use_default = -1;                 // -1 yes, but not where refs were named; 0, 1
  std::vector<std::string> extra_refs;  // globs
  bool suppressed = false;
};
class NotesShown {
 public:
  NotesShown(Repository& repo, const NotesDisplay& display);
  bool empty() const { return trees_.empty(); }
  // `raw`: only the text (%N). Else with "Notes:" headings, indented.
  std::string format(const ObjectId& object, bool raw, std::string_view encoding) const;

 private:
  Repository& repo_;
  std::vector<NotesTree> trees_;
};

}  // namespace git
