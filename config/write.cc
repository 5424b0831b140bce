// Editing a config file in place.  The text is read as events with their places; only the bytes of what changes are
// replaced, so comments and layout stay as the user left them.  The whole new text is made in memory and published by
// one rename of the lock file.
#include <regex.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "base/files.h"
#include "base/lockfile.h"
#include "base/strings.h"
#include "config.h"
#include "config/reader.h"

namespace git {
namespace {

using config::Event;
using config::EventKind;

enum ExitCode { kBadKey = 1, kNoSection = 2, kBadFile = 3, kCantWrite = 4, kNothingSet = 5, kBadPattern = 6 };

// The part in front of the last dot.
std::string_view section_of(std::string_view key) { return key.substr(0, key.rfind('.')); }

std::string format_section(std::string_view section) {
  std::size_t dot = section.find('.');
  if (dot == std::string_view::npos) return strf("[%s]\n", section);
  std::string sub;
  for (char c : section.substr(dot + 1)) {
    if (c == '"' || c == '\\') sub += '\\';
    sub += c;
  }
  return strf("[%s \"%s\"]\n", section.substr(0, dot), sub);
}
std::string format_pair(std::string_view name, std::string_view value, std::string_view comment) {
  bool quote =
      (!value.empty() && (value.front() == ' ' || value.back() == ' ')) || value.find_first_of(";#\r") != std::string_view::npos;
  if (!value.empty() && (value.front() == '\t' || value.back() == '\t')) quote = true;
  std::string text = strf("\t%s = ", name);
  if (quote) text += '"';
  for (char c : value) {
    switch (c) {
      case '\n':
        text += "\\n";
        break;
      case '\t':
        text += "\\t";
        break;
      case '"':
      case '\\':
        text += '\\';
        [[fallthrough]];
      default:
        text += c;
    }
  }
  if (quote) text += '"';
  return text + std::string(comment) + "\n";
}

class ValueMatcher {
 public:
  explicit ValueMatcher(const ConfigValueMatch& match) : match_(match) {}
  ~ValueMatcher() {
    if (compiled_) ::regfree(&regex_);
  }
  ValueMatcher(const ValueMatcher&) = delete;
  ValueMatcher& operator=(const ValueMatcher&) = delete;
  bool compile() {
    if (!match_.pattern || match_.fixed) return true;
    const char* pattern = match_.pattern->c_str();
    if (*pattern == '!') {
      negate_ = true;
      pattern++;
    }
    compiled_ = ::regcomp(&regex_, pattern, REG_EXTENDED) == 0;
    return compiled_;
  }
  bool matches(const std::optional<std::string>& value) const {
    if (match_.none) return false;
    if (!match_.pattern) return true;
    if (match_.fixed) return value.value_or("") == *match_.pattern && value.has_value();
    return negate_ != (value && ::regexec(&regex_, value->c_str(), 0, nullptr, 0) == 0);
  }

 private:
  const ConfigValueMatch& match_;
  regex_t regex_{};
  bool compiled_ = false, negate_ = false;
};

// A file being edited: its events, and which of them belong to the section or are the values meant.
struct Edit {
  std::string_view text;
  std::vector<Event> events;
  std::vector<std::size_t> matches;            // entries to be replaced or removed
  std::optional<std::size_t> last_in_section;  // where a new entry goes

  bool in_section(std::size_t i, std::string_view section) const { return events[i].key == section; }
};

// Removing the entries from matches[at] on may leave nothing but the header: then the header goes as well, unless a
// comment stands before, in or behind it. Returns how many of the following matches went with it.
struct Removal {
  std::size_t begin, end, last_match;
};
Removal widen_to_section(const Edit& edit, std::string_view section, std::size_t at) {
  std::size_t index = edit.matches[at];
  Removal plain{edit.events[index].begin, edit.events[index].end, at};
  bool header_seen = false;
  std::size_t first = index;
  for (; first > 0; first--) {
    const Event& before = edit.events[first - 1];
    if (before.kind == EventKind::comment) return plain;
    if (before.kind == EventKind::entry) {
      if (!header_seen) return plain;
      break;
    }
    if (before.kind == EventKind::section) {
      if (before.key != section) break;
      header_seen = true;
    }
  }
  std::size_t last_match = at, after = index + 1;
  for (; after < edit.events.size(); after++) {
    const Event& event = edit.events[after];
    if (event.kind == EventKind::comment) return plain;
    if (event.kind == EventKind::section) {
      if (event.key == section) continue;
      break;
    }
    if (event.kind != EventKind::entry) continue;
    if (last_match + 1 >= edit.matches.size() || edit.matches[last_match + 1] != after) return plain;
    last_match++;
  }
  std::size_t end = after < edit.events.size() ? edit.events[after].begin : edit.text.size();
  return {edit.events[first].begin, end, last_match};
}

// The part up to `to`, ended by a newline.
void copy_line_end(std::string& result, std::string_view text, std::size_t from, std::size_t to) {
  if (to <= from) return;
  result += text.substr(from, to - from);
  if (result.back() != '\n') result += '\n';
}

std::string rewrite(const Edit& edit, std::string_view key, std::string_view shown_key, const std::optional<std::string>& value,
                    std::string_view comment) {
  std::string_view text = edit.text, section = section_of(key);
  std::string result;
  std::size_t from = 0;
  if (edit.matches.empty()) {
    std::size_t to = edit.last_in_section ? edit.events[*edit.last_in_section].end : text.size();
    if (to > 0 && to < text.size() && text[to - 1] != '\n' && text[to] == '\n') to++;
    copy_line_end(result, text, 0, to);
    from = to;
  }
  for (std::size_t i = 0; i < edit.matches.size(); i++) {
    Removal gone{edit.events[edit.matches[i]].begin, edit.events[edit.matches[i]].end, i};
    if (!value) gone = widen_to_section(edit, section, i);
    i = gone.last_match;
    std::size_t to = gone.begin;
    while (to > 0 && is_space(text[to - 1]) && text[to - 1] != '\n') to--;
    copy_line_end(result, text, from, to);
    from = gone.end;
  }
  if (value) {
    std::string_view shown_section = section_of(shown_key);
    if (edit.matches.empty() && !edit.last_in_section) result += format_section(shown_section);
    result += format_pair(shown_key.substr(shown_section.size() + 1), *value, comment);
  }
  result += text.substr(from);
  return result;
}

// Several commands may want to write at once; each waits a little (core.configLockTimeout, milliseconds).
std::optional<LockFile> hold_config(const std::string& path) {
  constexpr int kDefaultTimeout = 1000;
  auto lock = LockFile::hold(path, Config(ConfigSources{}).get_int_or("core.configlocktimeout", kDefaultTimeout));
  if (lock) return std::move(*lock);
  error("could not lock config file %s: %s", path, std::strerror(errno));
  return std::nullopt;
}

int publish(LockFile& lock, std::string_view text, const std::string& path) {
  if (auto st = stat_path(path); st && ::chmod(lock.lock_path().c_str(), st->st_mode & 07777) < 0) {
    error("chmod on %s failed: %s", lock.lock_path(), std::strerror(errno));
    return kCantWrite;
  }
  if (!lock.write(text) || !lock.commit()) {
    error("could not write config file %s: %s", path, std::strerror(errno));
    return kCantWrite;
  }
  return 0;
}

}  // namespace

int config_set_in_file(const std::string& path, std::string_view typed_key, const std::optional<std::string>& value,
                       const ConfigValueMatch& match, bool multi, std::string_view comment) {
  auto key = canonical_config_key(typed_key);
  if (!key) {
    error("%s", key.error().message);
    return typed_key.rfind('.') == std::string_view::npos || typed_key.rfind('.') == 0 ? kNoSection : kBadKey;
  }
  auto lock = hold_config(path);
  if (!lock) return -1;
  auto old = read_file(lock->target());
  if (!old) {
    if (old.error().kind != ErrorKind::missing) {
      error("opening %s: %s", path, std::strerror(errno));
      return kBadFile;
    }
    if (!value) return kNothingSet;
    return publish(
        *lock, format_section(section_of(typed_key)) + format_pair(typed_key.substr(typed_key.rfind('.') + 1), *value, comment),
        path);
  }

  ValueMatcher matcher(match);
  if (!matcher.compile()) {
    error("invalid pattern: %s", *match.pattern);
    return kBadPattern;
  }
  Edit edit;
  edit.text = *old;
  std::string_view section = section_of(*key);
  config::Reader reader(edit.text);
  bool is_ours = false;
  for (;;) {
    Event event = reader.next();
    if (event.kind == EventKind::end) break;
    if (event.kind == EventKind::error) {
      error("bad config line %d in file %s", event.line, path);
      error("invalid section name '%s'", std::string(section));
      return kBadFile;
    }
    if (event.kind == EventKind::section) {
      is_ours = event.key == section || iequals(event.key, section);
      if (is_ours && event.key != section && event.key.find('.') != std::string::npos) {
        // The old "[section.sub]" form folds the subsection's case.
        is_ours = edit.text.substr(event.begin, event.end - event.begin).find('"') == std::string_view::npos;
      }
      if (is_ours) {
        event.key = section;
        edit.last_in_section = edit.events.size();
      }
    } else if (event.kind == EventKind::entry && is_ours) {
      edit.last_in_section = edit.events.size();
      if (event.key == *key && matcher.matches(event.value)) edit.matches.push_back(edit.events.size());
    }
    edit.events.push_back(std::move(event));
  }
  if (edit.matches.empty() && !value) return kNothingSet;
  if (edit.matches.size() > 1 && !multi) {
    warning("%s has multiple values", *key);
    return kNothingSet;
  }
  return publish(*lock, rewrite(edit, *key, typed_key, value, comment), path);
}

namespace {

// The header a line starts with: its name, and how many bytes it takes.
struct Header {
  std::string name;
  std::size_t size = 0;
};
std::optional<Header> header_of(std::string_view line) {
  std::size_t start = 0;
  while (start < line.size() && is_space(line[start])) start++;
  if (start >= line.size() || line[start] != '[') return std::nullopt;
  config::Reader reader(line.substr(start));
  Event event = reader.next();
  if (event.kind != EventKind::section) return std::nullopt;
  return Header{event.key, start + event.end};
}

bool is_valid_section_name(std::string_view name) {
  if (name.empty()) return false;
  for (char c : name.substr(0, name.find('.')))
    if (!is_alnum(c) && c != '-') return false;
  return name.front() != '.';
}

std::string canonical_section(std::string_view name) {
  std::size_t dot = name.find('.');
  return lowercase(name.substr(0, dot)) + (dot == std::string_view::npos ? "" : std::string(name.substr(dot)));
}

}  // namespace

int config_copy_or_rename_section(const std::string& path, std::string_view old_name, const std::optional<std::string>& new_name,
                                  bool copy) {
  if (new_name && !is_valid_section_name(*new_name)) {
    error("invalid section name: %s", *new_name);
    return -1;
  }
  auto lock = hold_config(path);
  if (!lock) return -1;
  auto old = read_file(lock->target());
  if (!old) {
    if (old.error().kind == ErrorKind::missing) return 0;
    warning("unable to access '%s': %s", path, std::strerror(errno));
    return -1;
  }
  constexpr std::size_t kMaxLine = 512 * 1024;
  std::string wanted = canonical_section(old_name), result, copied;
  int renamed = 0, number = 0;
  bool inside = false;
  std::string_view rest = *old;
  while (!rest.empty()) {
    std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end == std::string_view::npos ? rest.size() : end + 1);
    rest.remove_prefix(line.size());
    number++;
    if (line.size() >= kMaxLine) {
      error("refusing to work with overly long line in '%s' on line %d", path, number);
      return -1;
    }
    if (auto header = header_of(line)) {
      inside = header->name == wanted || (iequals(header->name, wanted) && line.find('"') == std::string_view::npos);
      if (inside) {
        renamed++;
        std::string_view behind = ltrim(line.substr(header->size));
        if (copy) result += line;
        if (!new_name) {
          continue;
        }
        std::string& target = copy ? copied : result;
        target += format_section(*new_name);
        if (!behind.empty()) target += "\t" + std::string(behind);
        continue;
      }
    }
    if (inside && !new_name) continue;
    if (inside && copy) copied += line;
    if (!inside && copy && !copied.empty()) {
      result += copied;
      copied.clear();
    }
    result += line;
  }
  if (!copied.empty()) {
    if (!result.empty() && result.back() != '\n') result += '\n';
    result += copied;
  }
  if (publish(*lock, result, path)) return -1;
  return renamed;
}
int config_rename_section_in_file(const std::string& path, std::string_view old_name,
                                  const std::optional<std::string>& new_name) {
  return config_copy_or_rename_section(path, old_name, new_name, false);
}

}  // namespace git
