// gitrevisions(7): from what people write to object names, and back to abbreviations.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hash/object-id.h"
#include "object/object.h"

namespace git {

class Repository;
struct Commit;

// What an ambiguous abbreviation should mean.
enum class NameHint : std::uint8_t { none, commit, committish, tree, treeish, blob };

struct ObjectContext {
  std::uint32_t mode = 0;    // of "rev:path", 0 otherwise
  std::string path;          // of "rev:path"
  std::string symlink_path;  // with follow_symlinks: where the link left the tree
  int symlink_result = 0;    // SymlinkLookup::Kind (walk/tree-lookup.h)
};

// "HEAD~3^2", "v1.0^{tree}", ":/text", ":2:path", "@{u}", "main@{yesterday}", abbreviations ... nullopt where it is none.
// Ambiguous abbreviations report candidates as git does unless `quiet`.
std::optional<ObjectId> get_oid(Repository& repo, std::string_view name, NameHint hint = NameHint::none, bool quiet = false);
std::optional<ObjectId> get_oid_with_context(Repository& repo, std::string_view name, NameHint hint, ObjectContext* context,
                                             bool quiet = false, bool follow_symlinks = false, std::string_view prefix = {});
// "fatal: Not a valid object name %s"
ObjectId get_oid_or_die(Repository& repo, std::string_view name, NameHint hint = NameHint::none);
Commit* lookup_commit_by_name(Repository& repo, std::string_view name);  // nullptr where it is none
// Why "rev:path" failed: dies with git's "path '%s' exists on disk, but not in '%s'" and the like.
// The same, but returns where the form of the name says nothing.
void diagnose_wrong_path(Repository& repo, std::string_view name, std::string_view prefix);
[[noreturn]] void die_wrong_path(Repository& repo, std::string_view name, std::string_view prefix);

// The shortest unambiguous prefix of at least `length` digits (negative: core.abbrev / auto; 0 or full: all).
std::string unique_abbrev(Repository& repo, const ObjectId& oid, int length = -1);
int default_abbrev(Repository& repo);

// "x" as a ref: all candidates that exist; `full` gets the first. Warns "refname '%s' is ambiguous." where several.
int dwim_ref(Repository& repo, std::string_view name, ObjectId* oid, std::string* full, bool nonfatal_dangling_mark = false);
int dwim_log(Repository& repo, std::string_view name, ObjectId* oid, std::string* full);
// "@{-1}", "@{upstream}", "@": replaced by a branch name; nullopt where `name` is no such form.
std::optional<std::string> interpret_branch_name(Repository& repo, std::string_view name);
// "refs/heads/" + interpreted name; false where that is no valid branch name.
bool check_branch_ref(Repository& repo, std::string& full, std::string_view name);
std::string shorten_unambiguous_ref(Repository& repo, std::string_view full, bool strict);

// Follows tags, then commit -> tree, until `type`; nullopt where it can't be (message already given unless quiet).
std::optional<ObjectId> peel_to_type(Repository& repo, const ObjectId& oid, ObjectType type, bool quiet = false);

}  // namespace git
