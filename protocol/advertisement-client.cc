// v0 has two oddities: "x^{}" lines say what the tag x above them points at, and an empty repository says
// "capabilities^{}" with a null name so that there is a line to hang the capabilities on.
#include "protocol/advertisement-client.h"

#include "base/strings.h"
#include "wire/acks.h"

namespace git {

void AdvertisementClient::fail(Failure failure, std::string message) {
  state_ = State::failed;
  failure_ = failure;
  error_ = std::move(message);
}

void AdvertisementClient::on_end() {
  fail(Failure::hung_up, saw_any_ ? _("the remote end hung up upon initial contact") : _("the remote end hung up unexpectedly"));
}

void AdvertisementClient::on_packet(Packet packet) {
  saw_any_ = true;
  if (auto text = packet.err()) return fail(Failure::remote_error, strf(_("remote error: %s"), *text));
  switch (state_) {
    case State::first:
      return first_line(packet);
    case State::v1_first:
      state_ = State::v0_refs;
      return ref_line(packet);
    case State::v0_refs:
      return ref_line(packet);
    case State::v2_capabilities:
      if (packet.is_flush()) {
        result_.algo = result_.capabilities.object_format();
        state_ = State::done;
      } else if (packet.is_data()) {
        result_.capabilities.add(packet.line());
      } else {
        fail(Failure::protocol, _("expected flush after capabilities"));
      }
      return;
    case State::done:
    case State::failed:
      return;
  }
}

void AdvertisementClient::first_line(const Packet& packet) {
  std::string_view line = packet.line();
  if (packet.is_data() && skip_prefix(line, "version ")) {
    if (line == "2") {
      result_.version = 2;
      state_ = State::v2_capabilities;
    } else if (line == "1") {
      result_.version = 1;
      state_ = State::v1_first;
    } else if (line == "0") {
      fail(Failure::protocol, _("protocol error: server explicitly said version 0"));
    } else {
      fail(Failure::protocol, _("server is speaking an unknown protocol"));
    }
    return;
  }
  state_ = State::v0_refs;
  ref_line(packet);
}

void AdvertisementClient::take_capabilities(std::string_view words) {
  if (saw_capabilities_) return;
  saw_capabilities_ = true;
  result_.capabilities = Capabilities::parse(words);
  result_.algo = result_.capabilities.object_format();
}

void AdvertisementClient::add_ref(const ObjectId& oid, std::string_view name) {
  if (name == ".have") {
    result_.extra_have.push_back(oid);
    return;
  }
  if (strip_suffix(name, "^{}")) {
    if (name == "capabilities") return;
    if (!result_.refs.empty() && result_.refs.back().name == name) result_.refs.back().peeled = oid;
    return;
  }
  result_.refs.push_back({std::string(name), oid, std::nullopt, {}});
}

void AdvertisementClient::ref_line(const Packet& packet) {
  if (packet.is_flush()) return finish_refs();
  if (!packet.is_data()) return fail(Failure::protocol, _("invalid packet"));
  std::string_view payload = packet.payload;
  if (std::size_t nul = payload.find('\0'); nul != std::string_view::npos) {
    std::string_view words = payload.substr(nul + 1);
    if (!words.empty() && words.back() == '\n') words.remove_suffix(1);
    take_capabilities(words);
  }
  if (auto shallow = parse_shallow_line(packet.line(), result_.algo); shallow && !shallow->is_unshallow) {
    result_.shallow.push_back(shallow->oid);
    return;
  }
  auto line = parse_advertisement_line(payload, result_.algo);
  if (!line) return fail(Failure::protocol, strf(_("protocol error: unexpected '%s'"), packet.line()));
  add_ref(line->oid, line->name);
}

void AdvertisementClient::finish_refs() {
  for (const std::string& symref : result_.capabilities.values("symref")) {
    std::size_t colon = symref.find(':');
    if (colon == std::string::npos) continue;
    for (AdvertisedRef& ref : result_.refs)
      if (ref.name == std::string_view(symref).substr(0, colon)) ref.symref_target = symref.substr(colon + 1);
  }
  state_ = State::done;
}

}  // namespace git
