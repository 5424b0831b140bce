// The table is filled in one pass over the configuration; URLs are rewritten at the end, since url.*.insteadOf may come
// after the URLs it changes.
#include "remote.h"

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "config.h"
#include "net/url.h"
#include "refs.h"
#include "repository.h"
#include "setup.h"

namespace git {

bool is_valid_remote_nick(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos;
}

bool is_valid_remote_name(std::string_view name) {
  return is_valid_refspec(strf("refs/heads/test:refs/remotes/%s/test", name), true);
}

namespace {

std::optional<FollowRemoteHead> parse_follow_head(const std::string& value, std::string* no_warn_branch) {
  std::string_view branch = value;
  no_warn_branch->clear();
  if (value == "create") return FollowRemoteHead::create;
  if (value == "never") return FollowRemoteHead::never;
  if (value == "warn") return FollowRemoteHead::warn;
  if (value == "always") return FollowRemoteHead::always;
  if (skip_prefix(branch, "warn-if-not-")) {
    *no_warn_branch = branch;
    return FollowRemoteHead::warn;
  }
  warning(_("unrecognized followRemoteHEAD value '%s' ignored"), value);
  return std::nullopt;
}

}  // namespace

FollowRemoteHead follow_remote_head_of(const Remote& remote, Config& config, std::string* no_warn_branch) {
  *no_warn_branch = remote.no_warn_branch;
  if (remote.follow_head) return *remote.follow_head;
  if (auto value = config.get_string("fetch.followremotehead"))
    if (auto how = parse_follow_head(*value, no_warn_branch)) return *how;
  return FollowRemoteHead::create;
}

bool Remote::has_url(std::string_view url) const { return std::find(urls.begin(), urls.end(), url) != urls.end(); }

Remotes::~Remotes() = default;

Remotes::Remotes(Repository* repo, Config& config) : repo_(repo), config_(config) {
  if (repo_) {
    auto head = repo_->refs().read("HEAD");
    std::string_view target = head ? std::string_view(head->symref_target) : std::string_view();
    if (skip_prefix(target, "refs/heads/")) current_ = std::string(target);
  }
  read_config();
  rewrite_urls();
}

Remote& Remotes::make(std::string_view name) {
  auto found = remotes_.find(name);
  if (found != remotes_.end()) return *found->second;
  auto remote = std::make_unique<Remote>();
  remote->name = name;
  Remote& made = *remote;
  order_.push_back(&made);
  remotes_.emplace(std::string(name), std::move(remote));
  return made;
}

namespace {

// "section.name.key" apart; the name may hold dots.
bool split_key(std::string_view full, std::string_view section, std::string_view* name, std::string_view* key) {
  if (!skip_prefix(full, section) || !skip_prefix(full, ".")) return false;
  std::size_t dot = full.rfind('.');
  if (dot == std::string_view::npos) {
    *name = {};
    *key = full;
    return true;
  }
  *name = full.substr(0, dot);
  *key = full.substr(dot + 1);
  return true;
}

const std::string& string_value(const ConfigEntry& entry) {
  if (!entry.value) die_missing_config_value(entry);
  return *entry.value;
}

bool bool_value(const ConfigEntry& entry) { return parse_config_bool(entry.key, entry.value).take_or_die(); }

// A blank value forgets what came before.
void add_or_clear(std::vector<std::string>& list, const ConfigEntry& entry) {
  const std::string& text = string_value(entry);
  if (text.empty())
    list.clear();
  else
    list.push_back(text);
}

}  // namespace

void Remotes::read_remote_key(Remote& remote, std::string_view key, const ConfigEntry& entry, bool in_repo) {
  remote.origin = Remote::Origin::config;
  if (in_repo) remote.is_configured_in_repo = true;
  if (key == "url") {
    add_or_clear(remote.raw_urls, entry);
  } else if (key == "pushurl") {
    add_or_clear(remote.raw_push_urls, entry);
  } else if (key == "fetch") {
    remote.fetch.append(string_value(entry));
  } else if (key == "push") {
    remote.push.append(string_value(entry));
  } else if (key == "mirror") {
    remote.mirror = bool_value(entry);
  } else if (key == "skipdefaultupdate") {
    remote.skip_default_update = bool_value(entry);
  } else if (key == "skipfetchall") {
    remote.skip_default_update = remote.skip_fetch_all = bool_value(entry);
  } else if (key == "prune") {
    remote.prune = bool_value(entry);
  } else if (key == "prunetags") {
    remote.prune_tags = bool_value(entry);
  } else if (key == "receivepack") {
    if (!remote.receivepack.empty())
      error(_("more than one receivepack given, using the first"));
    else
      remote.receivepack = string_value(entry);
  } else if (key == "uploadpack") {
    if (!remote.uploadpack.empty())
      error(_("more than one uploadpack given, using the first"));
    else
      remote.uploadpack = string_value(entry);
  } else if (key == "tagopt") {
    const std::string& text = string_value(entry);
    if (text == "--no-tags")
      remote.tags = TagFollowing::none;
    else if (text == "--tags")
      remote.tags = TagFollowing::all;
  } else if (key == "proxy") {
    remote.proxy = string_value(entry);
  } else if (key == "proxyauthmethod") {
    remote.proxy_auth_method = string_value(entry);
  } else if (key == "vcs") {
    remote.vcs = string_value(entry);
  } else if (key == "serveroption") {
    add_or_clear(remote.server_options, entry);
  } else if (key == "negotiationrestrict") {
    add_or_clear(remote.negotiation_restrict, entry);
  } else if (key == "negotiationrequire" || key == "negotiationinclude") {
    add_or_clear(remote.negotiation_require, entry);
  } else if (key == "followremotehead") {
    if (auto how = parse_follow_head(string_value(entry), &remote.no_warn_branch)) remote.follow_head = how;
  } else if (key == "promisor") {
    remote.is_promisor = bool_value(entry);
  } else if (key == "partialclonefilter") {
    remote.partial_clone_filter = string_value(entry);
    remote.is_promisor = true;
  }
}

void Remotes::read_config() {
  for (const ConfigEntry& entry : config_.entries()) {
    std::string_view name, key;
    if (split_key(entry.key, "branch", &name, &key)) {
      if (name.empty()) {
        // "branch.<key>" is about all branches; "branch..<key>" names one without a name.
        if (starts_with(entry.key, "branch..") && (key == "remote" || key == "merge" || key == "pushremote"))
          die(_("bad config variable '%s' in file '%s' at line %d"), entry.key, entry.file, entry.line);
        continue;
      }
      Branch& branch = *Remotes::branch(name);
      if (key == "remote") branch.remote_name = string_value(entry);
      if (key == "pushremote") branch.pushremote_name = string_value(entry);
      if (key == "merge") add_or_clear(branch.merge_names, entry);
    } else if (split_key(entry.key, "url", &name, &key)) {
      if (name.empty()) continue;
      if (key == "insteadof") rewrites_.push_back({std::string(name), string_value(entry)});
      if (key == "pushinsteadof") push_rewrites_.push_back({std::string(name), string_value(entry)});
    } else if (split_key(entry.key, "remote", &name, &key)) {
      if (name.empty()) {
        if (key == "pushdefault") push_default_ = string_value(entry);
        continue;
      }
      if (name[0] == '/') {
        warning(_("config remote shorthand cannot begin with '/': %s"), name);
        continue;
      }
      bool in_repo = entry.scope == ConfigScope::local || entry.scope == ConfigScope::worktree;
      read_remote_key(make(name), key, entry, in_repo);
    }
  }
}

std::string Remotes::rewrite_url(std::string_view url, bool for_push, bool* was_rewritten) const {
  const Rewrite* best = nullptr;
  for (const Rewrite& rewrite : for_push ? push_rewrites_ : rewrites_)
    if (starts_with(url, rewrite.prefix) && (!best || rewrite.prefix.size() > best->prefix.size())) best = &rewrite;
  if (was_rewritten) *was_rewritten = best != nullptr;
  if (!best) return std::string(url);
  return best->base + std::string(url.substr(best->prefix.size()));
}

void Remotes::rewrite_urls() {
  for (Remote* remote : order_) {
    remote->urls.clear();
    remote->push_urls.clear();
    for (const std::string& url : remote->raw_push_urls) remote->push_urls.push_back(rewrite_url(url, false));
    bool adds_push_urls = remote->raw_push_urls.empty();
    std::vector<std::string> for_push;
    bool any = false;
    for (const std::string& url : remote->raw_urls) {
      bool was_rewritten = false;
      std::string push_url = rewrite_url(url, true, &was_rewritten);
      any |= was_rewritten;
      for_push.push_back(was_rewritten ? push_url : rewrite_url(url, false));
      remote->urls.push_back(rewrite_url(url, false));
    }
    if (adds_push_urls && any) remote->push_urls = for_push;
  }
}

// .git/remotes/<name>: "URL: x", "Push: refspec", "Pull: refspec" lines.
void Remotes::read_remotes_file(Remote& remote) {
  if (!repo_) return;
  auto text = read_file_if_exists(repo_->git_path("remotes/" + remote.name));
  if (!text) return;
  remote.origin = Remote::Origin::remotes_file;
  remote.is_configured_in_repo = true;
  for (std::string_view line : split_lines(*text)) {
    line = rtrim(line);
    if (skip_prefix(line, "URL:"))
      remote.raw_urls.emplace_back(ltrim(line));
    else if (skip_prefix(line, "Push:"))
      remote.push.append(ltrim(line));
    else if (skip_prefix(line, "Pull:"))
      remote.fetch.append(ltrim(line));
  }
}

// .git/branches/<name>: "<url>[#<branch>]" on the first line.
void Remotes::read_branches_file(Remote& remote) {
  if (!repo_) return;
  auto text = read_file_if_exists(repo_->git_path("branches/" + remote.name));
  if (!text) return;
  std::string_view line = trim(std::string_view(*text).substr(0, text->find('\n')));
  if (line.empty()) return;
  remote.origin = Remote::Origin::branches_file;
  remote.is_configured_in_repo = true;
  std::string branch = default_branch_name(config_, true);
  if (std::size_t hash = line.find('#'); hash != std::string_view::npos) {
    branch = line.substr(hash + 1);
    line = line.substr(0, hash);
  }
  remote.raw_urls.emplace_back(line);
  remote.fetch.append(strf("refs/heads/%s:refs/heads/%s", branch, remote.name));
  remote.push.append(strf("HEAD:refs/heads/%s", branch));
  remote.tags = TagFollowing::all;
}

bool Remotes::is_configured(const Remote* remote, bool in_repo) {
  if (!remote) return false;
  if (in_repo) return remote->is_configured_in_repo;
  return remote->origin != Remote::Origin::none;
}

Remote* Remotes::find_configured(std::string_view name) {
  auto found = remotes_.find(name);
  return found == remotes_.end() || found->second->origin == Remote::Origin::none ? nullptr : found->second.get();
}

namespace {

// transfer.credentialsInUrl: a password in a URL ends up in files and process lists.
void check_plaintext_credentials(Config& config, const Remote& remote) {
  auto mode = config.get_string("transfer.credentialsinurl");
  if (!mode || *mode == "allow") return;
  for (const std::string& url : remote.urls) {
    auto shown = redact_url_password(url);
    if (!shown) continue;
    std::string text = strf(_("URL '%s' uses plaintext credentials"), *shown);
    if (*mode == "die") die("%s", text);
    if (*mode == "warn") {
      warning("%s", text);
    } else {
      die(_("unrecognized value transfer.credentialsInUrl: '%s'"), *mode);
    }
  }
}

}  // namespace

Remote* Remotes::get_1(std::string_view name, bool for_push) {
  bool is_explicit = true;
  std::string chosen(name);
  if (name.empty())
    chosen = for_push ? pushremote_for_branch(current_branch(), &is_explicit) : remote_for_branch(current_branch(), &is_explicit);
  Remote& remote = make(chosen);
  if (is_valid_remote_nick(chosen)) {
    if (remote.raw_urls.empty() && remote.vcs.empty()) {
      if (remote.origin == Remote::Origin::none) read_remotes_file(remote);
      if (remote.origin == Remote::Origin::none) read_branches_file(remote);
    }
  }
  bool has_url = !remote.raw_urls.empty() || (for_push && !remote.raw_push_urls.empty());
  if (is_explicit && !has_url && remote.vcs.empty() && !(remote.raw_urls.empty() && !remote.raw_push_urls.empty()))
    remote.raw_urls.push_back(chosen);
  rewrite_urls();
  if (remote.urls.empty() && remote.vcs.empty() && remote.push_urls.empty()) return nullptr;
  check_plaintext_credentials(config_, remote);
  return &remote;
}

Remote* Remotes::get(std::string_view name) { return get_1(name, false); }
Remote* Remotes::get_for_push(std::string_view name) { return get_1(name, true); }

std::vector<Remote*> Remotes::all() {
  std::vector<Remote*> list;
  for (auto& [name, remote] : remotes_)
    if (remote->origin != Remote::Origin::none) list.push_back(remote.get());
  return list;
}

Branch* Remotes::branch(std::string_view name) {
  if (name.empty() || name == "HEAD") {
    if (!current_) return nullptr;
    name = *current_;
  }
  auto found = branches_.find(name);
  if (found != branches_.end()) return found->second.get();
  auto branch = std::make_unique<Branch>();
  branch->name = name;
  branch->refname = "refs/heads/" + branch->name;
  return (branches_[branch->name] = std::move(branch)).get();
}

std::string Remotes::remote_for_branch(const Branch* branch, bool* is_explicit) const {
  if (is_explicit) *is_explicit = branch && !branch->remote_name.empty();
  if (branch && !branch->remote_name.empty()) return branch->remote_name;
  // The only one there is, if there is only one.
  const Remote* only = nullptr;
  int count = 0;
  for (const auto& [name, remote] : remotes_) {
    if (remote->origin == Remote::Origin::none || remote->raw_urls.empty()) continue;
    only = remote.get();
    count++;
  }
  return count == 1 ? only->name : "origin";
}

std::string Remotes::pushremote_for_branch(const Branch* branch, bool* is_explicit) const {
  if (is_explicit) *is_explicit = true;
  if (branch && !branch->pushremote_name.empty()) return branch->pushremote_name;
  if (!push_default_.empty()) return push_default_;
  return remote_for_branch(branch, is_explicit);
}

std::optional<std::string> Remotes::tracking_of_merge(const Branch& branch, std::size_t i) {
  if (i >= branch.merge_names.size() || branch.remote_name.empty()) return std::nullopt;
  if (branch.remote_name == ".") return branch.merge_names[i];
  Remote* remote = get(branch.remote_name);
  return remote ? refspec_destination(remote->fetch, branch.merge_names[i]) : std::nullopt;
}

Result<std::string> Remotes::upstream(const Branch* branch) {
  if (!branch) return make_error(ErrorKind::invalid, "%s", _("HEAD does not point to a branch"));
  if (branch->merge_names.empty() || branch->merge_names[0].empty()) {
    bool exists = repo_ && repo_->refs().exists(branch->refname);
    return make_error(ErrorKind::missing, exists ? _("no upstream configured for branch '%s'") : _("no such branch: '%s'"),
                      branch->name);
  }
  auto tracking = tracking_of_merge(*branch, 0);
  if (!tracking)
    return make_error(ErrorKind::missing, _("upstream branch '%s' not stored as a remote-tracking branch"),
                      branch->merge_names[0]);
  return *tracking;
}

}  // namespace git
