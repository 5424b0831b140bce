// The body of a CGI request on its way to a service: of a known length or to the end, maybe gzipped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace git {

// CONTENT_LENGTH; absent where it is unset or empty.
Result<std::optional<std::uint64_t>> parse_content_length(const std::optional<std::string>& text);

// Moves the body from descriptor `in` to `out`. Dies with the service's name where the body ends early or is no gzip.
// `max_buffer`: read all of it first, as web servers want it from a service that answers while it reads; dies where
// it is larger. 0: pass it on at once.
void copy_request_body(int in, int out, std::optional<std::uint64_t> length, bool is_gzipped, std::uint64_t max_buffer,
                       std::string_view service);

}  // namespace git
