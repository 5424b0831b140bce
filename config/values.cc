// Values by type, and keys as people type them.
#include <cerrno>
#include <cinttypes>

#include "base/env.h"
#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "config.h"

namespace git {

std::string_view scope_name(ConfigScope scope) {
  switch (scope) {
    case ConfigScope::system:
      return "system";
    case ConfigScope::global:
      return "global";
    case ConfigScope::local:
      return "local";
    case ConfigScope::worktree:
      return "worktree";
    case ConfigScope::command:
      return "command";
    case ConfigScope::submodule:
      return "submodule";
    default:
      return "unknown";
  }
}

std::optional<std::int64_t> parse_config_int64(const std::string& text, std::int64_t low, std::int64_t high, bool* out_of_range) {
  *out_of_range = false;
  if (text.empty()) return std::nullopt;
  errno = 0;
  char* end = nullptr;
  std::intmax_t value = std::strtoimax(text.c_str(), &end, 0);
  if (errno == ERANGE) {
    *out_of_range = true;
    return std::nullopt;
  }
  if (end == text.c_str()) return std::nullopt;
  std::int64_t factor = 1;
  if (*end) {
    char unit = to_lower(*end);
    factor = unit == 'k' ? 1 << 10 : unit == 'm' ? 1 << 20 : unit == 'g' ? 1 << 30 : 0;
    if (!factor || end[1]) return std::nullopt;
  }
  std::int64_t result = 0;
  if (__builtin_mul_overflow(static_cast<std::int64_t>(value), factor, &result) || result < low || result > high) {
    *out_of_range = true;
    return std::nullopt;
  }
  return result;
}

std::string config_origin_text(const ConfigEntry& entry) {
  switch (entry.origin) {
    case ConfigOrigin::file:
      return " in file " + entry.file;
    case ConfigOrigin::blob:
      return " in blob " + entry.file;
    case ConfigOrigin::standard_input:
      return " in standard input";
    case ConfigOrigin::submodule_blob:
      return " in submodule-blob " + entry.file;
    case ConfigOrigin::command_line:
      return entry.file.empty() ? "" : " in command line " + entry.file;
    default:
      return {};
  }
}

void die_bad_config_number(const ConfigEntry& entry, bool out_of_range) {
  die("bad numeric config value '%s' for '%s'%s: %s", entry.value.value_or(""), entry.key, config_origin_text(entry),
      out_of_range ? "out of range" : "invalid unit");
}

std::optional<bool> parse_maybe_bool(const std::optional<std::string>& value) {
  if (!value) return true;
  if (auto truth = parse_maybe_bool_text(*value)) return truth;
  bool range = false;
  auto number = parse_config_int64(*value, INT32_MIN, INT32_MAX, &range);
  if (!number) return std::nullopt;
  return *number != 0;
}
Result<bool> parse_config_bool(std::string_view key, const std::optional<std::string>& value) {
  if (auto truth = parse_maybe_bool(value)) return *truth;
  return make_error(ErrorKind::invalid, "bad boolean config value '%s' for '%s'", *value, key);
}

Result<std::string> canonical_config_key(std::string_view key) {
  std::size_t last = key.rfind('.');
  if (last == std::string_view::npos || last == 0)
    return make_error(ErrorKind::invalid, "key does not contain a section: %s", key);
  if (last + 1 == key.size()) return make_error(ErrorKind::invalid, "key does not contain variable name: %s", key);
  std::size_t first = key.find('.');
  std::string canonical;
  for (std::size_t i = 0; i < key.size(); i++) {
    char c = key[i];
    bool in_subsection = i > first && i < last;
    if (!in_subsection && i != first && i != last) {
      bool ok = i == last + 1 ? is_alpha(c) : is_alnum(c) || c == '-';
      if (!ok) return make_error(ErrorKind::invalid, "invalid key: %s", key);
      c = to_lower(c);
    } else if (c == '\n') {
      return make_error(ErrorKind::invalid, "invalid key (newline): %s", key);
    }
    canonical += c;
  }
  return canonical;
}

int parse_shared_repository(std::string_view key, const std::optional<std::string>& value) {
  constexpr int kGroup = 0660, kEverybody = 0664;
  if (!value) return kGroup;
  if (*value == "umask") return 0;
  if (*value == "group") return kGroup;
  if (*value == "all" || *value == "world" || *value == "everybody") return kEverybody;
  char* end = nullptr;
  long mode = std::strtol(value->c_str(), &end, 8);
  if (*end || value->empty()) return parse_config_bool(key, value).take_or_die() ? kGroup : 0;
  switch (mode) {
    case 0:
      return 0;
    case 1:
      return kGroup;
    case 2:
      return kEverybody;
    default:
      break;
  }
  if ((mode & 0600) != 0600)
    die("problem with core.sharedRepository filemode value (0%s).\n"
        "The owner of files must always have read and write permissions.",
        strf("%03o", mode));
  return -static_cast<int>(mode & 0666);
}

}  // namespace git
