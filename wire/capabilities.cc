// A linear search over the few words that peers send beats any map.
#include "wire/capabilities.h"

#include "base/strings.h"

namespace git {

namespace {

// "key" or "key=value": the value, "" where it has none.
std::optional<std::string_view> value_of_word(std::string_view word, std::string_view key) {
  if (!skip_prefix(word, key)) return std::nullopt;
  if (word.empty()) return word;
  if (word[0] != '=') return std::nullopt;
  return word.substr(1);
}

}  // namespace

Capabilities Capabilities::parse(std::string_view line) {
  Capabilities caps;
  while (!line.empty()) {
    std::size_t end = line.find_first_of(" \n");
    caps.add(line.substr(0, end));
    line = end == std::string_view::npos ? std::string_view() : line.substr(end + 1);
  }
  return caps;
}

void Capabilities::add(std::string_view word) {
  if (!word.empty()) words_.emplace_back(word);
}

bool Capabilities::has(std::string_view key) const {
  for (const std::string& word : words_)
    if (value_of_word(word, key)) return true;
  return false;
}

std::optional<std::string> Capabilities::value(std::string_view key) const {
  for (const std::string& word : words_)
    if (auto value = value_of_word(word, key)) return std::string(*value);
  return std::nullopt;
}

std::vector<std::string> Capabilities::values(std::string_view key) const {
  std::vector<std::string> found;
  for (const std::string& word : words_)
    if (auto value = value_of_word(word, key)) found.emplace_back(*value);
  return found;
}

bool Capabilities::supports(std::string_view command, std::string_view feature) const {
  auto list = value(command);
  return list && server_feature_has(*list, feature);
}

HashAlgo Capabilities::object_format() const {
  auto name = value("object-format");
  return name ? hash_by_name(*name) : HashAlgo::sha1;
}

bool server_feature_has(std::string_view feature_list, std::string_view feature) {
  for (std::string_view word : split(feature_list, ' '))
    if (value_of_word(word, feature)) return true;
  return false;
}

std::string sanitize_agent(std::string_view text) {
  std::string clean(trim(text));
  for (char& c : clean)
    if (c <= 32 || c >= 127) c = '.';
  return clean;
}

std::vector<std::string_view> split_protocol_keys(std::string_view text) {
  return text.empty() ? std::vector<std::string_view>() : split(text, ':');
}

int protocol_version_of(std::string_view text) {
  int version = 0;
  for (std::string_view key : split_protocol_keys(text)) {
    if (!skip_prefix(key, "version=")) continue;
    if (key == "1" || key == "2") version = std::max(version, key[0] - '0');
  }
  return version;
}

}  // namespace git
