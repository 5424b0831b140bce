// test-tool json-writer: writes JSON as the commands on standard input say.
#include <cstdlib>

#include "base/error.h"
#include "base/fd.h"
#include "base/json-writer.h"
#include "base/strings.h"
#include "t/helper/test-tool.h"

TEST_TOOL("json-writer", test_json_writer)

namespace git {
namespace {

std::string take_word(std::string_view& line, int number) {
  line = ltrim(line);
  std::size_t end = line.find_first_of(" \t");
  std::string word(line.substr(0, end));
  if (word.empty()) die("line[%d]: expected a value", number);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end);
  return word;
}

int check_units() {
  JsonWriter json;
  json.begin_object();
  json.field("a", "x\"\n");
  json.begin_array("b");
  json.item(1);
  json.item_null();
  json.end();
  json.field_double("c", 2, 3.14159);
  json.end();
  return json.text() == "{\"a\":\"x\\\"\\n\",\"b\":[1,null],\"c\":3.14}" ? 0 : 1;
}

void apply(JsonWriter& json, const std::string& verb, std::string_view line, int number) {
  auto word = [&] { return take_word(line, number); };
  if (verb == "object") {
    json.begin_object();
  } else if (verb == "array") {
    json.begin_array();
  } else if (verb == "end") {
    json.end();
  } else if (verb == "object-string") {
    std::string key = word();
    json.field(key, trim(line));
  } else if (verb == "object-int") {
    std::string key = word();
    json.field(key, static_cast<std::int64_t>(std::strtoll(word().c_str(), nullptr, 10)));
  } else if (verb == "object-double") {
    std::string key = word();
    int precision = std::atoi(word().c_str());
    json.field_double(key, precision, std::atof(word().c_str()));
  } else if (verb == "object-true" || verb == "object-false") {
    json.field_bool(word(), verb == "object-true");
  } else if (verb == "object-null") {
    json.field_null(word());
  } else if (verb == "object-object") {
    json.begin_object(word());
  } else if (verb == "object-array") {
    json.begin_array(word());
  } else if (verb == "array-string") {
    json.item(trim(line));
  } else if (verb == "array-int") {
    json.item(static_cast<std::int64_t>(std::strtoll(word().c_str(), nullptr, 10)));
  } else if (verb == "array-double") {
    int precision = std::atoi(word().c_str());
    json.item_double(precision, std::atof(word().c_str()));
  } else if (verb == "array-true" || verb == "array-false") {
    json.item_bool(verb == "array-true");
  } else if (verb == "array-null") {
    json.item_null();
  } else if (verb == "array-object") {
    json.begin_object();
  } else if (verb == "array-array") {
    json.begin_array();
  } else {
    die("unrecognized token: '%s'", verb);
  }
}

}  // namespace

int test_json_writer(std::vector<std::string> args) {
  bool pretty = false;
  for (std::size_t i = 1; i < args.size(); i++) {
    if (args[i] == "-u" || args[i] == "--unit") return check_units();
    if (args[i] == "-p" || args[i] == "--pretty") pretty = true;
  }
  JsonWriter json(pretty);
  LineReader lines(0);
  int number = 0;
  for (std::string text; lines.next(text);) {
    number++;
    std::string_view line = trim(text);
    if (line.empty()) continue;
    std::string verb = take_word(line, number);
    apply(json, verb, line, number);
  }
  if (!json.is_complete()) die("json not terminated");
  outf("%s\n", json.text());
  return 0;
}

}  // namespace git
