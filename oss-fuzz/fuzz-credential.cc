// Credentials as lines and URLs: what is written back has as many lines as it has values.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "credential.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using git::CredentialStep;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  for (bool partial : {false, true}) {
    auto parsed = git::parse_credential_url(text, partial);
    if (parsed) parsed->describe(true);
  }
  auto lines = git::split_lines(text);
  // A URL that can't be parsed is warned about; that is no news here.
  git::ReportCapture quiet([](void*, const char*, const std::string&) {}, nullptr);
  git::Credential c;
  std::size_t at = 0;
  auto next = [&](std::string& line) {
    if (at == lines.size()) return false;
    line = lines[at++];
    return true;
  };
  if (!c.read_lines(next, CredentialStep::initial)) return 0;
  auto written = c.format(CredentialStep::helper);
  if (!written) return 0;
  for (std::string_view line : git::split_lines(*written))
    if (line.find('=') == std::string_view::npos || line.find('\r') != std::string_view::npos) std::abort();
  return 0;
}
