// The lines of a negotiation (gitprotocol-pack(5) "Packfile Negotiation", gitprotocol-v2(5) "fetch"): what the server
// answers to haves, and the shallow lines around them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hash/object-id.h"

namespace git {

// nak: none; ack: the final one (or one of a server without multi_ack); the others are multi_ack words; ready alone
// is v2's line.
enum class AckKind : std::uint8_t { nak, ack, ack_continue, ack_common, ack_ready, ready };

struct Ack {
  AckKind kind = AckKind::nak;
  ObjectId oid;  // null for nak and ready
};
// nullopt for a line that is none of them, or names no object.
std::optional<Ack> parse_ack(std::string_view line, HashAlgo algo);
std::string format_ack(const Ack& ack);  // with '\n'

// "shallow <oid>" or "unshallow <oid>".
struct ShallowLine {
  bool is_unshallow = false;
  ObjectId oid;
};
std::optional<ShallowLine> parse_shallow_line(std::string_view line, HashAlgo algo);

// "<keyword> <oid>[ <rest>]" as in "have ", "want ", "shallow "; nullopt where the keyword or the name is another.
struct OidLine {
  ObjectId oid;
  std::string_view rest;  // behind the name, without the space
};
std::optional<OidLine> parse_oid_line(std::string_view line, std::string_view keyword, HashAlgo algo);

}  // namespace git
