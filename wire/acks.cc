// Strict readers: a name must be followed by the end of the line or by a space.
#include "wire/acks.h"

#include "base/strings.h"

namespace git {

std::optional<OidLine> parse_oid_line(std::string_view line, std::string_view keyword, HashAlgo algo) {
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  if (!skip_prefix(line, keyword) || !skip_prefix(line, " ")) return std::nullopt;
  auto oid = ObjectId::parse_prefix(line, algo);
  if (!oid || (!line.empty() && line[0] != ' ')) return std::nullopt;
  if (!line.empty()) line.remove_prefix(1);
  return OidLine{*oid, line};
}

std::optional<Ack> parse_ack(std::string_view line, HashAlgo algo) {
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  if (line == "NAK") return Ack{};
  if (line == "ready") return Ack{AckKind::ready, {}};
  auto parsed = parse_oid_line(line, "ACK", algo);
  if (!parsed) return std::nullopt;
  AckKind kind = AckKind::ack;
  if (parsed->rest == "continue")
    kind = AckKind::ack_continue;
  else if (parsed->rest == "common")
    kind = AckKind::ack_common;
  else if (parsed->rest == "ready")
    kind = AckKind::ack_ready;
  else if (!parsed->rest.empty())
    return std::nullopt;
  return Ack{kind, parsed->oid};
}

std::string format_ack(const Ack& ack) {
  switch (ack.kind) {
    case AckKind::nak:
      return "NAK\n";
    case AckKind::ready:
      return "ready\n";
    case AckKind::ack:
      return "ACK " + ack.oid.hex() + "\n";
    case AckKind::ack_continue:
      return "ACK " + ack.oid.hex() + " continue\n";
    case AckKind::ack_common:
      return "ACK " + ack.oid.hex() + " common\n";
    case AckKind::ack_ready:
      return "ACK " + ack.oid.hex() + " ready\n";
  }
  return {};
}

std::optional<ShallowLine> parse_shallow_line(std::string_view line, HashAlgo algo) {
  if (auto parsed = parse_oid_line(line, "shallow", algo); parsed && parsed->rest.empty()) return ShallowLine{false, parsed->oid};
  if (auto parsed = parse_oid_line(line, "unshallow", algo); parsed && parsed->rest.empty())
    return ShallowLine{true, parsed->oid};
  return std::nullopt;
}

}  // namespace git
