// git submodule summary: the commits between what the superproject records and what is there, per submodule.
#include <fcntl.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "config.h"
#include "index/pathspec.h"
#include "index/submodule-head.h"
#include "object-name.h"
#include "odb.h"
#include "repository.h"
#include "submodule.h"

namespace git {
namespace {

// One line of raw diff output that has a submodule on either side.
struct Change {
  std::uint32_t old_mode = 0, new_mode = 0;
  ObjectId old_oid, new_oid;
  char status = 'M';
  std::string path;
};

class Summary {
 public:
  explicit Summary(SubmoduleCommand& command) : command_(command), repo_(command.repo) {}
  int run(const std::vector<std::string>& args);

 private:
  std::vector<Change> changes(const std::string& revision, const std::vector<std::string>& paths);
  void show(const Change& change);
  std::string header(const Change& change, const std::string& old_name, const std::string& new_name, int total);
  std::optional<std::string> abbreviate(const std::string& path, const ObjectId& oid);
  ObjectId worktree_oid(const Change& change);
  std::string log(const Change& change);
  int count(const Change& change);

  SubmoduleCommand& command_;
  Repository& repo_;
  bool cached_ = false, files_ = false, for_status_ = false;
  int limit_ = -1;
};

std::vector<Change> Summary::changes(const std::string& revision, const std::vector<std::string>& paths) {
  ChildProcess child;
  child.git_command = true;
  child.args = {files_ ? "diff-files" : "diff-index", "--raw", "-z", "--no-abbrev", "--no-renames", "--ignore-submodules=dirty"};
  if (cached_) child.args.push_back("--cached");
  if (!files_) child.args.push_back(revision);
  child.args.push_back("--");
  for (const std::string& path : paths) child.args.push_back(prefix_path(repo_, command_.prefix, path));
  CommandOutput output = pipe_command(child, {});
  std::vector<Change> found;
  auto fields = split(output.out, '\0');
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    auto words = split(fields[i], ' ');
    if (words.size() < 5) break;
    Change change;
    change.old_mode = static_cast<std::uint32_t>(std::strtoul(std::string(words[0].substr(1)).c_str(), nullptr, 8));
    change.new_mode = static_cast<std::uint32_t>(std::strtoul(std::string(words[1]).c_str(), nullptr, 8));
    auto old_oid = ObjectId::from_hex(words[2], repo_.algo()), new_oid = ObjectId::from_hex(words[3], repo_.algo());
    if (!old_oid || !new_oid) break;
    change.old_oid = *old_oid, change.new_oid = *new_oid;
    change.status = words[4][0];
    change.path = fields[i + 1];
    if (is_gitlink_mode(change.old_mode) || is_gitlink_mode(change.new_mode)) found.push_back(std::move(change));
  }
  return found;
}

// What stands in the worktree where the diff does not say.
ObjectId Summary::worktree_oid(const Change& change) {
  if (cached_ || !change.new_oid.is_null()) return change.new_oid;
  if (is_gitlink_mode(change.new_mode)) return submodule_head(change.path).value_or(change.new_oid);
  if (is_link_mode(change.new_mode)) return repo_.odb().hash(ObjectType::blob, read_link(change.path).value_or(""));
  if (is_regular_mode(change.new_mode))
    if (auto bytes = read_file(change.path)) return repo_.odb().hash(ObjectType::blob, *bytes);
  return change.new_oid;
}

// nullopt where the submodule does not have the commit.
std::optional<std::string> Summary::abbreviate(const std::string& path, const ObjectId& oid) {
  if (!is_submodule_populated(path)) return std::nullopt;
  ChildProcess child = submodule_child(path, {"rev-parse", "-q", "--short", oid.hex() + "^0", "--"});
  child.err = ChildProcess::kNull;
  CommandOutput output = pipe_command(child, {});
  if (output.code) return std::nullopt;
  return std::string(split_lines(output.out)[0]);
}

namespace {

std::string range_of(const Change& change) {
  if (is_gitlink_mode(change.old_mode) && is_gitlink_mode(change.new_mode))
    return change.old_oid.hex() + "..." + change.new_oid.hex();
  return is_gitlink_mode(change.old_mode) ? change.old_oid.hex() : change.new_oid.hex();
}

}  // namespace

int Summary::count(const Change& change) {
  ChildProcess child = submodule_child(change.path, {"rev-list", "--first-parent", "--count", range_of(change), "--"});
  CommandOutput output = pipe_command(child, {});
  return output.code ? -1 : static_cast<int>(parse_uint(trim(output.out)).value_or(0));
}

std::string Summary::log(const Change& change) {
  ChildProcess child = submodule_child(change.path, {"log"});
  const bool old_is = is_gitlink_mode(change.old_mode), new_is = is_gitlink_mode(change.new_mode);
  if (old_is && new_is) {
    if (limit_ > 0) child.args.push_back(strf("-%d", limit_));
    child.args.insert(child.args.end(), {"--pretty=  %m %s", "--first-parent"});
  } else {
    child.args.insert(child.args.end(), {old_is ? "--pretty=  < %s" : "--pretty=  > %s", "-1"});
  }
  child.args.push_back(range_of(change));
  return pipe_command(child, {}).out;
}

std::string Summary::header(const Change& change, const std::string& old_name, const std::string& new_name, int total) {
  std::string line = "* " + command_.display_path(change.path) + " ";
  if (change.status == 'T')
    line += is_gitlink_mode(change.new_mode) ? old_name + "(blob)->" + new_name + "(submodule)"
                                             : old_name + "(submodule)->" + new_name + "(blob)";
  else
    line += old_name + "..." + new_name;
  return line + (total < 0 ? ":\n" : strf(" (%d):\n", total));
}

void Summary::show(const Change& given) {
  Change change = given;
  change.new_oid = worktree_oid(given);
  bool no_old = false, no_new = false;
  auto name = [&](std::uint32_t mode, const ObjectId& oid, bool& is_missing) {
    if (is_gitlink_mode(mode)) {
      if (auto text = abbreviate(change.path, oid)) return *text;
      is_missing = true;
    }
    return oid.hex().substr(0, 7);
  };
  const std::string old_name = name(change.old_mode, change.old_oid, no_old);
  const std::string new_name = name(change.new_mode, change.new_oid, no_new);
  int total = -1;
  std::string warning_text;
  if (!no_old && !no_new) {
    total = count(change);
  } else if (is_gitlink_mode(change.new_mode)) {
    const std::string shown = command_.display_path(change.path);
    if (no_old && no_new)
      warning_text = strf(_("  Warn: %s doesn't contain commits %s and %s\n"), shown, change.old_oid, change.new_oid);
    else
      warning_text = strf(_("  Warn: %s doesn't contain commit %s\n"), shown, no_old ? change.old_oid : change.new_oid);
  }
  out(header(change, old_name, new_name, total));
  if (!warning_text.empty())
    out(warning_text);
  else if (total > 0)
    out(log(change));
  out("\n");
}

int Summary::run(const std::vector<std::string>& args) {
  Options options({"git submodule summary [<options>] [<commit>] [--] [<path>]"});
  command_.add_common_options(options);
  options.boolean(0, "cached", &cached_, N_("use the commit stored in the index instead of the submodule HEAD"));
  options.boolean(0, "files", &files_, N_("compare the commit in the index with that in the submodule HEAD"));
  options.boolean(0, "for-status", &for_status_, N_("skip submodules with 'ignore_config' value set to 'all'"));
  options.integer('n', "summary-limit", &limit_, "n", N_("limit the summary size"));
  auto rest = options.parse(args, command_.prefix, kKeepDashDash);
  if (!limit_) return 0;
  if (cached_ && files_) die(_("options '%s' and '%s' cannot be used together"), "--cached", "--files");
  std::string revision = "HEAD";
  const bool names_revision = !rest.empty() && rest[0] != "--" && get_oid(repo_, rest[0], NameHint::committish, true);
  if (names_revision) {
    revision = rest[0];
    rest.erase(rest.begin());
  } else if (rest.empty() || rest[0] == "HEAD" || rest[0] == "--") {
    if (!get_oid(repo_, "HEAD", NameHint::none, true)) revision = empty_tree_id(repo_.algo()).hex();
    if (!rest.empty() && rest[0] == "HEAD") rest.erase(rest.begin());
  } else if (!get_oid(repo_, "HEAD", NameHint::none, true)) {
    die("%s", _("could not fetch a revision for HEAD"));
  }
  std::erase(rest, "--");
  for (const Change& change : changes(revision, rest)) {
    if (change.status == 'D' || change.status == 'T') {
      show(change);
      continue;
    }
    if (for_status_ && change.status != 'A') {
      const Submodule* submodule = command_.config.find(change.path);
      std::optional<std::string> ignore;
      if (submodule) {
        ignore = repo_.config().get_string("submodule." + submodule->name + ".ignore");
        if (!ignore) ignore = submodule->ignore;
      }
      if (ignore == "all") continue;
    }
    if (is_submodule_populated(change.path)) show(change);
  }
  return 0;
}

}  // namespace

int submodule_summary(SubmoduleCommand& command, const std::vector<std::string>& args) { return Summary(command).run(args); }

}  // namespace git
