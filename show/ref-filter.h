// Which refs to show, in which order: the engine of for-each-ref, branch --list and tag --list (git-for-each-ref(1)).
// Without a sort other than by name, and without questions about history, refs are shown as they are read.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "show/ref-format.h"

namespace git {

class Options;

struct RefFilter {
  std::vector<std::string> patterns, exclude;
  std::string start_after;
  bool match_as_path = false;  // a pattern may be a directory; else it is matched against the short name
  bool ignore_case = false;
  bool include_root_refs = false;
  unsigned kinds = kRefKindRegular;  // RefKind
  std::vector<ObjectId> points_at;
  std::vector<Commit*> with, without;       // --contains, --no-contains
  std::vector<Commit*> merged, not_merged;  // --merged, --no-merged
  bool needs_commits = false;               // leave out what is no commit, fill RefItem::commit

  bool asks_history() const {
    return !with.empty() || !without.empty() || !merged.empty() || !not_merged.empty() || needs_commits;
  }
};

struct RefSortKey {
  RefAtom atom;
  bool reverse = false, version = false, ignore_case = false;
};

struct RefSorting {
  std::vector<std::string> specs;  // as given, the last one is the primary
  std::vector<RefSortKey> keys;    // the primary first
  bool ignore_case = false;
  bool detached_head_first = false;
  // Parses `specs`; dies with git's messages.
  void parse(Repository& repo);
  bool is_by_name() const;
};

class RefLister {
 public:
  RefLister(Repository& repo, RefFilter filter, RefSorting sorting, RefFormat& format);
  // Collected, filtered and sorted.
  std::vector<RefItem>& collect();
  // Shows up to `max` (0: all) as texts in order; `fn` gets each line without its newline.
  void run(std::size_t max, const std::function<void(const std::string&)>& fn);
  std::string format_item(const RefItem& item);
  RefValues& values() { return values_; }

 private:
  bool accept(const Ref& ref, RefItem& item);
  bool matches(const std::vector<std::string>& patterns, const std::string& name) const;
  void for_each_candidate(const std::function<bool(const Ref&)>& fn);
  void filter_by_reach(const std::vector<Commit*>& bases, bool keep);
  void fill_counts();
  void sort();
  int compare(const RefItem& a, const RefItem& b) const;

  Repository& repo_;
  RefFilter filter_;
  RefSorting sorting_;
  RefFormat& format_;
  RefValues values_;
  std::vector<std::string> version_suffixes_;
  std::optional<ContainsCache> contains_, not_contains_;
  std::vector<RefItem> items_;
};

// "--contains [<commit>]", "--merged" ... for the commands that list refs. Dies with git's messages.
void add_filter_options(Options& options, Repository& repo, RefFilter& filter);
unsigned ref_kind_of(const std::string& name);

}  // namespace git
