// One commit of a log: its header, message and notes, then the difference to its parents (git-log(1)).
// And the commands built on it: log, show, whatchanged, and the showing half of reflog.
//
//   LogTree log(repo, prefix);
//   log.setup(args, how);            parses, prepares the walk
//   while (Commit* c = log.walk.next()) log.show(c);
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "diff.h"
#include "diff/combine.h"
#include "index.h"
#include "show/display-options.h"
#include "show/graph.h"
#include "walk/revisions.h"

namespace git {

struct Invocation;

// What a log shows of merges.
enum class MergeDiff : std::uint8_t { unset, off, separate, first_parent, combined, dense_combined, remerge };

class LogTree {
 public:
  LogTree(Repository& repo, std::string_view prefix, DiffConfig level);
  ~LogTree();

  // ---- set by the command before setup() ----
  bool always_show_header = true;
  bool show_root_diff = true;
  bool no_commit_id = false;
  MergeDiff default_merges = MergeDiff::off;
  bool shows_diff = false;  // a diff is wanted even if no option says so
  int decorate = 0;         // 0 no, 1 short, 2 full
  bool decorate_given = false;
  bool decorate_auto = true;
  bool show_source = false;
  bool default_follow = false;  // log.follow

  // Configuration of the log family (log.*, format.pretty).
  void read_log_config();
  // One option; number of arguments taken, 0 for none of ours (the walk's own are not asked here).
  int parse_option(const std::vector<std::string>& args, std::size_t at);
  // After parsing: paths, formats, colours, walk. Not prepared yet.
  void finish();

  // ---- showing ----
  // False where nothing was shown (an empty diff with always_show_header off).
  bool show(Commit* commit);
  // The header and message only; `parent` is named in "(from ...)".
  void show_log(Commit* commit, Commit* parent = nullptr);
  // Shows the commit against the given parents instead of its own.
  bool show_against(Commit* commit, const std::vector<Commit*>& parents);
  void write(std::string_view text) { diff.write(text); }

  Repository& repo;
  std::string prefix;
  RevWalk walk;
  DisplayOptions display;
  std::unique_ptr<Index> index;
  DiffOptions diff;
  CombineSettings combine;
  MergeDiff merges = MergeDiff::unset;
  bool merges_imply_patch = false;
  bool use_terminator = false;
  bool shown_one = false, missing_newline = false;
  bool has_changes = false;
  std::unique_ptr<Graph> graph;
  std::vector<std::string> line_ranges;         // -L
  std::function<void(Commit*)> email_headers;   // behind the "From <commit>" line of mail formats
  std::function<void(Commit*)> show_signature;  // --show-signature
  std::function<void(Commit*, std::string&)> add_to_message;

 private:
  bool show_diff(Commit* commit, std::span<Commit* const> parents);
  bool show_remerge(Commit* commit, std::span<Commit* const> parents, const ObjectId& tree);
  bool flush(Commit* commit, Commit* parent);
  void mark(Commit* commit);
  void decorations(Commit* commit);
  void reflog_line();
  std::string abbreviated(const ObjectId& oid);
  bool set_merges(const std::string& word);
  DiffOptionParser parser_;
  bool set_default_merges(const std::string& word);
  bool log_shown_ = false;
  bool loginfo_shown_ = false, shown_dashes_ = false;
  bool date_from_config_ = false;
  bool merges_given_ = false, merges_by_m_ = false, merges_need_diff_ = false;
  bool holds_quarantine_ = false;  // what was merged again goes there, and away with us
  MergeDiff configured_merges_ = MergeDiff::separate;
  std::string source_of(const Commit* c);
};

enum class LogCommand : std::uint8_t { log, show, whatchanged, reflog };
int run_log_command(Invocation& inv, const std::vector<std::string>& args, LogCommand which);

}  // namespace git
