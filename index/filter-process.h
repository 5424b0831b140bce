// A long-running filter (gitattributes(5), "Long Running Filter Process"): one process for all blobs of a command.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/run-command.h"
#include "index/convert.h"

namespace git {

class FilterProcess {
 public:
  enum Capability : unsigned { kClean = 1, kSmudge = 2, kDelay = 4 };
  enum class Status : std::uint8_t { success, error, abort, delayed, broken };

  // nullptr where it can't be started or does not speak the protocol (reported).
  static std::unique_ptr<FilterProcess> start(const std::string& command);
  ~FilterProcess();

  unsigned capabilities = 0;
  const std::string& command() const { return command_; }
  Status apply(bool clean, std::string_view path, std::string_view bytes, const CheckoutMetadata* metadata, bool can_delay,
               std::string& result);
  // Paths whose smudged content can be asked for now. False where the filter broke.
  bool list_available(std::vector<std::string>& paths);

 private:
  bool handshake();
  bool send_line(std::string_view text);
  bool send_content(std::string_view bytes);
  bool send_flush();
  // A packet's text without the newline; nullopt for a flush packet. False at the end of the stream.
  bool receive(std::optional<std::string>& packet, bool strip_newline);
  bool receive_status(std::string& status);
  std::string command_;
  ChildProcess child_;
};

}  // namespace git
