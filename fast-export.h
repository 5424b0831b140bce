// History as a stream that git fast-import reads (git-fast-export(1), git-fast-import(1) "INPUT FORMAT").
//
//   FastExport exporter(repo, prefix);
//   exporter.options.full_tree = true; ...
//   exporter.run(revisions);           writes the stream to standard output
//
// Blobs come before the commits that use them, commits before their children, and refs that no commit names at the end.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "diff/options.h"
#include "fast-export-anonymize.h"
#include "hash/object-id.h"
#include "refspec.h"
#include "walk/revisions.h"

namespace git {

class Index;
class Repository;

enum class ExportSigned : std::uint8_t { abort, verbatim, warn_verbatim, warn_strip, strip };
enum class FilteredTag : std::uint8_t { abort, drop, rewrite };
enum class ExportReencode : std::uint8_t { abort, yes, no };

struct ExportOptions {
  int progress = 0;  // a progress command every so many objects; 0: none
  ExportSigned signed_tags = ExportSigned::abort, signed_commits = ExportSigned::strip;
  FilteredTag tag_of_filtered = FilteredTag::abort;
  ExportReencode reencode = ExportReencode::abort;
  std::string export_marks, import_marks;
  bool import_marks_may_be_missing = false;
  bool fake_missing_tagger = false, full_tree = false, use_done_feature = false, no_data = false;
  bool reference_excluded_parents = false, show_original_ids = false, mark_tags = false;
  bool anonymize = false;
  Refspec refspecs{false};
};

class FastExport {
 public:
  FastExport(Repository& repo, std::string_view prefix);
  ~FastExport();

  ExportOptions options;
  Anonymizer anonymizer;

  // `args`: revisions, walk and diff options, and paths, without the command's name. Returns what nobody understood,
  // having written nothing, where that is not empty.
  std::vector<std::string> run(const std::vector<std::string>& args);

 private:
  // A ref to be written when all commits are; a tag object or a commit.
  struct LateRef {
    std::string name;
    ObjectId oid;
  };
  // setting up
  void read_marks();
  void write_marks();
  void collect_refs();
  void collect_ref(const CmdlineRevision& rev);
  // commits
  void export_commit(Commit* commit);
  void export_signatures(Commit* commit, std::string_view buffer);
  void export_parents(Commit* commit);
  void export_changes();
  void export_blob(const ObjectId& oid);
  std::string shown_path(std::string_view path);
  // refs
  void export_tag(std::string name, const ObjectId& oid);
  void export_late_ref(const LateRef& ref);
  void reset_ref(std::string_view name, const std::string& to);
  Commit* surviving(Commit* commit);
  // marks
  std::uint32_t mark_of(const ObjectId& oid) const;
  std::uint32_t give_mark(const ObjectId& oid) { return marks_[oid] = ++last_mark_; }
  ObjectId shown_oid(const ObjectId& oid) { return options.anonymize ? anonymizer.oid(oid) : oid; }
  void show_progress();

  Repository& repo_;
  std::string prefix_;
  RevWalk walk_;
  std::unique_ptr<Index> index_;
  DiffOptions diff_;
  std::unordered_map<ObjectId, std::uint32_t, ObjectIdHash> marks_;
  std::uint32_t last_mark_ = 0, imported_mark_ = 0;
  std::unordered_map<ObjectId, std::string, ObjectIdHash> sources_;  // of tips: the ref its commits are said to be on
  std::vector<LateRef> tags_;
  std::map<std::string, ObjectId> branches_;  // refs not yet named by any commit
  int shown_ = 0;
  bool quote_high_ = true;
};

}  // namespace git
