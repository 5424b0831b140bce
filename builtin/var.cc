// git var: variables with a meaning, as every part of git computes them.
#include "base/build-config.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "config/ident.h"
#include "editor.h"
#include "pager.h"

GIT_BUILTIN("var", cmd_var, kSetupGently | kNoParseopt)

namespace git {
namespace {

struct Context {
  Invocation& inv;
  Config& config;
  bool strict;
};
using Values = std::optional<std::vector<std::string>>;

Values one(std::optional<std::string> value) {
  if (!value) return std::nullopt;
  return std::vector<std::string>{*value};
}
unsigned ident_flags(const Context& c) { return c.strict ? kIdentStrict : 0u; }

Values author(Context& c) { return one(author_ident(c.config, ident_flags(c))); }
Values committer(Context& c) { return one(committer_ident(c.config, ident_flags(c))); }
Values editor(Context& c) { return one(editor_command(c.inv.repository.get())); }
Values sequence_editor(Context& c) { return one(sequence_editor_command(c.inv.repository.get())); }
Values pager(Context& c) { return one(pager_program(c.config, true).value_or("cat")); }
Values default_branch(Context& c) { return one(default_branch_name(c.config, true)); }
Values shell_path(Context&) { return one(std::string(kShellPath)); }
Values attr_system(Context&) {
  if (env_bool("GIT_ATTR_NOSYSTEM", false)) return std::nullopt;
  return one(std::string(kSysconfDir) + "/gitattributes");
}
Values attr_global(Context& c) {
  if (auto path = c.config.get_path("core.attributesfile")) return one(path);
  std::string path = xdg_config_path("attributes");
  return path.empty() ? std::nullopt : one(path);
}
Values config_system(Context&) {
  if (env_bool("GIT_CONFIG_NOSYSTEM", false)) return std::nullopt;
  return one(normalize_path(system_config_path()).value_or(system_config_path()));
}
Values config_global(Context&) {
  auto paths = global_config_paths();
  if (paths.empty()) return std::nullopt;
  for (std::string& path : paths)
    if (auto clean = normalize_path(path)) path = *clean;
  return paths;
}

struct Variable {
  const char* name;
  Values (*read)(Context&);
};
constexpr Variable kVariables[] = {
    {"GIT_COMMITTER_IDENT", committer},
    {"GIT_AUTHOR_IDENT", author},
    {"GIT_EDITOR", editor},
    {"GIT_SEQUENCE_EDITOR", sequence_editor},
    {"GIT_PAGER", pager},
    {"GIT_DEFAULT_BRANCH", default_branch},
    {"GIT_SHELL_PATH", shell_path},
    {"GIT_ATTR_SYSTEM", attr_system},
    {"GIT_ATTR_GLOBAL", attr_global},
    {"GIT_CONFIG_SYSTEM", config_system},
    {"GIT_CONFIG_GLOBAL", config_global},
};

constexpr const char* kUsage = "git var (-l | <variable>)";

void list(Context& context) {
  for (const ConfigEntry& entry : context.config.entries())
    if (entry.value)
      outf("%s=%s\n", entry.key, *entry.value);
    else
      outf("%s\n", entry.key);
  for (const Variable& variable : kVariables)
    if (auto values = variable.read(context))
      for (const std::string& value : *values) outf("%s=%s\n", variable.name, value);
}

}  // namespace

int cmd_var(Invocation& inv) {
  if (inv.args.size() == 2 && inv.args[1] == "-h") {
    outf("usage: %s\n", kUsage);
    return 0;
  }
  if (inv.args.size() != 2) usage("%s", kUsage);
  Config own{ConfigSources{}};
  Context context{inv, inv.repository ? inv.repo().config() : own, true};
  if (inv.args[1] == "-l") {
    context.strict = false;
    list(context);
    return 0;
  }
  for (const Variable& variable : kVariables) {
    if (inv.args[1] != variable.name) continue;
    auto values = variable.read(context);
    if (!values) return 1;
    for (const std::string& value : *values) outf("%s\n", value);
    return 0;
  }
  usage("%s", kUsage);
}

}  // namespace git
