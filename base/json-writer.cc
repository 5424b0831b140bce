// Commas and indentation come in front of what they separate.
#include "base/json-writer.h"

#include <cstdio>

namespace git {

std::string JsonWriter::quote(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    switch (c) {
      case '"':
        quoted += "\\\"";
        break;
      case '\\':
        quoted += "\\\\";
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\r':
        quoted += "\\r";
        break;
      case '\t':
        quoted += "\\t";
        break;
      case '\f':
        quoted += "\\f";
        break;
      case '\b':
        quoted += "\\b";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          char escape[8];
          std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
          quoted += escape;
        } else {
          quoted += c;
        }
    }
  }
  return quoted + "\"";
}

void JsonWriter::indent() {
  if (!pretty_ || open_.empty()) return;
  text_ += '\n';
  text_.append(open_.size() * 2, ' ');
}
void JsonWriter::separate() {
  if (need_comma_) text_ += ',';
  indent();
  need_comma_ = true;
}
void JsonWriter::key(std::string_view name) {
  separate();
  text_ += quote(name);
  text_ += pretty_ ? ": " : ":";
}
void JsonWriter::open(char bracket) {
  if (!open_.empty()) separate();
  text_ += bracket;
  open_.push_back(bracket == '{' ? '}' : ']');
  need_comma_ = false;
}
void JsonWriter::begin_object(std::string_view name) {
  key(name);
  text_ += '{';
  open_.push_back('}');
  need_comma_ = false;
}
void JsonWriter::begin_array(std::string_view name) {
  key(name);
  text_ += '[';
  open_.push_back(']');
  need_comma_ = false;
}
void JsonWriter::end() {
  char bracket = open_.back();
  open_.pop_back();
  if (pretty_) {
    text_ += '\n';
    text_.append(open_.size() * 2, ' ');
  }
  text_ += bracket;
  need_comma_ = true;
}

namespace {
std::string number(int precision, double value) {
  char text[64];
  if (precision < 0)
    std::snprintf(text, sizeof text, "%f", value);
  else
    std::snprintf(text, sizeof text, "%.*f", precision, value);
  return text;
}
}  // namespace

void JsonWriter::field(std::string_view name, std::string_view value) { raw_field(name, quote(value)); }
void JsonWriter::field_double(std::string_view name, int precision, double value) { raw_field(name, number(precision, value)); }
void JsonWriter::raw_field(std::string_view name, std::string_view json) {
  key(name);
  text_ += json;
}
void JsonWriter::item(std::string_view value) { raw_item(quote(value)); }
void JsonWriter::item_double(int precision, double value) { raw_item(number(precision, value)); }
void JsonWriter::raw_item(std::string_view json) {
  separate();
  text_ += json;
}

}  // namespace git
