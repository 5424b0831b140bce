// Keywords are coloured only at the start of a line, in any case, and only as whole words: "Error:" but not "Errors".
#include "sideband.h"

#include <unistd.h>

#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "config.h"
#include "config/color.h"
#include "config/urlmatch.h"

namespace git {

namespace {

constexpr std::string_view kKeywords[] = {"hint", "warning", "success", "error"};

bool is_smart_terminal() {
  std::string term = get_env_or("TERM", "dumb");
  return isatty(2) && term != "dumb";
}

}  // namespace

RemoteText::RemoteText(Config* config, std::string_view url) : text_(is_smart_terminal() ? "\033[K" : "        ") {
  const char* defaults[] = {"\033[33m", "\033[1;33m", "\033[1;32m", "\033[1;31m"};
  for (int i = 0; i < 4; i++) colors_[i] = defaults[i];
  if (!config) return;
  auto wanted = config->get_string("color.remote");
  if (!wanted) wanted = config->get_string("color.ui");
  if (wanted) {
    auto mode = parse_maybe_bool(wanted);
    use_color_ = *wanted == "always" || ((*wanted == "auto" || (mode && *mode)) && is_smart_terminal());
  } else {
    use_color_ = is_smart_terminal();
  }
  for (int i = 0; i < 4; i++) {
    auto value = config->get_string("color.remote." + std::string(kKeywords[i]));
    if (!value) continue;
    if (auto color = parse_color(*value)) colors_[i] = *color;
  }
  std::optional<std::string> allowed;
  if (const ConfigEntry* entry = config->find("sideband.allowcontrolcharacters")) allowed = entry->value.value_or("true");
  Result<NormalUrl> normal = url.empty() ? Result<NormalUrl>(Error{}) : normalize_url(url);
  if (normal)
    for_each_config_for_url(*config, "sideband", *normal, [&](const std::string& name, const ConfigEntry& entry) {
      if (name == "allowcontrolcharacters") allowed = entry.value.value_or("true");
    });
  if (allowed) allow(*allowed);
}

void RemoteText::allow(std::string_view words) {
  if (auto yes = parse_maybe_bool(std::string(words))) {
    allowed_ = *yes ? unsigned{kEverything} : 0u;
    return;
  }
  allowed_ = 0;
  for (std::string_view word : split(words, ',')) {
    word = trim(word);
    if (word == "default" || word == "color")
      allowed_ |= kColor;
    else if (word == "cursor")
      allowed_ |= kCursor;
    else if (word == "erase")
      allowed_ |= kErase;
    else if (word == "true")
      allowed_ |= kEverything;
    else if (word != "false")
      warning(_("unrecognized value for '%s': '%s'"), "sideband.allowControlCharacters", word);
  }
}

// The length of the control sequence at the front that may pass, 0 where there is none.
std::size_t RemoteText::allowed_sequence(std::string_view text) const {
  if (!starts_with(text, "\033[")) return 0;
  std::size_t end = 2;
  while (end < text.size() && (is_digit(text[end]) || text[end] == ';' || text[end] == ':')) end++;
  if (end == text.size()) return 0;
  constexpr std::string_view kMoves = "ABCDEFGHf", kErases = "JK";
  bool passes = ((allowed_ & kColor) && text[end] == 'm') ||
                ((allowed_ & kCursor) && kMoves.find(text[end]) != std::string_view::npos) ||
                ((allowed_ & kErase) && kErases.find(text[end]) != std::string_view::npos);
  return passes ? end + 1 : 0;
}

std::string RemoteText::paint(std::string_view line) const {
  std::string out;
  std::size_t start = 0;
  while (start < line.size() && is_space(line[start])) start++;
  std::string_view rest = line.substr(start);
  std::string colored;
  if (use_color_) {
    for (int i = 0; i < 4; i++) {
      std::size_t size = kKeywords[i].size();
      if (!istarts_with(rest, kKeywords[i]) || (rest.size() > size && is_alnum(rest[size]))) continue;
      colored = colors_[i] + std::string(rest.substr(0, size)) + "\033[m";
      out = std::string(line.substr(0, start)) + colored;
      rest.remove_prefix(size);
      break;
    }
  }
  if (colored.empty()) rest = line;
  for (std::size_t i = 0; i < rest.size(); i++) {
    char c = rest[i];
    unsigned char byte = static_cast<unsigned char>(c);
    bool is_control = (byte < 0x20 || byte == 0x7f) && c != '\t';
    if (!is_control || (allowed_ & kEverything)) {
      out += c;
      continue;
    }
    if (std::size_t size = allowed_sequence(rest.substr(i))) {
      out += rest.substr(i, size);
      i += size - 1;
      continue;
    }
    out += '^';
    out += static_cast<char>(byte == 0x7f ? '?' : 0x40 + byte);
  }
  return out;
}

void RemoteText::show(std::string_view piece) {
  std::string shown = text_.feed(piece, [this](std::string_view line) { return paint(line); });
  if (!shown.empty()) err(shown);
}

void RemoteText::finish() {
  std::string shown = text_.finish([this](std::string_view line) { return paint(line); });
  if (!shown.empty()) err(shown);
}

void RemoteText::show_error(std::string_view text) {
  finish();
  errf("remote: %s\n", paint(rtrim(text)));
}

}  // namespace git
