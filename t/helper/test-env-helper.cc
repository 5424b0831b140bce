// test-tool env-helper: environment variables as booleans and numbers.
#include "base/env.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "t/helper/test-tool.h"

TEST_TOOL("env-helper", test_env_helper)

namespace git {

int test_env_helper(std::vector<std::string> args) {
  std::optional<std::string> type, fallback;
  bool exit_code = false;
  Options options({"test-tool env-helper --type=[bool|ulong] <options> <env-var>"});
  options.string(0, "type", &type, "type", "value is given this type");
  options.string(0, "default", &fallback, "value", "default for git_env_*(...) to fall back on");
  options.boolean(0, "exit-code", &exit_code, "be quiet only use git_env_*() value as exit code");
  auto rest = options.parse(args);
  if (rest.size() != 1 || !type || (fallback && fallback->empty())) options.usage_with_options();
  const std::string& name = rest[0];
  if (*type == "bool") {
    bool default_value = false;
    if (fallback) {
      auto truth = parse_maybe_bool_text(*fallback);
      if (!truth)
        if (auto number = parse_int_with_unit(*fallback)) truth = *number != 0;
      if (!truth) {
        error("option `--default' expects a boolean value with `--type=bool`, not `%s`", *fallback);
        options.usage_with_options();
      }
      default_value = *truth;
    }
    bool value = env_bool(name.c_str(), default_value);
    if (!exit_code) outf("%s\n", value ? "true" : "false");
    return value ? 0 : 1;
  }
  if (*type == "ulong") {
    unsigned long default_value = 0;
    if (fallback) {
      auto number = parse_int_with_unit(*fallback);
      if (!number || *number < 0) {
        error("option `--default' expects an unsigned long value with `--type=ulong`, not `%s`", *fallback);
        options.usage_with_options();
      }
      default_value = static_cast<unsigned long>(*number);
    }
    unsigned long value = env_ulong(name.c_str(), default_value);
    if (!exit_code) outf("%d\n", value);
    return value ? 0 : 1;
  }
  error("unrecognized --type argument, %s", *type);
  options.usage_with_options();
}

}  // namespace git
