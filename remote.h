// Remotes and the branches that follow them, as configured (git-config(1) "remote.*", "branch.*", "url.*"; .git/remotes and
// .git/branches of old).  One table is made from a configuration and gives everything else.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "refspec.h"

namespace git {

class Repository;
struct ConfigEntry;
class Config;

enum class TagFollowing : unsigned char { automatic, none, all };
enum class FollowRemoteHead : unsigned char { create, never, warn, always };

struct Remote {
  enum class Origin : unsigned char { none, config, remotes_file, branches_file };
  std::string name;
  Origin origin = Origin::none;
  bool is_configured_in_repo = false;        // not only by global configuration
  std::vector<std::string> urls, push_urls;  // rewritten by url.*.insteadOf
  std::vector<std::string> raw_urls, raw_push_urls;
  Refspec fetch{true}, push{false};
  bool mirror = false;
  bool skip_default_update = false, skip_fetch_all = false;
  std::optional<bool> prune, prune_tags;
  TagFollowing tags = TagFollowing::automatic;
  std::string receivepack, uploadpack, vcs, proxy, proxy_auth_method;
  std::vector<std::string> server_options;
  std::vector<std::string> negotiation_restrict, negotiation_require;
  std::optional<FollowRemoteHead> follow_head;  // absent: fetch.followRemoteHEAD
  std::string no_warn_branch;
  std::string partial_clone_filter;
  bool is_promisor = false;

  bool has_url(std::string_view url) const;
  // Where a push goes: push_urls, or urls.
  const std::vector<std::string>& urls_for_push() const { return push_urls.empty() ? urls : push_urls; }
};

struct Branch {
  std::string name;             // "main"
  std::string refname;          // "refs/heads/main"
  std::string remote_name;      // branch.<name>.remote
  std::string pushremote_name;  // branch.<name>.pushRemote
  std::vector<std::string> merge_names;
};

class Remotes {
 public:
  // `repo` may be nullptr (outside of a repository).
  Remotes(Repository* repo, Config& config);
  ~Remotes();
  // A remote by name, URL or path; "" is the default one. nullptr where it has no URL at all.
  Remote* get(std::string_view name);
  Remote* get_for_push(std::string_view name);
  // Configured ones by name.
  std::vector<Remote*> all();
  Remote* find_configured(std::string_view name);
  static bool is_configured(const Remote* remote, bool in_repo = false);

  // "" or "HEAD": the current one; nullptr where HEAD is detached.
  Branch* branch(std::string_view name);
  Branch* current_branch() { return branch({}); }
  std::string remote_for_branch(const Branch* branch, bool* is_explicit = nullptr) const;
  std::string pushremote_for_branch(const Branch* branch, bool* is_explicit = nullptr) const;
  // The remote-tracking ref that branch.<name>.merge[0] becomes here; error in git's words.
  Result<std::string> upstream(const Branch* branch);
  // Where merge_names[i] is kept here; nullopt where it isn't.
  std::optional<std::string> tracking_of_merge(const Branch& branch, std::size_t i);
  std::string rewrite_url(std::string_view url, bool for_push, bool* was_rewritten = nullptr) const;

 private:
  Remote& make(std::string_view name);
  void read_config();
  void read_remote_key(Remote& remote, std::string_view key, const ConfigEntry& entry, bool in_repo);
  void read_remotes_file(Remote& remote);
  void read_branches_file(Remote& remote);
  void rewrite_urls();
  Remote* get_1(std::string_view name, bool for_push);

  Repository* repo_;
  Config& config_;
  std::map<std::string, std::unique_ptr<Remote>, std::less<>> remotes_;
  std::vector<Remote*> order_;
  std::map<std::string, std::unique_ptr<Branch>, std::less<>> branches_;
  struct Rewrite {
    std::string base, prefix;
  };
  std::vector<Rewrite> rewrites_, push_rewrites_;
  std::string push_default_;
  std::optional<std::string> current_;  // the branch HEAD is on
};

// remote.<name>.followRemoteHEAD, else fetch.followRemoteHEAD, else create. `no_warn_branch` gets the branch of
// "warn-if-not-<branch>".
FollowRemoteHead follow_remote_head_of(const Remote& remote, Config& config, std::string* no_warn_branch);
bool is_valid_remote_nick(std::string_view name);
bool is_valid_remote_name(std::string_view name);

}  // namespace git
