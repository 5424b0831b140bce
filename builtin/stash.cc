// git stash: the subcommands.
#include "stash.h"

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/lockfile.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "index.h"
#include "object-name.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"

GIT_BUILTIN("stash", cmd_stash, kSetup | kNeedWorkTree)

namespace git {
namespace {

using Args = std::vector<std::string>;

class Stash {
 public:
  explicit Stash(Invocation& inv) : inv_(inv), repo_(inv.repo()), prefix_(inv.prefix_or_empty()) {}
  int run();

 private:
  int push(const Args& args, bool push_assumed);
  int save(const Args& args);
  int apply(const Args& args);
  int pop(const Args& args);
  int drop(const Args& args);
  int clear(const Args& args);
  int list(const Args& args);
  int show(const Args& args);
  int branch(const Args& args);
  int create(const Args& args);
  int store(const Args& args);
  std::optional<StashInfo> stash_ref(const Args& args);
  void push_options(Options& o, StashPush& p, bool with_message);
  Invocation& inv_;
  Repository& repo_;
  std::string prefix_;
  int untracked_ = 0;
  std::optional<std::string> pathspec_file_;
  bool nul_ = false;
};

void Stash::push_options(Options& o, StashPush& p, bool with_message) {
  o.boolean('k', "keep-index", &p.keep_index, N_("keep index"));
  o.boolean('S', "staged", &p.only_staged, N_("stash staged changes only"));
  o.boolean('p', "patch", &p.patch, N_("stash in patch mode"));
  o.boolean('q', "quiet", &p.quiet, N_("quiet mode"));
  o.set_int('u', "include-untracked", &untracked_, 1, N_("include untracked files in stash"));
  o.set_int('a', "all", &untracked_, 2, N_("include ignore files"));
  if (with_message) o.string('m', "message", &p.message, N_("message"), N_("stash message"));
}

int Stash::push(const Args& args, bool assumed) {
  StashPush p;
  p.prefix = prefix_;
  Options o(
      {"git stash [push [-p | --patch] [-S | --staged] [-k | --[no-]keep-index] [-q | --quiet]\n"
       "          [-u | --include-untracked] [-a | --all] [(-m | --message) <message>]\n"
       "          [--pathspec-from-file=<file> [--pathspec-file-nul]]\n"
       "          [--] [<pathspec>...]]"});
  push_options(o, p, true);
  o.filename(0, "pathspec-from-file", &pathspec_file_, N_("read pathspec from file"));
  o.boolean(0, "pathspec-file-nul", &nul_, N_("with --pathspec-from-file, pathspec elements are separated with NUL character"));
  bool force_assume = false;
  if (assumed) {
    // Without the word "push" only options and "--" may follow, but for -p.
    for (const std::string& a : args) force_assume |= a == "-p" || a == "--patch";
  }
  Args rest = o.parse(args, prefix_, assumed ? unsigned{kKeepDashDash} : 0u);
  if (assumed && !rest.empty()) {
    if (rest[0] == "--") {
      rest.erase(rest.begin());
    } else if (!force_assume) {
      die("subcommand wasn't specified; 'push' can't be assumed due to unexpected token '%s'", rest[0]);
    }
  }
  p.untracked = static_cast<StashUntracked>(untracked_);
  if (pathspec_file_) {
    if (p.patch) die("options '%s' and '%s' cannot be used together", "--pathspec-from-file", "--patch");
    if (p.only_staged) die("options '%s' and '%s' cannot be used together", "--pathspec-from-file", "--staged");
    if (!rest.empty()) die("'%s' and pathspec arguments cannot be used together", "--pathspec-from-file");
    p.pathspec = parse_pathspec_file(repo_, *pathspec_file_, nul_, prefix_, kPreferFull | kPathspecPrefixOrigin);
  } else {
    if (nul_) die("the option '%s' requires '%s'", "--pathspec-file-nul", "--pathspec-from-file");
    p.pathspec = parse_pathspec(repo_, rest, prefix_, kPreferFull | kPathspecPrefixOrigin);
  }
  return push_stash(repo_, p);
}

int Stash::save(const Args& args) {
  StashPush p;
  Options o(
      {"git stash save [-p | --patch] [-S | --staged] [-k | --[no-]keep-index] [-q | --quiet]\n"
       "          [-u | --include-untracked] [-a | --all] [<message>]"});
  push_options(o, p, true);
  Args rest = o.parse(args, prefix_, kStopAtNonOption);
  if (!rest.empty()) p.message = join(rest, " ");
  p.untracked = static_cast<StashUntracked>(untracked_);
  return push_stash(repo_, p);
}

std::optional<StashInfo> Stash::stash_ref(const Args& args) {
  std::optional<StashInfo> info = read_stash_info(repo_, args);
  if (info && !info->is_stash_ref) {
    error("'%s' is not a stash reference", info->revision);
    return std::nullopt;
  }
  return info;
}

int Stash::apply(const Args& args) {
  bool quiet = false, index = inv_.repository && repo_.config().get_bool_or("stash.index", false);
  Options o({"git stash apply [--index] [-q | --quiet] [<stash>]"});
  o.boolean('q', "quiet", &quiet, N_("be quiet, only report errors"));
  o.boolean(0, "index", &index, N_("attempt to recreate the index"));
  std::optional<StashInfo> info = read_stash_info(repo_, o.parse(args, prefix_));
  if (!info) return 1;
  return apply_stash(repo_, *info, index, quiet, prefix_) ? 1 : 0;
}

int Stash::pop(const Args& args) {
  bool quiet = false, index = inv_.repository && repo_.config().get_bool_or("stash.index", false);
  Options o({"git stash pop [--index] [-q | --quiet] [<stash>]"});
  o.boolean('q', "quiet", &quiet, N_("be quiet, only report errors"));
  o.boolean(0, "index", &index, N_("attempt to recreate the index"));
  std::optional<StashInfo> info = stash_ref(o.parse(args, prefix_));
  if (!info) return 1;
  if (apply_stash(repo_, *info, index, quiet, prefix_)) {
    err("The stash entry is kept in case you need it again.\n");
    return 1;
  }
  return drop_stash(repo_, *info, quiet) ? 1 : 0;
}

int Stash::drop(const Args& args) {
  bool quiet = false;
  Options o({"git stash drop [-q | --quiet] [<stash>]"});
  o.boolean('q', "quiet", &quiet, N_("be quiet, only report errors"));
  std::optional<StashInfo> info = stash_ref(o.parse(args, prefix_));
  if (!info) return 1;
  return drop_stash(repo_, *info, quiet) ? 1 : 0;
}

int Stash::clear(const Args& args) {
  Options o({"git stash clear"});
  if (!o.parse(args, prefix_, kStopAtNonOption).empty()) return error("git stash clear with arguments is unimplemented"), 1;
  return clear_stash(repo_) ? 1 : 0;
}

int Stash::list(const Args& args) {
  Options o({"git stash list [<log-options>]"});
  Args rest = o.parse(args, prefix_, kKeepUnknown);
  if (!repo_.refs().exists(kStashRef)) return 0;
  Args command = {"log", "--format=%gd: %gs", "-g", "--first-parent"};
  command.insert(command.end(), rest.begin(), rest.end());
  command.push_back(kStashRef);
  command.push_back("--");
  return run_git_command(command);
}

int Stash::show(const Args& args) {
  Args options, revisions;
  for (std::size_t i = 1; i < args.size(); ++i)
    (args[i].size() > 1 && args[i][0] == '-' ? options : revisions).push_back(args[i]);
  Config& config = repo_.config();
  enum class Untracked {
    no,
    yes,
    only
  } untracked = config.get_bool_or("stash.showincludeuntracked", false) ? Untracked::yes : Untracked::no;
  std::erase_if(options, [&](const std::string& a) {
    if (a == "-u" || a == "--include-untracked")
      untracked = Untracked::yes;
    else if (a == "--no-include-untracked")
      untracked = Untracked::no;
    else if (a == "--only-untracked")
      untracked = Untracked::only;
    else
      return false;
    return true;
  });
  std::optional<StashInfo> info = read_stash_info(repo_, revisions);
  if (!info) return 1;
  if (options.empty()) {
    if (config.get_bool_or("stash.showstat", true)) options.push_back("--stat");
    if (config.get_bool_or("stash.showpatch", false)) options.push_back("-p");
    if (options.empty()) return 0;
  } else {
    bool has_format = false;
    for (const std::string& a : options)
      has_format |= a == "-p" || a == "-u" || a == "--patch" || starts_with(a, "--stat") || starts_with(a, "--name") ||
                    a == "--raw" || a == "--numstat" || a == "--shortstat" || a == "--summary" || starts_with(a, "--dirstat") ||
                    a == "--cumulative" || starts_with(a, "-U") || a == "--patch-with-stat" || a == "--no-patch" || a == "-s" ||
                    a == "--check" || a == "-X" || a == "--binary" || starts_with(a, "--unified") ||
                    starts_with(a, "--word-diff") || starts_with(a, "--compact");
    if (!has_format) options.push_back("-p");
  }
  std::string from = info->b_commit.hex(), to = info->w_commit.hex();
  if (info->has_untracked && untracked != Untracked::no) {
    Index merged(repo_);
    if (untracked == Untracked::yes)
      merged.read_tree(info->w_tree).or_die();
    else
      from = empty_tree_id(repo_.algo()).hex();
    Index more(repo_);
    more.read_tree(info->u_tree).or_die();
    for (const auto& e : more.entries()) {
      if (merged.find(e->path)) return error("worktree and untracked commit have duplicate entries: %s", e->path), 128;
      merged.add(*e);
    }
    to = merged.write_tree(true).take_or_die().hex();
  } else if (untracked == Untracked::only) {
    return 0;
  }
  Args command = {"diff"};
  command.insert(command.end(), options.begin(), options.end());
  command.push_back(from);
  command.push_back(to);
  return run_git_command(command);
}

int Stash::branch(const Args& args) {
  Options o({"git stash branch <branchname> [<stash>]"});
  Args rest = o.parse(args, prefix_);
  if (rest.empty()) {
    err("No branch name specified\n");
    return 1;
  }
  std::string name = rest[0];
  rest.erase(rest.begin());
  std::optional<StashInfo> info = read_stash_info(repo_, rest);
  if (!info) return 1;
  if (int code = run_git_command({"checkout", "-b", name, info->b_commit.hex()})) return code;
  int code = apply_stash(repo_, *info, true, false, prefix_);
  if (!code && info->is_stash_ref) code = drop_stash(repo_, *info, false);
  return code ? 1 : 0;
}

int Stash::create(const Args& args) {
  StashPush p;
  p.quiet = false;
  std::string message = join(Args(args.begin() + 1, args.end()), " ");
  Index::read(repo_).refresh_and_write_quietly();
  StashInfo info;
  int failed = create_stash(repo_, p, info, message);
  if (failed == 1) return 0;
  if (failed) return 1;
  outf("%s\n", info.w_commit);
  return 0;
}

int Stash::store(const Args& args) {
  bool quiet = false;
  std::optional<std::string> message;
  Options o({"git stash store [(-m | --message) <message>] [-q | --quiet] <commit>"});
  o.boolean('q', "quiet", &quiet, N_("be quiet"));
  o.string('m', "message", &message, "message", N_("stash message"));
  Args rest = o.parse(args, prefix_, kKeepUnknown);
  if (rest.size() != 1) {
    if (!quiet) err("\"git stash store\" requires one <commit> argument\n");
    return 1;
  }
  std::optional<ObjectId> oid = get_oid(repo_, rest[0], NameHint::none, quiet);
  if (!oid) {
    if (!quiet) errf("Cannot update %s with %s\n", kStashRef, rest[0]);
    return 1;
  }
  if (!read_stash_info(repo_, {oid->hex()})) {
    if (!quiet) errf("Cannot update %s with %s\n", kStashRef, rest[0]);
    return 1;
  }
  return store_stash(repo_, *oid, message.value_or(""), quiet) ? 1 : 0;
}

int Stash::run() {
  Args args(inv_.args.begin() + 1, inv_.args.end());
  if (args.size() == 1 && args[0] == "-h") return push(inv_.args, true);
  if (args.empty() || (!args[0].empty() && args[0][0] == '-')) return push(inv_.args, true);
  using Handler = int (Stash::*)(const Args&);
  const std::pair<const char*, Handler> handlers[] = {
      {"save", &Stash::save},     {"apply", &Stash::apply}, {"pop", &Stash::pop},   {"drop", &Stash::drop},
      {"clear", &Stash::clear},   {"list", &Stash::list},   {"show", &Stash::show}, {"branch", &Stash::branch},
      {"create", &Stash::create}, {"store", &Stash::store}};
  if (args[0] == "push") return push(args, false);
  for (const auto& [name, handler] : handlers)
    if (args[0] == name) return (this->*handler)(args);
  die("subcommand wasn't specified; 'push' can't be assumed due to unexpected token '%s'", args[0]);
}

}  // namespace

int cmd_stash(Invocation& inv) { return Stash(inv).run(); }

}  // namespace git
