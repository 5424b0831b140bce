// Pushing to a server that speaks the pack protocol: commands, the pack that is needed, the report.
#pragma once

#include <string>
#include <vector>

#include "connect.h"
#include "remote-refs.h"

namespace git {

class Repository;

// What went wrong over there, kept from the terminal by a caller that may try again.
struct HeldBack {
  std::string remote;  // its words
  std::string local;   // ours
};

struct SendPackArgs {
  enum class Sign : unsigned char { never, if_asked, always };
  std::string url;
  std::string remote_name;
  bool is_verbose = false, is_quiet = false, shows_progress = false;
  bool is_porcelain = false, is_dry_run = false, is_atomic = false;
  bool use_thin_pack = true;
  bool is_stateless = false;
  bool sends_mirror = false, force = false;
  Sign signs = Sign::never;
  std::vector<std::string> push_options;
  std::vector<ObjectId> common;  // what a negotiation found to be there
  HeldBack* held_back = nullptr;
  std::string trace_identity = "push";
};

// Sends what `refs` (with statuses set) say and fills in what became of them. 0, or -1 where something failed.
int send_pack(Repository& repo, Connection& connection, const Advertisement& advertised, RemoteRefs& refs,
              const SendPackArgs& args);

}  // namespace git
