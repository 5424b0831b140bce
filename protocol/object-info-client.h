// The client's side of v2 "object-info" (gitprotocol-v2(5)): one request, a line for each object until flush.
//
//   reading ──flush──▶ done        (stateless: flush ──▶ closing ──response-end──▶ done)
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "hash/object-id.h"
#include "protocol/machine.h"

namespace git {

struct ObjectInfoRequest {
  HashAlgo algo = HashAlgo::sha1;
  std::vector<std::string> capabilities;  // "agent=...", "object-format=..."
  std::vector<ObjectId> oids;
  bool is_stateless = false;
};

class ObjectInfoClient : public Machine {
 public:
  enum class State : std::uint8_t { reading, closing, done, failed };
  explicit ObjectInfoClient(ObjectInfoRequest request) : request_(std::move(request)) {}
  void start();  // writes the request
  bool is_waiting() const override { return state_ == State::reading || state_ == State::closing; }
  State state() const { return state_; }
  const std::string& error() const { return error_; }
  // Sizes of the objects the server has.
  std::map<ObjectId, std::uint64_t> take() { return std::move(sizes_); }

 protected:
  void on_packet(Packet packet) override;
  void on_end() override { fail(_("the remote end hung up unexpectedly")); }
  void on_framing_error(const std::string& message) override { fail(message); }

 private:
  void fail(std::string message) {
    state_ = State::failed;
    error_ = std::move(message);
  }
  ObjectInfoRequest request_;
  State state_ = State::reading;
  bool saw_header_ = false;
  std::string error_;
  std::map<ObjectId, std::uint64_t> sizes_;
};

}  // namespace git
