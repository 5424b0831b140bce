// The capabilities stand behind a NUL in the first command, or in the line that opens a certificate.
#include "protocol/serve-push.h"

#include "base/strings.h"
#include "wire/acks.h"
#include "wire/capabilities.h"
#include "wire/push-cert.h"

namespace git {

void ServePush::fail(std::string message) {
  state_ = State::failed;
  error_ = std::move(message);
}

void ServePush::features(std::string_view text) {
  if (server_feature_has(text, "report-status-v2"))
    request_.report_status = 2;
  else if (server_feature_has(text, "report-status"))
    request_.report_status = 1;
  request_.side_band_64k = server_feature_has(text, "side-band-64k");
  request_.quiet = server_feature_has(text, "quiet");
  request_.atomic = server_feature_has(text, "atomic");
  request_.has_options = accepts_options_ && server_feature_has(text, "push-options");
  Capabilities words = Capabilities::parse(text);
  request_.agent = words.value("agent").value_or("");
  request_.session_id = words.value("session-id").value_or("");
  if (words.has("object-format") ? words.object_format() != algo_ : algo_ != HashAlgo::sha1)
    fail("error: unsupported object format '" + words.value("object-format").value_or("sha1") + "'");
}

bool ServePush::add_command(std::string_view line) {
  auto command = parse_push_command(line, algo_);
  if (!command) {
    fail(strf("protocol error: expected old/new/ref, got '%s'", line));
    return false;
  }
  request_.commands.push_back(std::move(*command));
  return true;
}

bool ServePush::commands_of_certificate() {
  std::size_t signature = request_.certificate.find("\n-----BEGIN ");
  std::string_view text =
      std::string_view(request_.certificate).substr(0, signature == std::string::npos ? signature : signature + 1);
  std::size_t body = text.find("\n\n");
  if (body == std::string_view::npos) {
    fail("malformed push certificate");
    return false;
  }
  for (std::string_view line : split_lines(text.substr(body + 2)))
    if (!add_command(line)) return false;
  return true;
}

void ServePush::after_commands() {
  if (!request_.certificate.empty() && request_.commands.empty() && !commands_of_certificate()) return;
  if (request_.commands.empty())
    state_ = State::done;
  else
    state_ = request_.has_options ? State::options : State::ready;
}

void ServePush::command_packet(const Packet& packet) {
  std::string_view payload = packet.payload, rest;
  std::string_view line = packet.line();
  if (auto shallow = parse_oid_line(line, "shallow", algo_)) {
    request_.shallow.push_back(shallow->oid);
    return;
  }
  std::size_t nul = payload.find('\0');
  if (nul != std::string_view::npos && request_.commands.empty() && request_.certificate.empty())
    features(rtrim(payload.substr(nul + 1)));
  if (state_ == State::failed) return;
  if (nul != std::string_view::npos) line = rtrim(payload.substr(0, nul));
  if (line == "push-cert") {
    state_ = State::certificate;
    return;
  }
  (void)rest;
  add_command(line);
}

void ServePush::on_packet(Packet packet) {
  switch (state_) {
    case State::commands:
      if (packet.is_data())
        command_packet(packet);
      else if (packet.is_flush())
        after_commands();
      else
        fail("protocol error: unexpected packet among the commands");
      break;
    case State::certificate:
      if (!packet.is_data()) return fail("got flush in the middle of a push certificate");
      if (packet.line() == "push-cert-end")
        state_ = State::commands;
      else
        request_.certificate += packet.payload;
      break;
    case State::options:
      if (packet.is_data())
        request_.options.emplace_back(packet.line());
      else
        state_ = State::ready;
      break;
    default:
      break;
  }
}

void ServePush::on_end() {
  if (state_ == State::commands && request_.commands.empty() && request_.certificate.empty())
    state_ = State::done;
  else
    fail("the remote end hung up unexpectedly");
}

}  // namespace git
