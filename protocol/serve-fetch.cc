// Which words answer a have depends on what the client asked for: plain (one ACK, then silence), multi_ack (every common
// one, "continue"), multi_ack_detailed ("common", and "ready" as soon as a pack could be made).
#include "protocol/serve-fetch.h"

#include <utility>

#include "base/strings.h"
#include "wire/acks.h"
#include "wire/capabilities.h"

namespace git {

std::optional<ServeFetchEvent> ServeFetch::next_event() {
  if (events_.empty()) return std::nullopt;
  ServeFetchEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

void ServeFetch::fail(std::string message) {
  state_ = State::failed;
  events_.push_back({ServeFetchEvent::Kind::error, std::move(message)});
}

void ServeFetch::refuse(std::string_view message) {
  send("ERR " + std::string(message));
  state_ = State::failed;
}

void ServeFetch::on_packet(Packet packet) {
  if (state_ == State::wants)
    want_packet(packet);
  else
    have_packet(packet);
}

bool ServeFetch::features(std::string_view text) {
  if (server_feature_has(text, "deepen-relative")) request_.deepen_relative = true;
  if (server_feature_has(text, "multi_ack_detailed"))
    request_.multi_ack = 2;
  else if (server_feature_has(text, "multi_ack"))
    request_.multi_ack = 1;
  request_.session_id = Capabilities::parse(text).value("session-id").value_or("");
  request_.no_done = server_feature_has(text, "no-done");
  request_.thin_pack = server_feature_has(text, "thin-pack");
  request_.ofs_delta = server_feature_has(text, "ofs-delta");
  if (server_feature_has(text, "side-band-64k"))
    request_.sideband = static_cast<int>(kMaxPacketSize);
  else if (server_feature_has(text, "side-band"))
    request_.sideband = static_cast<int>(kSmallPacketSize);
  request_.no_progress = server_feature_has(text, "no-progress");
  request_.include_tag = server_feature_has(text, "include-tag");
  Capabilities words = Capabilities::parse(text);
  if (words.has("object-format") && words.object_format() != algo_) {
    fail(strf("mismatched object format: server %s; client %s", hash_name(algo_), words.value("object-format").value_or("")));
    return false;
  }
  return true;
}

bool ServeFetch::want_line(std::string_view line) {
  std::string_view rest;
  if (skip_prefix(line, "deepen ", &rest)) {
    auto depth = parse_uint(rest);
    if (!depth || *depth == 0 || *depth > 0x7fffffff) return fail(strf("Invalid deepen: %s", line)), false;
    request_.depth = static_cast<int>(*depth);
    return true;
  }
  if (skip_prefix(line, "deepen-since ", &rest)) {
    auto since = parse_uint(rest);
    if (!since || *since == 0) return fail(strf("Invalid deepen-since: %s", line)), false;
    request_.deepen_since = rest;
    return true;
  }
  if (skip_prefix(line, "deepen-not ", &rest)) {
    if (request_.deepen_not.size() < limits_.max_wants) request_.deepen_not.emplace_back(rest);
    return true;
  }
  if (skip_prefix(line, "filter ", &rest)) {
    if (!limits_.allow_filter) return fail("git upload-pack: filtering capability not negotiated"), false;
    request_.filter = rest;
    return true;
  }
  if (auto shallow = parse_oid_line(line, "shallow", algo_)) {
    if (request_.shallow.size() >= limits_.max_wants) return fail("too many shallow lines"), false;
    request_.shallow.push_back(shallow->oid);
    return true;
  }
  if (starts_with(line, "shallow ")) return fail(strf("invalid shallow line: %s", line)), false;
  auto want = parse_oid_line(line, "want", algo_);
  if (!want) return fail(strf("git upload-pack: protocol error, expected to get object ID, not '%s'", line)), false;
  if (request_.wants.empty() && !features(want->rest)) return false;
  if (request_.wants.size() >= limits_.max_wants) return fail("too many wants"), false;
  request_.wants.push_back(want->oid);
  return true;
}

void ServeFetch::want_packet(const Packet& packet) {
  if (packet.is_data()) {
    want_line(packet.line());
    return;
  }
  if (!packet.is_flush()) return fail("unexpected packet among the wants");
  if (request_.wants.empty()) {
    state_ = State::done;
    events_.push_back({ServeFetchEvent::Kind::done, {}});
    return;
  }
  state_ = State::checking;
  events_.push_back({ServeFetchEvent::Kind::wants, {}});
}

void ServeFetch::proceed() {
  if (state_ != State::checking) return;
  state_ = State::haves;
  run();
}

void ServeFetch::end_of_round() {
  if (request_.multi_ack == 2 && got_common_ && !got_other_ && host_.can_give_up()) {
    sent_ready_ = true;
    send(format_ack({AckKind::ack_ready, last_common_}));
  }
  if (!host_.has_common() || request_.multi_ack) send(format_ack({AckKind::nak, {}}));
  if (request_.no_done && sent_ready_) {
    send(format_ack({AckKind::ack, last_common_}));
    state_ = State::pack;
    events_.push_back({ServeFetchEvent::Kind::pack, {}});
    return;
  }
  if (limits_.is_stateless) {
    state_ = State::done;
    events_.push_back({ServeFetchEvent::Kind::done, {}});
  }
  got_common_ = got_other_ = false;
}

void ServeFetch::done_line() {
  if (host_.has_common()) {
    if (request_.multi_ack) send(format_ack({AckKind::ack, last_common_}));
  } else {
    send(format_ack({AckKind::nak, {}}));
  }
  state_ = State::pack;
  events_.push_back({ServeFetchEvent::Kind::pack, {}});
}

void ServeFetch::have_packet(const Packet& packet) {
  if (packet.is_flush()) return end_of_round();
  std::string_view line = packet.line();
  if (packet.is_data() && line == "done") return done_line();
  auto have = packet.is_data() ? parse_oid_line(line, "have", algo_) : std::nullopt;
  if (!have) return fail(strf("git upload-pack: expected SHA1 list, got '%s'", line));
  if (!host_.acknowledge(have->oid)) {
    got_other_ = true;
    if (request_.multi_ack && host_.can_give_up()) {
      if (request_.multi_ack == 2) sent_ready_ = true;
      send(format_ack({request_.multi_ack == 2 ? AckKind::ack_ready : AckKind::ack_continue, have->oid}));
    }
    return;
  }
  got_common_ = true;
  last_common_ = have->oid;
  if (request_.multi_ack == 2)
    send(format_ack({AckKind::ack_common, have->oid}));
  else if (request_.multi_ack == 1)
    send(format_ack({AckKind::ack_continue, have->oid}));
  else if (!first_common_ || *first_common_ == have->oid)
    send(format_ack({AckKind::ack, have->oid}));
  if (!first_common_) first_common_ = have->oid;
}

void ServeFetch::on_end() {
  if (state_ == State::haves && limits_.is_stateless) {
    state_ = State::done;
    events_.push_back({ServeFetchEvent::Kind::done, {}});
    return;
  }
  fail("the remote end hung up unexpectedly");
}

}  // namespace git
