// Which objects a partial clone leaves out (git-rev-list(1) "--filter"): blob:none, blob:limit=<n>, tree:<depth>,
// sparse:oid=<blob-ish>, object:type=<t>, combine:<f>+<f>.  The specification, its text form, and the state of one
// traversal.  sparse:oid needs pattern matching from the index room: a matcher is handed in.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "object/object.h"

namespace git {

class Repository;

struct ObjectFilter {
  enum class Kind : std::uint8_t { none, blob_none, blob_limit, tree_depth, sparse_oid, object_type, combine };
  Kind kind = Kind::none;
  std::uint64_t blob_limit = 0;
  std::uint64_t tree_depth = 0;
  std::string sparse_oid;  // as written: a blob-ish expression
  ObjectType type = ObjectType::none;
  std::vector<ObjectFilter> parts;  // combine
  std::string spec;                 // as written

  bool is_set() const { return kind != Kind::none; }
};

// Errors are git's ("invalid filter-spec '%s'", "expected 'tree:<depth>'" ...).
Result<ObjectFilter> parse_object_filter(std::string_view spec);
// Adds one more --filter: a combination of both.
Result<void> add_object_filter(ObjectFilter& filter, std::string_view spec);
// With limits written out, as the protocol wants it.
std::string expand_object_filter(const ObjectFilter& filter);
std::string object_filter_config_name(ObjectFilter::Kind kind);  // "blob:none" ...

// One traversal's decisions.
class FilterRun {
 public:
  enum class Situation : std::uint8_t { commit, tag, begin_tree, end_tree, blob };
  enum Answer : unsigned { kNothing = 0, kMarkSeen = 1, kDoShow = 2, kSkipTree = 4 };
  virtual ~FilterRun() = default;
  // `path` is the whole path, `name` the last component.
  virtual unsigned decide(Situation situation, const ObjectId& oid, std::string_view path, std::string_view name) = 0;
  // Objects left out so far (for --filter-print-omitted); only kept where asked for.
  std::unordered_set<ObjectId, ObjectIdHash> omitted;
  bool collect_omitted = false;
};
// Matches "sparse" patterns: 1 in, 0 out, -1 undecided (the directory's answer holds).
using SparseMatcher = std::function<int(std::string_view path, bool is_directory)>;
using SparseMatcherFactory = std::function<SparseMatcher(std::string_view patterns)>;
// Dies where sparse:oid can't be read ("unable to access sparse blob in '%s'").
std::unique_ptr<FilterRun> start_filter(Repository& repo, const ObjectFilter& filter, bool collect_omitted,
                                        const SparseMatcherFactory& sparse);

}  // namespace git
