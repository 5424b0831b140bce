// Headers of bundles: a file that somebody else wrote.
#include <cstdint>
#include <string_view>

#include "base/strings.h"
#include "bundle-header.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  git::BundleHeader header;
  std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return 0;
  header.version = git::bundle_version_of(text.substr(0, end + 1));
  if (!header.version) return 0;
  for (text.remove_prefix(end + 1); (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
    auto at_end = git::parse_bundle_header_line(header, text.substr(0, end + 1));
    if (!at_end || *at_end) break;
  }
  for (const auto& [oid, name] : header.refs)
    if (oid.algo() != header.algo && header.version == 2) __builtin_trap();
  return 0;
}
