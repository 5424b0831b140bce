// Capabilities as peers list them (gitprotocol-capabilities(5), gitprotocol-v2(5) "Capability Advertisement"):
// v0/v1 in one line behind the first ref, words apart by spaces; v2 one per packet.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hash/object-id.h"

namespace git {

// Words "key" or "key=value", in the order they came. Keys may repeat (symref=).
class Capabilities {
 public:
  Capabilities() = default;
  // v0: words apart by spaces.
  static Capabilities parse(std::string_view line);
  void add(std::string_view word);

  bool has(std::string_view key) const;  // with or without a value
  // "" for a key without value; nullopt where it isn't there.
  std::optional<std::string> value(std::string_view key) const;
  std::vector<std::string> values(std::string_view key) const;
  // v2: does the value of `command` list `feature` as a word ("fetch=shallow filter")?
  bool supports(std::string_view command, std::string_view feature) const;
  const std::vector<std::string>& words() const { return words_; }
  bool empty() const { return words_.empty(); }
  // object-format, sha1 where it isn't named; unknown for a name that means nothing.
  HashAlgo object_format() const;

 private:
  std::vector<std::string> words_;
};

// Does `feature_list` (words apart by spaces) have `feature`, alone or as "feature=..."?
bool server_feature_has(std::string_view feature_list, std::string_view feature);

// A value fit for "agent=" and "session-id=": bytes outside of 33..126 become '.'.
std::string sanitize_agent(std::string_view text);

// The keys of GIT_PROTOCOL / Git-Protocol, apart by ':' ("version=2:base=...").
std::vector<std::string_view> split_protocol_keys(std::string_view text);
// The highest "version=N" that means something: 0 where none.
int protocol_version_of(std::string_view text);

}  // namespace git
