// CONTENT_LENGTH is what ends the body: a web server may keep standard input open behind it.
#include "http-backend-body.h"

#include <zlib.h>

#include <limits>
#include <string>

#include "base/fd.h"
#include "base/strings.h"
#include "net/gzip.h"

namespace git {
namespace {

constexpr std::size_t kPieceSize = 8192;
constexpr std::uint64_t kMaxLength = static_cast<std::uint64_t>(std::numeric_limits<ssize_t>::max());

}  // namespace

Result<std::optional<std::uint64_t>> parse_content_length(const std::optional<std::string>& text) {
  if (!text || text->empty()) return std::optional<std::uint64_t>();
  auto length = parse_uint(*text);
  if (!length || *length > kMaxLength) return make_error(ErrorKind::invalid, "failed to parse CONTENT_LENGTH: %s", *text);
  return std::optional<std::uint64_t>(*length);
}

void copy_request_body(int in, int out, std::optional<std::uint64_t> length, bool is_gzipped, std::uint64_t max_buffer,
                       std::string_view service) {
  std::string held;
  auto pass_on = [&](std::string_view bytes) {
    if (!write_in_full(out, bytes)) die(_("%s aborted reading request"), service);
  };
  GzipReader gzip;
  char buffer[kPieceSize];
  std::uint64_t taken = 0;
  auto take = [&](std::string_view bytes) {
    if (!is_gzipped) return pass_on(bytes);
    if (!gzip.is_done() && !gzip.feed(bytes, pass_on)) die(_("zlib error inflating request, result %d"), Z_DATA_ERROR);
  };
  while (!length || taken < *length) {
    std::size_t want = sizeof(buffer);
    if (length) want = static_cast<std::size_t>(std::min<std::uint64_t>(want, *length - taken));
    ssize_t n = xread(in, buffer, want);
    if (n < 0) die_errno(_("Reading request failed"));
    if (n == 0) break;
    taken += static_cast<std::uint64_t>(n);
    std::string_view bytes(buffer, static_cast<std::size_t>(n));
    if (!max_buffer) {
      take(bytes);
      continue;
    }
    if (held.size() + bytes.size() > max_buffer)
      die(_("request was larger than our maximum size (%lu); try setting GIT_HTTP_MAX_REQUEST_BUFFER"),
          static_cast<unsigned long>(max_buffer));
    held += bytes;
  }
  if (length && taken < *length) die(_("request ended in the middle of the body"));
  if (!held.empty()) take(held);
  if (is_gzipped && !gzip.is_done()) die(_("request ended in the middle of the gzip stream"));
}

}  // namespace git
