// What a web server answers: header lines, content types, the discovery of smart and dumb servers, gzip.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "net/gzip.h"
#include "net/http-discovery.h"
#include "net/http-headers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  git::ResponseHeaders headers;
  for (std::string_view line : git::split_lines(text)) {
    headers.feed(line);
    git::redact_header(line);
    git::redact_info(line);
  }
  git::parse_content_type(text);
  git::accept_language(text);
  (void)git::smart_advertisement("git-upload-pack", "application/x-git-upload-pack-advertisement", text);
  (void)git::parse_dumb_refs(text);
  git::GzipReader gzip;
  std::size_t made = 0;
  std::string_view rest = text;
  // A bomb inflates without end; the reader gives it away piece by piece.
  while (!rest.empty() && made < (1u << 20)) {
    std::string_view piece = rest.substr(0, 7);
    if (!gzip.feed(piece, [&](std::string_view bytes) { made += bytes.size(); })) break;
    rest.remove_prefix(piece.size());
  }
  return 0;
}
