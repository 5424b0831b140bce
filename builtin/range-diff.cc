// git range-diff: two versions of a patch series, commit by commit. Commits are paired so that the sum of the differences of
// their patches is least; a commit may also be new or gone, at a price of its own size.
#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "diff.h"
#include "diff/emit.h"
#include "diff/patch-parse.h"
#include "diff/userdiff.h"
#include "diff/xdl-emit.h"
#include "hash/hasher.h"
#include "object-name.h"
#include "show/pretty.h"
#include "walk/commit-pool.h"

GIT_BUILTIN("range-diff", cmd_range_diff, kSetup | kNoParseopt)

namespace git {
namespace {

constexpr int kCostMax = 1 << 16;

struct Patch {
  ObjectId oid;
  std::string text;             // metadata, message and diff in a form made for comparing
  std::size_t diff_offset = 0;  // where the diff starts
  int diff_size = 0;
  int matching = -1;
  bool shown = false;
  std::string_view diff() const { return std::string_view(text).substr(diff_offset); }
};

class RangeDiff {
 public:
  RangeDiff(Repository& repo, DiffOptions& options) : repo_(repo), options_(options) {}
  int creation_factor = 60;
  bool left_only = false, right_only = false;
  std::vector<std::string> log_args;

  void run(const std::string& old_range, const std::string& new_range) {
    a_ = read(old_range);
    b_ = read(new_range);
    match_exact();
    match_rest();
    output();
  }

 private:
  std::vector<Patch> read(const std::string& range) {
    ChildProcess child;
    child.git_command = true;
    child.args = {"log",
                  "--no-color",
                  "-p",
                  "--no-merges",
                  "--reverse",
                  "--date-order",
                  "--decorate=no",
                  "--no-prefix",
                  "--submodule=short",
                  "--output-indicator-new=>",
                  "--output-indicator-old=<",
                  "--output-indicator-context=#",
                  "--no-abbrev-commit",
                  "--pretty=medium",
                  "--notes"};
    if (!log_args.empty()) {
      child.args.pop_back();
      child.args.insert(child.args.end(), log_args.begin(), log_args.end());
    }
    child.args.push_back(range);
    child.args.push_back("--");
    CommandOutput output = pipe_command(child, {});
    if (output.code) die("could not parse log for '%s'", range);
    return parse(output.out);
  }

  std::vector<Patch> parse(const std::string& log) {
    std::vector<Patch> list;
    bool in_header = true;
    std::string file;
    const auto lines = split_lines(log);
    for (std::size_t i = 0; i < lines.size(); i++) {
      std::string_view line = lines[i];
      if (std::string_view rest = line; skip_prefix(rest, "commit ")) {
        list.emplace_back();
        auto oid = ObjectId::from_hex(rest.substr(0, hex_size(repo_.algo())), repo_.algo());
        if (!oid) die("could not parse commit '%s'", rest);
        list.back().oid = *oid;
        in_header = true;
        continue;
      }
      if (list.empty()) die("could not parse first line of `log` output: did not start with 'commit ': '%s'", line);
      Patch& p = list.back();
      if (starts_with(line, "diff --git")) {
        in_header = false;
        p.text += '\n';
        if (!p.diff_offset) p.diff_offset = p.text.size();
        p.text += " ## " + file_header(lines, i, file) + " ##";
      } else if (in_header) {
        if (starts_with(line, "Author: ")) {
          p.text += " ## Metadata ##\n";
          p.text += line;
          p.text += "\n\n ## Commit message ##\n";
        } else if (starts_with(line, "Notes") && ends_with(line, ":")) {
          p.text += "\n\n ## ";
          p.text += line.substr(0, line.size() - 1);
          p.text += " ##\n";
        } else if (starts_with(line, "    ")) {
          p.text += rtrim(line);
          p.text += '\n';
        }
        continue;
      } else if (starts_with(line, "@@ ")) {
        const std::size_t end = line.find("@@", 3);
        std::string_view rest = end == std::string_view::npos ? std::string_view() : line.substr(end + 2);
        p.text += "@@";
        if (!file.empty() && !rest.empty()) p.text += " " + file + ":";
        p.text += rest;
      } else if (line.empty()) {
        continue;
      } else if (line[0] == '>' || line[0] == '<' || line[0] == '#') {
        p.text += line[0] == '>' ? '+' : line[0] == '<' ? '-' : ' ';
        p.text += line.substr(1);
      } else {
        p.text += ' ';
        p.text += line;
      }
      p.text += '\n';
      p.diff_size++;
    }
    for (Patch& p : list)
      if (!p.diff_offset) p.diff_offset = p.text.size();
    return list;
  }

  // Reads the header lines from `at` on; leaves `at` at the last of them.
  std::string file_header(const std::vector<std::string_view>& lines, std::size_t& at, std::string& file) {
    std::string text(lines[at]);
    text += '\n';
    std::size_t end = at + 1;
    for (; end < lines.size(); end++) {
      std::string_view line = lines[end];
      if (line.empty() || starts_with(line, "@@ ") || starts_with(line, "diff --git") || starts_with(line, "commit ") ||
          starts_with(line, "Binary files "))
        break;
      text += line;
      text += '\n';
    }
    FilePatch patch = parse_git_header(text, 0);
    at = end - 1;
    file = patch.new_name.empty() ? patch.old_name : patch.new_name;
    std::string header;
    if (patch.is_new > 0)
      header = patch.new_name + " (new)";
    else if (patch.is_delete > 0)
      header = patch.old_name + " (deleted)";
    else if (patch.is_rename)
      header = patch.old_name + " => " + patch.new_name;
    else
      header = patch.new_name;
    if (patch.is_delete > 0) file = patch.old_name;
    if (patch.new_mode && patch.old_mode && patch.old_mode != patch.new_mode)
      header += strf(" (mode change %06o => %06o)", patch.old_mode, patch.new_mode);
    return header;
  }

  void match_exact() {
    std::map<std::string_view, std::vector<int>> by_diff;
    for (std::size_t i = 0; i < a_.size(); i++) by_diff[a_[i].diff()].push_back(static_cast<int>(i));
    for (std::size_t j = 0; j < b_.size(); j++) {
      auto it = by_diff.find(b_[j].diff());
      if (it == by_diff.end() || it->second.empty()) continue;
      const int i = it->second.front();
      it->second.erase(it->second.begin());
      a_[static_cast<std::size_t>(i)].matching = static_cast<int>(j);
      b_[j].matching = i;
    }
  }

  static int difference(std::string_view one, std::string_view two) {
    struct Counter : HunkSink {
      int count = 0;
      void hunk(long, long, long, long, std::string_view) override { count++; }
      void line(char, std::string_view) override { count++; }
    } counter;
    HunkConfig config;
    config.with_function_names = false;
    emit_hunks(compare_lines(one, two, {}), config, counter);
    return counter.count;
  }

  void match_rest() {
    const std::size_t na = a_.size(), nb = b_.size(), n = na + nb;
    if (!n) return;
    std::vector<std::vector<int>> cost(n, std::vector<int>(n, 0));
    for (std::size_t i = 0; i < na; i++) {
      for (std::size_t j = 0; j < nb; j++) {
        if (a_[i].matching == static_cast<int>(j))
          cost[i][j] = 0;
        else if (a_[i].matching < 0 && b_[j].matching < 0)
          cost[i][j] = difference(a_[i].diff(), b_[j].diff());
        else
          cost[i][j] = kCostMax;
      }
      const int drop = a_[i].matching < 0 ? a_[i].diff_size * creation_factor / 100 : kCostMax;
      for (std::size_t j = nb; j < n; j++) cost[i][j] = drop;
    }
    for (std::size_t j = 0; j < nb; j++) {
      const int add = b_[j].matching < 0 ? b_[j].diff_size * creation_factor / 100 : kCostMax;
      for (std::size_t i = na; i < n; i++) cost[i][j] = add;
    }
    const std::vector<int> row_of = assign(cost);
    for (std::size_t j = 0; j < nb; j++) {
      const int i = row_of[j];
      if (i < 0 || static_cast<std::size_t>(i) >= na) continue;
      a_[static_cast<std::size_t>(i)].matching = static_cast<int>(j);
      b_[j].matching = i;
    }
  }

  // The cheapest assignment of rows to columns (the Hungarian method with potentials); for each column its row.
  static std::vector<int> assign(const std::vector<std::vector<int>>& cost) {
    const std::size_t n = cost.size();
    constexpr long kInfinity = 1l << 60;
    std::vector<long> u(n + 1), v(n + 1);
    std::vector<std::size_t> row(n + 1), way(n + 1);
    for (std::size_t i = 1; i <= n; i++) {
      row[0] = i;
      std::size_t j0 = 0;
      std::vector<long> low(n + 1, kInfinity);
      std::vector<char> used(n + 1);
      do {
        used[j0] = 1;
        const std::size_t i0 = row[j0];
        long delta = kInfinity;
        std::size_t j1 = 0;
        for (std::size_t j = 1; j <= n; j++) {
          if (used[j]) continue;
          const long current = cost[i0 - 1][j - 1] - u[i0] - v[j];
          if (current < low[j]) {
            low[j] = current;
            way[j] = j0;
          }
          if (low[j] < delta) {
            delta = low[j];
            j1 = j;
          }
        }
        for (std::size_t j = 0; j <= n; j++) {
          if (used[j]) {
            u[row[j]] += delta;
            v[j] -= delta;
          } else {
            low[j] -= delta;
          }
        }
        j0 = j1;
      } while (row[j0]);
      do {
        const std::size_t j1 = way[j0];
        row[j0] = row[j1];
        j0 = j1;
      } while (j0);
    }
    std::vector<int> result(n, -1);
    for (std::size_t j = 1; j <= n; j++) result[j - 1] = static_cast<int>(row[j]) - 1;
    return result;
  }

  void output() {
    width_ = static_cast<int>(std::to_string(std::max(a_.size(), b_.size())).size());
    std::size_t i = 0, j = 0;
    while (i < a_.size() || j < b_.size()) {
      while (i < a_.size() && a_[i].shown) i++;
      if (i < a_.size() && a_[i].matching < 0) {
        if (!right_only) header(&a_[i], nullptr, i, 0);
        i++;
        continue;
      }
      while (j < b_.size() && b_[j].matching < 0) {
        if (!left_only) header(nullptr, &b_[j], 0, j);
        j++;
      }
      if (j < b_.size()) {
        Patch& a = a_[static_cast<std::size_t>(b_[j].matching)];
        header(&a, &b_[j], static_cast<std::size_t>(b_[j].matching), j);
        if (!(options_.output_format & kDiffNoOutput)) patch_diff(a, b_[j]);
        a.shown = true;
        j++;
      }
    }
  }

  void header(const Patch* a, const Patch* b, std::size_t i, std::size_t j) {
    char status = '=';
    DiffColor slot = DiffColor::commit;
    const std::string_view reset = options_.color(DiffColor::reset);
    if (!b) {
      slot = DiffColor::old_line;
      status = '<';
    } else if (!a) {
      slot = DiffColor::new_line;
      status = '>';
    } else if (a->text != b->text) {
      status = '!';
    }
    const std::string_view color = options_.color(slot);
    const std::string_view old_color = options_.color(DiffColor::old_line), new_color = options_.color(DiffColor::new_line);
    const ObjectId& oid = b ? b->oid : a->oid;
    const std::string dashes(abbreviate(options_, oid, options_.abbrev).size(), '-');
    std::string text(status == '!' ? old_color : color);
    text += a ? strf("%*d:  %s ", width_, i + 1, abbreviate(options_, a->oid, options_.abbrev))
              : strf("%*s:  %s ", width_, "-", dashes);
    if (status == '!') text += std::string(reset) + std::string(color);
    text += status;
    if (status == '!') text += std::string(reset) + std::string(new_color);
    text += b ? strf(" %*d:  %s", width_, j + 1, abbreviate(options_, b->oid, options_.abbrev))
              : strf(" %*s:  %s", width_, "-", dashes);
    Commit* commit = repo_.commits().peel_to_commit(oid);
    if (commit) {
      if (status == '!') text += std::string(reset) + std::string(color);
      text += " " + format_commit_simple(repo_, commit, "%s");
    }
    text += std::string(reset) + "\n";
    options_.emit(text);
  }

  void patch_diff(const Patch& a, const Patch& b) {
    auto side = [&](const std::string& text, const char* name) {
      auto spec = std::make_shared<DiffFilespec>(name);
      spec->oid = hash_object(repo_.algo(), "blob", text);
      spec->oid_valid = true;
      spec->mode = kModeBlob;
      spec->data = text;
      spec->size = text.size();
      spec->driver = &section_driver();
      return spec;
    };
    if (a.text == b.text) return;
    queue_pair(options_.queue, side(a.text, "a"), side(b.text, "b"))->status = 'M';
    options_.queue.back()->two->path = "a";
    diff_flush(options_);
  }
  static const UserdiffDriver& section_driver() {
    static const UserdiffDriver driver = []() {
      UserdiffDriver d;
      d.name = "section headers";
      d.funcname = "^ ## (.*) ##$\n^.?@@ (.*)$";
      d.binary = false;
      return d;
    }();
    return driver;
  }

  Repository& repo_;
  DiffOptions& options_;
  std::vector<Patch> a_, b_;
  int width_ = 1;
};

}  // namespace

int cmd_range_diff(Invocation& inv) {
  Repository& repo = inv.repo();
  DiffOptions options = make_diff_options(&repo, repo.config(), nullptr, inv.prefix_or_empty(), DiffConfig::ui);
  Options parser({"git range-diff [<options>] <old-base>..<old-tip> <new-base>..<new-tip>",
                  "git range-diff [<options>] <old-tip>...<new-tip>", "git range-diff [<options>] <base> <old-tip> <new-tip>"});
  RangeDiff range(repo, options);
  bool simple_color = false;
  parser.integer(0, "creation-factor", &range.creation_factor, "n", N_("percentage by which creation is weighted"));
  parser.boolean(0, "no-dual-color", &simple_color, N_("use simple diff colors"));
  parser.callback(
      0, "notes", "notes", N_("passed to 'git log'"),
      [&](const std::optional<std::string>& v, bool unset) {
        range.log_args.push_back(unset ? "--no-notes" : v ? "--notes=" + *v : "--notes");
        return true;
      },
      kOptOptionalArg);
  parser.boolean(0, "left-only", &range.left_only, N_("only emit output related to the first range"));
  parser.boolean(0, "right-only", &range.right_only, N_("only emit output related to the second range"));
  DiffOptionParser diff_parser(options);
  diff_parser.add_to(parser);
  std::vector<std::string> args = parser.parse(inv.args, inv.prefix_or_empty(), kKeepDashDash);
  if (range.left_only && range.right_only) die("options '%s' and '%s' cannot be used together", "--left-only", "--right-only");
  if (!args.empty() && args.back() == "--") args.pop_back();
  std::string old_range, new_range;
  auto is_range = [](const std::string& s) {
    return s.find("..") != std::string::npos || s.find("^!") != std::string::npos || s.find("^-") != std::string::npos;
  };
  if (args.size() == 2) {
    for (const std::string& arg : args)
      if (!is_range(arg)) die("not a commit range: '%s'", arg);
    old_range = args[0];
    new_range = args[1];
  } else if (args.size() == 3) {
    for (const std::string& arg : args)
      if (!get_oid(repo, arg, NameHint::commit, true)) die("not a revision: '%s'", arg);
    old_range = args[0] + ".." + args[1];
    new_range = args[0] + ".." + args[2];
  } else if (args.size() == 1) {
    const std::size_t dots = args[0].find("...");
    if (dots == std::string::npos) die("single arg format must be symmetric range");
    std::string left = args[0].substr(0, dots), right = args[0].substr(dots + 3);
    if (left.empty()) left = "HEAD";
    if (right.empty()) right = "HEAD";
    old_range = right + ".." + left;
    new_range = left + ".." + right;
  } else {
    error("need two commit ranges");
    parser.usage_with_options();
  }
  if (!options.output_format) options.output_format = kDiffPatch;
  options.suppress_diff_headers = true;
  options.suppress_hunk_header_line_count = true;
  options.dual_color_diffed_diffs = !simple_color;
  options.line_prefix = "    " + options.line_prefix;
  diff_setup_done(options);
  if (!options.use_color) options.dual_color_diffed_diffs = false;
  range.run(old_range, new_range);
  return 0;
}

}  // namespace git
