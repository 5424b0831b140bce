// The first line of the answer repeats what was asked for; an object the server lacks has an empty size.
#include "protocol/object-info-client.h"

#include "base/strings.h"

namespace git {

void ObjectInfoClient::start() {
  send("command=object-info");
  for (const std::string& word : request_.capabilities) send(word);
  send_delim();
  send("size");
  for (const ObjectId& oid : request_.oids) sendf("oid %s", oid);
  send_flush();
}

void ObjectInfoClient::on_packet(Packet packet) {
  if (state_ == State::closing) {
    if (packet.type != PacketType::response_end) return fail(_("expected response end packet after object info"));
    state_ = State::done;
    return;
  }
  if (packet.is_flush()) {
    state_ = request_.is_stateless ? State::closing : State::done;
    return;
  }
  if (auto text = packet.err()) return fail(strf(_("remote error: %s"), *text));
  if (!packet.is_data()) return fail(_("expected flush after object info"));
  std::string_view line = packet.line();
  if (!saw_header_) {
    saw_header_ = true;
    if (line != "size") fail(strf(_("unexpected object-info response: %s"), line));
    return;
  }
  auto oid = ObjectId::parse_prefix(line, request_.algo);
  if (!oid) return fail(strf(_("unexpected object-info response: %s"), packet.line()));
  if (!skip_prefix(line, " ") || line.empty()) return;
  auto size = parse_uint(line);
  if (!size) return fail(strf(_("unexpected object-info response: %s"), packet.line()));
  sizes_[*oid] = *size;
}

}  // namespace git
