// Protocol v2's server loop (gitprotocol-v2(5)): capabilities out, requests in.
#pragma once

namespace git {

class Repository;

struct ServeOptions {
  bool is_stateless = false;
  bool advertise_only = false;
};
// On standard input and output. Dies with git's words where the client breaks the protocol.
void serve_v2(Repository& repo, const ServeOptions& options);

}  // namespace git
