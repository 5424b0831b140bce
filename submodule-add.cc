// git submodule add, and the clone behind it and behind update.
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "config.h"
#include "index.h"
#include "index/dir.h"
#include "index/pathspec.h"
#include "index/submodule-head.h"
#include "object/fsck.h"
#include "odb.h"
#include "repository.h"
#include "setup.h"
#include "submodule.h"

namespace git {
namespace {

// ---- alternates of the superproject ----

enum class AlternateError : unsigned char { die, info, ignore };

// A superproject that borrows objects has its submodules borrow those of the other superproject's submodules.
void add_references_of_superproject(SubmoduleCommand& command, SubmoduleCloneOptions& options) {
  Config& config = command.repo.config();
  auto location = config.get_string("submodule.alternatelocation");
  if (!location) return;
  AlternateError mode = AlternateError::die;
  const std::string strategy = config.get_string_or("submodule.alternateerrorstrategy", "die");
  if (strategy == "info")
    mode = AlternateError::info;
  else if (strategy == "ignore")
    mode = AlternateError::ignore;
  else if (strategy != "die")
    die(_("Value '%s' for submodule.alternateErrorStrategy is not recognized"), strategy);
  if (*location == "no") return;
  if (*location != "superproject") die(_("Value '%s' for submodule.alternateLocation is not recognized"), *location);
  for (const auto& source : command.repo.odb().sources()) {
    std::string_view dir = source.path;
    if (source.is_local || !strip_suffix(dir, "/objects")) continue;
    const std::string reference = std::string(dir) + "/modules/" + options.name;
    std::string reason;
    if (!is_git_directory(reference))
      reason = strf(_("path '%s' does not exist"), reference);
    else if (path_exists(reference + "/shallow"))
      reason = strf(_("reference repository '%s' is shallow"), reference);
    if (reason.empty()) {
      options.references.push_back(reference);
      continue;
    }
    if (mode == AlternateError::die) die(_("submodule '%s' cannot add alternate: %s"), options.name, reason);
    if (mode == AlternateError::info) errf(_("submodule '%s' cannot add alternate: %s"), options.name, reason + "\n");
  }
}

// Nothing in it but a gitfile.
bool holds_only_dot_git(const std::string& path) {
  for (const std::string& name : list_dir(path))
    if (name != ".git") return false;
  return true;
}

std::vector<std::string> clone_arguments(const SubmoduleCloneOptions& o, const std::string& git_dir) {
  std::vector<std::string> args = {"clone", "--no-checkout"};
  if (o.quiet) args.push_back("--quiet");
  if (o.progress) args.push_back("--progress");
  if (o.depth && !o.depth->empty()) args.insert(args.end(), {"--depth", *o.depth});
  for (const std::string& reference : o.references) args.insert(args.end(), {"--reference", reference});
  if (o.ref_format) args.push_back("--ref-format=" + *o.ref_format);
  if (o.dissociate) args.push_back("--dissociate");
  args.insert(args.end(), {"--separate-git-dir", git_dir});
  if (o.filter && !o.filter->empty()) args.push_back("--filter=" + *o.filter);
  if (o.single_branch >= 0) args.push_back(o.single_branch ? "--single-branch" : "--no-single-branch");
  args.insert(args.end(), {"--", o.url, o.path});
  return args;
}

}  // namespace

void clone_one_submodule(SubmoduleCommand& command, SubmoduleCloneOptions o) {
  const std::string shown = o.path;
  die_unless_submodule_path_is_real(o.path);
  o.path = absolute_path(o.path);
  const std::string git_dir = absolute_path(create_submodule_git_dir_config(command, o.name));
  if (!is_submodule_git_dir_ok(command.repo, git_dir, o.name))
    die(_("refusing to create/use '%s' in another submodule's git dir"), git_dir);
  if (!path_exists(git_dir)) {
    if (o.require_init && path_exists(o.path) && !is_empty_dir(o.path)) die(_("directory not empty: '%s'"), o.path);
    if (!make_leading_dirs(git_dir)) die(_("could not create directory '%s'"), git_dir);
    add_references_of_superproject(command, o);
    ChildProcess child;
    child.git_command = true;
    child.args = clone_arguments(o, git_dir);
    child.env = local_repo_env_vars();
    std::erase(child.env, "GIT_CONFIG_PARAMETERS");
    std::erase(child.env, "GIT_CONFIG_COUNT");
    child.in = ChildProcess::kNull;
    if (child.run()) die(_("clone of '%s' into submodule path '%s' failed"), o.url, o.path);
    if (path_exists(o.path) && !holds_only_dot_git(o.path)) {
      remove_file(path_join(o.path, ".git"));
      die(_("directory not empty: '%s'"), o.path);
    }
  } else {
    if (o.require_init && path_exists(o.path) && !is_empty_dir(o.path)) die(_("directory not empty: '%s'"), o.path);
    if (!make_dirs(o.path)) die(_("could not create directory '%s'"), o.path);
    remove_file(path_join(git_dir, "index"));
  }
  // Another clone may have come in between.
  if (!is_submodule_git_dir_ok(command.repo, git_dir, o.name)) {
    remove_file(path_join(git_dir, "HEAD"));
    die(_("refusing to create/use '%s' in another submodule's git dir"), git_dir);
  }
  connect_work_tree_and_git_dir(o.path, git_dir);
  for (const char* key : {"submodule.alternateLocation", "submodule.alternateErrorStrategy"})
    if (auto value = command.repo.config().get_string(lowercase(key)))
      config_set_in_file(path_join(git_dir, "config"), key, *value);
}

int submodule_clone(SubmoduleCommand& command, const std::vector<std::string>& args) {
  SubmoduleCloneOptions o;
  std::string prefix;
  Options options(
      {"git submodule--helper clone [--prefix=<path>] [--quiet] [--reference <repository>] [--name <name>] "
       "[--depth <depth>] [--single-branch] [--filter <filter-spec>] --url <url> --path <path>"});
  options.string(0, "prefix", &prefix, "path", N_("alternative anchor for relative paths"));
  options.string(0, "path", &o.path, "path", N_("where the new submodule will be cloned to"));
  options.string(0, "name", &o.name, "string", N_("name of the new submodule"));
  options.string(0, "url", &o.url, "string", N_("url where to clone the submodule from"));
  options.strings(0, "reference", &o.references, "repo", N_("reference repository"));
  options.string(0, "ref-format", &o.ref_format, "format", N_("specify the reference format to use"));
  options.boolean(0, "dissociate", &o.dissociate, N_("use --reference only while cloning"));
  options.string(0, "depth", &o.depth, "string", N_("depth for shallow clones"));
  options.boolean('q', "quiet", &o.quiet, N_("suppress output for cloning a submodule"));
  options.boolean(0, "progress", &o.progress, N_("force cloning progress"));
  options.boolean(0, "require-init", &o.require_init, N_("disallow cloning into non-empty directory"));
  options.boolean(0, "single-branch", &o.single_branch, N_("clone only one branch, HEAD or --branch"));
  options.string(0, "filter", &o.filter, "args", N_("object filtering"));
  auto rest = options.parse(args, command.prefix);
  if (!rest.empty() || o.url.empty() || o.path.empty()) options.usage_with_options();
  clone_one_submodule(command, std::move(o));
  return 0;
}

namespace {

class Add {
 public:
  explicit Add(SubmoduleCommand& command) : command_(command), repo_(command.repo) {}
  int run(const std::vector<std::string>& args);

 private:
  void find_path(const std::vector<std::string>& rest);
  void find_url();
  void check_index();
  void choose_name();
  void bring();
  void show_found_git_dir(const std::string& git_dir);
  void configure();

  SubmoduleCommand& command_;
  Repository& repo_;
  std::optional<std::string> branch_, name_;
  SubmoduleCloneOptions clone_;
  bool force_ = false;
  std::string url_, real_url_, path_;
};

// "repo" of "/path/to/repo.git/" and of "host.xz:foo/.git".
std::string guess_directory(std::string_view url) {
  if (std::size_t scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  while (!url.empty() && (url.back() == '/' || is_space(url.back()))) url.remove_suffix(1);
  if (strip_suffix(url, "/.git"))
    while (!url.empty() && url.back() == '/') url.remove_suffix(1);
  if (std::size_t at = url.find_last_of("/:"); at != std::string_view::npos) url.remove_prefix(at + 1);
  strip_suffix(url, ".git");
  return std::string(url);
}

void Add::find_path(const std::vector<std::string>& rest) {
  url_ = rest[0];
  path_ = rest.size() == 1 ? guess_directory(url_) : rest[1];
  if (!command_.prefix.empty() && !is_absolute_path(path_)) path_ = command_.prefix + path_;
  auto clean = normalize_path(path_);
  if (!clean) die(_("'%s' is outside repository at '%s'"), path_, repo_.worktree().value_or(""));
  path_ = *clean;
  if (is_absolute_path(path_) && repo_.worktree())
    if (auto below = path_below(real_path_forgiving(path_), real_path_forgiving(*repo_.worktree()))) path_ = std::string(*below);
  while (path_.size() > 1 && path_.back() == '/') path_.pop_back();
}

void Add::find_url() {
  if (is_relative_submodule_url(url_)) {
    if (!command_.prefix.empty()) die("%s", _("Relative path can only be used from the toplevel of the working tree"));
    real_url_ = resolve_relative_url(repo_, url_, std::nullopt, true);
  } else if (starts_with(url_, "/") || url_.find(':') != std::string::npos) {
    real_url_ = url_;
  } else {
    die(_("repo URL: '%s' must be absolute or begin with ./|../"), url_);
  }
}

void Add::check_index() {
  Index index = Index::read(repo_);
  die_path_inside_submodule(index, literal_pathspec({path_}));
  const IndexEntry* e = index.find(path_);
  const bool is_dir = index.has_directory(path_);
  if (!force_) {
    if (e || is_dir) die(_("'%s' already exists in the index"), path_);
    return;
  }
  if (is_dir || (e && !is_gitlink_mode(e->mode))) die(_("'%s' already exists in the index and is not a submodule"), path_);
}

void Add::choose_name() {
  clone_.name = name_.value_or(path_);
  const Submodule* existing = command_.config.find_by_name(clone_.name);
  if (existing && !existing->path.empty() && existing->path != path_) {
    if (!force_) die(_("submodule name '%s' already used for path '%s'"), clone_.name, existing->path);
    // With --force the new one steps aside.
    const std::string stem = clone_.name;
    for (int i = 1; command_.config.find_by_name(clone_.name); ++i) clone_.name = stem + strf("%d", i);
  }
  if (!is_safe_submodule_name(clone_.name)) die(_("'%s' is not a valid submodule name"), clone_.name);
}

void Add::show_found_git_dir(const std::string& git_dir) {
  errf(_("A git directory for '%s' is found locally with remote(s):\n"), clone_.name);
  ChildProcess child;
  child.git_command = true;
  child.args = {"remote", "-v"};
  child.env = local_repo_env_vars();
  child.env.insert(child.env.end(), {"GIT_DIR=" + git_dir, "GIT_WORK_TREE=."});
  CommandOutput output = pipe_command(child, {});
  for (std::string_view line : split_lines(output.out)) {
    if (!strip_suffix(line, " (fetch)")) continue;
    err("  " + std::string(line) + "\n");
  }
  errf(_("If you want to reuse this local git directory instead of cloning again from\n"
         "  %s\n"
         "use the '--force' option. If the local git directory is not the correct repo\n"
         "or you are unsure what this means choose another name with the '--name' option.\n"),
       real_url_);
}

void Add::bring() {
  if (is_directory(path_)) {
    if (!is_submodule_populated(path_)) die(_("'%s' already exists and is not a valid git repo"), path_);
    outf(_("Adding existing repo at '%s' to the index\n"), path_);
    create_submodule_git_dir_config(command_, clone_.name);
    return;
  }
  const std::string git_dir = create_submodule_git_dir_config(command_, clone_.name);
  if (is_directory(git_dir)) {
    if (!force_) {
      show_found_git_dir(git_dir);
      exit_with(1);
    }
    outf(_("Reactivating local git directory for submodule '%s'\n"), clone_.name);
  }
  clone_.path = path_;
  clone_.url = real_url_;
  clone_.quiet = command_.quiet;
  clone_one_submodule(command_, clone_);
  ChildProcess checkout = submodule_child(path_, {"checkout", "-f", "-q"});
  if (branch_) checkout.args.insert(checkout.args.end(), {"-B", *branch_, "origin/" + *branch_});
  if (checkout.run()) die(_("unable to checkout submodule '%s'"), path_);
}

void Add::configure() {
  const std::string key = "submodule." + clone_.name;
  const std::string file = repo_.common_path("config");
  config_set_in_file(file, key + ".url", real_url_);
  ChildProcess add;
  add.git_command = true;
  add.args = {"add"};
  if (force_) add.args.push_back("--force");
  add.args.insert(add.args.end(), {"--no-warn-embedded-repo", "--", path_});
  if (add.run()) die(_("Failed to add submodule '%s'"), path_);
  if (set_in_gitmodules(key + ".path", path_) || set_in_gitmodules(key + ".url", url_) ||
      (branch_ && set_in_gitmodules(key + ".branch", *branch_)))
    die(_("Failed to register submodule '%s'"), path_);
  ChildProcess add_modules;
  add_modules.git_command = true;
  add_modules.args = {"add", "--force", "--", ".gitmodules"};
  if (add_modules.run()) die(_("Failed to register submodule '%s'"), path_);
  repo_.config().reload();
  command_.config.forget();
  // Only where no pattern covers it is it named itself.
  if (!repo_.config().find("submodule.active") || !command_.config.is_active(path_))
    config_set_in_file(file, key + ".active", "true");
}

int Add::run(const std::vector<std::string>& args) {
  Options options({"git submodule add [<options>] [--] <repository> [<path>]"});
  options.string('b', "branch", &branch_, "branch", N_("branch of repository to add as submodule"));
  options.boolean('f', "force", &force_, N_("allow adding an otherwise ignored submodule path"));
  options.boolean('q', "quiet", &command_.quiet, N_("print only error messages"));
  options.boolean(0, "progress", &clone_.progress, N_("force cloning progress"));
  options.strings(0, "reference", &clone_.references, "repository", N_("reference repository"));
  options.string(0, "ref-format", &clone_.ref_format, "format", N_("specify the reference format to use"));
  options.boolean(0, "dissociate", &clone_.dissociate, N_("borrow the objects from reference repositories"));
  options.string(0, "name", &name_, "name",
                 N_("sets the submodule's name to the given string instead of defaulting to its path"));
  options.string(0, "depth", &clone_.depth, "depth", N_("depth for shallow clones"));
  auto rest = options.parse(args, command_.prefix);
  if (!is_writing_gitmodules_ok(repo_)) die("%s", _("please make sure that the .gitmodules file is in the working tree"));
  if (rest.empty() || rest.size() > 2 || rest[0].empty()) options.usage_with_options();
  find_path(rest);
  find_url();
  check_index();
  die_unless_submodule_path_is_real(path_);
  if (is_nonbare_repository_dir(path_) && !submodule_head(path_)) die(_("'%s' does not have a commit checked out"), path_);
  if (!force_) {
    ChildProcess probe;
    probe.git_command = true;
    probe.args = {"add", "--dry-run", "--ignore-missing", "--no-warn-embedded-repo", path_};
    CommandOutput output = pipe_command(probe, {}, true);
    if (output.code) {
      err(output.err);
      return output.code;
    }
  }
  choose_name();
  bring();
  configure();
  return 0;
}

}  // namespace

int submodule_add(SubmoduleCommand& command, const std::vector<std::string>& args) { return Add(command).run(args); }

}  // namespace git
