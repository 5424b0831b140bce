// The list is complete only with its flush; after a bad line what follows is read and dropped.
#include "protocol/bundle-uri-client.h"

#include "base/strings.h"

namespace git {

void BundleUriClient::start() {
  send("command=bundle-uri\n");
  for (const std::string& word : request_.capabilities) send(word);
  send_delim();
  send_flush();
}

void BundleUriClient::take_line(std::string_view line) {
  line_number_++;
  if (!complaints_.empty()) return;
  auto parsed = list_.parse_line(line);
  if (parsed) return;
  if (!parsed.error().message.empty()) complaints_.push_back(parsed.error().message);
  complaints_.push_back(strf(_("error on bundle-uri response line %d: %s"), line_number_, line));
}

void BundleUriClient::on_packet(Packet packet) {
  if (state_ == State::closing) {
    if (packet.type != PacketType::response_end) return fail(_("expected response end packet after ref listing"));
    state_ = State::done;
    return;
  }
  if (packet.is_flush()) {
    state_ = request_.is_stateless ? State::closing : State::done;
    return;
  }
  if (auto text = packet.err()) return fail(strf(_("remote error: %s"), *text));
  if (!packet.is_data()) return fail(_("expected flush after bundle-uri listing"));
  take_line(packet.line());
}

}  // namespace git
