// The report is a packet stream of its own inside of band 1, cut anywhere; a second decoder takes it apart.
#include "protocol/push-client.h"

#include "wire/push-cert.h"

namespace git {

std::optional<PushEvent> PushClient::next_event() {
  if (events_.empty()) return std::nullopt;
  PushEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

void PushClient::fail(std::string message) {
  if (parser_ && parser_->has_unpack_line() && !report_) report_ = parser_->take();
  state_ = State::failed;
  emit(PushEvent::Kind::error, std::move(message));
}

void PushClient::on_end() {
  if (uses_sideband_ && has_report_ended_) {
    state_ = State::done;
    return emit(PushEvent::Kind::done);
  }
  if (!expects_report()) {
    state_ = State::done;
    return emit(PushEvent::Kind::done);
  }
  fail(_("the remote end hung up unexpectedly"));
}

std::string PushClient::capability_words() {
  const Capabilities& server = request_.server;
  std::string words;
  auto add = [&](bool wanted, std::string_view word) {
    if (wanted) words.append(" ").append(word);
  };
  bool version2 = server.has("report-status-v2");
  uses_report_ = request_.wants_report && (version2 || server.has("report-status"));
  uses_sideband_ = server.has("side-band-64k");
  add(uses_report_, version2 ? "report-status-v2" : "report-status");
  add(uses_sideband_, "side-band-64k");
  add(request_.is_quiet && server.has("quiet"), "quiet");
  add(request_.is_atomic, "atomic");
  add(!request_.push_options.empty(), "push-options");
  add(server.has("object-format"), strf("object-format=%s", hash_name(request_.algo)));
  add(server.has("agent"), "agent=" + request_.agent);
  add(!request_.session_id.empty() && server.has("session-id"), "session-id=" + request_.session_id);
  return words;
}

void PushClient::start() {
  std::string words = capability_words();
  for (const ObjectId& oid : request_.shallow) sendf("shallow %s", oid);
  if (!request_.signed_cert.empty()) {
    std::string packets;
    append_push_cert_packets(packets, request_.signed_cert, words);
    send_raw(packets);
  } else {
    bool is_first = true;
    for (const PushCommand& command : request_.commands) {
      std::string line = format_push_command(command);
      if (is_first) line += '\0' + words;
      is_first = false;
      send(line);
    }
  }
  send_flush();
  if (!request_.push_options.empty()) {
    for (const std::string& option : request_.push_options) send(option);
    send_flush();
  }
  if (uses_report_) parser_.emplace(request_.algo);
  state_ = State::waiting;
}

void PushClient::on_packet(Packet packet) {
  if (!uses_sideband_) {
    if (packet.is_data() && packet.err()) return fail(strf(_("remote error: %s"), *packet.err()));
    report_packet(packet);
    if (has_report_ended_ && state_ == State::waiting) {
      state_ = State::done;
      emit(PushEvent::Kind::done);
    }
    return;
  }
  if (packet.is_flush()) {
    if (uses_report_ && !has_report_ended_) return fail(_("the remote end hung up unexpectedly"));
    state_ = State::done;
    return emit(PushEvent::Kind::done);
  }
  auto piece = parse_sideband(packet.payload);
  if (!piece) return fail(_("send-pack: protocol error: bad band"));
  if (piece->band == kBandProgress) return emit(PushEvent::Kind::progress, std::string(piece->data));
  if (piece->band == kBandError) {
    emit(PushEvent::Kind::remote_error, std::string(piece->data));
    return;
  }
  report_bytes(piece->data);
}

void PushClient::report_bytes(std::string_view bytes) {
  inner_.feed(bytes);
  while (state_ == State::waiting) {
    auto packet = inner_.next();
    if (!packet) break;
    report_packet(*packet);
  }
  if (inner_.has_error()) fail(inner_.error());
}

void PushClient::report_packet(const Packet& packet) {
  if (has_report_ended_ || !parser_) return;
  if (packet.is_flush()) {
    has_report_ended_ = true;
    report_ = parser_->take();
    return;
  }
  if (!parser_->line(packet.line())) fail(parser_->error());
}

}  // namespace git
