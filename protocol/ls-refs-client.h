// The client's side of v2 "ls-refs" (gitprotocol-v2(5)): one request, ref lines until flush.
//
//   reading ──flush──▶ done        (stateless: flush ──▶ closing ──response-end──▶ done)
#pragma once

#include <string>
#include <vector>

#include "protocol/machine.h"
#include "wire/refs-advertisement.h"

namespace git {

struct LsRefsRequest {
  HashAlgo algo = HashAlgo::sha1;
  std::vector<std::string> capabilities;  // "agent=...", "object-format=...", "server-option=..."
  std::vector<std::string> prefixes;
  bool wants_unborn = false;
  bool is_stateless = false;
};

class LsRefsClient : public Machine {
 public:
  enum class State : std::uint8_t { reading, closing, done, failed };
  explicit LsRefsClient(const LsRefsRequest& request);
  void start();  // writes the request
  bool is_waiting() const override { return state_ == State::reading || state_ == State::closing; }
  State state() const { return state_; }
  const std::string& error() const { return error_; }
  std::vector<AdvertisedRef> take() { return std::move(refs_); }

 protected:
  void on_packet(Packet packet) override;
  void on_end() override { fail(_("the remote end hung up unexpectedly")); }
  void on_framing_error(const std::string& message) override { fail(message); }

 private:
  void fail(std::string message) {
    state_ = State::failed;
    error_ = std::move(message);
  }
  LsRefsRequest request_;
  State state_ = State::reading;
  std::string error_;
  std::vector<AdvertisedRef> refs_;
};

}  // namespace git
