// Accepting a push (git-receive-pack(1)), in wire order: advertise, read commands, take the pack into quarantine, check,
// ask the hooks, publish objects, update refs, report.
#pragma once

#include <string>

namespace git {

class Repository;

struct ReceivePackOptions {
  bool is_stateless = false;
  bool advertise_refs = false;
  bool quiet = false;
  bool reject_thin = false;
  bool skip_connectivity_check = false;
  int version = 0;          // 0 or 1
  std::string service_dir;  // as the client named the repository: part of a nonce
};
// On standard input and output.
void receive_pack(Repository& repo, const ReceivePackOptions& options);

}  // namespace git
