// Reads what a server says first (gitprotocol-pack(5) "Reference Discovery", gitprotocol-v2(5) "Initial Client
// Request"), whichever version it answers in.
//
//   first ──"version 2"──▶ v2_capabilities ──flush──▶ done
//     │ ──"version 1"──▶ v1_first ─┐
//     └──ref line, flush──────────▶ v0_refs ──flush──▶ done
//
// Any state: "ERR x", a bad line, or the end of the stream ──▶ failed (error() in git's words).
#pragma once

#include <string>
#include <vector>

#include "protocol/machine.h"
#include "wire/capabilities.h"
#include "wire/refs-advertisement.h"

namespace git {

struct Advertisement {
  int version = 0;
  Capabilities capabilities;
  HashAlgo algo = HashAlgo::sha1;
  std::vector<AdvertisedRef> refs;   // v0 and v1
  std::vector<ObjectId> shallow;     // the server's boundary, v0 and v1
  std::vector<ObjectId> extra_have;  // ".have" lines
};

class AdvertisementClient : public Machine {
 public:
  enum class State : std::uint8_t { first, v1_first, v0_refs, v2_capabilities, done, failed };
  enum class Failure : std::uint8_t { none, remote_error, hung_up, protocol };

  bool is_waiting() const override { return state_ != State::done && state_ != State::failed; }
  State state() const { return state_; }
  Failure failure() const { return failure_; }
  const std::string& error() const { return error_; }
  bool saw_any() const { return saw_any_; }
  // REQUIRES: state() == done
  Advertisement take() { return std::move(result_); }

 protected:
  void on_packet(Packet packet) override;
  void on_end() override;
  void on_framing_error(const std::string& message) override { fail(Failure::protocol, message); }

 private:
  void fail(Failure failure, std::string message);
  void first_line(const Packet& packet);
  void ref_line(const Packet& packet);
  void take_capabilities(std::string_view words);
  void add_ref(const ObjectId& oid, std::string_view name);
  void finish_refs();

  State state_ = State::first;
  Failure failure_ = Failure::none;
  std::string error_;
  Advertisement result_;
  bool saw_any_ = false;
  bool saw_capabilities_ = false;
};

}  // namespace git
