// What tracing shows of a packet: control characters as octal escapes, the newline at the end left out.
#include "pkt-line.h"

#include <memory>

#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "base/trace.h"

namespace git {

namespace {

constexpr const char* kTraceKey = "GIT_TRACE_PACKET";

std::string shown_payload(std::string_view payload) {
  if (!payload.empty() && payload.back() == '\n') payload.remove_suffix(1);
  std::string shown;
  for (char c : payload) {
    if (c >= 0x20 && c <= 0x7e)
      shown += c;
    else
      shown += strf("\\%o", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return shown;
}

void trace_text(const std::string& identity, bool is_sent, std::string_view text) {
  trace_print(kTraceKey, strf("packet: %12s%s %s", identity, is_sent ? ">" : "<", text));
}

std::string text_of(const Packet& packet) {
  switch (packet.type) {
    case PacketType::flush:
      return "0000";
    case PacketType::delim:
      return "0001";
    case PacketType::response_end:
      return "0002";
    case PacketType::data:
      break;
  }
  return shown_payload(packet.payload);
}

// With "sideband-all" the sections in front of the pack come in bands, too, but are shown as what they are. Paths of packfile
// URIs may be secrets.
class AllBanded {
 public:
  bool covers(bool is_sent, const Packet& packet) {
    if (is_sent) {
      if (packet.is_data() && packet.line() == "sideband-all") is_on_ = true;
      return false;
    }
    if (!is_on_) return false;
    if (packet.is_data() && packet.line() == "\1packfile") {
      is_on_ = false;
      return true;
    }
    if (packet.is_data() && packet.line() == "\1packfile-uris")
      in_uris_ = true;
    else if (!packet.is_data())
      in_uris_ = false;
    return true;
  }
  std::string shown(const Packet& packet) const {
    std::string text = text_of(packet);
    if (!in_uris_ || !env_bool("GIT_TRACE_REDACT", true)) return text;
    std::size_t host = text.find("://");
    std::size_t path = host == std::string::npos ? host : text.find('/', host + 3);
    return path == std::string::npos ? text : text.substr(0, path + 1) + "<redacted>";
  }

 private:
  bool is_on_ = false, in_uris_ = false;
};

}  // namespace

void trace_packet(const std::string& identity, bool is_sent, const Packet& packet) {
  if (trace_want(kTraceKey)) trace_text(identity, is_sent, text_of(packet));
}

Machine::Tap packet_tap(const std::string& identity, bool has_sideband_pack) {
  if (!trace_want(kTraceKey)) return {};
  auto in_pack = std::make_shared<bool>(false);
  auto all_banded = std::make_shared<AllBanded>();
  return [identity, has_sideband_pack, in_pack, all_banded](bool is_sent, const Packet& packet) {
    if (all_banded->covers(is_sent, packet)) return trace_text(identity, is_sent, all_banded->shown(packet));
    if (has_sideband_pack && !is_sent && packet.is_data() && starts_with(packet.payload, "\1PACK")) {
      *in_pack = true;
      return trace_text("sideband", false, "PACK ...");
    }
    if (*in_pack && packet.is_data() && !packet.payload.empty() && packet.payload[0] == 1) return;
    bool is_banded = *in_pack || (has_sideband_pack && !is_sent && packet.is_data() && !packet.payload.empty() &&
                                  packet.payload[0] >= 1 && packet.payload[0] <= 3);
    trace_text(is_banded ? "sideband" : identity, is_sent, text_of(packet));
  };
}

PacketReader::Status PacketReader::read() {
  char head[4];
  ssize_t got = read_in_full(fd_, head, 4);
  if (got < 0) die_errno(_("read error"));
  if (got == 0 && gently) return Status::eof;
  if (got < 4) die("%s", _("the remote end hung up unexpectedly"));
  int length = parse_packet_length({head, 4});
  if (length < 0) die(_("protocol error: bad line length character: %s"), std::string_view(head, 4));
  packet_.payload.clear();
  if (length < 3) {
    packet_.type = length == 0 ? PacketType::flush : length == 1 ? PacketType::delim : PacketType::response_end;
  } else {
    if (length < 4 || length > static_cast<int>(kMaxPacketSize)) die(_("protocol error: bad line length %d"), length);
    packet_.type = PacketType::data;
    packet_.payload.resize(static_cast<std::size_t>(length - 4));
    if (read_in_full(fd_, packet_.payload.data(), packet_.payload.size()) != static_cast<ssize_t>(packet_.payload.size()))
      die("%s", _("the remote end hung up unexpectedly"));
  }
  trace_packet(identity_, false, packet_);
  if (auto text = packet_.err(); text && dies_on_err) die(_("remote error: %s"), *text);
  switch (packet_.type) {
    case PacketType::flush:
      return Status::flush;
    case PacketType::delim:
      return Status::delim;
    case PacketType::response_end:
      return Status::response_end;
    case PacketType::data:
      break;
  }
  return Status::data;
}

void write_packet(int fd, std::string_view payload, const std::string& identity) {
  std::string bytes;
  append_packet(bytes, payload);
  trace_packet(identity, true, {PacketType::data, std::string(payload)});
  if (!write_in_full(fd, bytes)) die_errno("%s", _("packet write failed"));
}

void write_flush_packet(int fd, const std::string& identity) {
  trace_packet(identity, true, {PacketType::flush, {}});
  if (!write_in_full(fd, "0000")) die_errno("%s", _("flush packet write failed"));
}

}  // namespace git
