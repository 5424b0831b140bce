// In a connection that stays, one round is always on its way while the answer to the one before is read: the first
// round of 16 haves goes out, then the second, and only then the first answer is waited for.  flushes_ counts the
// rounds not answered yet; each is owed a NAK, which has to be read before the pack.
#include "protocol/fetch-v0-client.h"

namespace git {

void FetchV0Client::fail(std::string message) {
  state_ = State::failed;
  emit(Kind::error, std::move(message));
}

void FetchV0Client::on_end() {
  if (state_ == State::pack && !uses_sideband_) {
    state_ = State::done;
    emit(Kind::done);
  } else if (state_ == State::pack) {
    fail(_("fetch-pack: unexpected disconnect while reading sideband packet"));
  } else {
    fail(_("the remote end hung up unexpectedly"));
  }
}

std::string FetchV0Client::want_capabilities() {
  const Capabilities& server = request_.server;
  std::string words;
  auto add = [&](bool wanted, std::string_view word) {
    if (wanted) words.append(" ").append(word);
  };
  if (server.has("multi_ack_detailed")) {
    multi_ack_ = 2;
    no_done_ = server.has("no-done") && request_.is_stateless && !is_searching();
  } else if (server.has("multi_ack")) {
    multi_ack_ = 1;
  }
  uses_sideband_ = server.has("side-band-64k") || server.has("side-band");
  add(multi_ack_ == 2, "multi_ack_detailed");
  add(multi_ack_ == 1, "multi_ack");
  add(no_done_, "no-done");
  add(uses_sideband_, server.has("side-band-64k") ? "side-band-64k" : "side-band");
  add(request_.deepen_relative, "deepen-relative");
  add(request_.thin_pack && server.has("thin-pack"), "thin-pack");
  add(request_.no_progress && server.has("no-progress"), "no-progress");
  add(request_.include_tag && server.has("include-tag"), "include-tag");
  add(request_.ofs_delta && server.has("ofs-delta"), "ofs-delta");
  add(server.has("deepen-since"), "deepen-since");
  add(server.has("deepen-not"), "deepen-not");
  add(!request_.filter.empty() && server.has("filter"), "filter");
  add(server.has("agent"), "agent=" + request_.agent);
  add(!request_.session_id.empty(), "session-id=" + request_.session_id);
  return words;
}

std::string FetchV0Client::make_request() {
  std::string out;
  bool is_first = true;
  for (const ObjectId& want : request_.wants) {
    compose(out, "want " + want.hex() + (is_first ? want_capabilities() : "") + "\n");
    is_first = false;
  }
  for (const ObjectId& oid : request_.shallow) compose(out, "shallow " + oid.hex() + "\n");
  if (request_.depth > 0) compose(out, strf("deepen %d", request_.depth));
  if (!request_.deepen_since.empty()) compose(out, "deepen-since " + request_.deepen_since);
  for (const std::string& name : request_.deepen_not) compose(out, "deepen-not " + name);
  if (!request_.filter.empty()) compose(out, "filter " + request_.filter);
  compose_flush(out);
  return out;
}

void FetchV0Client::send_request(std::string_view bytes) {
  if (!request_.is_stateless) return send_raw(bytes);
  std::string enveloped;
  append_packets(enveloped, bytes);
  append_flush(enveloped);
  send_raw(enveloped);
}

void FetchV0Client::start() {
  base_state_ = make_request();
  if (request_.is_deepening()) {
    send_request(base_state_);
    state_ = State::shallow_info;
    return;
  }
  if (!request_.is_stateless) send_raw(base_state_);
  negotiate();
}

bool FetchV0Client::is_searching() const { return negotiator_ && negotiator_->is_searching(); }

void FetchV0Client::offer(CommitNumber have) {
  compose(round_, "have " + source_->name(have).hex() + "\n");
  counters_.haves++;
  counters_.round_haves++;
}

void FetchV0Client::negotiate() {
  for (CommitNumber have : take_required()) offer(have);
  while (auto have = next_have()) {
    offer(*have);
    in_vain_++;
    if (++count_ < flush_at_) continue;
    flush_round();
    flush_at_ = next_flush(request_.is_stateless, count_);
    if (!request_.is_stateless && count_ == kInitialFlush) continue;
    return await_acks();
  }
  if (counters_.round_haves > 0 && is_searching()) {
    // What comes next depends on the answer.
    flush_round();
    flush_at_ = std::max(flush_at_, count_ + kInitialFlush);
    return await_acks();
  }
  if (flushes_ > 0 && is_searching()) return await_acks();
  send_done();
}

void FetchV0Client::await_acks() {
  state_ = request_.is_stateless && request_.is_deepening() ? State::round_shallow : State::acks;
}

void FetchV0Client::flush_round() {
  compose_flush(round_);
  send_request(request_.is_stateless ? base_state_ + round_ : round_);
  round_.clear();
  flushes_++;
  end_round(in_vain_);
  counters_.round_haves = 0;
}

void FetchV0Client::on_packet(Packet packet) {
  if (auto text = packet.err(); text && state_ != State::pack) return fail(strf(_("remote error: %s"), *text));
  switch (state_) {
    case State::shallow_info:
    case State::round_shallow:
    case State::final_shallow:
      return shallow_packet(packet, state_);
    case State::acks:
      return ack_packet(packet);
    case State::final_acks:
      return final_ack_packet(packet);
    case State::pack:
      return pack_packet(packet);
    case State::idle:
    case State::done:
    case State::failed:
      return;
  }
}

void FetchV0Client::shallow_packet(const Packet& packet, State after) {
  if (packet.is_flush()) {
    if (after == State::shallow_info) {
      emit(Kind::shallow_done);
      return negotiate();
    }
    if (after == State::round_shallow) {
      state_ = State::acks;
      return;
    }
    state_ = State::final_acks;
    return finish_if_answered();
  }
  auto line = parse_shallow_line(packet.line(), request_.algo);
  if (!line) return fail(strf(_("expected shallow/unshallow, got %s"), packet.line()));
  // The server repeats itself in every stateless round; once is enough.
  if (after == State::shallow_info) emit(line->is_unshallow ? Kind::unshallow : Kind::shallow, {}, line->oid);
}

void FetchV0Client::ack_packet(const Packet& packet) {
  if (!packet.is_data()) return fail(_("git fetch-pack: expected ACK/NAK, got a flush packet"));
  auto ack = parse_ack(packet.line(), request_.algo);
  if (!ack || ack->kind == AckKind::ready) return fail(strf(_("git fetch-pack: expected ACK/NAK, got '%s'"), packet.line()));
  if (ack->kind == AckKind::nak) return round_done();
  bool is_ours = false;
  if (ack->kind == AckKind::ack) {
    take_ack(ack->oid, &is_ours);
    flushes_ = 0;
    multi_ack_ = 0;
    had_ack_ = true;
    return send_done();
  }
  // "ready" is said of commits that the server doesn't have, too: a search goes on without it.
  if (ack->kind == AckKind::ack_ready && is_searching()) return;
  bool was_common = take_ack(ack->oid, &is_ours);
  if (!is_ours) return fail(strf(_("invalid commit %s"), ack->oid));
  if (request_.is_stateless && ack->kind == AckKind::ack_common) {
    if (!was_common) {
      // What is common belongs to what every later round repeats.
      compose(base_state_, "have " + ack->oid.hex() + "\n");
      in_vain_ = 0;
    }
  } else {
    in_vain_ = 0;
  }
  had_ack_ = true;
  got_continue_ = true;
  if (ack->kind == AckKind::ack_ready) got_ready_ = true;
}

void FetchV0Client::round_done() {
  flushes_--;
  if (negotiator_) negotiator_->round_answered();
  if (got_ready_ || (got_continue_ && in_vain_ > kMaxInVain)) return send_done();
  negotiate();
}

void FetchV0Client::send_done() {
  bool says_done = !got_ready_ || !no_done_;
  if (says_done) {
    compose(round_, "done\n");
    send_request(request_.is_stateless ? base_state_ + round_ : round_);
    round_.clear();
  }
  if (counters_.round_haves > 0) end_round(in_vain_);
  if (!had_ack_) {
    multi_ack_ = 0;
    flushes_++;
  }
  if (says_done && request_.is_stateless && request_.is_deepening()) {
    state_ = State::final_shallow;
    return;
  }
  state_ = State::final_acks;
  finish_if_answered();
}

void FetchV0Client::finish_if_answered() {
  if (flushes_ <= 0 && !multi_ack_) enter_pack();
}

void FetchV0Client::final_ack_packet(const Packet& packet) {
  if (!packet.is_data()) return fail(_("git fetch-pack: expected ACK/NAK, got a flush packet"));
  auto ack = parse_ack(packet.line(), request_.algo);
  if (!ack || ack->kind == AckKind::ready) return fail(strf(_("git fetch-pack: expected ACK/NAK, got '%s'"), packet.line()));
  if (ack->kind == AckKind::nak) {
    flushes_--;
    return finish_if_answered();
  }
  bool is_ours = false;
  if (source_ && !request_.no_haves && source_->find(ack->oid)) take_ack(ack->oid, &is_ours);
  if (ack->kind == AckKind::ack) return enter_pack();
  multi_ack_ = 1;
}

void FetchV0Client::enter_pack() {
  state_ = State::pack;
  if (!uses_sideband_) enter_raw();
}

void FetchV0Client::on_raw(std::string_view bytes) { emit(Kind::pack, std::string(bytes)); }

void FetchV0Client::pack_packet(const Packet& packet) {
  if (packet.is_flush()) {
    state_ = State::done;
    return emit(Kind::done);
  }
  if (!packet.is_data()) return fail(_("protocol error: unexpected packet in the pack"));
  auto piece = parse_sideband(packet.payload);
  if (!piece) {
    return packet.payload.empty()
               ? fail(_("fetch-pack: protocol error: no band designator"))
               : fail(strf(_("fetch-pack: protocol error: bad band #%d"), static_cast<unsigned char>(packet.payload[0])));
  }
  if (piece->band == kBandData) return emit(Kind::pack, std::string(piece->data));
  if (piece->band == kBandProgress) return emit(Kind::progress, std::string(piece->data));
  state_ = State::failed;
  emit(Kind::remote_error, std::string(piece->data));
}

}  // namespace git
