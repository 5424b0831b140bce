// git branch --recurse-submodules: first everything is tried (--dry-run), then every repository gets its branch.
#include "advice.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "branch.h"
#include "config.h"
#include "odb.h"
#include "repository.h"
#include "setup.h"
#include "submodule.h"

namespace git {
namespace {

struct TreeSubmodule {
  std::string name, path, git_dir;  // git_dir "" where its repository isn't here
  ObjectId oid;
};

// The active submodules of a tree, with those in subdirectories.
void collect(Repository& repo, SubmoduleConfig& config, const ObjectId& root, const ObjectId& tree, const std::string& base,
             std::vector<TreeSubmodule>& found) {
  auto data = repo.odb().read_peeled(tree, ObjectType::tree);
  if (!data) die("unable to read tree (%s)", tree);
  auto entries = parse_tree(data->data, repo.algo());
  if (!entries) die("%s", entries.error().message);
  for (const TreeEntry& e : *entries) {
    const std::string path = base + std::string(e.name);
    if (is_tree_mode(e.mode)) collect(repo, config, root, e.oid, path + "/", found);
    if (!is_gitlink_mode(e.mode) || !config.is_active(root, path)) continue;
    const Submodule* submodule = config.of_tree(root).find_by_path(path);
    std::string git_dir = populated_submodule_git_dir(path).value_or(submodule_git_dir_of_name(repo, submodule->name));
    if (!is_git_directory(git_dir)) git_dir.clear();
    found.push_back({submodule->name, path, git_dir, e.oid});
  }
}

bool create_in(const TreeSubmodule& submodule, const std::string& name, const std::string& tracking, const CreateBranch& options,
               bool dry_run) {
  ChildProcess child = submodule_child(submodule.git_dir, {"submodule--helper", "create-branch"});
  child.env.back() = "GIT_DIR=.";
  if (dry_run) child.args.push_back("--dry-run");
  if (options.force) child.args.push_back("--force");
  if (options.quiet) child.args.push_back("--quiet");
  if (options.create_reflog) child.args.push_back("--create-reflog");
  if (options.track == BranchTrack::never) child.args.push_back("--no-track");
  if (options.track == BranchTrack::always || options.track == BranchTrack::explicitly) child.args.push_back("--track=direct");
  if (options.track == BranchTrack::inherit) child.args.push_back("--track=inherit");
  child.args.insert(child.args.end(), {name, submodule.oid.hex(), tracking});
  CommandOutput output = pipe_command(child, {}, true);
  std::string told;
  for (std::string_view line : split_lines(output.err + output.out)) told += strf("submodule '%s': %s\n", submodule.name, line);
  output.code ? err(told) : out(told);
  return output.code == 0;
}

}  // namespace

void create_branches_recursively(Repository& repo, const std::string& name, const std::string& start,
                                 const std::optional<std::string>& tracking, const CreateBranch& options) {
  BranchStart from = find_branch_start(repo, start, tracking ? BranchTrack::never : options.track);
  const std::string followed = tracking.value_or(from.ref);
  SubmoduleConfig config(repo);
  std::vector<TreeSubmodule> submodules;
  collect(repo, config, from.oid, from.oid, "", submodules);
  for (const TreeSubmodule& submodule : submodules) {
    if (submodule.git_dir.empty()) {
      report("fatal: ", strf(_("submodule '%s': unable to find submodule"), submodule.name));
      if (advice_enabled(repo.config(), "submodulesNotUpdated"))
        advise(
            strf(_("You may try updating the submodules using 'git checkout --no-recurse-submodules %s && git submodule update "
                   "--init'"),
                 start));
      exit_with(128);
    }
    if (!create_in(submodule, name, followed, options, true))
      die(_("submodule '%s': cannot create branch '%s'"), submodule.name, name);
  }
  CreateBranch plain = options;
  plain.track = BranchTrack::never;
  create_branch(repo, name, start, plain);
  if (options.dry_run) return;
  if (options.track != BranchTrack::never && !followed.empty())
    setup_tracking(repo, name, followed, options.track, options.quiet);
  for (const TreeSubmodule& submodule : submodules)
    if (!create_in(submodule, name, followed, options, false))
      die(_("submodule '%s': cannot create branch '%s'"), submodule.name, name);
}

int submodule_create_branch(SubmoduleCommand& command, const std::vector<std::string>& args) {
  CreateBranch how;
  how.track = configured_branch_track(command.repo.config());
  Options options(
      {"git submodule--helper create-branch [-f|--force] [--create-reflog] [-q|--quiet] [-t|--track] [-n|--dry-run] "
       "<name> <start-oid> <start-name>"});
  options.boolean('q', "quiet", &how.quiet, N_("suppress informational messages"));
  options.boolean('f', "force", &how.force, N_("force creation"));
  options.boolean(0, "create-reflog", &how.create_reflog, N_("create the branch's reflog"));
  options.callback(
      't', "track", "(direct|inherit)", N_("set branch tracking configuration"),
      [&how](const std::optional<std::string>& value, bool unset) {
        how.track = unset ? BranchTrack::never : value == "inherit" ? BranchTrack::inherit : BranchTrack::explicitly;
        return true;
      },
      kOptOptionalArg | kOptLiteralArgHelp);
  options.boolean('n', "dry-run", &how.dry_run, N_("show whether the branch would be created"));
  auto rest = options.parse(args, command.prefix);
  if (rest.size() != 3) options.usage_with_options();
  create_branches_recursively(command.repo, rest[0], rest[1], rest[2], how);
  return 0;
}

}  // namespace git
