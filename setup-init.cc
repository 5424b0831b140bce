// git init: directories, templates, the first configuration and HEAD.  Run on an existing repository it only adds what
// is missing.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "advice.h"
#include "base/build-config.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "config.h"
#include "refs.h"
#include "setup.h"

namespace git {
namespace {

constexpr int kGroup = 0660, kEverybody = 0664;

class Init {
 public:
  explicit Init(const InitOptions& options) : options_(options) {}
  std::unique_ptr<Repository> run();

 private:
  void move_git_dir(const std::string& from);
  void choose_formats();
  void copy_templates();
  void copy_template_dir(const std::string& from, const std::string& to);
  void write_config();
  void create_refs();
  void probe_filesystem();
  void share();
  void set(std::string_view key, const std::string& value) const;
  std::string config_path() const { return path_join(git_dir_, "config"); }
  void make_git_subdir(const std::string& path);

  const InitOptions& options_;
  Config early_{ConfigSources{}};
  std::string git_dir_, original_git_dir_;
  bool is_reinit_ = false;
  HashAlgo algo_ = HashAlgo::sha1;
  std::string ref_format_ = "files";
  int shared_ = 0;
};

void Init::set(std::string_view key, const std::string& value) const {
  if (config_set_in_file(config_path(), key, value)) die("could not set '%s' to '%s'", key, value);
}

// --separate-git-dir: what is there already moves, and a gitfile takes its place.
void Init::move_git_dir(const std::string& link) {
  auto st = stat_path(link);
  if (st) {
    std::string source = link;
    if (S_ISREG(st->st_mode))
      source = read_gitfile(link).take_or_die();
    else if (!S_ISDIR(st->st_mode))
      die("unable to handle file type %d", st->st_mode & S_IFMT);
    // Where linked worktrees are must be known before relative links lose their starting point.
    struct Linked {
      std::string id, dotgit;
      bool is_relative;
    };
    std::vector<Linked> linked;
    for (const std::string& id : list_dir(path_join(source, "worktrees"))) {
      std::string admin = path_join(source, "worktrees/" + id);
      auto back = read_file_if_exists(path_join(admin, "gitdir"));
      if (!back) continue;
      std::string place(rtrim(*back));
      bool is_relative = !is_absolute_path(place);
      linked.push_back({id, is_relative ? real_path_forgiving(path_join(admin, place)) : place, is_relative});
    }
    if (source != git_dir_ && ::rename(source.c_str(), git_dir_.c_str()) < 0)
      die_errno("unable to move %s to %s", source, git_dir_);
    for (const Linked& one : linked) {
      std::string admin = path_join(git_dir_, "worktrees/" + one.id);
      std::string to_admin = one.is_relative ? relative_path(admin, path_dirname(one.dotgit)) : admin;
      write_file(one.dotgit, "gitdir: " + to_admin + "\n");
      if (one.is_relative) write_file(path_join(admin, "gitdir"), relative_path(one.dotgit, admin) + "\n");
    }
  }
  if (!write_file(link, "gitdir: " + git_dir_ + "\n")) die_errno("could not open '%s' for writing", link);
}

void Init::choose_formats() {
  std::optional<RepositoryLayout> old;
  if (path_exists(config_path())) old = read_repository_layout(git_dir_).take_or_die();
  if (is_reinit_ && old) {
    if (options_.algo != HashAlgo::unknown && options_.algo != old->algo)
      die("attempt to reinitialize repository with different hash");
    if (!options_.ref_format.empty() && options_.ref_format != old->ref_format)
      die("attempt to reinitialize repository with different reference storage format");
    algo_ = old->algo;
    ref_format_ = old->ref_format;
    return;
  }
  if (auto configured = early_.get_string("init.defaultobjectformat")) {
    algo_ = hash_by_name(*configured);
    if (algo_ == HashAlgo::unknown) {
      warning("unknown hash algorithm '%s'", *configured);
      algo_ = HashAlgo::sha1;
    }
  }
  if (auto name = get_env("GIT_DEFAULT_HASH"); name && !name->empty()) {
    algo_ = hash_by_name(*name);
    if (algo_ == HashAlgo::unknown) die("unknown hash algorithm '%s'", *name);
  }
  if (options_.algo != HashAlgo::unknown) algo_ = options_.algo;
  auto is_known = [](std::string_view name) { return name == "files" || name == "reftable"; };
  if (early_.get_bool_or("feature.experimental", false)) ref_format_ = "reftable";
  if (auto configured = early_.get_string("init.defaultrefformat")) {
    if (is_known(*configured))
      ref_format_ = *configured;
    else
      warning("unknown ref storage format '%s'", *configured);
  }
  if (auto name = get_env("GIT_DEFAULT_REF_FORMAT"); name && !name->empty()) {
    if (!is_known(*name)) die("unknown ref storage format '%s'", *name);
    ref_format_ = *name;
  }
  if (!options_.ref_format.empty()) ref_format_ = options_.ref_format;
}

void Init::copy_template_dir(const std::string& from, const std::string& to) {
  make_git_subdir(to);
  for (const std::string& name : list_dir(from)) {
    if (name[0] == '.') continue;
    std::string source = path_join(from, name), target = path_join(to, name);
    auto st = lstat_path(source);
    if (!st) die_errno("cannot stat template '%s'", source);
    bool exists = path_exists(target);
    if (S_ISDIR(st->st_mode)) {
      copy_template_dir(source, target);
    } else if (exists) {
      continue;
    } else if (S_ISLNK(st->st_mode)) {
      auto link = read_link(source);
      if (!link) die_errno("cannot readlink '%s'", source);
      if (::symlink(link->c_str(), target.c_str()) < 0) die_errno("cannot symlink '%s' '%s'", *link, target);
    } else if (S_ISREG(st->st_mode)) {
      auto text = read_file(source);
      if (!text || !write_file(target, *text, (st->st_mode & 0111) ? 0777 : 0666))
        die_errno("cannot copy '%s' to '%s'", source, target);
      adjust_shared_perm(target, shared_);
    } else {
      error("ignoring template %s", source);
    }
  }
}

void Init::copy_templates() {
  std::string dir;
  if (options_.template_dir)
    dir = *options_.template_dir;
  else if (auto env = get_env("GIT_TEMPLATE_DIR"))
    dir = *env;
  else if (auto configured = early_.get_path("init.templatedir"))
    dir = *configured;
  else
    dir = std::string(kTemplateDir);
  if (dir.empty()) return;
  if (!is_directory(dir)) {
    warning("templates not found in %s", dir);
    return;
  }
  // A template made for a repository format that we don't know is left alone.
  if (path_exists(path_join(dir, "config"))) {
    auto entries = read_config_file(path_join(dir, "config"), false, ConfigSources{});
    if (entries)
      for (const ConfigEntry& entry : *entries)
        if (entry.key == "core.repositoryformatversion" && parse_int(entry.value.value_or("0")).value_or(0) > 1) {
          warning("not copying templates from '%s': %s", dir,
                  strf("Expected git repo version <= %d, found %s", 1, entry.value.value_or("")));
          return;
        }
  }
  copy_template_dir(dir, git_dir_);
}

void Init::make_git_subdir(const std::string& path) {
  if (!make_dir(path) && errno != EEXIST) die_errno("cannot mkdir %s", path);
  if (shared_) adjust_shared_perm(path, shared_);
}

// What the file system can't do is written down once, here.
void Init::probe_filesystem() {
  auto st = lstat_path(config_path());
  bool has_mode = false;
  if (st) {
    mode_t flipped = st->st_mode ^ S_IXUSR;
    has_mode = ::chmod(config_path().c_str(), flipped & 07777) == 0;
    auto now = lstat_path(config_path());
    has_mode = has_mode && now && st->st_mode != now->st_mode && ::chmod(config_path().c_str(), st->st_mode & 07777) == 0;
    if (has_mode && !is_reinit_ && (st->st_mode & S_IXUSR)) has_mode = false;
  }
  set("core.filemode", has_mode ? "true" : "false");
}

void Init::write_config() {
  const bool has_submodule_paths = !is_reinit_ && early_.get_bool_or("init.defaultsubmodulepathconfig", false);
  bool needs_v1 = algo_ != HashAlgo::sha1 || ref_format_ != "files" || has_submodule_paths;
  std::string version = needs_v1 ? "1" : "0";
  if (is_reinit_ && !needs_v1) {
    auto entries = read_config_file(config_path(), false, ConfigSources{});
    if (entries)
      for (const ConfigEntry& entry : *entries)
        if (entry.key == "core.repositoryformatversion" && entry.value) version = *entry.value;
  }
  set("core.repositoryformatversion", version);
  if (algo_ != HashAlgo::sha1) set("extensions.objectformat", std::string(hash_name(algo_)));
  if (ref_format_ != "files") set("extensions.refstorage", ref_format_);
  if (has_submodule_paths) set("extensions.submodulePathConfig", "true");
  probe_filesystem();
  set("core.bare", options_.is_bare ? "true" : "false");
  if (options_.is_bare) return;
  bool has_log_setting = early_.find("core.logallrefupdates") != nullptr;
  if (auto entries = read_config_file(config_path(), false, ConfigSources{}))
    for (const ConfigEntry& entry : *entries)
      if (entry.key == "core.logallrefupdates") has_log_setting = true;
  if (!has_log_setting) set("core.logallrefupdates", "true");
  std::string worktree = real_path_forgiving(options_.worktree.value_or("."));
  if (original_git_dir_ != path_join(worktree, ".git")) set("core.worktree", worktree);
  if (is_reinit_) return;
  std::string probe = path_join(git_dir_, "tXXXXXX");
  int fd = ::mkstemp(probe.data());
  if (fd >= 0) {
    ::close(fd);
    ::unlink(probe.c_str());
    bool has_links = ::symlink("testing", probe.c_str()) == 0;
    auto st = lstat_path(probe);
    has_links = has_links && st && S_ISLNK(st->st_mode);
    ::unlink(probe.c_str());
    if (!has_links) set("core.symlinks", "false");
  }
  if (::access(path_join(git_dir_, "CoNfIg").c_str(), F_OK) == 0) set("core.ignorecase", "true");
}

void Init::create_refs() {
  auto layout = read_repository_layout(git_dir_).take_or_die();
  layout.worktree = options_.is_bare ? std::nullopt : std::optional<std::string>(options_.worktree.value_or("."));
  layout.is_bare = options_.is_bare;
  Repository repo(std::move(layout));
  std::string branch;
  if (!is_reinit_) {
    branch = options_.initial_branch ? *options_.initial_branch : default_branch_name(early_, options_.quiet);
    std::string full = "refs/heads/" + branch;
    if (!check_refname_format(full)) die("invalid initial branch name: '%s'", branch);
    repo.refs().create_on_disk().or_die();
    repo.refs().create_symref("HEAD", full, {}).or_die();
  } else {
    repo.refs().create_on_disk().or_die();
    if (options_.initial_branch) warning("re-init: ignored --initial-branch=%s", *options_.initial_branch);
  }
}

void Init::share() {
  if (!shared_) return;
  std::string value = shared_ < 0 ? strf("0%o", -shared_) : shared_ == kGroup ? "1" : shared_ == kEverybody ? "2" : "0";
  set("core.sharedrepository", value);
  set("receive.denyNonFastforwards", "true");
}

std::unique_ptr<Repository> Init::run() {
  original_git_dir_ = real_path_forgiving(options_.git_dir);
  git_dir_ = original_git_dir_;
  if (options_.real_git_dir) {
    git_dir_ = real_path_forgiving(*options_.real_git_dir);
    move_git_dir(original_git_dir_);
  }
  std::string head = path_join(git_dir_, "HEAD");
  is_reinit_ = ::access(head.c_str(), R_OK) == 0 || read_link(head).has_value();
  choose_formats();

  const ConfigEntry* entry = early_.find("core.sharedrepository");
  shared_ = entry ? parse_shared_repository(entry->key, entry->value) : 0;
  if (options_.shared) shared_ = *options_.shared;
  if (!make_dir(git_dir_) && errno != EEXIST) die_errno("cannot mkdir %s", git_dir_);
  if (shared_) adjust_shared_perm(git_dir_, shared_);
  copy_templates();
  if (!options_.shared) {
    if (auto entries = read_config_file(config_path(), false, ConfigSources{}))
      for (const ConfigEntry& e : *entries)
        if (e.key == "core.sharedrepository") shared_ = parse_shared_repository(e.key, e.value);
    if (shared_) adjust_shared_perm(git_dir_, shared_);
  }
  write_config();
  share();
  create_refs();
  auto objects_env = get_env("GIT_OBJECT_DIRECTORY");
  std::string objects = objects_env ? *objects_env : path_join(git_dir_, "objects");
  make_git_subdir(objects);
  make_git_subdir(path_join(objects, "pack"));
  make_git_subdir(path_join(objects, "info"));
  if (shared_) adjust_shared_perm(config_path(), shared_);

  auto layout = read_repository_layout(git_dir_, true).take_or_die();
  layout.is_bare = options_.is_bare;
  if (!options_.is_bare) layout.worktree = real_path_forgiving(options_.worktree.value_or("."));
  auto repo = std::make_unique<Repository>(std::move(layout));
  repo->config().entries();  // a broken configuration is told now
  if (!options_.quiet) {
    std::string shown = git_dir_ + (ends_with(git_dir_, "/") ? "" : "/");
    if (is_reinit_)
      outf(shared_ ? "Reinitialized existing shared Git repository in %s\n" : "Reinitialized existing Git repository in %s\n",
           shown);
    else
      outf(shared_ ? "Initialized empty shared Git repository in %s\n" : "Initialized empty Git repository in %s\n", shown);
  }
  return repo;
}

}  // namespace

std::unique_ptr<Repository> init_db(const InitOptions& options) { return Init(options).run(); }

std::string default_branch_name(Config& config, bool quiet) {
  std::string name, source = "init.defaultBranch";
  if (auto env = get_env("GIT_TEST_DEFAULT_INITIAL_BRANCH_NAME"); env && !env->empty()) name = *env;
  if (name.empty()) name = config.get_string("init.defaultbranch").value_or("");
  if (name.empty()) {
    name = "master";
    if (!quiet)
      advise_if_enabled(config, "defaultBranchName",
                        strf("Using '%s' as the name for the initial branch. This default branch name\n"
                             "will change to \"main\" in Git 3.0. To configure the initial branch name\n"
                             "to use in all of your new repositories, which will suppress this warning,\n"
                             "call:\n"
                             "\n"
                             "\tgit config --global init.defaultBranch <name>\n"
                             "\n"
                             "Names commonly chosen instead of 'master' are 'main', 'trunk' and\n"
                             "'development'. The just-created branch can be renamed via this command:\n"
                             "\n"
                             "\tgit branch -m <name>\n",
                             name));
  }
  if (!check_refname_format("refs/heads/" + name)) die("invalid branch name: %s = %s", source, name);
  return name;
}

}  // namespace git
