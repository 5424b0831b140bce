// One character at a time; the line of an error is the line its character stands on.
#include "config/reader.h"

#include "base/strings.h"

namespace git::config {
namespace {
bool is_key_char(int c) { return c >= 0 && (is_alnum(static_cast<char>(c)) || c == '-'); }
bool is_blank_char(int c) { return c >= 0 && is_space(static_cast<char>(c)); }
}  // namespace

Reader::Reader(std::string_view text) : text_(text) {
  if (starts_with(text_, "\xef\xbb\xbf")) at_ = 3;
}

int Reader::peek() const {
  if (at_ >= text_.size()) return -1;
  if (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') return '\n';
  return static_cast<unsigned char>(text_[at_]);
}
int Reader::get() {
  int c = peek();
  last_was_newline_ = c == '\n';
  if (c < 0) return c;
  at_ += c == '\n' && text_[at_] == '\r' ? 2 : 1;
  if (c == '\n') line_++;
  return c;
}

Event Reader::fail(Event event) {
  event.kind = EventKind::error;
  event.line = last_was_newline_ ? line_ - 1 : line_;
  return event;
}

Event Reader::next() {
  Event event;
  event.begin = at_;
  event.line = line_;
  int c = peek();
  if (c < 0) {
    event.end = at_;
    return event;
  }
  if (is_blank_char(c)) {
    while (is_blank_char(peek())) get();
    event.kind = EventKind::whitespace;
  } else if (c == '#' || c == ';') {
    while (peek() >= 0 && get() != '\n') {
    }
    event.kind = EventKind::comment;
  } else if (c == '[') {
    get();
    if (!read_section(event)) return fail(event);
    event.kind = EventKind::section;
  } else {
    if (!is_alpha(static_cast<char>(c)) || section_.empty()) {
      get();
      return fail(event);
    }
    std::string name;
    while (is_key_char(peek())) name += to_lower(static_cast<char>(get()));
    while (peek() == ' ' || peek() == '\t') get();
    c = get();
    if (c == '=') {
      std::string value;
      if (!read_value(value)) return fail(event);
      event.value = std::move(value);
    } else if (c != '\n' && c >= 0) {
      return fail(event);
    }
    event.kind = EventKind::entry;
    event.key = section_ + "." + name;
    event.line = last_was_newline_ ? line_ - 1 : line_;
  }
  event.end = at_;
  return event;
}

// Behind '[': "core]", "remote \"Origin\"]" or the old "remote.origin]".
bool Reader::read_section(Event& event) {
  section_.clear();
  for (;;) {
    int c = get();
    if (c == ']') break;
    if (is_blank_char(c)) {
      while (c != '\n' && is_blank_char(c)) c = get();
      if (c != '"' || !read_subsection()) return false;
      if (get() != ']') return false;
      break;
    }
    if (!is_key_char(c) && c != '.') return false;
    section_ += to_lower(static_cast<char>(c));
  }
  event.key = section_;
  return !section_.empty();
}
bool Reader::read_subsection() {
  section_ += '.';
  for (;;) {
    int c = get();
    if (c == '"') return true;
    if (c == '\\') c = get();
    if (c < 0 || c == '\n') return false;
    section_ += static_cast<char>(c);
  }
}

bool Reader::read_value(std::string& value) {
  bool quoted = false, comment = false;
  std::size_t keep = 0;  // white space behind this is trailing so far
  for (;;) {
    int c = get();
    if (c < 0 || c == '\n') {
      value.resize(keep);
      return !quoted;
    }
    if (comment) continue;
    if (is_blank_char(c) && !quoted) {
      if (!value.empty()) value += static_cast<char>(c);
      continue;
    }
    if (!quoted && (c == ';' || c == '#')) {
      comment = true;
      continue;
    }
    if (c == '"') {
      quoted = !quoted;
      keep = value.size();
      continue;
    }
    if (c == '\\') {
      c = get();
      switch (c) {
        case '\n':
          continue;
        case 't':
          c = '\t';
          break;
        case 'b':
          c = '\b';
          break;
        case 'n':
          c = '\n';
          break;
        case '\\':
        case '"':
          break;
        default:
          return false;
      }
    }
    value += static_cast<char>(c);
    keep = value.size();
  }
}

}  // namespace git::config
