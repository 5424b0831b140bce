// Serving a fetch (git-upload-pack(1)): the advertisement, the negotiation, the pack.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hash/object-id.h"

namespace git {

class Repository;
class ServeV2;

struct UploadPackOptions {
  bool is_stateless = false;
  bool advertise_refs = false;  // only that, then leave
  int timeout = 0;              // seconds without a word from the client; 0 for ever
  int version = 0;              // 0 or 1
};
// The whole v0/v1 conversation on standard input and output. Dies with git's words, having told the client.
void upload_pack(Repository& repo, const UploadPackOptions& options);

// v2's "fetch" command: the state of one connection, because common commits need not be proved again.
class FetchCommand {
 public:
  explicit FetchCommand(Repository& repo);
  ~FetchCommand();
  // What stands behind "fetch=" in the advertisement.
  std::string features() const;
  void begin();
  // The client gets what we lack from a promisor remote that we told it about.
  void skip_promised(bool skips);
  void argument(ServeV2& machine, std::string_view line);
  // Answers; the pack goes to standard output, after what the machine still has to write (`flush` does that).
  void end(ServeV2& machine, const std::function<void()>& flush);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace git
