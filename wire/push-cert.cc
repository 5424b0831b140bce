// Header lines, an empty line, one line per command; the signature follows behind.
#include "wire/push-cert.h"

#include "base/strings.h"
#include "wire/pkt-line.h"

namespace git {

std::string format_push_certificate(const PushCertificate& cert) {
  std::string text = "certificate version 0.1\n";
  text += "pusher " + cert.pusher + "\n";
  if (!cert.pushee.empty()) text += "pushee " + cert.pushee + "\n";
  if (!cert.nonce.empty()) text += "nonce " + cert.nonce + "\n";
  for (const std::string& option : cert.push_options) text += "push-option " + option + "\n";
  text += "\n";
  for (const PushCommand& command : cert.commands) text += format_push_command(command) + "\n";
  return text;
}

std::optional<PushCertificate> parse_push_certificate(std::string_view text, HashAlgo algo) {
  PushCertificate cert;
  bool in_commands = false;
  for (std::string_view line : split_lines(text)) {
    if (in_commands) {
      auto command = parse_push_command(line, algo);
      if (!command) return std::nullopt;
      cert.commands.push_back(std::move(*command));
    } else if (line.empty()) {
      in_commands = true;
    } else if (skip_prefix(line, "pusher ")) {
      cert.pusher = line;
    } else if (skip_prefix(line, "pushee ")) {
      cert.pushee = line;
    } else if (skip_prefix(line, "nonce ")) {
      cert.nonce = line;
    } else if (skip_prefix(line, "push-option ")) {
      cert.push_options.emplace_back(line);
    } else if (!starts_with(line, "certificate version ")) {
      return std::nullopt;
    }
  }
  return cert;
}

void append_push_cert_packets(std::string& out, std::string_view signed_text, std::string_view capabilities) {
  std::string first = "push-cert";
  first += '\0';
  first += capabilities;
  append_packet(out, first);
  while (!signed_text.empty()) {
    std::size_t end = signed_text.find('\n');
    std::size_t size = end == std::string_view::npos ? signed_text.size() : end + 1;
    append_packet(out, signed_text.substr(0, size));
    signed_text.remove_prefix(size);
  }
  append_packet(out, "push-cert-end\n");
}

}  // namespace git
