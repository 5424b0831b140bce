// git for-each-repo: one git command in each repository that a setting lists.
#include "base/error.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "builtin.h"
#include "config.h"

GIT_BUILTIN("for-each-repo", cmd_for_each_repo, kSetupGently)

namespace git {

int cmd_for_each_repo(Invocation& inv) {
  std::optional<std::string> key;
  bool keep_going = false;
  Options options({"git for-each-repo --config=<config> [--] <arguments>"});
  options.string(0, "config", &key, "config", "config key storing a list of repository paths");
  options.boolean(0, "keep-going", &keep_going, "keep going even if command fails in a repository");
  auto args = options.parse(inv.args, inv.prefix_or_empty(), kStopAtNonOption);
  if (!key) die("missing --config=<config>");
  auto canonical = canonical_config_key(*key);
  if (!canonical) {
    error("%s", canonical.error().message);
    options.usage_msg(strf("got bad config --config=%s", *key));
  }
  Config own{ConfigSources{}};
  Config& config = inv.repository ? inv.repo().config() : own;
  int result = 0;
  for (const ConfigEntry* entry : config.find_all(*canonical)) {
    if (!entry->value) {
      error("missing value for '%s'", entry->key);
      options.usage_msg(strf("got bad config --config=%s", *key));
    }
    auto path = expand_user_path(*entry->value);
    ChildProcess child;
    child.git_command = true;
    for (const std::string& name : local_repo_env_vars())
      if (name != "GIT_CONFIG_PARAMETERS" && name != "GIT_CONFIG_COUNT") child.env.push_back(name);
    child.args = {"-C", path.value_or(*entry->value)};
    child.args.insert(child.args.end(), args.begin(), args.end());
    if (child.run() == 0) continue;
    result = 1;
    if (!keep_going) break;
  }
  return result;
}

}  // namespace git
