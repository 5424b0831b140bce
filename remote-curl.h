// git-remote-http and its sisters: a remote helper (gitremote-helpers(7)) that finds out what a server can, and carries
// the smart protocol over stateless requests, or walks a dumb server's files.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http.h"
#include "wire/push-base-keys.h"
#include "wire/refs-advertisement.h"

namespace git {

class Repository;
struct Remote;

// What "option" lines ask for.
struct RemoteCurlOptions {
  int verbosity = 1;
  bool progress = true;
  bool follow_tags = false, dry_run = false, thin = true, atomic = false, force_if_includes = false;
  bool check_self_contained = false, is_cloning = false, update_shallow = false, refetch = false, from_promisor = false;
  bool deepen_relative = false, object_format = false;
  int depth = 0;
  std::string deepen_since, filter, push_cert;
  std::vector<std::string> deepen_not, push_options;
  std::vector<std::string> leases;    // "<ref>:<expect>"
  std::vector<ObjectId> push_common;  // what a negotiation found
};

// The answer to .../info/refs?service=<service>.
struct Discovery {
  std::string service;
  bool is_smart = false;
  int version = 0;
  std::string bytes;  // the smart advertisement
  HashAlgo algo = HashAlgo::sha1;
  std::vector<AdvertisedRef> refs;
};

// One remote: where it is and what was found out about it.
class RemoteHttp {
 public:
  RemoteHttp(Config& config, const Remote* remote, std::string url);

  // Asks once per service. Dies in git's words where the server has nothing good to say.
  const Discovery& discover(const std::string& service);
  const std::string& url() const { return url_; }  // with a slash at its end
  HttpSession& session() { return session_; }
  Config& config() { return config_; }
  // The Git-Protocol header: the version, and what else is to be said before the server answers. "" where there is
  // nothing to say.
  static std::string protocol_header(int version, const std::vector<std::string>& extra_keys = {});
  // What a push changed is to be asked anew.
  void forget();
  int wanted_version(const std::string& service) const;

  RemoteCurlOptions options;
  PushBaseKeys push_base;  // for git-receive-pack

 private:
  void read_smart(Discovery& found, const HttpAnswer& answer, std::string_view body);
  void read_dumb(Discovery& found, const std::string& body);
  std::optional<AdvertisedRef> read_dumb_head(const Discovery& found);

  Config& config_;
  std::string url_;
  HttpSession session_;
  std::optional<Discovery> found_;
};

// A smart service as a local command sees it: what is read from `in` up to a flush becomes a POST, what comes back goes
// to `out`.
//   enveloped: the command packs each request into packets of their own, ended by a flush (fetch-pack --stateless-rpc)
//   otherwise: the packets are the request, and every response is followed by a response-end (stateless-connect)
struct RpcSetup {
  std::string service;  // "git-upload-pack"
  int version = 0;
  bool is_enveloped = true;
  bool uses_gzip = false;
  int in = -1, out = -1;
};
// Until the command has nothing more to ask. False after error().
bool run_rpc(RemoteHttp& remote, const RpcSetup& setup);

}  // namespace git
