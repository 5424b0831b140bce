// What all submodule commands share: the list of gitlinks, names of places, children, remotes and URLs.
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "config.h"
#include "index.h"
#include "index/pathspec.h"
#include "index/submodule-move.h"
#include "net/url.h"
#include "refs.h"
#include "remote.h"
#include "repository.h"
#include "submodule-push.h"
#include "submodule.h"

namespace git {

std::string SubmoduleCommand::display_path(const std::string& path) const {
  if (!super_prefix.empty()) return super_prefix + path;
  if (prefix.empty()) return path;
  std::string_view base = prefix;
  strip_suffix(base, "/");
  return relative_path("/" + path, "/" + std::string(base));
}

void SubmoduleCommand::add_common_options(Options& options) {
  options.boolean('q', "quiet", &quiet, N_("suppress output"));
  options.string(0, "super-prefix", &super_prefix, "path", N_("prefixed path to initial superproject"), kOptHidden);
}

ChildProcess SubmoduleCommand::recurse_into(const std::string& path, const std::string& name) const {
  ChildProcess child = submodule_child(path, {"submodule--helper", name});
  child.args.push_back("--super-prefix=" + display_path(path) + "/");
  if (quiet) child.args.push_back("--quiet");
  return child;
}

std::optional<std::vector<SubmoduleEntry>> list_submodules(SubmoduleCommand& command, const std::vector<std::string>& args) {
  Pathspec spec = parse_pathspec(command.repo, args, command.prefix, kPreferFull);
  Index index = Index::read(command.repo);
  std::vector<std::uint8_t> seen(spec.size());
  std::vector<SubmoduleEntry> found;
  for (const auto& e : index.entries()) {
    MatchPathspecOptions options;
    options.seen = &seen;
    // Any match satisfies the argument, though only gitlinks are listed.
    options.is_directory = is_gitlink_mode(e->mode);
    if (!match_pathspec(&index, spec, e->path, options) || !is_gitlink_mode(e->mode)) continue;
    // The stages of an unmerged path count as one.
    if (!found.empty() && found.back().path == e->path) continue;
    found.push_back({e->path, e->oid, e->stage});
  }
  if (!spec.empty() && report_path_error(seen, spec)) return std::nullopt;
  return found;
}

std::vector<SubmoduleEntry> active_submodules_only(SubmoduleCommand& command, std::vector<SubmoduleEntry> all) {
  if (!command.repo.config().find("submodule.active")) return all;
  std::erase_if(all, [&](const SubmoduleEntry& e) { return !command.config.is_active(e.path); });
  return all;
}

ChildProcess submodule_child(const std::string& path, std::vector<std::string> args) {
  ChildProcess child;
  child.git_command = true;
  child.args = std::move(args);
  child.dir = path;
  child.env = local_repo_env_vars();
  // What the user said with -c holds for submodules as well.
  std::erase(child.env, "GIT_CONFIG_PARAMETERS");
  std::erase(child.env, "GIT_CONFIG_COUNT");
  child.env.push_back("GIT_DIR=.git");
  return child;
}

void die_unless_submodule_path_is_real(const std::string& path) {
  for (std::size_t at = 0; at != std::string::npos;) {
    at = path.find('/', at + 1);
    const std::string part = path.substr(0, at);
    if (!read_link(part)) continue;
    error(_("expected '%s' in submodule path '%s' not to be a symbolic link"), part, path);
    exit_with(128);
  }
}

void add_recurse_submodules_option(Options& options, std::optional<bool>* asked) {
  options.callback(
      0, "recurse-submodules", "checkout", N_("control recursive updating of submodules"),
      [asked](const std::optional<std::string>& value, bool unset) {
        *asked = !unset;
        if (unset || !value) return true;
        auto truth = parse_maybe_bool(*value);
        if (!truth) die(_("bad %s argument: %s"), "--recurse-submodules", *value);
        *asked = *truth;
        return true;
      },
      kOptOptionalArg);
}

std::unique_ptr<SubmoduleMover> make_submodule_mover(Repository& repo, std::optional<bool> asked) {
  if (!asked.value_or(repo.config().get_bool_or("submodule.recurse", false))) return nullptr;
  return std::make_unique<SubmoduleMover>(repo);
}

// ---- remotes and URLs ----

bool starts_with_dot_slash(std::string_view url) { return starts_with(url, "./"); }
bool starts_with_dot_dot_slash(std::string_view url) { return starts_with(url, "../"); }

std::string relative_url(std::string remote_url, std::string_view url, const std::optional<std::string>& up_path) {
  bool is_relative = false;
  std::string joined = join_url(std::move(remote_url), url, &is_relative).take_or_die();
  return up_path && is_relative ? *up_path + joined : joined;
}

std::string default_remote(Repository& repo) {
  Config& config = repo.config();
  auto head = repo.refs().read("HEAD");
  if (!head) die(_("No such ref: %s"), "HEAD");
  std::string_view branch = head->symref_target;
  if (skip_prefix(branch, "refs/heads/"))
    if (auto name = config.get_string("branch." + std::string(branch) + ".remote")) return *name;
  auto names = config.subsections("remote");
  return names.size() == 1 ? names[0] : "origin";
}

std::string resolve_relative_url(Repository& repo, std::string_view url, const std::optional<std::string>& up_path, bool quiet) {
  const std::string key = "remote." + default_remote(repo) + ".url";
  auto remote_url = repo.config().get_string(key);
  if (!remote_url && !quiet)
    warning(_("could not look up configuration '%s'. Assuming this repository is its own authoritative upstream."), key);
  return relative_url(remote_url ? *remote_url : current_dir(), url, up_path);
}

std::string default_remote_of_submodule(SubmoduleCommand& command, const std::string& path) {
  auto repo = open_submodule(command.repo, command.config, path);
  const Submodule* submodule = command.config.find(path);
  if (!repo) die(_("could not get a repository handle for submodule '%s'"), path);
  // The name of the remote is the submodule's own affair; its URL is what superproject and submodule agree on.
  std::optional<std::string> url;
  if (submodule) url = command.repo.config().get_string("submodule." + submodule->name + ".url");
  if (!url && submodule && submodule->url)
    url = is_relative_submodule_url(*submodule->url) ? resolve_relative_url(command.repo, *submodule->url, std::nullopt, true)
                                                     : *submodule->url;
  Remotes remotes(repo.get(), repo->config());
  if (url)
    for (Remote* remote : remotes.all())
      if (remote->has_url(*url) || remote->has_url(remotes.rewrite_url(*url, false))) return remote->name;
  return default_remote(*repo);
}

int submodule_push_check(SubmoduleCommand& command, const std::vector<std::string>& args) {
  if (args.size() < 3) die("submodule--helper push-check requires at least 2 arguments");
  check_submodule_push(command.repo, args[1], args[2], {args.begin() + 3, args.end()});
  return 0;
}

int submodule_get_default_remote(SubmoduleCommand& command, const std::vector<std::string>& args) {
  Options options({"git submodule--helper get-default-remote <path>"});
  auto rest = options.parse(args, command.prefix);
  if (rest.size() != 1) options.usage_with_options();
  const std::string path = prefix_path(command.repo, command.prefix, rest[0]);
  outf("%s\n", default_remote_of_submodule(command, path));
  return 0;
}

}  // namespace git
