// Where the repositories of submodules live.  Names may hold slashes, so one submodule's directory could end up inside of
// another one's, where its files would be taken for the other's (hooks, say): never allowed.  With
// extensions.submodulePathConfig the directory is written down in submodule.<name>.gitdir, and a name that would clash gets
// another one.
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "config.h"
#include "odb.h"
#include "repository.h"
#include "setup.h"
#include "submodule.h"

namespace git {
namespace {

std::string percent_encode(std::string_view name, bool upper_too) {
  std::string encoded;
  for (char c : name) {
    const bool plain = is_alnum(c) || c == '-' || c == '_' || c == '.' || c == '~' || c == ' ';
    if (plain && !(upper_too && c >= 'A' && c <= 'Z'))
      encoded += c;
    else
      encoded += strf("%%%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return encoded;
}

class GitDirChooser {
 public:
  GitDirChooser(SubmoduleCommand& command, const std::string& name) : command_(command), name_(name) {
    Config& config = command.repo.config();
    folds_case_ = config.get_bool_or("core.ignorecase", false);
    for (const std::string& other : config.subsections("submodule"))
      if (other != name)
        if (auto dir = config.get_string("submodule." + other + ".gitdir")) taken_.push_back(*dir);
  }

  std::string choose() {
    if (fits(name_)) return record(name_);
    const std::string encoded = percent_encode(name_, false);
    if (fits(encoded)) return record(encoded);
    const std::string folded = percent_encode(name_, true);
    if (folds_case_ && fits(folded)) return record(folded);
    for (const std::string& stem : {encoded, folded})
      for (char digit = '0'; digit <= '9'; ++digit)
        if (fits(stem + digit)) return record(stem + digit);
    const std::string hashed = command_.repo.odb().hash(ObjectType::blob, name_).hex();
    if (fits(hashed)) return record(hashed);
    die(_("failed to set a valid default config for 'submodule.%s.gitdir'. Please ensure it is set, for example by running "
          "something like: 'git config submodule.%s.gitdir .git/modules/%s'"),
        name_, name_, hashed);
  }

 private:
  std::string path_of(const std::string& dir) const { return command_.repo.git_path("modules/" + dir); }

  bool fits(const std::string& dir) const {
    const std::string path = path_of(dir);
    // With this extension no directory below modules/ lies inside of another.
    if (dir.find('/') != std::string::npos) return false;
    const std::string recorded = recorded_form(dir);
    for (const std::string& other : taken_)
      if (other == recorded || (folds_case_ && iequals(other, recorded))) return false;
    return true;
  }

  std::string recorded_form(const std::string& dir) const {
    // From the top of the worktree where it lies below it, so that the repository can be moved.
    const std::string full = real_path_forgiving(path_of(dir));
    if (command_.repo.worktree())
      if (auto below = path_below(full, real_path_forgiving(*command_.repo.worktree()))) return std::string(*below);
    return full;
  }

  std::string record(const std::string& dir) {
    const std::string value = recorded_form(dir);
    if (config_set_in_file(command_.repo.common_path("config"), "submodule." + name_ + ".gitdir", value))
      die(_("could not set '%s' to '%s'"), "submodule." + name_ + ".gitdir", value);
    command_.repo.config().reload();
    return path_of(dir);
  }

  SubmoduleCommand& command_;
  std::string name_;
  std::vector<std::string> taken_;
  bool folds_case_ = false;
};

}  // namespace

std::string create_submodule_git_dir_config(SubmoduleCommand& command, const std::string& name) {
  Repository& repo = command.repo;
  if (!repo.layout().submodule_path_config || repo.config().find("submodule." + name + ".gitdir"))
    return submodule_git_dir_of_name(repo, name);
  return GitDirChooser(command, name).choose();
}

// ---- absorbgitdirs ----

namespace {

void relocate_git_dir(SubmoduleCommand& command, const std::string& path) {
  const std::string old_dir = path_join(path, ".git");
  if (!list_dir(path_join(old_dir, "worktrees")).empty())
    die(_("relocate_gitdir for submodule '%s' with more than one worktree not supported"), path);
  if (!is_directory(old_dir)) return;  // a gitfile: its repository is somewhere else on purpose
  const Submodule* submodule = command.config.find(path);
  if (!submodule) die(_("could not lookup name for submodule '%s'"), path);
  const std::string new_dir = create_submodule_git_dir_config(command, submodule->name);
  if (!is_submodule_git_dir_ok(command.repo, new_dir, submodule->name))
    die(_("refusing to move '%s' into an existing git dir"), real_path_forgiving(old_dir));
  if (!make_leading_dirs(new_dir)) die(_("could not create directory '%s'"), new_dir);
  const std::string real_old = real_path_forgiving(old_dir), real_new = real_path_forgiving(new_dir);
  errf(_("Migrating git directory of '%s%s' from\n'%s' to\n'%s'\n"), command.super_prefix, path, real_old, real_new);
  if (rename(real_old.c_str(), real_new.c_str()) < 0)
    die_errno(_("could not migrate git directory from '%s' to '%s'"), real_old, real_new);
  connect_work_tree_and_git_dir(path, real_new);
}

}  // namespace

void absorb_git_dir(SubmoduleCommand& command, const std::string& path) {
  die_unless_submodule_path_is_real(path);
  auto git_dir = populated_submodule_git_dir(path);
  if (!git_dir) {
    const std::string git_file = path_join(path, ".git");
    if (!path_exists(git_file)) return;  // not checked out
    // The gitfile points to where the repository was before that of the superproject moved.
    const Submodule* submodule = command.config.find(path);
    if (!submodule) die(_("could not lookup name for submodule '%s'"), path);
    connect_work_tree_and_git_dir(path, submodule_git_dir_of_name(command.repo, submodule->name));
  } else if (!path_below(real_path_forgiving(*git_dir), real_path_forgiving(command.repo.common_dir()))) {
    relocate_git_dir(command, path);
  }
  ChildProcess child = submodule_child(path, {"submodule--helper", "absorbgitdirs"});
  child.args.push_back("--super-prefix=" + command.super_prefix + path + "/");
  child.in = ChildProcess::kNull;
  if (child.run()) die(_("could not recurse into submodule '%s'"), path);
}

int submodule_absorb_git_dirs(SubmoduleCommand& command, const std::vector<std::string>& args) {
  Options options({"git submodule absorbgitdirs [<options>] [<path>...]"});
  command.add_common_options(options);
  auto rest = options.parse(args, command.prefix);
  auto list = list_submodules(command, rest);
  if (!list) return 1;
  for (const SubmoduleEntry& e : *list) absorb_git_dir(command, e.path);
  return 0;
}

int submodule_git_dir(SubmoduleCommand& command, const std::vector<std::string>& args) {
  if (args.size() != 2) usage("git submodule--helper gitdir <name>");
  outf("%s\n", submodule_git_dir_of_name(command.repo, args[1]));
  return 0;
}

int submodule_migrate_git_dir_configs(SubmoduleCommand& command, const std::vector<std::string>& args) {
  if (args.size() != 1) usage("git submodule--helper migrate-gitdir-configs");
  Repository& repo = command.repo;
  const std::string file = repo.common_path("config");
  for (const auto& [name, submodule] : command.config.current().by_name()) {
    const std::string key = "submodule." + name + ".gitdir";
    if (repo.config().find(key)) continue;
    const std::string git_dir = repo.git_path("modules/" + name);
    if (!is_directory(git_dir)) continue;
    if (config_set_in_file(file, key, git_dir)) die(_("could not set '%s' to '%s'"), key, git_dir);
  }
  if (config_set_in_file(file, "core.repositoryformatversion", "1") ||
      config_set_in_file(file, "extensions.submodulePathConfig", "true"))
    die(_("could not enable extensions.submodulePathConfig"));
  return 0;
}

}  // namespace git
