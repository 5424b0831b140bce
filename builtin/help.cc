// git help: pages of the manual, listings of commands, guides and settings.
#include <unistd.h>

#include <algorithm>
#include <set>

#include "advice.h"
#include "alias.h"
#include "base/build-config.h"
#include "base/command-line.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "help.h"
#include "pager.h"

GIT_BUILTIN("help", cmd_help, 0)

namespace git {
namespace {

enum Action { kPage, kAll, kGuides, kConfig, kUserInterfaces, kDeveloperInterfaces, kConfigCompletion, kConfigSections };
enum Format { kNoFormat, kMan, kInfo, kWeb };

std::vector<std::string> config_keys() {
  std::vector<std::string> keys = {
#include "config-keys.inc"
  };
  for (std::string_view key : advice_keys()) keys.push_back("advice." + std::string(key));
  std::sort(keys.begin(), keys.end());
  return keys;
}

void list_config(Action action) {
  if (action == kConfig) {
    for (const std::string& key : config_keys()) outf("%s\n", key);
    outf("\n%s\n", "'git help config' for more information");
    return;
  }
  std::set<std::string> names;
  for (const std::string& key : config_keys()) {
    if (action == kConfigSections)
      names.insert(key.substr(0, key.find('.')));
    else
      names.insert(key.substr(0, key.find_first_of("*<")));
  }
  for (const std::string& name : names) outf("%s\n", name);
}

// The page that describes `name`: "git-add", "gitrevisions", "git".
std::string page_of(const std::string& name) {
  if (starts_with(name, "git")) return name;
  auto is_command = [](const std::string& command) {
    auto all = main_commands();
    if (std::binary_search(all.begin(), all.end(), command)) return true;
    for (const ListedCommand& listed : listed_commands())
      if (listed.name == "git-" + command) return true;
    return false;
  };
  if (name == "scalar") return name;
  if (is_command(name)) return "git-" + name;
  return "git" + name;
}

void show_web(Config& config, const std::string& page) {
  std::string dir = config.get_path("help.htmlpath").value_or(std::string(kHtmlPath));
  std::string path = path_join(dir, page + ".html");
  if (dir.find("://") == std::string::npos) {
    auto st = stat_path(path);
    if (!st || !S_ISREG(st->st_mode)) die("'%s': not a documentation directory.", dir);
  }
  ChildProcess browse;
  browse.git_command = true;
  browse.args = {"web--browse", "-c", "help.browser", path};
  if (is_builtin_name("web--browse") || path_exists(path_join(git_exec_path(), "git-web--browse"))) {
    exit_with(browse.run());
  }
  // The configured browser, else whatever the desktop offers.
  std::string browser = config.get_string_or("help.browser", config.get_string_or("web.browser", "xdg-open"));
  auto command = config.get_string("browser." + browser + ".cmd");
  auto program = config.get_path("browser." + browser + ".path");
  ChildProcess child;
  child.use_shell = command.has_value();
  child.args = {command ? *command : program ? *program : browser, path};
  exit_with(child.run());
}

void show_man(Config& config, const std::string& page) {
  std::string old = get_env_or("MANPATH", "");
  set_env("MANPATH", std::string(kManPath) + ":" + old);
  std::string viewer = config.get_string_or("man.viewer", "man");
  auto command = config.get_string("man." + viewer + ".cmd");
  auto program = config.get_path("man." + viewer + ".path");
  ChildProcess child;
  child.use_shell = command.has_value();
  child.args = {command ? *command : program ? *program : viewer, page};
  int code = child.run();
  if (code < 0) die("no man viewer handled the request");
  exit_with(code);
}

void show_info(const std::string& page) {
  ChildProcess child;
  child.args = {"info", "gitman", page};
  int code = child.run();
  if (code < 0) die("no info viewer handled the request");
  exit_with(code);
}

Format parse_format(const std::string& text) {
  if (text == "man") return kMan;
  if (text == "info") return kInfo;
  if (text == "web" || text == "html") return kWeb;
  die("unrecognized help format '%s'", text);
}

std::string resolve_command(Config& config, const std::string& name, bool exclude_guides) {
  auto all = main_commands();
  if (std::binary_search(all.begin(), all.end(), name)) return name;
  if (auto alias = find_alias(config, name)) {
    errf("'%s' is aliased to '%s'\n", name, *alias);
    if (starts_with(*alias, "!")) exit_with(0);
    auto words = parse_command_line(*alias);
    if (!words) die("bad alias.%s string: %s", name, words.error().message);
    if (!words->empty()) return words->front();
  }
  if (exclude_guides) return help_unknown_command(config, name);
  return name;
}

}  // namespace

int cmd_help(Invocation& inv) {
  int action = kPage, format = kNoFormat, verbose = 1, external = -1, aliases = -1;
  bool exclude_guides = false;
  Options options({"git help [-a|--all] [--[no-]verbose] [--[no-]external-commands] [--[no-]aliases]",
                   "git help [[-i|--info] [-m|--man] [-w|--web]] [<command>|<doc>]", "git help [-g|--guides]",
                   "git help [-c|--config]", "git help [--user-interfaces]", "git help [--developer-interfaces]"});
  options.cmd_mode('a', "all", &action, kAll, "print all available commands");
  options.boolean(0, "external-commands", &external, "show external commands in --all");
  options.boolean(0, "aliases", &aliases, "show aliases in --all");
  options.boolean(0, "exclude-guides", &exclude_guides, "exclude guides", kOptHidden);
  options.set_int('m', "man", &format, kMan, "show man page");
  options.set_int('w', "web", &format, kWeb, "show manual in web browser");
  options.set_int('i', "info", &format, kInfo, "show info page");
  options.boolean('v', "verbose", &verbose, "print command description");
  options.cmd_mode('g', "guides", &action, kGuides, "print list of useful guides");
  options.cmd_mode(0, "user-interfaces", &action, kUserInterfaces,
                   "print list of user-facing repository, command and file interfaces");
  options.cmd_mode(0, "developer-interfaces", &action, kDeveloperInterfaces,
                   "print list of file formats, protocols and other developer interfaces");
  options.cmd_mode('c', "config", &action, kConfig, "print all configuration variable names");
  options.cmd_mode(0, "config-for-completion", &action, kConfigCompletion, "", kOptHidden);
  options.cmd_mode(0, "config-sections-for-completion", &action, kConfigSections, "", kOptHidden);
  auto args = options.parse(inv.args);

  if (action != kAll && (external >= 0 || aliases >= 0))
    options.usage_msg("the '--no-[external-commands|aliases]' options can only be used with '--all'");
  if (action != kPage) {
    static constexpr const char* kNames[] = {"",
                                             "--all",
                                             "--guides",
                                             "--config",
                                             "--user-interfaces",
                                             "--developer-interfaces",
                                             "--config-for-completion",
                                             "--config-sections-for-completion"};
    if (format != kNoFormat) options.usage_msg(strf("options '%s' and '%s' cannot be used together", kNames[action], "-[i|m|w]"));
    if (!args.empty()) options.usage_msg(strf("the '%s' option doesn't take any non-option arguments", kNames[action]));
  }
  auto config = read_early_config();
  switch (action) {
    case kAll:
      if (verbose) setup_pager(*config);
      out(list_all_commands(*config, verbose, external != 0, aliases != 0));
      return 0;
    case kGuides:
      out(list_guides("guide", "The Git concept guides are:"));
      out(more_help());
      return 0;
    case kUserInterfaces:
      out(list_guides("userinterfaces", "User-facing repository, command and file interfaces:"));
      return 0;
    case kDeveloperInterfaces:
      out(list_guides("developerinterfaces", "File formats, protocols and other developer interfaces:"));
      return 0;
    case kConfig:
    case kConfigCompletion:
    case kConfigSections:
      if (action == kConfig) setup_pager(*config);
      list_config(static_cast<Action>(action));
      return 0;
    default:
      break;
  }
  if (args.empty()) {
    out(common_help());
    return 0;
  }
  if (format == kNoFormat)
    if (auto configured = config->get_string("help.format")) format = parse_format(*configured);
  if (format == kNoFormat) format = kMan;
  std::string page = page_of(resolve_command(*config, args[0], exclude_guides));
  if (format == kWeb) show_web(*config, page);
  if (format == kInfo) show_info(page);
  show_man(*config, page);
  return 0;
}

}  // namespace git
