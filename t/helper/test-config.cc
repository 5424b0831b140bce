// test-tool config: the configuration as the library reads it.
#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "config.h"
#include "setup.h"
#include "t/helper/test-tool.h"

TEST_TOOL("config", test_config)

namespace git {
namespace {

void print_value(const std::optional<std::string>& value) { outf("%s\n", value.value_or("(NULL)")); }

int not_found(const std::string& key) {
  outf("Value not found for \"%s\"\n", key);
  return 1;
}

// Section and variable in lower case, what is between as it is.
std::string folded(const std::string& key) {
  auto canonical = canonical_config_key(key);
  return canonical ? *canonical : key;
}

int show_all(const Config& config, const std::string& wanted) {
  for (const ConfigEntry& entry : config.entries())
    if (entry.key == folded(wanted)) print_value(entry.value);
  return 0;
}

int iterate(const Config& config) {
  for (const ConfigEntry& entry : config.entries()) {
    static int count = 0;
    if (count++) out("\n");
    outf("key=%s\nvalue=%s\n", entry.key, entry.value.value_or("(null)"));
    outf("origin=%s\n", entry.origin == ConfigOrigin::command_line ? "command line" : "file");
    outf("name=%s\n", entry.file);
    if (entry.origin == ConfigOrigin::command_line)
      out("lno=-1\n");
    else
      outf("lno=%d\n", entry.line);
    outf("scope=%s\n", scope_name(entry.scope));
  }
  return 0;
}

int from_files(const std::string& command, const std::string& key, const std::vector<std::string>& files) {
  std::vector<std::optional<std::string>> values;
  for (const std::string& file : files) {
    auto entries = read_config_file(file, false, ConfigSources{});
    if (!entries) {
      if (entries.error().kind == ErrorKind::corrupt) die("%s", entries.error().message);
      if (entries.error().kind != ErrorKind::missing) warning("unable to access '%s': %s", file, std::strerror(errno));
      errf("Error (-1) reading configuration file %s.\n", file);
      return 2;
    }
    for (const ConfigEntry& entry : *entries)
      if (entry.key == folded(key)) values.push_back(entry.value);
  }
  if (values.empty()) return not_found(key);
  if (command == "configset_get_value") {
    print_value(values.back());
    return 0;
  }
  for (const auto& value : values) print_value(value);
  return 0;
}

}  // namespace

int test_config(std::vector<std::string> args) {
  args.erase(args.begin());
  if (args.empty()) die_usage("Please, provide a command name on the command-line");
  std::string command = args[0], key = args.size() > 1 ? args[1] : "";
  if (command == "read_early_config") return show_all(*read_early_config(), key);
  SetupResult setup = setup_git_directory(true);
  Config own{ConfigSources{}};
  Config& config = setup.repo ? setup.repo->config() : own;
  if (command == "iterate") return iterate(config);
  if (command == "configset_get_value" || command == "configset_get_value_multi")
    return from_files(command, key, {args.begin() + 2, args.end()});
  if (command == "git_config_int") {
    for (const ConfigEntry* entry : config.find_all(folded(key))) {
      bool out_of_range = false;
      auto value = parse_config_int64(entry->value.value_or(""), INT32_MIN, INT32_MAX, &out_of_range);
      if (!value) die_bad_config_number(*entry, out_of_range);
      outf("%d\n", *value);
    }
    return 0;
  }
  if (command == "get") {
    auto canonical = canonical_config_key(key);
    if (!canonical) {
      if (key.find('.') == std::string::npos)
        outf("Key \"%s\" has no section\n", key);
      else
        outf("Key \"%s\" is invalid\n", key);
      return 1;
    }
    return config.find(*canonical) ? 0 : not_found(key);
  }
  const ConfigEntry* entry = config.find(folded(key));
  if (!entry) return not_found(key);
  if (command == "get_value") {
    print_value(entry->value);
  } else if (command == "get_value_multi") {
    for (const ConfigEntry* one : config.find_all(folded(key))) print_value(one->value);
  } else if (command == "get_int") {
    outf("%d\n", *config.get_int(folded(key)));
  } else if (command == "get_bool") {
    outf("%d\n", *config.get_bool(folded(key)) ? 1 : 0);
  } else if (command == "get_string") {
    outf("%s\n", *config.get_string(folded(key)));
  } else {
    die("%s: Please check the syntax and the function name", command);
  }
  return 0;
}

}  // namespace git
