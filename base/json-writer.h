// JSON, written as it goes.
//
//   JsonWriter json;
//   json.begin_object(); json.field("name", "x"); json.begin_array("list"); json.item(1); json.end(); json.end();
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace git {

class JsonWriter {
 public:
  explicit JsonWriter(bool pretty = false) : pretty_(pretty) {}

  void begin_object() { open('{'); }
  void begin_array() { open('['); }
  void begin_object(std::string_view key);  // inside an object
  void begin_array(std::string_view key);
  void end();

  void field(std::string_view key, std::string_view value);
  void field(std::string_view key, const char* value) { field(key, std::string_view(value)); }
  void field(std::string_view key, std::int64_t value) { raw_field(key, std::to_string(value)); }
  void field(std::string_view key, int value) { raw_field(key, std::to_string(value)); }
  void field_double(std::string_view key, int precision, double value);
  void field_bool(std::string_view key, bool value) { raw_field(key, value ? "true" : "false"); }
  void field_null(std::string_view key) { raw_field(key, "null"); }
  void raw_field(std::string_view key, std::string_view json);  // `json` as it is

  void item(std::string_view value);
  void item(const char* value) { item(std::string_view(value)); }
  void item(std::int64_t value) { raw_item(std::to_string(value)); }
  void item(int value) { raw_item(std::to_string(value)); }
  void item_double(int precision, double value);
  void item_bool(bool value) { raw_item(value ? "true" : "false"); }
  void item_null() { raw_item("null"); }
  void raw_item(std::string_view json);

  bool is_complete() const { return open_.empty() && !text_.empty(); }
  const std::string& text() const { return text_; }
  static std::string quote(std::string_view text);

 private:
  void open(char bracket);
  void separate();
  void key(std::string_view name);
  void indent();

  std::string text_;
  std::vector<char> open_;  // closing brackets to come
  bool need_comma_ = false;
  bool pretty_;
};

}  // namespace git
