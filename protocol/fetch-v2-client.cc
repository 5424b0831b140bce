// Every request repeats everything: wants, shallow lines, and the haves that the server acknowledged before.
#include "protocol/fetch-v2-client.h"

#include "base/strings.h"

namespace git {

void FetchV2Client::fail(std::string message) {
  state_ = State::failed;
  emit(Kind::violation, std::move(message));
}

void FetchV2Client::on_end() {
  state_ = State::failed;
  emit(Kind::error, state_ == State::pack ? _("fetch-pack: unexpected disconnect while reading sideband packet")
                                          : _("the remote end hung up unexpectedly"));
}

void FetchV2Client::start() { send_request(); }

void FetchV2Client::send_request() {
  std::vector<CommitNumber> haves = collect_haves();
  if (request_.wait_for_done && haves.empty()) {
    // A request without haves is one that servers answer with a pack: it is never sent.
    state_ = State::done;
    return emit(Kind::done);
  }
  send("command=fetch");
  if (request_.server.has("agent")) send("agent=" + request_.agent);
  bool waits = request_.wait_for_done || waits_for_answers();
  if (!request_.session_id.empty() && request_.server.has("session-id")) send("session-id=" + request_.session_id);
  for (const std::string& option : request_.server_options) send("server-option=" + option);
  if (request_.server.has("object-format")) sendf("object-format=%s", hash_name(request_.algo));
  if (!request_.promisor_remotes.empty()) send("promisor-remote=" + request_.promisor_remotes);
  send_delim();
  if (waits) send("wait-for-done");
  if (!request_.wait_for_done) {
    send_arguments();
    for (const ObjectId& oid : common_) sendf("have %s\n", oid);
  }
  for (CommitNumber have : haves) sendf("have %s\n", source_->name(have));
  if (is_exhausted_ && !request_.wait_for_done) {
    send("done\n");
    has_sent_done_ = true;
  }
  send_flush();
  if (!haves.empty()) end_round(in_vain_);
  state_ = State::section;
}

// In a search the first hit is not the last word; the server must not send the pack upon it.
bool FetchV2Client::waits_for_answers() const {
  return !is_exhausted_ && negotiator_ && negotiator_->wants_every_answer() && request_.server.supports("fetch", "wait-for-done");
}

void FetchV2Client::send_arguments() {
  if (request_.thin_pack) send("thin-pack");
  if (request_.no_progress) send("no-progress");
  if (request_.include_tag) send("include-tag");
  if (request_.ofs_delta) send("ofs-delta");
  if (request_.sideband_all) send("sideband-all");
  for (const ObjectId& oid : request_.shallow) sendf("shallow %s\n", oid);
  if (request_.depth > 0) sendf("deepen %d\n", request_.depth);
  if (!request_.deepen_since.empty()) sendf("deepen-since %s\n", request_.deepen_since);
  for (const std::string& name : request_.deepen_not) sendf("deepen-not %s\n", name);
  if (request_.deepen_relative) send("deepen-relative\n");
  if (!request_.filter.empty()) sendf("filter %s", request_.filter);
  if (!request_.packfile_uri_protocols.empty()) sendf("packfile-uris %s", join(request_.packfile_uri_protocols, ","));
  for (const std::string& name : request_.want_refs) sendf("want-ref %s\n", name);
  for (const ObjectId& want : request_.wants) sendf("want %s\n", want);
}

std::vector<CommitNumber> FetchV2Client::collect_haves() {
  // Required haves count against no limit, and don't make a round of their own.
  std::vector<CommitNumber> haves = take_required();
  int added = 0;
  std::optional<CommitNumber> have;
  while (added < haves_to_send_ && (have = next_have())) {
    haves.push_back(*have);
    added++;
  }
  counters_.round_haves = static_cast<int>(haves.size());
  counters_.haves += counters_.round_haves;
  in_vain_ += added;
  if (added == 0 || (seen_ack_ && in_vain_ >= kMaxInVain)) is_exhausted_ = true;
  haves_to_send_ = next_flush(true, haves_to_send_);
  return haves;
}

void FetchV2Client::on_packet(Packet packet) {
  if (auto text = packet.err(); text && state_ != State::pack) {
    state_ = State::failed;
    return emit(Kind::error, strf(_("remote error: %s"), *text));
  }
  if (request_.sideband_all && packet.is_data() && state_ != State::pack && state_ != State::closing) {
    auto piece = parse_sideband(packet.payload);
    if (!piece) return fail(_("protocol error: no band designator"));
    if (piece->band == kBandData && piece->data.empty()) return;  // a keepalive
    if (piece->band == kBandProgress) return emit(Kind::progress, std::string(piece->data));
    if (piece->band == kBandError) {
      state_ = State::failed;
      return emit(Kind::remote_error, std::string(piece->data));
    }
    packet.payload.erase(0, 1);
  }
  switch (state_) {
    case State::section:
      if (!packet.is_data()) return fail(_("expected a section header, got a flush packet"));
      return section_header(packet.line());
    case State::acks:
      return ack_packet(packet);
    case State::shallow_info:
    case State::wanted_refs:
    case State::packfile_uris:
      return list_packet(packet);
    case State::pack:
      return pack_packet(packet);
    case State::closing:
      if (packet.type != PacketType::response_end) return fail(_("expected response end packet after fetch"));
      return after_response(after_closing_);
    case State::idle:
    case State::done:
    case State::failed:
      return;
  }
}

void FetchV2Client::section_header(std::string_view name) {
  if (name == "acknowledgments") {
    if (has_sent_done_) return fail(strf(_("expected '%s', received '%s'"), "packfile", name));
    got_ack_this_round_ = false;
    state_ = State::acks;
  } else if (!has_sent_done_ && !got_ready_) {
    fail(strf(_("expected '%s', received '%s'"), "acknowledgments", name));
  } else if (name == "shallow-info") {
    state_ = State::shallow_info;
  } else if (name == "wanted-refs") {
    state_ = State::wanted_refs;
  } else if (name == "packfile-uris" && !request_.packfile_uri_protocols.empty()) {
    state_ = State::packfile_uris;
  } else if (name == "packfile") {
    emit(Kind::shallow_done);
    state_ = State::pack;
  } else {
    fail(strf(_("expected '%s', received '%s'"), "packfile", name));
  }
}

void FetchV2Client::ack_packet(const Packet& packet) {
  if (packet.type == PacketType::delim || packet.is_flush()) return acks_done(!packet.is_flush());
  if (!packet.is_data()) return fail(_("error processing acks: 2"));
  std::string_view line = packet.line();
  auto ack = parse_ack(line, request_.algo);
  if (!ack) return fail(strf(_("unexpected acknowledgment line: '%s'"), line));
  if (ack->kind == AckKind::nak) return;
  if (ack->kind == AckKind::ready) {
    got_ready_ = true;
    return;
  }
  auto commit = source_ ? source_->find(ack->oid) : std::nullopt;
  if (!commit) return fail(strf(_("invalid commit %s"), ack->oid));
  // Here the answer is all we get: it has to be one to what was asked.
  if (request_.wait_for_done && !was_offered(*commit))
    return fail(strf(_("received ack for commit %s not sent as 'have'\n"), ack->oid));
  bool is_ours = false;
  take_ack(ack->oid, &is_ours);
  got_ack_this_round_ = true;
}

void FetchV2Client::acks_done(bool has_more) {
  if (got_ready_ && !has_more) return fail(_("expected packfile to be sent after 'ready'"));
  if (!got_ready_ && has_more) return fail(_("expected no other sections to be sent after no 'ready'"));
  if (got_ack_this_round_) {
    in_vain_ = 0;
    seen_ack_ = true;
  }
  if (negotiator_) negotiator_->round_answered();
  if (!has_more) return flushed(AfterClosing::next_request);
  if (request_.wait_for_done) return fail(_("unexpected 'ready' from remote"));
  state_ = State::section;
}

void FetchV2Client::list_packet(const Packet& packet) {
  if (packet.type == PacketType::delim) {
    state_ = State::section;
    return;
  }
  if (!packet.is_data()) return fail(strf(_("error processing shallow info: %d"), packet.is_flush() ? 2 : 4));
  std::string_view line = packet.line();
  if (state_ == State::packfile_uris) return emit(Kind::packfile_uri, std::string(line));
  if (state_ == State::wanted_refs) {
    std::string_view rest = line;
    auto oid = ObjectId::parse_prefix(rest, request_.algo);
    if (!oid || !skip_prefix(rest, " ")) return fail(strf(_("expected wanted-ref, got '%s'"), line));
    return emit(Kind::wanted_ref, std::string(rest), *oid);
  }
  auto shallow = parse_shallow_line(line, request_.algo);
  if (!shallow) return fail(strf(_("expected shallow/unshallow, got %s"), line));
  emit(shallow->is_unshallow ? Kind::unshallow : Kind::shallow, {}, shallow->oid);
}

void FetchV2Client::pack_packet(const Packet& packet) {
  if (packet.is_flush()) return flushed(AfterClosing::finish);
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

void FetchV2Client::flushed(AfterClosing after) {
  if (!request_.is_stateless) return after_response(after);
  after_closing_ = after;
  state_ = State::closing;
}

void FetchV2Client::after_response(AfterClosing after) {
  if (request_.wait_for_done && request_.is_enough && request_.is_enough(common_)) is_exhausted_ = true;
  if (after == AfterClosing::finish || (request_.wait_for_done && is_exhausted_)) {
    state_ = State::done;
    return emit(Kind::done);
  }
  send_request();
}

}  // namespace git
