// Version 2 needs no introduction: a server that speaks it may leave "# service=" out, and ours does.
#include "net/http-discovery.h"

#include "base/strings.h"
#include "wire/pkt-line.h"

namespace git {
namespace {

// The first packet of `bytes`, and where the next one starts.
struct FirstPacket {
  PacketType type = PacketType::flush;
  std::string_view line;
  std::size_t end = 0;
};

Result<FirstPacket> first_packet(std::string_view bytes) {
  int length = bytes.size() < 4 ? -1 : parse_packet_length(bytes.substr(0, 4));
  if (length < 0 || (length > 2 && length < 4) || static_cast<std::size_t>(length) > bytes.size())
    return make_error(ErrorKind::corrupt, "%s", _("invalid server response; a packet is cut short"));
  FirstPacket packet;
  if (length <= 2) {
    packet.type = length == 0 ? PacketType::flush : length == 1 ? PacketType::delim : PacketType::response_end;
    packet.end = 4;
    return packet;
  }
  packet.type = PacketType::data;
  packet.end = static_cast<std::size_t>(length);
  packet.line = bytes.substr(4, packet.end - 4);
  if (ends_with(packet.line, "\n")) packet.line.remove_suffix(1);
  return packet;
}

}  // namespace

Result<std::string_view> smart_advertisement(std::string_view service, std::string_view content_type, std::string_view body) {
  std::string_view named = content_type;
  if (!skip_prefix(named, "application/x-") || !strip_suffix(named, "-advertisement") || named != service)
    return std::string_view();
  auto first = first_packet(body);
  if (!first) return first.error();
  if (first->type != PacketType::data)
    return make_error(ErrorKind::corrupt, "%s", _("invalid server response; expected service, got flush packet"));
  std::string_view text = first->line;
  if (skip_prefix(text, "ERR ")) return make_error(ErrorKind::corrupt, _("remote error: %s"), text);
  if (text == "version 2") return body;
  if (!skip_prefix(text, "# service=") || text != service)
    return make_error(ErrorKind::corrupt, _("invalid server response; got '%s'"), first->line);
  // What else the introduction says ends with a flush; only later versions may make something of it.
  for (body.remove_prefix(first->end);; body.remove_prefix(first->end)) {
    first = first_packet(body);
    if (!first) return first.error();
    if (first->type == PacketType::data) continue;
    body.remove_prefix(first->end);
    if (body.empty()) return make_error(ErrorKind::corrupt, "%s", _("invalid server response; no advertisement"));
    return body;
  }
}

Result<DumbRefs> parse_dumb_refs(std::string_view body) {
  DumbRefs list;
  bool is_first = true;
  for (std::string_view line : split_lines(body)) {
    std::size_t tab = line.find('\t');
    if (std::exchange(is_first, false) && tab == 64) list.algo = HashAlgo::sha256;
    auto oid = tab == std::string_view::npos ? std::nullopt : ObjectId::from_hex(line.substr(0, tab), list.algo);
    if (!oid) return make_error(ErrorKind::invalid, "%s", _("not a list of refs"));
    AdvertisedRef ref;
    ref.name = line.substr(tab + 1);
    ref.oid = *oid;
    list.refs.push_back(std::move(ref));
  }
  return list;
}

}  // namespace git
