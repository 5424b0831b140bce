// What HTTP headers say and how they may be shown.  Pure.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace git {

// A header line as a trace may show it: credentials and the values of cookies become "<redacted>".
std::string redact_header(std::string_view line);
// The same for libcurl's own remarks, which quote the headers of HTTP/2: "h2h3 [authorization: Basic ...]".
std::string redact_info(std::string_view text);

// "ko-KR, en-US;q=0.9, *;q=0.8" of "ko_KR.UTF-8:en_US"; "" where no language is preferred.
std::string accept_language(std::string_view languages);

struct ContentType {
  std::string type;     // "text/plain", in lower case
  std::string charset;  // as written; "" where it isn't given
};
ContentType parse_content_type(std::string_view value);

// Collects what matters of a response, header line by header line.  A status line starts anew: after a redirect or a
// "100 Continue" only the last response counts.
class ResponseHeaders {
 public:
  void feed(std::string_view line);
  // The values of WWW-Authenticate, folded lines joined.
  const std::vector<std::string>& challenges() const { return challenges_; }
  // As sent; absent where it wasn't.
  const std::optional<std::string>& retry_after() const { return retry_after_; }

 private:
  std::vector<std::string> challenges_;
  std::optional<std::string> retry_after_;
  bool is_folding_ = false;  // the line before was a challenge
};

}  // namespace git
