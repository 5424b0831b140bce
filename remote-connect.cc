// The line is read byte by byte: what stands behind it belongs to the connection.
#include "remote-connect.h"

#include "base/fd.h"
#include "base/strings.h"

namespace git {

std::optional<int> serve_connect_commands(const std::function<int(std::string_view service)>& connect, std::string* unknown) {
  std::string line;
  char c;
  while (true) {
    line.clear();
    while (xread(0, &c, 1) == 1 && c != '\n') line += c;
    std::string_view text = line;
    if (text.empty()) return 0;
    if (text == "capabilities") {
      out("*connect\n\n");
      flush_out();
    } else if (skip_prefix(text, "connect ")) {
      out("\n");
      flush_out();
      return connect(text);
    } else {
      *unknown = std::move(line);
      return std::nullopt;
    }
  }
}

}  // namespace git
