// A ref's name holds neither ':' nor NUL, so nothing needs quoting.
#include "wire/push-base-keys.h"

#include <unordered_set>

#include "base/strings.h"

namespace git {

std::vector<std::string> format_push_base_keys(const PushBaseKeys& keys) {
  if (keys.empty()) return {};
  std::vector<std::string> words;
  // The version's key is counted in, so that the whole variable stays below the limit.
  std::size_t size = std::string_view("version=1").size();
  auto add = [&](std::string word) {
    size += word.size() + 1;
    words.push_back(std::move(word));
  };
  for (const ObjectId& oid : keys.bases) add("base=" + oid.hex());
  for (const std::string& name : keys.refs) {
    if (name.find_first_of(std::string_view(":\0\n", 3)) != std::string::npos) return {};
    add("ref=" + name);
    if (size >= kPushBaseKeysLimit) return {};
  }
  if (size >= kPushBaseKeysLimit) return {};
  return words;
}

PushBaseKeys parse_push_base_keys(std::string_view protocol, HashAlgo algo) {
  PushBaseKeys keys;
  std::unordered_set<std::string_view> seen;
  while (!protocol.empty()) {
    std::string_view word = protocol.substr(0, protocol.find(':'));
    protocol.remove_prefix(std::min(word.size() + 1, protocol.size()));
    std::string_view value = word;
    if (skip_prefix(value, "base=")) {
      if (keys.bases.size() >= kMaxPushBases) continue;
      auto oid = ObjectId::from_hex(value, algo);
      if (oid && !oid->is_null() && seen.insert(word).second) keys.bases.push_back(*oid);
    } else if (skip_prefix(value, "ref=")) {
      if (keys.refs.size() >= kMaxPushBaseRefs || value.empty()) continue;
      if (seen.insert(word).second) keys.refs.emplace_back(value);
    }
  }
  return keys;
}

}  // namespace git
