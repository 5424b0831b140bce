// Comparing trees, the index, the worktree and plain files, and showing what differs (git-diff(1) and all that show
// patches).  The conversation, in order:
//
//   DiffOptions options = make_diff_options(&repo, repo.config(), &index, prefix, DiffConfig::ui);
//   DiffOptionParser parser(options);
//   ... for each argument: n = parser.parse(args, at);  0: not a diff option
//   diff_setup_done(options);
//   diff_tree(options, a, b) / diff_index(options, index, tree, {}) / diff_files(options, index, {})
//   diffcore_std(options);      renames, pickaxe, order, filter
//   diff_flush(options);        writes through options.write, and empties the queue
//   return diff_result_code(options);
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "diff/diff-lib.h"
#include "diff/options.h"
#include "diff/pipeline.h"
#include "diff/tree-diff.h"

namespace git {

class Options;

// Which settings the command listens to: porcelain all of diff.*, plumbing only the basic ones.
enum class DiffConfig : std::uint8_t { none, basic, ui };

// `repo` and `index` may be nullptr. Output goes to stdout.
DiffOptions make_diff_options(Repository* repo, const Config& config, Index* index, std::string_view prefix, DiffConfig level);

class DiffOptionParser {
 public:
  explicit DiffOptionParser(DiffOptions& options);
  ~DiffOptionParser();
  // How many arguments the diff option at `at` takes up; 0 where it is none. Dies on bad values.
  int parse(const std::vector<std::string>& args, std::size_t at);
  // All diff options, for commands that parse everything themselves.
  void add_to(Options& parser);

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::vector<std::shared_ptr<void>> keep_;  // what the callbacks use
};

// Checks what can't be together and fills in what follows from what was asked. Dies with git's messages.
void diff_setup_done(DiffOptions& options);
// 0, 1 (differences and --exit-code), 2 (--check found something). Warns about a rename limit that was too low.
int diff_result_code(DiffOptions& options);
void diff_warn_rename_limit(std::string_view variable, int needed, bool degraded);
// "--src-prefix" and friends by what is compared, where diff.mnemonicPrefix says so.
void diff_set_mnemonic_prefix(DiffOptions& options, const char* a, const char* b);
// --word-diff, --color-words, --submodule and the like parse their words here for config and options alike.
bool parse_color_moved(std::string_view word, ColorMoved& mode);
// "-M50%": nullopt where it isn't a number. 0..kMaxScore.
int parse_rename_score(std::string_view& text);

}  // namespace git
