// git bisect: find by halving the commit that changed a property. The state is in refs/bisect and BISECT_* files;
// every subcommand reads it, changes it and picks the next commit to test.
#include <fcntl.h>

#include <algorithm>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "diff/rev-limiter.h"
#include "object-name.h"
#include "refs.h"
#include "show/pretty.h"
#include "walk/bisect.h"
#include "walk/commit-reach.h"

GIT_BUILTIN("bisect", cmd_bisect, kSetup | kNoParseopt)

namespace git {
namespace {

constexpr const char* kUsage =
    "git bisect start [--term-(bad|new)=<term-new> --term-(good|old)=<term-old>]    [--no-checkout] [--first-parent] [<bad> "
    "[<good>...]] [--]    [<pathspec>...]\n"
    "   or: git bisect (good|bad) [<rev>...]\n"
    "   or: git bisect terms [--term-good | --term-bad]\n"
    "   or: git bisect skip [(<rev>|<range>)...]\n"
    "   or: git bisect next\n"
    "   or: git bisect reset [<commit>]\n"
    "   or: git bisect (visualize|view)\n"
    "   or: git bisect replay <logfile>\n"
    "   or: git bisect log\n"
    "   or: git bisect run <cmd> [<arg>...]";

// What a step came to; the negative ones of failure are exit codes.
enum Outcome : int {
  kOk = 0,
  kFailed = -1,
  kOnlySkippedLeft = -2,
  kMergeBaseCheck = -3,
  kNoTestableCommit = -4,
  kFirstBadFound = -10,
  kTestMergeBase = -11,
};

std::string first_word(std::string_view& line) {
  line = ltrim(line);
  std::size_t end = line.find_first_of(" \t");
  std::string word(line.substr(0, end));
  line = end == std::string_view::npos ? std::string_view() : ltrim(line.substr(end));
  return word;
}

class Bisect {
 public:
  explicit Bisect(Invocation& inv) : inv_(inv), repo_(inv.repo()), refs_(inv.repo().refs()) {
    if (auto text = read_file_if_exists(path("BISECT_TERMS"))) {
      std::vector<std::string_view> lines = split_lines(*text);
      if (lines.size() >= 2) {
        bad_ = std::string(lines[0]);
        good_ = std::string(lines[1]);
      }
    }
  }
  int run(const std::vector<std::string>& args);

 private:
  std::string path(std::string_view name) { return repo_.git_path(name); }
  bool is_filled(std::string_view name) {
    std::optional<std::string> text = read_file_if_exists(path(name));
    return text && !text->empty();
  }
  void append_log(const std::string& text);
  void say_and_log(const std::string& text) {
    append_log("# " + text);
    out(text);
  }
  std::string subject(const ObjectId& oid) { return format_commit_simple(repo_, repo_.commits().get(oid), "%s"); }

  int start(const std::vector<std::string>& args);
  int state(std::vector<std::string> args);
  int skip(const std::vector<std::string>& args);
  int terms(const std::vector<std::string>& args);
  int reset(const std::string* commit);
  int log();
  int replay(const std::string& file);
  int run_command(const std::vector<std::string>& args);
  int visualize(const std::vector<std::string>& args);
  int next();
  int auto_next();
  int next_all();
  Outcome check_ancestry(const ObjectId& bad, const std::vector<ObjectId>& good, const std::vector<ObjectId>& skipped,
                         bool* done);
  int checkout(const ObjectId& oid);
  void finish_when_found();
  int next_check(const std::string* current_term);
  bool autostart();
  bool write_state(const std::string& state, const std::string& rev, bool log);
  void write_terms();
  bool check_and_set_terms(const std::string& command);
  bool check_term(const std::string& term, const std::string& original);
  void clean();
  void print_status();
  int only_skipped(const std::vector<Commit*>& tried, const ObjectId* bad);
  std::vector<ObjectId> refs_named(const std::string& prefix);
  bool is_no_checkout() { return refs_.read("BISECT_HEAD").has_value(); }

  Invocation& inv_;
  Repository& repo_;
  RefStore& refs_;
  std::string bad_ = "bad", good_ = "good";
  bool is_running_ = false;
};

void Bisect::append_log(const std::string& text) {
  UniqueFd fd = open_fd(path("BISECT_LOG"), O_WRONLY | O_CREAT | O_APPEND);
  if (fd) write_in_full(fd.get(), text);
}

std::vector<ObjectId> Bisect::refs_named(const std::string& prefix) {
  std::vector<ObjectId> list;
  refs_.for_each("refs/bisect/" + prefix, [&](const Ref& ref) {
    list.push_back(ref.oid);
    return true;
  });
  return list;
}

void Bisect::clean() {
  std::vector<std::string> names;
  refs_.for_each("refs/bisect/", [&](const Ref& ref) {
    names.push_back(ref.name);
    return true;
  });
  for (const char* name : {"BISECT_HEAD", "BISECT_EXPECTED_REV"})
    if (refs_.read(name)) names.push_back(name);
  for (const std::string& name : names) (void)refs_.remove(name, std::nullopt, "bisect: remove", kRefNoDeref).ok();
  for (const char* file : {"BISECT_ANCESTORS_OK", "BISECT_LOG", "BISECT_NAMES", "BISECT_RUN", "BISECT_TERMS",
                           "BISECT_FIRST_PARENT", "BISECT_RESET_WHEN_FOUND", "BISECT_START"})
    remove_file(path(file));
}

void Bisect::write_terms() { write_file(path("BISECT_TERMS"), bad_ + "\n" + good_ + "\n"); }

bool Bisect::check_term(const std::string& term, const std::string& original) {
  if (!check_refname_format("refs/bisect/" + term)) {
    error("'%s' is not a valid term", term);
    return false;
  }
  for (const char* word : {"help", "start", "skip", "next", "reset", "visualize", "view", "replay", "log", "run", "terms"})
    if (term == word) {
      error("can't use the builtin command '%s' as a term", term);
      return false;
    }
  // Swapped meanings would only confuse.
  if ((original == "bad" && (term == "good" || term == "old")) || (original == "good" && (term == "bad" || term == "new"))) {
    error("can't change the meaning of the term '%s'", term);
    return false;
  }
  return true;
}

bool Bisect::check_and_set_terms(const std::string& command) {
  bool has_file = is_filled("BISECT_TERMS");
  if (command == "skip" || command == "start" || command == "terms") return true;
  if (has_file) {
    if (command != bad_ && command != good_) {
      error("Invalid command: you're currently in a %s/%s bisect", bad_, good_);
      return false;
    }
    return true;
  }
  if (command == "bad" || command == "good") {
    bad_ = "bad";
    good_ = "good";
    write_terms();
  } else if (command == "new" || command == "old") {
    bad_ = "new";
    good_ = "old";
    write_terms();
  }
  return true;
}

bool Bisect::write_state(const std::string& what, const std::string& rev, bool with_log) {
  std::string name;
  if (what == bad_) {
    name = "refs/bisect/" + what;
  } else if (what == good_ || what == "skip") {
    name = "refs/bisect/" + what + "-" + rev;
  } else {
    error("Bad bisect_write argument: %s", what);
    return false;
  }
  std::optional<ObjectId> oid = get_oid(repo_, rev);
  if (!oid) {
    error("couldn't get the oid of the rev '%s'", rev);
    return false;
  }
  RefUpdate update;
  update.name = name;
  update.new_oid = *oid;
  if (Result<void> done = refs_.update(std::move(update)); !done) {
    error("%s", done.error().message);
    return false;
  }
  Commit* c = repo_.commits().peel_to_commit(*oid);
  append_log(strf("# %s: [%s] %s\n", what, *oid, c ? subject(c->oid) : ""));
  if (with_log) append_log(strf("git bisect %s %s\n", what, rev));
  return true;
}

// "--reset-when-found[=(original|found)]"
bool parse_reset_when_found(std::string_view arg, std::string& target) {
  std::size_t equals = arg.find('=');
  target = equals == std::string_view::npos ? "original" : std::string(arg.substr(equals + 1));
  if (target == "original" || target == "found") return true;
  error("invalid value for '%s': '%s'", "--reset-when-found", target);
  return false;
}

// ---- start ----
int Bisect::start(const std::vector<std::string>& args) {
  bool no_checkout = repo_.is_bare(), first_parent = false, must_write_terms = false;
  std::string reset_when_found;
  bool has_dashdash = std::find(args.begin(), args.end(), "--") != args.end();
  std::vector<std::string> revs;
  std::size_t i = 0;
  for (; i < args.size(); i++) {
    const std::string& arg = args[i];
    std::string_view value;
    auto term = [&](std::string_view a, std::string_view b, std::string& target) {
      for (std::string_view name : {a, b}) {
        if (arg == name) {
          if (i + 1 >= args.size()) die("option '%s' requires a value", name);
          target = args[++i];
          return true;
        }
        if (skip_prefix(arg, std::string(name) + "=", &value)) {
          target = std::string(value);
          return true;
        }
      }
      return false;
    };
    if (arg == "--") {
      break;
    } else if (arg == "--no-checkout") {
      no_checkout = true;
    } else if (arg == "--reset-when-found" || starts_with(arg, "--reset-when-found=")) {
      if (!parse_reset_when_found(arg, reset_when_found)) return kFailed;
    } else if (arg == "--no-reset-when-found") {
      reset_when_found.clear();
    } else if (arg == "--first-parent") {
      first_parent = true;
    } else if (term("--term-good", "--term-old", good_) || term("--term-bad", "--term-new", bad_)) {
      must_write_terms = true;
    } else if (starts_with(arg, "--")) {
      error("unrecognized option: '%s'", arg);
      return kFailed;
    } else if (std::optional<ObjectId> oid = get_oid(repo_, arg + "^{commit}", NameHint::committish, true)) {
      revs.push_back(oid->hex());
    } else if (has_dashdash) {
      die("'%s' does not appear to be a valid revision", arg);
    } else {
      break;
    }
  }
  if (!reset_when_found.empty() && no_checkout)
    die("options '%s' and '%s' cannot be used together", "--reset-when-found", "--no-checkout");
  std::vector<std::string> paths(args.begin() + static_cast<std::ptrdiff_t>(std::min(i, args.size())), args.end());
  if (!revs.empty()) must_write_terms = true;
  std::optional<ResolvedRef> head = refs_.resolve("HEAD");
  if (!head || (!head->exists && head->oid.is_null())) {
    error("bad HEAD - I need a HEAD");
    return kFailed;
  }
  std::string start_head;
  if (is_filled("BISECT_START")) {
    start_head = std::string(trim(read_file_if_exists(path("BISECT_START")).value_or("")));
    if (!no_checkout) {
      ChildProcess child;
      child.git_command = true;
      child.args = {"checkout", start_head, "--"};
      flush_out();
      if (child.run()) {
        error("checking out '%s' failed. Try 'git bisect start <valid-branch>'.", start_head);
        return kFailed;
      }
    }
  } else if (head->is_symref) {
    std::string_view branch = head->name;
    if (!skip_prefix(branch, "refs/heads/")) {
      error("bad HEAD - strange symbolic ref");
      return kFailed;
    }
    start_head = std::string(branch);
  } else {
    start_head = head->oid.hex();
  }
  std::string bad = bad_, good = good_;
  if (must_write_terms) {
    if (bad == good) {
      error("please use two different terms");
      return kFailed;
    }
    if (!check_term(bad, "bad") || !check_term(good, "good")) return kFailed;
  }
  clean();
  if (!write_file(path("BISECT_START"), start_head + "\n")) return kFailed;
  if (first_parent) write_file(path("BISECT_FIRST_PARENT"), "\n");
  if (!reset_when_found.empty()) write_file(path("BISECT_RESET_WHEN_FOUND"), reset_when_found + "\n");
  if (no_checkout) {
    std::optional<ObjectId> oid = get_oid(repo_, start_head);
    if (!oid) {
      error("invalid ref: '%s'", start_head);
      return kFailed;
    }
    RefUpdate update;
    update.name = "BISECT_HEAD";
    update.new_oid = *oid;
    update.flags = kRefNoDeref;
    (void)refs_.update(std::move(update)).ok();
  }
  write_file(path("BISECT_NAMES"), (paths.empty() ? std::string() : sq_quote_argv(paths)) + "\n");
  for (std::size_t n = 0; n < revs.size(); n++)
    if (!write_state(n ? good_ : bad_, revs[n], false)) {
      clean();
      return kFailed;
    }
  if (must_write_terms) write_terms();
  append_log("git bisect start" + sq_quote_argv(args) + "\n");
  int result = auto_next();
  if (result < 0 && result != kFirstBadFound && result != kTestMergeBase) clean();
  return result;
}

// ---- what is missing ----
int Bisect::next_check(const std::string* current_term) {
  bool has_bad = refs_.exists("refs/bisect/" + bad_), has_good = !refs_named(good_ + "-").empty();
  if (has_bad && has_good) return 0;
  if (!current_term) return -1;
  if (has_bad && !has_good && *current_term == good_) {
    warning("bisecting only with a %s commit", bad_);
    if (!isatty(0)) return 0;
    err("Are you sure [Y/n]? ");
    LineReader lines(0);
    std::string answer;
    lines.next(answer);
    return starts_with(answer, "n") || starts_with(answer, "N") ? -1 : 0;
  }
  if (is_filled("BISECT_START"))
    return error(
        "You need to give me at least one %s and %s revision.\nYou can use \"git bisect %s\" and \"git bisect %s\" for that.",
        bad_, good_, bad_, good_);
  return error(
      "You need to start by \"git bisect start\".\nYou then need to give me at least one %s and %s revision.\n"
      "You can use \"git bisect %s\" and \"git bisect %s\" for that.",
      bad_, good_, bad_, good_);
}

void Bisect::print_status() {
  bool has_bad = refs_.exists("refs/bisect/" + bad_);
  std::size_t good = refs_named(good_ + "-").size();
  if (has_bad && good) return;
  if (!has_bad && !good)
    say_and_log(strf("status: waiting for both '%s' and '%s' commits\n", good_, bad_));
  else if (good)
    say_and_log(strf(good == 1 ? "status: waiting for '%s' commit, %d '%s' commit known\n"
                               : "status: waiting for '%s' commit, %d '%s' commits known\n",
                     bad_, good, good_));
  else
    say_and_log(strf("status: waiting for '%s' commit(s), '%s' commit known\n", good_, bad_));
}

int Bisect::auto_next() {
  if (next_check(nullptr)) {
    print_status();
    return kOk;
  }
  return next();
}

int Bisect::next() {
  if (next_check(&good_)) return kFailed;
  int result = next_all();
  if (result == kFirstBadFound) {
    if (std::optional<ObjectId> bad = refs_.read_oid("refs/bisect/" + bad_))
      append_log(strf("# first '%s' commit: [%s] %s\n", bad_, *bad, subject(*bad)));
    if (!is_running_) finish_when_found();
  } else if (result == kOnlySkippedLeft) {
    append_log("# only skipped commits left to test\n");
    RevWalk walk(repo_);
    if (std::optional<ObjectId> bad = refs_.read_oid("refs/bisect/" + bad_)) walk.add_pending(*bad, "");
    for (const ObjectId& oid : refs_named(good_ + "-")) walk.add_pending(oid, "", kRevUninteresting);
    walk.limited = true;
    walk.prepare();
    while (Commit* c = walk.next()) append_log(strf("# possible first '%s' commit: [%s] %s\n", bad_, c->oid, subject(c->oid)));
  }
  return result;
}

// Goes back (or to what was found) where that was asked for.
void Bisect::finish_when_found() {
  std::optional<std::string> text = read_file_if_exists(path("BISECT_RESET_WHEN_FOUND"));
  if (!text) return;
  if (trim(*text) == "found") {
    if (std::optional<ObjectId> bad = refs_.read_oid("refs/bisect/" + bad_)) {
      std::string name = bad->hex();
      reset(&name);
    }
  } else {
    reset(nullptr);
  }
}

int Bisect::checkout(const ObjectId& oid) {
  RefUpdate expected;
  expected.name = "BISECT_EXPECTED_REV";
  expected.new_oid = oid;
  expected.flags = kRefNoDeref;
  (void)refs_.update(std::move(expected)).ok();
  if (is_no_checkout()) {
    RefUpdate update;
    update.name = "BISECT_HEAD";
    update.new_oid = oid;
    update.flags = kRefNoDeref;
    if (Result<void> done = refs_.update(std::move(update)); !done) die("%s", done.error().message);
  } else {
    ChildProcess child;
    child.git_command = true;
    child.args = {"checkout", "-q", oid.hex(), "--"};
    flush_out();
    if (int code = child.run()) return -std::abs(code);
  }
  outf("[%s] %s\n", oid, subject(oid));
  return kOk;
}

// Goods that are no ancestors of the bad commit: their merge bases must be tested first.
Outcome Bisect::check_ancestry(const ObjectId& bad_oid, const std::vector<ObjectId>& good, const std::vector<ObjectId>& skipped,
                               bool* done) {
  *done = false;
  if (path_exists(path("BISECT_ANCESTORS_OK")) || good.empty()) return kOk;
  CommitPool& pool = repo_.commits();
  Commit* bad = pool.get(bad_oid);
  CommitList goods;
  bool all_ancestors = true;
  for (const ObjectId& oid : good) {
    Commit* c = pool.peel_to_commit(oid);
    if (!c) continue;
    goods.push_back(c);
    all_ancestors = all_ancestors && in_merge_bases(pool, c, bad);
  }
  if (!all_ancestors) {
    std::string good_hexes;
    for (const ObjectId& oid : good) good_hexes += (good_hexes.empty() ? "" : " ") + oid.hex();
    for (Commit* base : merge_bases_many(pool, bad, goods)) {
      auto among = [&](const std::vector<ObjectId>& list) {
        return std::find(list.begin(), list.end(), base->oid) != list.end();
      };
      if (base->oid == bad_oid) {
        *done = true;
        std::optional<ObjectId> expected = refs_.read_oid("BISECT_EXPECTED_REV");
        if (expected && *expected == bad_oid) {
          if (bad_ == "bad" && good_ == "good")
            errf("The merge base %s is bad.\nThis means the bug has been fixed between %s and [%s].\n", bad_oid, bad_oid,
                 good_hexes);
          else if (bad_ == "new" && good_ == "old")
            errf("The merge base %s is new.\nThe property has changed between %s and [%s].\n", bad_oid, bad_oid, good_hexes);
          else
            errf("The merge base %s is %s.\nThis means the first '%s' commit is between %s and [%s].\n", bad_oid, bad_, good_,
                 bad_oid, good_hexes);
          return kMergeBaseCheck;
        }
        errf(
            "Some %s revs are not ancestors of the %s rev.\ngit bisect cannot work properly in this case.\n"
            "Maybe you mistook %s and %s revs?\n",
            good_, bad_, good_, bad_);
        return kFailed;
      }
      if (among(good)) continue;
      if (among(skipped)) {
        warning(
            "the merge base between %s and [%s] must be skipped.\nSo we cannot be sure the first %s commit is between %s and "
            "%s.\nWe continue anyway.",
            bad_oid, good_hexes, bad_, base->oid, bad_oid);
        continue;
      }
      out("Bisecting: a merge base must be tested\n");
      *done = true;
      int code = checkout(base->oid);
      return code ? static_cast<Outcome>(code) : kTestMergeBase;
    }
  }
  write_file(path("BISECT_ANCESTORS_OK"), "");
  return kOk;
}

int Bisect::only_skipped(const std::vector<Commit*>& tried, const ObjectId* bad) {
  if (tried.empty()) return 0;
  outf("There are only 'skip'ped commits left to test.\nThe first '%s' commit could be any of:\n", bad_);
  for (Commit* c : tried) outf("%s\n", c->oid);
  if (bad) outf("%s\n", *bad);
  out("We cannot bisect more!\n");
  return kOnlySkippedLeft;
}

int square_root(int value) {
  if (!value) return 0;
  float x = static_cast<float>(value), d;
  do {
    float y = (x + static_cast<float>(value) / x) / 2;
    d = y > x ? y - x : x - y;
    x = y;
  } while (d >= 0.5f);
  return static_cast<int>(x);
}

// Some distance away from the best, so that a stretch of untestable commits is left quickly; always the same for a count.
std::size_t skip_index(int count) {
  unsigned prn = (static_cast<unsigned>(count) * 1103515245u + 12345u) / 65536u % 32768u;
  int index = count * static_cast<int>(prn) / 32768;
  return static_cast<std::size_t>(index * square_root(static_cast<int>(prn)) / square_root(32768));
}

int Bisect::next_all() {
  std::optional<ObjectId> bad = refs_.read_oid("refs/bisect/" + bad_);
  if (!bad) die("a %s revision is needed", bad_);
  std::vector<ObjectId> good = refs_named(good_ + "-"), skipped = refs_named("skip-");
  bool done = false;
  repo_.commits().parse_or_die(repo_.commits().get(*bad));
  Outcome ancestry = check_ancestry(*bad, good, skipped, &done);
  if (done) return ancestry;
  RevWalk walk(repo_);
  walk.add_pending(*bad, bad_);
  for (const ObjectId& oid : good) walk.add_pending(oid, good_, kRevUninteresting | kRevBottom);
  walk.limited = true;
  walk.first_parent_only = path_exists(path("BISECT_FIRST_PARENT"));
  if (auto names = read_file_if_exists(path("BISECT_NAMES")))
    if (auto words = sq_dequote_to_argv(trim(*names))) {
      for (const std::string& word : *words)
        if (word != "--") walk.pathspec.push_back(word);
    }
  limit_walk_by_paths(walk, {});
  walk.prepare();
  Bisection found = find_bisection(walk, walk.commits(), !skipped.empty(), walk.first_parent_only);
  auto is_skipped = [&](Commit* c) { return std::find(skipped.begin(), skipped.end(), c->oid) != skipped.end(); };
  std::vector<Commit*> tried, left;
  Commit* chosen = nullptr;
  if (!found.candidates.empty()) {
    if (!is_skipped(found.candidates[0].commit)) {
      chosen = found.candidates[0].commit;
    } else {
      for (const auto& c : found.candidates) (is_skipped(c.commit) ? tried : left).push_back(c.commit);
      if (!left.empty()) {
        std::size_t at = skip_index(static_cast<int>(left.size()));
        chosen = left[std::min(at, left.size() - 1)];
        if (chosen->oid == *bad) chosen = at ? left[at - 1] : left[0];
      }
    }
  }
  if (!chosen) {
    if (int code = only_skipped(tried, nullptr)) return code;
    outf("%s was both '%s' and '%s'\n", *bad, good_, bad_);
    return kFailed;
  }
  if (!found.all) {
    errf("No testable commit found.\nMaybe you started with bad path arguments?\n");
    return kNoTestableCommit;
  }
  if (chosen->oid == *bad) {
    if (int code = only_skipped(tried, &*bad)) return code;
    outf("%s is the first '%s' commit\n", *bad, bad_);
    ChildProcess child;
    child.git_command = true;
    child.args = {"show",    "--pretty=medium", "--stat", "--summary", "--no-abbrev-commit", "--diff-merges=first-parent",
                  bad->hex()};
    flush_out();
    child.run();
    return kFirstBadFound;
  }
  int left_over = found.all - found.reaches - 1, steps = estimate_bisect_steps(found.all);
  std::string roughly = strf(steps == 1 ? "(roughly %d step)" : "(roughly %d steps)", steps);
  outf(left_over == 1 ? "Bisecting: %d revision left to test after this %s\n"
                      : "Bisecting: %d revisions left to test after this %s\n",
       left_over, roughly);
  return checkout(chosen->oid);
}

// ---- good, bad, skip ----
bool Bisect::autostart() {
  if (is_filled("BISECT_START")) return true;
  err("You need to start by \"git bisect start\"\n\n");
  if (!isatty(0)) return false;
  err("Do you want me to do it for you [Y/n]? ");
  LineReader lines(0);
  std::string answer;
  lines.next(answer);
  if (starts_with(answer, "n") || starts_with(answer, "N")) return false;
  return start({}) == kOk;
}

int Bisect::state(std::vector<std::string> args) {
  std::string what = args[0];
  args.erase(args.begin());
  if (!check_and_set_terms(what)) return kFailed;
  if (!autostart()) return kFailed;
  if (what == bad_ && args.size() > 1) {
    error("'git bisect %s' can take only one argument.", bad_);
    return kFailed;
  }
  std::vector<ObjectId> revs;
  if (args.empty()) {
    std::string head = is_no_checkout() ? "BISECT_HEAD" : "HEAD";
    std::optional<ObjectId> oid = get_oid(repo_, head);
    if (!oid) {
      error("Bad rev input: %s", head);
      return kFailed;
    }
    revs.push_back(*oid);
  }
  for (const std::string& arg : args) {
    std::optional<ObjectId> oid = get_oid(repo_, arg);
    if (!oid) {
      error("Bad rev input: %s", arg);
      return kFailed;
    }
    Commit* c = repo_.commits().peel_to_commit(*oid);
    if (!c) die("Bad rev input (not a commit): %s", arg);
    revs.push_back(c->oid);
  }
  std::optional<ObjectId> expected = refs_.read_oid("BISECT_EXPECTED_REV");
  bool verify = expected.has_value();
  for (const ObjectId& oid : revs) {
    if (!write_state(what, oid.hex(), true)) return kFailed;
    if (verify && oid != *expected) {
      remove_file(path("BISECT_ANCESTORS_OK"));
      (void)refs_.remove("BISECT_EXPECTED_REV", std::nullopt, "", kRefNoDeref).ok();
      verify = false;
    }
  }
  return auto_next();
}

int Bisect::skip(const std::vector<std::string>& args) {
  std::vector<std::string> all{"skip"};
  for (const std::string& arg : args) {
    if (arg.find("..") == std::string::npos) {
      all.push_back(arg);
      continue;
    }
    RevWalk walk(repo_);
    walk.setup({arg}, {});
    walk.prepare();
    while (Commit* c = walk.next()) all.push_back(c->oid.hex());
  }
  return state(std::move(all));
}

int Bisect::terms(const std::vector<std::string>& args) {
  if (args.size() > 1) {
    error("'%s' requires 0 or 1 argument", "git bisect terms");
    return kFailed;
  }
  if (!is_filled("BISECT_TERMS")) {
    error("no terms defined");
    return kFailed;
  }
  if (args.empty()) {
    outf("Your current terms are %s for the old state\nand %s for the new state.\n", good_, bad_);
  } else if (args[0] == "--term-good" || args[0] == "--term-old") {
    outf("%s\n", good_);
  } else if (args[0] == "--term-bad" || args[0] == "--term-new") {
    outf("%s\n", bad_);
  } else {
    error("invalid argument %s for 'git bisect terms'.\nSupported options are: --term-good|--term-old and --term-bad|--term-new.",
          args[0]);
    return kFailed;
  }
  return kOk;
}

int Bisect::reset(const std::string* commit) {
  std::string branch;
  if (!commit) {
    if (!is_filled("BISECT_START")) {
      out("We are not bisecting.\n");
      clean();
      return kOk;
    }
    branch = std::string(trim(*read_file_if_exists(path("BISECT_START"))));
  } else {
    if (!get_oid(repo_, *commit + "^{commit}", NameHint::committish, true)) {
      error("'%s' is not a valid commit", *commit);
      return kFailed;
    }
    branch = *commit;
  }
  if (!branch.empty() && !is_no_checkout()) {
    ChildProcess child;
    child.git_command = true;
    child.args = {"checkout", "--ignore-other-worktrees", branch, "--"};
    flush_out();
    if (child.run()) {
      error("could not check out original HEAD '%s'. Try 'git bisect reset <commit>'.", branch);
      return kFailed;
    }
  }
  clean();
  return kOk;
}

int Bisect::log() {
  if (!is_filled("BISECT_LOG")) {
    error("We are not bisecting.");
    return kFailed;
  }
  out(*read_file_if_exists(path("BISECT_LOG")));
  return kOk;
}

int Bisect::replay(const std::string& file) {
  Result<std::string> text = read_file(prefix_filename(inv_.prefix_or_empty(), file));
  if (!text || text->empty()) {
    error("cannot read file '%s' for replaying", file);
    return kFailed;
  }
  if (reset(nullptr)) return kFailed;
  for (std::string_view line : split_lines(*text)) {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    std::string_view rest = ltrim(line);
    std::string word = first_word(rest);
    if (word == "git-bisect") {
      word = "git";
    } else if (word == "git") {
      if (first_word(rest) != "bisect") continue;
    } else {
      continue;
    }
    std::string command = first_word(rest);
    if (command == "start") {
      std::vector<std::string> args;
      if (!trim(rest).empty())
        if (auto words = sq_dequote_to_argv(trim(rest))) args = *words;
      if (int code = start(args); code == kFailed) return code;
      continue;
    }
    if (!check_and_set_terms(command)) return kFailed;
    if (command == good_ || command == bad_ || command == "skip") {
      if (!write_state(command, std::string(rest), true)) return kFailed;
      continue;
    }
    if (command == "terms") {
      std::vector<std::string> args;
      if (auto words = sq_dequote_to_argv(trim(rest))) args = *words;
      terms(args);
      continue;
    }
    error("'%s'?? what are you talking about?", command);
    return kFailed;
  }
  return auto_next();
}

int Bisect::visualize(const std::vector<std::string>& args) {
  if (next_check(&good_)) return kFailed;
  ChildProcess child;
  child.git_command = true;
  child.args = {"log"};
  if (!args.empty()) {
    if (!starts_with(args[0], "-") && args[0] != "log") {
      child.args = args;
    } else {
      child.args.insert(child.args.end(), args.begin(), args.end());
    }
  }
  child.args.push_back("--bisect");
  if (auto names = read_file_if_exists(path("BISECT_NAMES")))
    if (auto words = sq_dequote_to_argv(trim(*names))) child.args.insert(child.args.end(), words->begin(), words->end());
  flush_out();
  return child.run();
}

int Bisect::run_command(const std::vector<std::string>& all) {
  std::vector<std::string> args = all;
  std::string reset_when_found;
  while (!args.empty() && starts_with(args[0], "--")) {
    if (args[0] == "--") {
      args.erase(args.begin());
      break;
    }
    if (args[0] == "--no-reset-when-found") {
      remove_file(path("BISECT_RESET_WHEN_FOUND"));
    } else if (starts_with(args[0], "--reset-when-found")) {
      if (!parse_reset_when_found(args[0], reset_when_found)) return kFailed;
    } else {
      break;
    }
    args.erase(args.begin());
  }
  if (args.empty()) {
    error("'git bisect run' failed: no command provided.");
    return kFailed;
  }
  if (next_check(nullptr)) return kFailed;
  if (!reset_when_found.empty()) {
    if (is_no_checkout()) die("options '%s' and '%s' cannot be used together", "--reset-when-found", "--no-checkout");
    write_file(path("BISECT_RESET_WHEN_FOUND"), reset_when_found + "\n");
  }
  is_running_ = true;
  if (args.empty()) {
    error("'git bisect run' failed: no command provided.");
    return kFailed;
  }
  std::string command = std::string(ltrim(sq_quote_argv(args)));
  auto run_once = [&] {
    outf("running %s\n", command);
    flush_out();
    ChildProcess child;
    child.use_shell = true;
    child.args = {command};
    return child.run();
  };
  bool first = true;
  for (;;) {
    int code = run_once();
    if (first && (code == 126 || code == 127)) {
      // Is it the shell that can't run it? A good revision tells.
      std::vector<ObjectId> good = refs_named(good_ + "-");
      std::optional<ObjectId> current = get_oid(repo_, is_no_checkout() ? "BISECT_HEAD" : "HEAD");
      int again = -1;
      if (!good.empty() && current && checkout(good[0]) == kOk) {
        again = run_once();
        checkout(*current);
      }
      first = false;
      if (again < 0 || again >= 128) {
        error("unable to verify %s on good revision", command);
        return kFailed;
      }
      if (again == code) {
        error("bogus exit code %d for good revision", again);
        return kFailed;
      }
    }
    if (code < 0 || code >= 128) {
      errf("bisect run failed: exit code %d from %s is < 0 or >= 128\n", code == 255 ? -1 : code, command);
      return code < 0 ? static_cast<int>(kFailed) : -code;
    }
    std::string what = code == 125 ? "skip" : code == 0 ? good_ : bad_;
    int result = state({what});
    first = false;
    if (result == kOnlySkippedLeft) {
      error("bisect run cannot continue any more");
    } else if (result == kTestMergeBase) {
      out("bisect run success\n");
      result = kOk;
    } else if (result == kFirstBadFound) {
      outf("bisect found first '%s' commit\n", bad_);
      finish_when_found();
      result = kOk;
    } else if (result) {
      error("bisect run failed: 'git bisect %s' exited with error code %d", what, result);
    } else {
      continue;
    }
    return result;
  }
}

int Bisect::run(const std::vector<std::string>& args) {
  if (args.empty()) usage("%s", kUsage);
  const std::string& command = args[0];
  std::vector<std::string> rest(args.begin() + 1, args.end());
  if (command == "help" || command == "-h" || command == "--help") {
    outf("usage: %s\n", kUsage);
    return command == "help" ? 0 : -129;
  }
  if (command == "start") {
    if (!is_filled("BISECT_START")) {
      bad_ = "bad";
      good_ = "good";
    }
    return start(rest);
  }
  if (command == "terms") return terms(rest);
  if (command == "skip") return skip(rest);
  if (command == "next") {
    if (!rest.empty()) {
      error("'%s' requires 0 arguments", "git bisect next");
      return kFailed;
    }
    return next();
  }
  if (command == "reset") {
    if (rest.size() > 1) {
      error("'%s' requires either no argument or a commit", "git bisect reset");
      return kFailed;
    }
    return reset(rest.empty() ? nullptr : &rest[0]);
  }
  if (command == "visualize" || command == "view") return visualize(rest);
  if (command == "replay") {
    if (rest.size() != 1) {
      error("no logfile given");
      return kFailed;
    }
    return replay(rest[0]);
  }
  if (command == "log") {
    return log();
  }
  if (command == "run") return run_command(rest);
  if (command == "bad" || command == "good" || command == "new" || command == "old" || command == bad_ || command == good_)
    return state(args);
  error("unknown command: '%s'", command);
  usage("%s", kUsage);
}

}  // namespace

int cmd_bisect(Invocation& inv) {
  int code = Bisect(inv).run({inv.args.begin() + 1, inv.args.end()});
  if (code == kFirstBadFound || code == kTestMergeBase) code = 0;
  return code < 0 ? -code : code;
}

}  // namespace git
