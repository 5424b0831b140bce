// An escape is built from parts in a fixed order: reset, attributes by number, foreground, background.
#include "config/color.h"

#include <unistd.h>

#include <cstdlib>

#include "base/env.h"
#include "base/error.h"
#include "base/strings.h"
#include "config.h"

namespace git {
namespace {

// The number parts of one colour, "" for "normal".
std::optional<std::string> parse_rgb(std::string_view word, bool background) {
  const std::size_t digits = word.size() == 7 ? 2 : word.size() == 4 ? 1 : 0;
  if (!digits) return std::nullopt;
  std::string parts = background ? "48;2" : "38;2";
  for (std::size_t i = 1; i < word.size(); i += digits) {
    int value = 0;
    for (std::size_t k = 0; k < digits; k++) {
      int v = hex_value(word[i + k]);
      if (v < 0) return std::nullopt;
      value = value * 16 + v;
    }
    if (digits == 1) value *= 17;
    parts += ";" + std::to_string(value);
  }
  return parts;
}

std::optional<std::string> parse_one(std::string_view word, bool background) {
  constexpr std::string_view kNames[] = {"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"};
  const int base = background ? 40 : 30;
  if (iequals(word, "normal") || word == "-1") return "";
  if (iequals(word, "default")) return std::to_string(base + 9);
  if (starts_with(word, "#")) return parse_rgb(word, background);
  std::string_view name = word;
  int offset = base;
  if (istarts_with(name, "bright")) {
    name.remove_prefix(6);
    offset += 60;
  }
  for (int i = 0; i < 8; i++)
    if (iequals(name, kNames[i])) return std::to_string(offset + i);
  auto number = parse_uint(word);
  if (!number || *number > 255) return std::nullopt;
  const int n = static_cast<int>(*number);
  if (n < 8) return std::to_string(base + n);
  if (n < 16) return std::to_string(base + 60 + n - 8);
  return std::string(background ? "48;5;" : "38;5;") + std::to_string(n);
}

// The SGR number of an attribute, 0 where it is none.
unsigned parse_attribute(std::string_view word) {
  struct Attribute {
    std::string_view name;
    unsigned on, off;
  };
  constexpr Attribute kAttributes[] = {{"bold", 1, 22},  {"dim", 2, 22},     {"italic", 3, 23}, {"ul", 4, 24},
                                       {"blink", 5, 25}, {"reverse", 7, 27}, {"strike", 9, 29}};
  bool negated = skip_prefix(word, "no");
  if (negated) skip_prefix(word, "-");
  for (const Attribute& a : kAttributes)
    if (word == a.name) return negated ? a.off : a.on;
  return 0;
}

}  // namespace

std::optional<std::string> parse_color(std::string_view value) {
  bool has_reset = false, has_foreground = false, has_background = false;
  unsigned attributes = 0;
  std::string foreground, background;
  value = trim(value);
  if (value.empty()) return "";
  while (!value.empty()) {
    std::size_t end = 0;
    while (end < value.size() && !is_space(value[end])) end++;
    std::string_view word = value.substr(0, end);
    value = ltrim(value.substr(end));
    if (iequals(word, "reset")) {
      has_reset = true;
      continue;
    }
    if (auto color = parse_one(word, has_foreground)) {
      if (!has_foreground) {
        foreground = *color;
        has_foreground = true;
        continue;
      }
      if (has_background) return std::nullopt;
      background = *color;
      has_background = true;
      continue;
    }
    unsigned attribute = parse_attribute(word);
    if (!attribute) return std::nullopt;
    attributes |= 1u << attribute;
  }
  if (!has_reset && !attributes && foreground.empty() && background.empty()) return "";
  std::string result = "\033[";
  bool separate = has_reset;
  auto part = [&](const std::string& text) {
    if (text.empty()) return;
    if (separate) result += ';';
    separate = true;
    result += text;
  };
  for (unsigned i = 0; i < 32; i++)
    if (attributes & (1u << i)) part(std::to_string(i));
  part(foreground);
  part(background);
  return result + 'm';
}

int parse_color_when(const std::optional<std::string>& value) {
  if (!value) return kColorAuto;
  if (iequals(*value, "never")) return kColorNever;
  if (iequals(*value, "always")) return kColorAlways;
  if (iequals(*value, "auto")) return kColorAuto;
  auto flag = parse_maybe_bool_text(*value);
  if (!flag) return kColorUnknown;
  return *flag ? kColorAuto : kColorNever;
}

int config_color_when(const Config& config, std::string_view key) {
  // "branch" is short for "color.branch".
  std::string own = key.find('.') == std::string_view::npos ? "color." + std::string(key) : std::string(key);
  for (std::string_view k : {std::string_view(own), std::string_view("color.ui")}) {
    const ConfigEntry* entry = config.find(k);
    if (!entry) continue;
    int when = parse_color_when(entry->value);
    if (when == kColorUnknown) die("bad boolean config value '%s' for '%s'", entry->value.value_or(""), k);
    return when;
  }
  return kColorAuto;
}

bool want_color(int when, int fd) {
  if (when == kColorUnknown) when = kColorAuto;
  if (when != kColorAuto) return when == kColorAlways;
  const char* term = std::getenv("TERM");
  const bool is_dumb = !term || !std::string_view(term).compare("dumb");
  if (isatty(fd)) return !is_dumb;
  return fd == 1 && env_bool("GIT_PAGER_IN_USE", false) && !is_dumb;
}

std::string config_color(const Config& config, std::string_view key, std::string_view fallback) {
  const ConfigEntry* entry = config.find(key);
  if (!entry) return std::string(fallback);
  if (!entry->value) die("missing value for '%s'", key);
  auto color = parse_color(*entry->value);
  if (!color) die("invalid color value: %s", *entry->value);
  return *color;
}

}  // namespace git
