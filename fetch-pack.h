// Fetching from a server that speaks the pack protocol: what do we lack, what do we have, negotiate, take the pack.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connect.h"
#include "negotiator/negotiator.h"
#include "protocol/fetch-client.h"
#include "remote-refs.h"

namespace git {

class Repository;

// How --negotiate-only ends where the server said what it must not say (EX_PROTOCOL of sysexits.h).
inline constexpr int kExitProtocolViolation = 76;

struct FetchPackArgs {
  std::string url;  // where the words of the server come from
  int depth = 0;
  std::string deepen_since;  // as a date; sent as seconds
  std::vector<std::string> deepen_not;
  bool deepen_relative = false;
  bool unshallow = false;
  std::string filter;  // expanded; "auto" is for transports to replace
  bool is_quiet = false, is_verbose = false, no_progress = false;
  bool keep_pack = false, lock_pack = false;
  bool use_thin_pack = true;
  bool include_tag = false;
  bool fetch_all = false;
  bool is_cloning = false;
  bool update_shallow = false;
  bool reject_shallow_remote = false;
  bool refetch = false;
  bool from_promisor = false;
  bool no_dependents = false;  // exactly these objects: no haves, no walk (lazy fetching)
  bool check_self_contained = false;
  bool negotiate_only = false;
  bool answers_promisors = false;  // looks at the promisor remotes that the server names
  bool is_stateless = false;
  std::optional<std::vector<ObjectId>> restrict_tips;  // --negotiation-restrict; absent: every ref
  std::vector<ObjectId> required_tips;                 // --negotiation-require
  std::vector<ObjectId> likely_tips;                   // what the server most likely has, best first
  std::vector<std::string> server_options;
  bool server_options_are_asked_for = false;  // not only configured: a server that can't take them is an error
  std::string promisor_remotes;               // what we answer to the server's list of promisors
  std::string trace_identity = "fetch";
  std::function<void(const ObjectId&)> on_common;  // --negotiate-only prints each at once
  bool is_deepening() const { return depth > 0 || !deepen_since.empty() || !deepen_not.empty(); }
  // What the command line says, or else remote.<name>.serverOption.
  void set_server_options(const std::vector<std::string>& asked, const std::vector<std::string>& configured) {
    server_options_are_asked_for = !asked.empty();
    server_options = asked.empty() ? configured : asked;
  }
};

struct FetchPackResult {
  std::vector<std::string> lock_files;  // ".keep" files to be removed once the refs are updated
  bool is_self_contained = false;       // index-pack has seen that all is there
  bool got_pack = false;
  bool cannot_negotiate_only = false;  // it takes v2; a warning was given
  NegotiationCounters negotiation;
  std::vector<ObjectId> common;
  std::vector<std::pair<std::string, ObjectId>> wanted_refs;
  std::vector<std::string> accepted_promisors;  // of those that the server told us about
  std::vector<std::string> rejected_shallow;    // refs that would need a new boundary
};

// `sought` is what we want; an exact object id need not be among `advertised.refs`. The connection stays open.
FetchPackResult fetch_pack(Repository& repo, Channel& channel, const Advertisement& advertised, RemoteRefs& sought,
                           const FetchPackArgs& args);

// `option` with "=<msg-id>=<severity>,..." from fetch.fsck.* where what is fetched is to be checked; nullopt where not.
std::optional<std::string> fetch_fsck_option(Config& config, const std::string& option);
RemoteRefs remote_refs_of(const std::vector<AdvertisedRef>& refs);

}  // namespace git
