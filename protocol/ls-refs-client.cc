// The whole request goes out in one write.
#include "protocol/ls-refs-client.h"

namespace git {

LsRefsClient::LsRefsClient(const LsRefsRequest& request) : request_(request) {}

void LsRefsClient::start() {
  send("command=ls-refs\n");
  for (const std::string& word : request_.capabilities) send(word);
  send_delim();
  send("peel\n");
  send("symrefs\n");
  if (request_.wants_unborn) send("unborn\n");
  for (const std::string& prefix : request_.prefixes) sendf("ref-prefix %s\n", prefix);
  send_flush();
}

void LsRefsClient::on_packet(Packet packet) {
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
  if (!packet.is_data()) return fail(_("expected flush after ref listing"));
  auto ref = parse_ls_refs_line(packet.line(), request_.algo);
  if (!ref) return fail(strf(_("invalid ls-refs response: %s"), packet.line()));
  refs_.push_back(std::move(*ref));
}

}  // namespace git
