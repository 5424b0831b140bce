// The first line of v0 carries the capabilities behind a NUL; among them the algorithm in which its own object
// name is written, which is why that is looked up first.
#include "wire/refs-advertisement.h"

#include "base/strings.h"
#include "wire/capabilities.h"
#include "wire/pkt-line.h"

namespace git {

std::optional<AdvertisementLine> parse_advertisement_line(std::string_view line, HashAlgo algo) {
  AdvertisementLine parsed;
  if (std::size_t nul = line.find('\0'); nul != std::string_view::npos) {
    std::string_view caps = line.substr(nul + 1);
    if (!caps.empty() && caps.back() == '\n') caps.remove_suffix(1);
    parsed.capabilities = caps;
    line = line.substr(0, nul);
  }
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  auto oid = ObjectId::parse_prefix(line, algo);
  if (!oid || !skip_prefix(line, " ")) return std::nullopt;
  parsed.oid = *oid;
  parsed.name = line;
  return parsed;
}

HashAlgo object_format_of_first_line(std::string_view line) {
  std::size_t nul = line.find('\0');
  if (nul == std::string_view::npos) return HashAlgo::sha1;
  return Capabilities::parse(line.substr(nul + 1)).object_format();
}

void append_advertisement_line(std::string& out, const ObjectId& oid, std::string_view name,
                               std::optional<std::string_view> capabilities) {
  std::string payload = oid.hex() + " " + std::string(name);
  if (capabilities) {
    payload += '\0';
    payload += *capabilities;
  }
  payload += '\n';
  append_packet(out, payload);
}

std::optional<AdvertisedRef> parse_ls_refs_line(std::string_view line, HashAlgo algo) {
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  AdvertisedRef ref;
  auto words = split(line, ' ');
  if (words.size() < 2) return std::nullopt;
  if (words[0] == "unborn") {
    ref.oid = ObjectId::null(algo);
  } else {
    auto oid = ObjectId::from_hex(words[0], algo);
    if (!oid) return std::nullopt;
    ref.oid = *oid;
  }
  ref.name = words[1];
  for (std::size_t i = 2; i < words.size(); i++) {
    std::string_view word = words[i];
    if (skip_prefix(word, "symref-target:")) {
      ref.symref_target = word;
    } else if (skip_prefix(word, "peeled:")) {
      auto peeled = ObjectId::from_hex(word, algo);
      if (!peeled) return std::nullopt;
      ref.peeled = *peeled;
    }
  }
  return ref;
}

std::string format_ls_refs_line(const AdvertisedRef& ref) {
  std::string line = ref.oid.is_null() ? "unborn" : ref.oid.hex();
  line += " " + ref.name;
  if (!ref.symref_target.empty()) line += " symref-target:" + ref.symref_target;
  if (ref.peeled) line += " peeled:" + ref.peeled->hex();
  return line + "\n";
}

}  // namespace git
