// The client's side of v2 "bundle-uri" (gitprotocol-v2(5)): one request without arguments, "key=value" lines until flush.
//
//   reading ──flush──▶ done        (stateless: flush ──▶ closing ──response-end──▶ done)
//
// A bad line does not stop the reading: the connection is needed for the fetch, so the answer is read to its end.
#pragma once

#include <string>
#include <vector>

#include "protocol/machine.h"
#include "wire/bundle-list.h"

namespace git {

struct BundleUriRequest {
  std::vector<std::string> capabilities;  // "agent=...", "object-format=...", "server-option=..."
  bool is_stateless = false;
};

class BundleUriClient : public Machine {
 public:
  enum class State : std::uint8_t { reading, closing, done, failed };
  explicit BundleUriClient(BundleUriRequest request) : request_(std::move(request)) {}
  void start();  // writes the request
  bool is_waiting() const override { return state_ == State::reading || state_ == State::closing; }
  State state() const { return state_; }
  const std::string& error() const { return error_; }
  // What was wrong with the first bad line; empty where all were good.
  const std::vector<std::string>& complaints() const { return complaints_; }
  BundleList take() { return std::move(list_); }

 protected:
  void on_packet(Packet packet) override;
  void on_end() override { fail(_("the remote end hung up unexpectedly")); }
  void on_framing_error(const std::string& message) override { fail(message); }

 private:
  void take_line(std::string_view line);
  void fail(std::string message) {
    state_ = State::failed;
    error_ = std::move(message);
  }
  BundleUriRequest request_;
  State state_ = State::reading;
  int line_number_ = 0;
  std::string error_;
  std::vector<std::string> complaints_;
  BundleList list_;
};

}  // namespace git
