// Push certificates (gitprotocol-pack(5), "Push Certificate"): the signed text, and its packets.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/push-command.h"

namespace git {

struct PushCertificate {
  std::string pusher;  // "Name <mail> time tz", or a key id
  std::string pushee;  // URL, "" where not said
  std::string nonce;
  std::vector<std::string> push_options;
  std::vector<PushCommand> commands;
};
// The text to be signed, commands and all.
std::string format_push_certificate(const PushCertificate& cert);
// The text in front of the signature. nullopt where a header or command is malformed.
std::optional<PushCertificate> parse_push_certificate(std::string_view text, HashAlgo algo);

// The packets that carry a signed certificate: "push-cert\0<caps>", its lines, "push-cert-end".
void append_push_cert_packets(std::string& out, std::string_view signed_text, std::string_view capabilities);

}  // namespace git
