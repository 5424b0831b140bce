// Capability lists of v0 and v2, protocol keys, and advertisement lines.
#include <cstdint>
#include <string>
#include <string_view>

#include "wire/capabilities.h"
#include "wire/refs-advertisement.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  git::Capabilities words = git::Capabilities::parse(text);
  for (const std::string& word : words.words()) words.value(word);
  words.object_format();
  words.supports("fetch", "shallow");
  git::split_protocol_keys(text);
  git::protocol_version_of(text);
  git::sanitize_agent(text);
  for (git::HashAlgo algo : {git::HashAlgo::sha1, git::HashAlgo::sha256}) {
    git::parse_advertisement_line(text, algo);
    if (auto ref = git::parse_ls_refs_line(text, algo)) git::format_ls_refs_line(*ref);
  }
  return 0;
}
