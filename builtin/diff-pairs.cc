// git diff-pairs: pairs of files as `diff-tree -r -z` prints them, shown in any other format.
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "diff.h"
#include "walk/revisions.h"

GIT_BUILTIN("diff-pairs", cmd_diff_pairs, kSetup | kNoParseopt)

namespace git {
namespace {

constexpr const char* kUsage = "git diff-pairs -z [<diff-options>]";

std::uint32_t parse_mode(std::string_view text, const std::string& line) {
  std::uint32_t mode = 0;
  if (text.empty() || text.size() > 6) die(_("unable to parse mode: %s"), line);
  for (char c : text) {
    if (c < '0' || c > '7') die(_("unable to parse mode: %s"), line);
    mode = mode * 8 + static_cast<std::uint32_t>(c - '0');
  }
  return mode;
}

class PairReader {
 public:
  PairReader(Repository& repo, DiffOptions& options) : repo_(repo), options_(options), fields_(0, '\0') {}

  // Everything up to an empty field or the end.
  void run() {
    std::string line;
    while (fields_.next(line)) {
      if (line.empty()) {
        // The writer wants what it sent so far to be shown now.
        flush();
        out(std::string_view("\0", 1));
        flush_out();
        continue;
      }
      if (line[0] != ':') die(_("invalid raw diff input"));
      take(line);
    }
    flush();
  }

 private:
  void flush() {
    diffcore_std(options_);
    diff_flush(options_);
  }

  ObjectId parse_oid(std::string_view hex, const std::string& line) {
    auto oid = ObjectId::from_hex(hex, repo_.algo());
    if (!oid) die(_("unable to parse object id: %s"), line);
    return *oid;
  }

  std::string path() {
    std::string text;
    if (!fields_.next(text)) die(_("got EOF while reading path"));
    return text;
  }

  void take(const std::string& line) {
    auto words = split(std::string_view(line).substr(1), ' ');
    if (words.size() != 5 || words[4].empty()) die(_("invalid raw diff input"));
    const std::uint32_t old_mode = parse_mode(words[0], line), new_mode = parse_mode(words[1], line);
    const ObjectId old_oid = parse_oid(words[2], line), new_oid = parse_oid(words[3], line);
    if (is_tree_mode(old_mode) || is_tree_mode(new_mode)) die(_("tree objects not supported"));
    const char status = words[4][0];
    const std::string first = path();
    const bool has_two = status == 'R' || status == 'C';
    if (!has_two && std::string_view("ADMT").find(status) == std::string_view::npos) die(_("unknown diff status: %c"), status);
    auto one = std::make_shared<DiffFilespec>(first);
    auto two = std::make_shared<DiffFilespec>(has_two ? path() : first);
    if (old_mode) one->fill(old_oid, true, old_mode);
    if (new_mode) two->fill(new_oid, true, new_mode);
    PairPtr pair = queue_pair(options_.queue, one, two);
    // The last user of a source renames it; here nobody follows a copy.
    pair->renamed = has_two;
    if (has_two) one->rename_used = status == 'C' ? 2 : 1;
    if (words[4].size() == 1 && !has_two) return;
    auto score = parse_uint(words[4].substr(1));
    if (!score || *score > 100) die(_("unable to parse rename/copy score: %s"), line);
    pair->score = static_cast<int>(*score) * kMaxScore / 100;
  }

  Repository& repo_;
  DiffOptions& options_;
  LineReader fields_;
};

}  // namespace

int cmd_diff_pairs(Invocation& inv) {
  if (inv.args.size() == 2 && inv.args[1] == "-h") {
    outf("usage: %s\n", kUsage);
    return 129;
  }
  Repository& repo = inv.repo();
  DiffOptions options = make_diff_options(&repo, repo.config(), nullptr, inv.prefix_or_empty(), DiffConfig::basic);
  options.abbrev = 0;
  options.recursive = true;
  DiffOptionParser parser(options);
  std::vector<std::string> args(inv.args.begin() + 1, inv.args.end());
  std::size_t at = 0;
  while (at < args.size()) {
    int taken = parser.parse(args, at);
    if (taken <= 0) break;
    at += static_cast<std::size_t>(taken);
  }
  if (at < args.size() && args[at] == "--") at++;
  if (at < args.size()) {
    if (starts_with(args[at], "-")) usage("%s", kUsage);
    usage("%s", _("pathspec arguments not supported"));
  }
  if (options.line_termination) usage("%s", _("working without -z is not supported"));
  if (options.detect_rename != DetectRename::none || options.break_opt != -1) {
    // Renames were found by whoever made the pairs.
    usage("%s", kUsage);
  }
  if (!options.output_format) options.output_format = kDiffRaw;
  diff_setup_done(options);
  PairReader(repo, options).run();
  return diff_result_code(options);
}

}  // namespace git
