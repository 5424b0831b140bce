// One face for every way to reach another repository: the pack protocol over local pipes, ssh and git://; bundles;
// remote helpers.  Commands talk to this.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fetch-pack.h"
#include "push-base.h"
#include "remote-refs.h"
#include "remote.h"
#include "submodule-push.h"
#include "wire/bundle-list.h"

namespace git {

class Repository;
class Config;
struct HeldBack;

struct TransportOptions {
  FetchPackArgs fetch;     // what a fetch asks for
  std::string uploadpack;  // "" the remote's, or git-upload-pack
  std::string receivepack;
  bool ipv4 = false, ipv6 = false;
  bool follow_tags = false;
  std::vector<std::string> push_options;
  std::vector<ObjectId> push_common;   // what a negotiation before the push found
  PushBaseChoice push_base;            // --base, push.base
  PushBaseKeys push_keys;              // what of that the server is told
  HeldBack* push_held_back = nullptr;  // where complaints go that a second try may make void
  bool thin_push = true;
  SubmodulePush submodules = SubmodulePush::off;
  int verbosity = 0;  // below 0: quiet
  int progress = -1;  // 1 yes, 0 no, -1 where stderr is a terminal
  std::string trace_identity = "git";
  bool shows_progress() const;
};

enum PushFlag : unsigned {
  kPushForce = 1u << 0,
  kPushDryRun = 1u << 1,
  kPushMirror = 1u << 2,
  kPushPorcelain = 1u << 3,
  kPushSetUpstream = 1u << 4,
  kPushPrune = 1u << 5,
  kPushAtomic = 1u << 6,
  kPushSigned = 1u << 7,
  kPushSignedIfAsked = 1u << 8,
  kPushNoHook = 1u << 9,
  kPushQuiet = 1u << 10,
  kPushFollowTags = 1u << 11,
  kPushAll = 1u << 12,
  kPushForceIfIncludes = 1u << 13,
  kPushOptions = 1u << 14,
};

class Transport {
 public:
  virtual ~Transport() = default;
  // Opens what `url` names for `remote` (which may be nullptr for a bare URL). `repo` may be nullptr (ls-remote
  // outside of a repository).
  static std::unique_ptr<Transport> open(Repository* repo, Config& config, Remote* remote, const std::string& url);

  // The refs of the other side, those with `prefixes` at least ("" for all).
  virtual RemoteRefs refs(bool for_push, const std::vector<std::string>& prefixes) = 0;
  virtual HashAlgo algo() const = 0;
  // Brings the objects of `wanted`. 0, or an exit code.
  virtual int fetch(RemoteRefs& wanted) = 0;
  // Sends what `refs` (with statuses set) say; fills in what became of them. 0 or -1.
  virtual int push(RemoteRefs& refs, unsigned flags);
  // A connection to `service` there, for commands with a protocol of their own; nullptr where that can't be had.
  virtual std::unique_ptr<Connection> connect(const std::string& service, const std::string& program);
  // What bundles the server offers (v2 "bundle-uri"), asked between refs() and fetch(); nullopt where it offers none.
  virtual std::optional<BundleList> bundle_list() { return std::nullopt; }
  virtual bool is_smart() const { return false; }
  // Can it talk about what is common (--negotiation-restrict)?
  virtual bool can_negotiate() const { return false; }
  virtual int protocol_version() const { return 0; }
  virtual bool cannot_reuse() const { return false; }
  virtual int disconnect() { return 0; }
  virtual bool is_push_possible() const { return true; }
  virtual bool push_is_helper() const { return false; }

  const std::string& url() const { return url_; }
  Remote* remote() const { return remote_; }
  TransportOptions options;
  std::vector<std::string> lock_files;  // ".keep" files, removed by unlock_packs()
  FetchPackResult last_fetch;
  void unlock_packs();

 protected:
  Transport(Repository* repo, Config& config, Remote* remote, std::string url)
      : repo_(repo), config_(config), remote_(remote), url_(std::move(url)) {}
  Repository* repo_;
  Config& config_;
  Remote* remote_;
  std::string url_;
};

// The URL without its password, and without ".git" and slashes at its end, as tables and messages show it.
std::string display_url(std::string_view url);

}  // namespace git
