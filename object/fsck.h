// What fsck has to say about one object (git-fsck(1), "FSCK MESSAGES").  Pure: bytes in, findings out.
//
//   FsckOptions options;                       // or fsck_options_from_config()
//   FsckState state;                           // what one run learns: which blobs are .gitmodules
//   FsckReport report = [&](const FsckFinding& f) { ...; return f.severity >= FsckSeverity::error; };
//   bool is_bad = fsck_object(oid, type, bytes, options, state, report);
//
// A check stops at the first finding that `report` calls bad; trees report each kind once.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/result.h"
#include "hash/object-id.h"
#include "object/object.h"

namespace git {

enum class FsckSeverity : std::uint8_t { ignore, info, warn, error, fatal };

// Every message: enumerator and default severity. The name that people write is made of the enumerator.
#define FSCK_MESSAGES(X)                    \
  X(nul_in_header, fatal)                   \
  X(unterminated_header, fatal)             \
  X(bad_date, error)                        \
  X(bad_date_overflow, error)               \
  X(bad_email, error)                       \
  X(bad_gpgsig, error)                      \
  X(bad_name, error)                        \
  X(bad_object_sha1, error)                 \
  X(bad_packed_ref_entry, error)            \
  X(bad_packed_ref_header, error)           \
  X(bad_parent_sha1, error)                 \
  X(bad_ref_content, error)                 \
  X(bad_ref_filetype, error)                \
  X(bad_ref_name, error)                    \
  X(bad_ref_oid, error)                     \
  X(bad_referent_name, error)               \
  X(bad_reftable_table_name, warn)          \
  X(bad_head_target, error)                 \
  X(bad_timezone, error)                    \
  X(bad_tree, error)                        \
  X(bad_tree_sha1, error)                   \
  X(bad_type, error)                        \
  X(duplicate_entries, error)               \
  X(missing_author, error)                  \
  X(missing_committer, error)               \
  X(missing_email, error)                   \
  X(missing_name_before_email, error)       \
  X(missing_object, error)                  \
  X(missing_space_before_date, error)       \
  X(missing_space_before_email, error)      \
  X(missing_tag, error)                     \
  X(missing_tag_entry, error)               \
  X(missing_tree, error)                    \
  X(missing_type, error)                    \
  X(missing_type_entry, error)              \
  X(multiple_authors, error)                \
  X(packed_ref_entry_not_terminated, error) \
  X(packed_ref_unsorted, error)             \
  X(tree_not_sorted, error)                 \
  X(unknown_type, error)                    \
  X(zero_padded_date, error)                \
  X(gitmodules_missing, error)              \
  X(gitmodules_blob, error)                 \
  X(gitmodules_large, error)                \
  X(gitmodules_name, error)                 \
  X(gitmodules_symlink, error)              \
  X(gitmodules_url, error)                  \
  X(gitmodules_path, error)                 \
  X(gitmodules_update, error)               \
  X(gitattributes_missing, error)           \
  X(gitattributes_large, error)             \
  X(gitattributes_line_length, error)       \
  X(gitattributes_blob, error)              \
  X(empty_name, warn)                       \
  X(full_pathname, warn)                    \
  X(has_dot, warn)                          \
  X(has_dotdot, warn)                       \
  X(has_dotgit, warn)                       \
  X(large_pathname, warn)                   \
  X(null_sha1, warn)                        \
  X(zero_padded_filemode, warn)             \
  X(nul_in_commit, warn)                    \
  X(bad_filemode, info)                     \
  X(bad_tag_name, info)                     \
  X(empty_packed_refs_file, info)           \
  X(gitmodules_parse, info)                 \
  X(gitignore_symlink, info)                \
  X(gitattributes_symlink, info)            \
  X(mailmap_symlink, info)                  \
  X(missing_tagger_entry, info)             \
  X(ref_missing_newline, info)              \
  X(symlink_ref, info)                      \
  X(symref_target_is_not_a_ref, info)       \
  X(trailing_ref_content, info)             \
  X(extra_header_entry, ignore)

enum class FsckMessage : std::uint8_t {
#define FSCK_ENUMERATOR(name, severity) name,
  FSCK_MESSAGES(FSCK_ENUMERATOR)
#undef FSCK_ENUMERATOR
};
std::string fsck_message_name(FsckMessage id);                        // "missingEmail"
std::optional<FsckMessage> find_fsck_message(std::string_view name);  // letter case does not matter
const std::vector<FsckMessage>& all_fsck_messages();

struct FsckOptions {
  bool is_strict = false;                          // warnings are errors
  std::map<FsckMessage, FsckSeverity> severities;  // changed by the user
  std::unordered_set<ObjectId, ObjectIdHash> skip_list;
  std::uint64_t max_name_length = 4096;  // of a tree entry: "largePathname=warn:<n>"
  // Key ("submodule.x.path") and value of each entry of a config text; config files are another room's business.
  using ConfigEntries = std::vector<std::pair<std::string, std::optional<std::string>>>;
  std::function<Result<ConfigEntries>(std::string_view text)> parse_config;

  FsckSeverity severity_of(FsckMessage id) const;
  // "missingEmail=ignore": dies with git's "Unhandled message id: %s", "Unknown fsck message type: '%s'", "Cannot demote %s to
  // %s".
  void set_severity(std::string_view name, std::string_view severity);
  // A list of settings separated by spaces, commas, bars: "a=warn,b=error"; "skiplist=<file>" is handed to `load`.
  void set_severities(std::string_view list, const std::function<void(const std::string& path)>& load);
  // One full object name per line, "#" starts a comment; dies "invalid object name: %s".
  void add_skip_list(std::string_view text, HashAlgo algo);
};

struct FsckFinding {
  FsckMessage id;
  FsckSeverity severity = FsckSeverity::error;  // info is told as warn
  ObjectId oid;
  ObjectType type = ObjectType::bad;
  std::string text;  // "missingEmail: invalid author/committer line - missing email"
};
// True: this is bad, stop checking the object.
using FsckReport = std::function<bool(const FsckFinding&)>;

struct FsckState {
  std::unordered_set<ObjectId, ObjectIdHash> gitmodules_found, gitmodules_done;
  std::unordered_set<ObjectId, ObjectIdHash> gitattributes_found, gitattributes_done;
};

// True where something was bad. Bytes of a blob matter only where a tree called it .gitmodules or .gitattributes.
bool fsck_object(const ObjectId& oid, ObjectType type, std::string_view bytes, const FsckOptions& options, FsckState& state,
                 const FsckReport& report);
bool fsck_tree(const ObjectId& oid, std::string_view bytes, HashAlgo algo, const FsckOptions& options, FsckState& state,
               const FsckReport& report);
bool fsck_commit(const ObjectId& oid, std::string_view bytes, HashAlgo algo, const FsckOptions& options,
                 const FsckReport& report);
// `tagged` and `tagged_type` get what the tag names, where it says so.
bool fsck_tag(const ObjectId& oid, std::string_view bytes, HashAlgo algo, const FsckOptions& options, const FsckReport& report,
              ObjectId* tagged = nullptr, ObjectType* tagged_type = nullptr);
// The blobs that trees named and nobody has checked yet. `read` gets an object, nullopt where it is missing; an
// object that may be missing (promised) is passed over by returning ObjectData of type none.
bool fsck_finish(const FsckOptions& options, FsckState& state,
                 const std::function<std::optional<ObjectData>(const ObjectId&)>& read, const FsckReport& report);
// One finding through severities and skip list; true where `report` calls it bad.
bool fsck_report(const FsckOptions& options, const FsckReport& report, const ObjectId& oid, ObjectType type, FsckMessage id,
                 std::string_view text);

// ---- what may stand in .gitmodules ----
bool is_safe_submodule_name(std::string_view name);
bool is_safe_submodule_url(std::string_view url);

}  // namespace git
