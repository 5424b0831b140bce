// Only system and global files are asked, before anything else is known; a broken one is told later, by whoever needs it.
#include "trace2-setup.h"

#include <cstdlib>

#include "base/env.h"
#include "base/error.h"
#include "base/strings.h"
#include "base/trace2.h"
#include "base/wildmatch.h"
#include "config.h"
#include "setup.h"

namespace git {
namespace {

// Settings named by GIT_TRACE2_CONFIG_PARAMS and variables named by GIT_TRACE2_ENV_VARS.
std::vector<trace2::Settings::Param> read_params(const std::string& configured_patterns,
                                                 const std::string& configured_variables) {
  std::vector<trace2::Settings::Param> params;
  std::string patterns = get_env_or("GIT_TRACE2_CONFIG_PARAMS", configured_patterns);
  if (!patterns.empty()) {
    auto config = read_early_config();
    for (const ConfigEntry& entry : config->entries())
      for (std::string_view pattern : split(patterns, ',')) {
        if (!wildmatch(lowercase(trim(pattern)), lowercase(entry.key), kWildCaseFold)) continue;
        params.push_back({std::string(scope_name(entry.scope)), entry.key, entry.value.value_or("")});
        break;
      }
  }
  std::string variables = get_env_or("GIT_TRACE2_ENV_VARS", configured_variables);
  for (std::string_view name : split(variables, ',')) {
    std::string variable(trim(name));
    if (variable.empty()) continue;
    if (auto value = get_env(variable.c_str()); value && !value->empty()) params.push_back({"unknown", variable, *value});
  }
  return params;
}

}  // namespace

void start_tracing(const std::vector<std::string>& argv) {
  trace2::Settings settings;
  std::string patterns, variables;
  try {
    ConfigSources sources;
    sources.ignore_command = true;
    Config config(sources);
    settings.normal_target = config.get_path("trace2.normaltarget").value_or("");
    settings.perf_target = config.get_path("trace2.perftarget").value_or("");
    settings.event_target = config.get_path("trace2.eventtarget").value_or("");
    settings.normal_brief = config.get_bool_or("trace2.normalbrief", false);
    settings.perf_brief = config.get_bool_or("trace2.perfbrief", false);
    settings.event_brief = config.get_bool_or("trace2.eventbrief", false);
    settings.event_nesting = config.get_int_or("trace2.eventnesting", 2);
    settings.max_files = config.get_int_or("trace2.maxfiles", 0);
    patterns = config.get_string_or("trace2.configparams", "");
    variables = config.get_string_or("trace2.envvars", "");
  } catch (const Fatal&) {
    settings = {};
  }
  settings.params = [patterns, variables] { return read_params(patterns, variables); };
  trace2::start(argv, settings);
}

}  // namespace git
