// git config: read and write settings.  The commands of today ("list", "get", "set" ...) and the actions of old
// ("--list", "--get" ...) share what is below; each only says which of it it wants.
#include <regex.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "base/date.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/quote.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "config/color.h"
#include "config/ident.h"
#include "config/urlmatch.h"
#include "editor.h"
#include "object-name.h"
#include "odb.h"
#include "pager.h"
#include "worktree.h"

GIT_BUILTIN("config", cmd_config, kSetupGently | kDelayPagerConfig)

namespace git {
namespace {

enum class Type { none, boolean, integer, bool_or_int, path, expiry_date, color, bool_or_str };
enum ExitCode { kInvalidKey = 1, kNothingSet = 5, kInvalidPattern = 6 };

struct Location {
  bool global = false, system = false, local = false, worktree = false;
  std::optional<std::string> file, blob;
  // What they come to:
  std::string path;  // "" where all files are read
  ConfigScope scope = ConfigScope::unknown;
  bool is_stdin = false;
};

struct Display {
  bool null = false, name_only = false, show_origin = false, show_scope = false, show_names = false;
  Type type = Type::none;
  std::optional<std::string> fallback;
  char end() const { return null ? '\0' : '\n'; }
  char separator() const { return null ? '\0' : '\t'; }
  std::string key_separator = " ";
};

struct Command {
  Invocation& inv;
  Location location;
  Display display;
  int includes = -1;
  bool fixed_value = false;
};

// ---- options ----

bool set_type(Type& type, Type wanted) {
  if (type != Type::none && type != wanted) {
    error("only one type at a time");
    return false;
  }
  type = wanted;
  return true;
}

bool parse_type(Type& type, const std::optional<std::string>& value, bool unset) {
  if (unset) {
    type = Type::none;
    return true;
  }
  static constexpr std::pair<const char*, Type> kTypes[] = {{"bool", Type::boolean},
                                                            {"int", Type::integer},
                                                            {"bool-or-int", Type::bool_or_int},
                                                            {"bool-or-str", Type::bool_or_str},
                                                            {"path", Type::path},
                                                            {"expiry-date", Type::expiry_date},
                                                            {"color", Type::color}};
  for (const auto& [name, wanted] : kTypes)
    if (*value == name) return set_type(type, wanted);
  die("unrecognized --type argument, %s", *value);
}

void add_location_options(Options& options, Location& location) {
  options.group("Config file location");
  options.boolean(0, "global", &location.global, "use global config file");
  options.boolean(0, "system", &location.system, "use system config file");
  options.boolean(0, "local", &location.local, "use repository config file");
  options.boolean(0, "worktree", &location.worktree, "use per-worktree config file");
  options.string('f', "file", &location.file, "file", "use given config file");
  options.string(0, "blob", &location.blob, "blob-id", "read config from given blob object");
}
void add_type_options(Options& options, Display& display) {
  options.group("Type");
  Type* type = &display.type;
  options.callback('t', "type", "type", "value is given this type",
                   [type](const auto& value, bool unset) { return parse_type(*type, value, unset); });
  auto one = [&](const char* name, Type wanted, const char* help) {
    options.callback(
        0, name, "", help,
        [type, wanted](const auto&, bool unset) {
          if (unset) {
            *type = Type::none;
            return true;
          }
          return set_type(*type, wanted);
        },
        kOptNoArg);
  };
  one("bool", Type::boolean, "value is \"true\" or \"false\"");
  one("int", Type::integer, "value is decimal number");
  one("bool-or-int", Type::bool_or_int, "value is --bool or --int");
  one("bool-or-str", Type::bool_or_str, "value is --bool or string");
  one("path", Type::path, "value is a path (file or directory name)");
  one("expiry-date", Type::expiry_date, "value is an expiry date");
}
void add_display_options(Options& options, Display& display, bool with_names = false) {
  options.group("Display options");
  options.boolean('z', "null", &display.null, "terminate values with NUL byte");
  options.boolean(0, "name-only", &display.name_only, "show variable names only");
  options.boolean(0, "show-origin", &display.show_origin, "show origin of config (file, standard input, blob, command line)");
  options.boolean(0, "show-scope", &display.show_scope, "show scope of config (worktree, local, global, system, command)");
  if (with_names) options.boolean(0, "show-names", &display.show_names, "show config keys in addition to their values");
}

// ---- locations ----

std::string global_path() {
  auto paths = global_config_paths();
  if (paths.empty()) die("$HOME not set");
  if (paths.size() == 1) return paths[0];
  // ~/.gitconfig, unless only the other one is there.
  return ::access(paths[1].c_str(), R_OK) < 0 && ::access(paths[0].c_str(), R_OK) == 0 ? paths[0] : paths[1];
}

void resolve_location(Command& command, const Options& options) {
  Location& location = command.location;
  if (!location.file && !location.blob && !location.global && !location.system && !location.local && !location.worktree)
    if (auto env = get_env("GIT_CONFIG")) location.file = env;
  int given = location.global + location.system + location.local + location.worktree + location.file.has_value() +
              location.blob.has_value();
  if (given > 1) {
    error("only one config file at a time");
    const_cast<Options&>(options).usage_with_options();
  }
  Repository* repo = command.inv.repository.get();
  if (!repo && location.local) die("--local can only be used inside a git repository");
  if (!repo && location.blob) die("--blob can only be used inside a git repository");
  if (!repo && location.worktree) die("--worktree can only be used inside a git repository");
  if (location.file && *location.file == "-") {
    location.is_stdin = true;
    location.scope = ConfigScope::command;
  } else if (location.file) {
    location.path = prefix_filename(command.inv.prefix_or_empty(), *location.file);
    location.scope = ConfigScope::command;
  } else if (location.blob) {
    location.scope = ConfigScope::command;
  } else if (location.global) {
    location.path = global_path();
    location.scope = ConfigScope::global;
  } else if (location.system) {
    location.path = system_config_path();
    location.scope = ConfigScope::system;
  } else if (location.local) {
    location.path = repo->common_path("config");
    location.scope = ConfigScope::local;
  } else if (location.worktree) {
    if (repo->layout().worktree_config)
      location.path = path_join(repo->git_dir(), "config.worktree");
    else if (list_worktrees(*repo).size() > 1)
      die("--worktree cannot be used with multiple working trees unless the config\n"
          "extension worktreeConfig is enabled. Please read \"CONFIGURATION FILE\"\n"
          "section in \"git help worktree\" for details");
    else
      location.path = repo->common_path("config");
    location.scope = ConfigScope::local;
  }
}

bool is_one_file(const Location& location) { return !location.path.empty() || location.is_stdin || location.blob; }

// Where writes go.
std::string writable_path(const Command& command, const char* what) {
  const Location& location = command.location;
  if (location.is_stdin) die("%s stdin is not supported", std::string_view(what) == "editing" ? "editing" : "writing to");
  if (location.blob) die("%s blobs is not supported", std::string_view(what) == "editing" ? "editing" : "writing config");
  if (!location.path.empty()) return location.path;
  if (!command.inv.repository) die("not in a git directory");
  return command.inv.repository->common_path("config");
}

// ---- reading ----

std::vector<ConfigEntry> read_entries(Command& command) {
  const Location& location = command.location;
  ConfigSources sources;
  if (command.inv.repository) sources = command.inv.repository->config().sources();
  bool includes = command.includes == -1 ? !is_one_file(location) : command.includes == 1;
  sources.respect_includes = includes;
  if (!is_one_file(location)) return Config(sources).entries();
  ConfigEntry where;
  where.scope = location.scope;
  std::string text;
  if (location.is_stdin) {
    where.origin = ConfigOrigin::standard_input;
    text = read_fd(0).take_or_die();
  } else if (location.blob) {
    where.origin = ConfigOrigin::blob;
    where.file = *location.blob;
    auto oid = get_oid(command.inv.repo(), *location.blob);
    if (!oid) die("unable to resolve config blob '%s'", *location.blob);
    auto object = command.inv.repo().odb().read(*oid);
    if (!object) die("unable to load config blob object '%s'", *location.blob);
    if (object->type != ObjectType::blob) die("reference '%s' does not point to a blob", *location.blob);
    text = std::move(object->data);
  } else {
    where.origin = ConfigOrigin::file;
    where.file = location.path;
    auto read = read_file(location.path);
    if (!read) {
      // A file that isn't there says nothing.
      if (read.error().kind == ErrorKind::missing) return {};
      die_errno("unable to read config file '%s'", location.path);
    }
    text = std::move(*read);
  }
  return read_config_text(text, where, includes, sources).take_or_die();
}

// ---- showing ----

std::string origin_of(const ConfigEntry& entry, bool raw) {
  const char* kind = "";
  switch (entry.origin) {
    case ConfigOrigin::file:
      kind = "file";
      break;
    case ConfigOrigin::blob:
      kind = "blob";
      break;
    case ConfigOrigin::standard_input:
      kind = "standard input";
      break;
    case ConfigOrigin::command_line:
      kind = "command line";
      break;
    case ConfigOrigin::submodule_blob:
      kind = "submodule-blob";
      break;
    default:
      break;
  }
  return std::string(kind) + ":" + (raw ? entry.file : quote_c_style(entry.file));
}

// The value in the form of its type; nullopt where it has none (only where `gently`).
std::optional<std::string> typed_value(const ConfigEntry& entry, Type type, bool gently) {
  auto number = [&]() -> std::optional<std::string> {
    bool out_of_range = false;
    auto value = parse_config_int64(entry.value.value_or(""), std::numeric_limits<std::int64_t>::min(),
                                    std::numeric_limits<std::int64_t>::max(), &out_of_range);
    if (!value && !gently) die_bad_config_number(entry, out_of_range);
    if (!value) return std::nullopt;
    return std::to_string(*value);
  };
  auto text = [](bool truth) { return std::string(truth ? "true" : "false"); };
  switch (type) {
    case Type::integer:
      return number();
    case Type::boolean: {
      auto truth = parse_config_bool(entry.key, entry.value);
      if (!truth && gently) return std::nullopt;
      return text(std::move(truth).take_or_die());
    }
    case Type::bool_or_int: {
      if (!entry.value) return text(true);
      if (auto truth = parse_maybe_bool_text(*entry.value)) return text(*truth);
      return number();
    }
    case Type::bool_or_str: {
      auto truth = parse_maybe_bool(entry.value);
      return truth ? text(*truth) : *entry.value;
    }
    case Type::path: {
      if (!entry.value) {
        if (gently) return std::nullopt;
        die_missing_config_value(entry);
      }
      std::string_view value = *entry.value;
      bool optional = skip_prefix(value, ":(optional)");
      auto path = expand_user_path(value);
      if (!path) {
        if (gently) return std::nullopt;
        die("failed to expand user dir in: '%s'", value);
      }
      if (optional && !path_exists(*path)) return std::nullopt;
      return path;
    }
    case Type::expiry_date: {
      if (!entry.value) {
        if (gently) return std::nullopt;
        die_missing_config_value(entry);
      }
      auto when = parse_expiry_date(*entry.value);
      if (!when && gently) return std::nullopt;
      if (!when) {
        error("'%s' for '%s' is not a valid timestamp", *entry.value, entry.key);
        die_bad_config_variable(entry);
      }
      return std::to_string(*when);
    }
    case Type::color: {
      auto color = entry.value ? parse_color(*entry.value) : std::nullopt;
      if (!color && gently) return std::nullopt;
      if (!color) {
        error("invalid color value: %s", entry.value.value_or(""));
        die_bad_config_variable(entry);
      }
      return color;
    }
    default:
      return entry.value.value_or("");
  }
}

// One line of output; nullopt where the value doesn't fit the type.
std::optional<std::string> format_entry(const ConfigEntry& entry, const Display& display, bool show_key, bool gently) {
  std::string line;
  if (display.show_scope) line += std::string(scope_name(entry.scope)) + display.separator();
  if (display.show_origin) line += origin_of(entry, display.null) + display.separator();
  if (show_key) line += entry.key;
  if (!display.name_only) {
    if (display.type == Type::none) {
      if (entry.value) line += (show_key ? display.key_separator : "") + *entry.value;
    } else {
      auto value = typed_value(entry, display.type, gently);
      if (!value) return std::nullopt;
      line += (show_key ? display.key_separator : "") + *value;
    }
  }
  return line + display.end();
}

void show_all(Command& command) {
  command.display.key_separator = command.display.null ? "\n" : "=";
  if (is_one_file(command.location) && !command.location.is_stdin && !command.location.blob &&
      ::access(command.location.path.c_str(), R_OK) < 0)
    die_errno("unable to read config file '%s'", command.location.path);
  for (const ConfigEntry& entry : read_entries(command))
    if (auto line = format_entry(entry, command.display, true, true)) out(*line);
}

class Pattern {
 public:
  // "!" in front negates where `may_negate`.
  Pattern(const std::string& text, bool may_negate) {
    const char* pattern = text.c_str();
    if (may_negate && *pattern == '!') {
      negated_ = true;
      pattern++;
    }
    is_good_ = ::regcomp(&regex_, pattern, REG_EXTENDED) == 0;
  }
  ~Pattern() {
    if (is_good_) ::regfree(&regex_);
  }
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;
  bool is_good() const { return is_good_; }
  bool matches(const std::string& text) const { return negated_ != (::regexec(&regex_, text.c_str(), 0, nullptr, 0) == 0); }

 private:
  regex_t regex_{};
  bool is_good_ = false, negated_ = false;
};

// Section and variable fold their case; what is between the first and last dot does not.
std::string fold_key_pattern(const std::string& pattern) {
  std::string folded = pattern;
  for (std::size_t i = folded.size(); i > 0 && folded[i - 1] != '.'; i--) folded[i - 1] = to_lower(folded[i - 1]);
  for (std::size_t i = 0; i < folded.size() && folded[i] != '.'; i++) folded[i] = to_lower(folded[i]);
  return folded;
}

struct GetRequest {
  std::string key;
  std::optional<std::string> value_pattern;
  bool all = false, regexp = false, show_keys = false;
};

int get_values(Command& command, const GetRequest& request) {
  std::string key;
  std::optional<Pattern> key_pattern, value_pattern;
  if (request.regexp) {
    key_pattern.emplace(fold_key_pattern(request.key), false);
    if (!key_pattern->is_good()) {
      error("invalid key pattern: %s", request.key);
      return kInvalidPattern;
    }
  } else if (!request.key.empty() || !command.display.fallback) {
    auto canonical = canonical_config_key(request.key);
    if (!canonical) {
      error("%s", canonical.error().message);
      return kInvalidKey;
    }
    key = *canonical;
  }
  if (request.value_pattern && !command.fixed_value) {
    value_pattern.emplace(*request.value_pattern, true);
    if (!value_pattern->is_good()) {
      error("invalid pattern: %s", *request.value_pattern);
      return kInvalidPattern;
    }
  }
  std::vector<ConfigEntry> found;
  for (ConfigEntry& entry : read_entries(command)) {
    if (request.regexp ? !key_pattern->matches(entry.key) : entry.key != key) continue;
    if (request.value_pattern && command.fixed_value && *request.value_pattern != entry.value.value_or("")) continue;
    if (value_pattern && !value_pattern->matches(entry.value.value_or(""))) continue;
    found.push_back(std::move(entry));
  }
  if (found.empty() && command.display.fallback) {
    ConfigEntry entry;
    entry.key = key;
    entry.value = command.display.fallback;
    entry.origin = ConfigOrigin::command_line;
    entry.scope = ConfigScope::command;
    found.push_back(std::move(entry));
  }
  bool shown = false;
  std::size_t first = request.all || found.empty() ? 0 : found.size() - 1;
  for (std::size_t i = first; i < found.size(); i++) {
    auto line = format_entry(found[i], command.display, request.show_keys, false);
    if (!line) continue;
    out(*line);
    shown = true;
  }
  return shown ? 0 : 1;
}

int get_url_match(Command& command, const std::string& var, const std::string& url_text) {
  auto url = normalize_url(url_text);
  if (!url) die("%s", url.error().message);
  std::size_t dot = var.find('.');
  std::string section = lowercase(var.substr(0, dot)), name = dot == std::string::npos ? "" : lowercase(var.substr(dot + 1));
  auto entries = read_entries(command);
  struct Best {
    UrlMatch match;
    const ConfigEntry* entry;
  };
  std::map<std::string, Best> best;
  for (const ConfigEntry& entry : entries) {
    std::string_view key = entry.key;
    if (!skip_prefix(key, section) || !skip_prefix(key, ".")) continue;
    std::size_t last = key.rfind('.');
    std::string variable(last == std::string_view::npos ? key : key.substr(last + 1));
    if (!name.empty() && variable != name) continue;
    UrlMatch match;
    if (last != std::string_view::npos) {
      auto pattern = normalize_url(key.substr(0, last), true);
      auto found = pattern ? match_url(*url, *pattern) : std::nullopt;
      if (!found) continue;
      match = *found;
    }
    auto at = best.find(variable);
    if (at == best.end() || at->second.match <= match) best[variable] = {match, &entry};
  }
  if (!command.display.null) command.display.key_separator = " ";
  if (command.display.null) command.display.key_separator = "\n";
  for (const auto& [variable, value] : best) {
    ConfigEntry entry = *value.entry;
    entry.key = section + "." + variable;
    if (auto line = format_entry(entry, command.display, name.empty(), false)) out(*line);
  }
  return best.empty() ? 1 : 0;
}

// ---- writing ----

std::string normalized(const std::string& key, const std::string& value, Type type) {
  ConfigEntry entry;
  entry.key = key;
  entry.value = value;
  entry.origin = ConfigOrigin::unknown;
  switch (type) {
    case Type::integer:
    case Type::boolean:
    case Type::bool_or_int:
    case Type::bool_or_str:
      return *typed_value(entry, type, false);
    case Type::color:
      if (!parse_color(value)) die("cannot parse color '%s'", value);
      return value;
    default:
      return value;
  }
}

std::string prepare_comment(const std::optional<std::string>& comment) {
  if (!comment) return {};
  if (comment->find('\n') != std::string::npos) die("no multi-line comment allowed: '%s'", *comment);
  std::string_view trimmed = ltrim(*comment);
  if (trimmed.size() < comment->size() && starts_with(trimmed, "#")) return *comment;
  if (starts_with(*comment, "#")) return " " + *comment;
  return " # " + *comment;
}

struct SetRequest {
  std::string key, value;
  ConfigValueMatch match;
  bool all = false;
  std::optional<std::string> comment;
};

// A key that can't be used gets its message; one without a value may have been meant as "key value".
[[noreturn]] void die_missing_value(const std::string& arg) {
  std::size_t equals = arg.find('=', arg.rfind('.') == std::string::npos ? 0 : arg.rfind('.'));
  std::string name = arg.substr(0, arg.find('='));
  if (canonical_config_key(arg)) {
    error("missing value to set to the variable '%s'", arg);
  } else if (equals != std::string::npos && canonical_config_key(name)) {
    error("missing value to set to the variable '%s'", arg);
    report("hint: ", strf("did you mean 'git config set %s %s'?", name, arg.substr(name.size() + 1)));
  } else {
    error("missing value to set to a variable with an invalid name '%s'", arg);
  }
  exit_with(129);
}

int set_value(Command& command, const SetRequest& request, bool hint_at_set) {
  std::string path = writable_path(command, "writing");
  std::string value = normalized(request.key, request.value, command.display.type);
  int code = config_set_in_file(path, request.key, value, request.match, request.all, prepare_comment(request.comment));
  if (code == kNothingSet && hint_at_set)
    error(
        "cannot overwrite multiple values with a single value\n"
        "       Use a regexp, --add or --replace-all to change %s.",
        request.key);
  else if (code == kNothingSet)
    error(
        "cannot overwrite multiple values with a single value\n"
        "       Use --value=<pattern>, --append or --all to change %s.",
        request.key);
  return code;
}

int rename_section(Command& command, const std::string& from, const std::optional<std::string>& to) {
  int count = config_rename_section_in_file(writable_path(command, "writing"), from, to);
  if (count < 0) return 255;
  if (!count) die("no such section: %s", from);
  return 0;
}

int edit(Command& command) {
  std::string path = writable_path(command, "editing");
  Repository* repo = command.inv.repository.get();
  if (command.location.global && !path_exists(path)) {
    Config early{ConfigSources{}};
    write_file(path, strf("# Settings of this user for all repositories.\n[user]\n"
                          "# Adapt these lines and take away the '#' in front of them:\n"
                          "#\tname = %s\n#\temail = %s\n",
                          default_ident_name(early), default_ident_mail(early)));
  }
  if (!launch_editor(repo, path)) return 1;
  return 0;
}

// ---- colours ----

int get_color(Command& command, const std::string& key, const std::optional<std::string>& fallback) {
  std::optional<std::string> color;
  auto canonical_key = canonical_config_key(key);
  std::string canonical = canonical_key ? *canonical_key : key;
  for (const ConfigEntry& entry : read_entries(command)) {
    if (entry.key != canonical) continue;
    if (!entry.value) die_missing_config_value(entry);
    color = parse_color(*entry.value);
    if (!color) {
      error("invalid color value: %s", *entry.value);
      die_bad_config_variable(entry);
    }
  }
  if (!color && fallback) {
    color = parse_color(*fallback);
    if (!color) die("unable to parse default color value");
  }
  out(color.value_or(""));
  return 0;
}

int get_colorbool(Command& command, const std::string& key, const std::optional<std::string>& tty) {
  int own = -1, diff = -1, ui = -1;
  std::string wanted = lowercase(key);
  for (const ConfigEntry& entry : read_entries(command)) {
    if (entry.key == wanted) own = parse_color_when(entry.value);
    if (entry.key == "diff.color") diff = parse_color_when(entry.value);
    if (entry.key == "color.ui") ui = parse_color_when(entry.value);
  }
  if (own < 0 && wanted == "color.diff") own = diff;
  if (own < 0) own = ui;
  if (own < 0) own = kColorAuto;
  bool use;
  if (own == kColorAuto && tty)
    use = parse_maybe_bool_text(*tty).value_or(false) && get_env_or("TERM", "dumb") != "dumb";
  else
    use = want_color(own, 1);
  if (!tty) return use ? 0 : 1;
  outf("%s\n", use ? "true" : "false");
  return 0;
}

// ---- the commands ----

std::string usage_of(const char* name) {
  std::string_view n = name;
  if (n == "list") return "git config list [<file-option>] [<display-option>] [--includes]";
  if (n == "get")
    return "git config get [<file-option>] [<display-option>] [--includes] [--all] [--regexp] [--value=<pattern>] "
           "[--fixed-value] [--default=<default>] [--url=<url>] <name>";
  if (n == "set")
    return "git config set [<file-option>] [--type=<type>] [--all] [--value=<pattern>] [--fixed-value] <name> <value>";
  if (n == "unset") return "git config unset [<file-option>] [--all] [--value=<pattern>] [--fixed-value] <name>";
  if (n == "rename-section") return "git config rename-section [<file-option>] <old-name> <new-name>";
  if (n == "remove-section") return "git config remove-section [<file-option>] <name>";
  return "git config edit [<file-option>]";
}

void check_argc(Options& options, std::size_t argc, std::size_t least, std::size_t most) {
  if (argc >= least && argc <= most) return;
  if (least == most)
    error("wrong number of arguments, should be %d", least);
  else
    error("wrong number of arguments, should be from %d to %d", least, most);
  options.usage_with_options();
}

int cmd_list(Command& command, const std::vector<std::string>& args) {
  Options options({usage_of("list")});
  add_location_options(options, command.location);
  add_type_options(options, command.display);
  add_display_options(options, command.display);
  options.group("Other");
  options.boolean(0, "includes", &command.includes, "respect include directives on lookup");
  auto rest = options.parse(args, command.inv.prefix_or_empty());
  check_argc(options, rest.size(), 0, 0);
  resolve_location(command, options);
  if (command.inv.repository) setup_auto_pager(command.inv.pager_choice, command.inv.repo().config(), "config", true);
  show_all(command);
  return 0;
}

int cmd_get(Command& command, const std::vector<std::string>& args) {
  GetRequest request;
  std::optional<std::string> url;
  Options options({usage_of("get")});
  add_location_options(options, command.location);
  add_type_options(options, command.display);
  options.group("Filter options");
  options.boolean(0, "all", &request.all, "return all values for multi-valued config options");
  options.boolean(0, "regexp", &request.regexp, "interpret the name as a regular expression");
  options.string(0, "value", &request.value_pattern, "pattern", "show config with values matching the pattern");
  options.boolean(0, "fixed-value", &command.fixed_value, "use string equality when comparing values to value pattern");
  options.string(0, "url", &url, "URL", "show config matching the given URL");
  add_display_options(options, command.display, true);
  options.group("Other");
  options.boolean(0, "includes", &command.includes, "respect include directives on lookup");
  options.string(0, "default", &command.display.fallback, "value", "use default value when missing entry");
  auto rest = options.parse(args, command.inv.prefix_or_empty());
  check_argc(options, rest.size(), 1, 1);
  if (command.fixed_value && !request.value_pattern) die("--fixed-value only applies with 'value-pattern'");
  if (command.display.fallback && (request.all || url)) die("--default= cannot be used with --all or --url=");
  if (url && (request.all || request.regexp || request.value_pattern))
    die("--url= cannot be used with --all, --regexp or --value");
  resolve_location(command, options);
  if (command.inv.repository) setup_auto_pager(command.inv.pager_choice, command.inv.repo().config(), "config", true);
  if (url) return get_url_match(command, rest[0], *url);
  request.key = rest[0];
  request.show_keys = command.display.show_names || command.display.name_only;
  if (command.display.null) command.display.key_separator = "\n";
  return get_values(command, request);
}

int cmd_set(Command& command, const std::vector<std::string>& args) {
  SetRequest request;
  bool append = false;
  Options options({usage_of("set")});
  add_location_options(options, command.location);
  add_type_options(options, command.display);
  options.group("Filter");
  options.boolean(0, "all", &request.all, "replace multi-valued config option with new value");
  options.string(0, "value", &request.match.pattern, "pattern", "show config with values matching the pattern");
  options.boolean(0, "fixed-value", &request.match.fixed, "use string equality when comparing values to value pattern");
  options.group("Other");
  options.string(0, "comment", &request.comment, "value", "human-readable comment string (# will be prepended as needed)");
  options.boolean(0, "append", &append, "add a new line without altering any existing values");
  auto rest = options.parse(args, command.inv.prefix_or_empty(), kStopAtNonOption);
  if (rest.size() == 1) die_missing_value(rest[0]);
  check_argc(options, rest.size(), 2, 2);
  if (request.match.fixed && !request.match.pattern) die("--fixed-value only applies with --value=<pattern>");
  if (append && request.match.pattern) die("--append cannot be used with --value=<pattern>");
  resolve_location(command, options);
  request.key = rest[0];
  request.value = rest[1];
  request.match.none = append;
  return set_value(command, request, false);
}

int cmd_unset(Command& command, const std::vector<std::string>& args) {
  ConfigValueMatch match;
  bool all = false;
  Options options({usage_of("unset")});
  add_location_options(options, command.location);
  options.group("Filter");
  options.boolean(0, "all", &all, "unset all multi-valued config options");
  options.string(0, "value", &match.pattern, "pattern", "unset multi-valued config options with matching values");
  options.boolean(0, "fixed-value", &match.fixed, "use string equality when comparing values to value pattern");
  auto rest = options.parse(args, command.inv.prefix_or_empty(), kStopAtNonOption);
  check_argc(options, rest.size(), 1, 1);
  if (match.fixed && !match.pattern) die("--fixed-value only applies with 'value-pattern'");
  resolve_location(command, options);
  return config_set_in_file(writable_path(command, "writing"), rest[0], std::nullopt, match, all);
}

int cmd_sections(Command& command, const std::vector<std::string>& args, bool rename) {
  Options options({usage_of(rename ? "rename-section" : "remove-section")});
  add_location_options(options, command.location);
  auto rest = options.parse(args, command.inv.prefix_or_empty(), kStopAtNonOption);
  check_argc(options, rest.size(), rename ? 2 : 1, rename ? 2 : 1);
  resolve_location(command, options);
  return rename_section(command, rest[0], rename ? std::optional<std::string>(rest[1]) : std::nullopt);
}

int cmd_edit(Command& command, const std::vector<std::string>& args) {
  Options options({usage_of("edit")});
  add_location_options(options, command.location);
  auto rest = options.parse(args, command.inv.prefix_or_empty());
  check_argc(options, rest.size(), 0, 0);
  resolve_location(command, options);
  return edit(command);
}

// ---- the actions of old ----

enum Action {
  kNoAction,
  kGet,
  kGetAll,
  kGetRegexp,
  kGetUrlmatch,
  kReplaceAll,
  kAdd,
  kUnset,
  kUnsetAll,
  kRenameSection,
  kRemoveSection,
  kList,
  kEdit,
  kGetColor,
  kGetColorbool,
  kSet,
  kSetAll
};

int cmd_actions(Command& command, const std::vector<std::string>& args) {
  int action = kNoAction;
  std::optional<std::string> comment;
  Options options({usage_of("list"), usage_of("get"), usage_of("set"), usage_of("unset"), usage_of("rename-section"),
                   usage_of("remove-section"), usage_of("edit"),
                   "git config [<file-option>] --get-colorbool <name> [<stdout-is-tty>]"});
  add_location_options(options, command.location);
  options.group("Action");
  auto mode = [&](char s, const char* name, Action value, const char* help, unsigned flags = 0) {
    options.cmd_mode(s, name, &action, value, help, flags);
  };
  mode(0, "get", kGet, "get value: name [<value-pattern>]");
  mode(0, "get-all", kGetAll, "get all values: key [<value-pattern>]");
  mode(0, "get-regexp", kGetRegexp, "get values for regexp: name-regex [<value-pattern>]");
  mode(0, "get-urlmatch", kGetUrlmatch, "get value specific for the URL: section[.var] URL");
  mode(0, "replace-all", kReplaceAll, "replace all matching variables: name value [<value-pattern>]");
  mode(0, "add", kAdd, "add a new variable: name value");
  mode(0, "unset", kUnset, "remove a variable: name [<value-pattern>]");
  mode(0, "unset-all", kUnsetAll, "remove all matches: name [<value-pattern>]");
  mode(0, "rename-section", kRenameSection, "rename section: old-name new-name");
  mode(0, "remove-section", kRemoveSection, "remove a section: name");
  mode('l', "list", kList, "list all");
  mode('e', "edit", kEdit, "open an editor");
  mode(0, "get-color", kGetColor, "find the color configured: slot [<default>]");
  mode(0, "get-colorbool", kGetColorbool, "find the color setting: slot [<stdout-is-tty>]");
  add_type_options(options, command.display);
  add_display_options(options, command.display);
  options.group("Other");
  options.string(0, "default", &command.display.fallback, "value", "with --get, use default value when missing entry");
  options.string(0, "comment", &comment, "value", "human-readable comment string (# will be prepended as needed)");
  options.boolean(0, "fixed-value", &command.fixed_value, "use string equality when comparing values to value pattern");
  options.boolean(0, "includes", &command.includes, "respect include directives on lookup");
  auto rest = options.parse(args, command.inv.prefix_or_empty(), kStopAtNonOption);
  std::size_t n = rest.size();
  resolve_location(command, options);

  auto misuse = [&](const char* message) {
    error("%s", message);
    options.usage_with_options();
  };
  Display& display = command.display;
  if ((action == kGetColor || action == kGetColorbool) && display.type != Type::none)
    misuse("--get-color and variable type are incoherent");
  bool implicit = action == kNoAction;
  if (implicit) {
    switch (n) {
      case 0:
        error("no action specified");
        exit_with(129);
      case 1:
        action = kGet;
        break;
      case 2:
        action = kSet;
        break;
      case 3:
        action = kSetAll;
        break;
      default:
        options.usage_with_options();
    }
  }
  if (display.name_only && action != kList && action != kGetRegexp)
    misuse("--name-only is only applicable to --list or --get-regexp");
  if (display.show_origin && action != kGet && action != kGetAll && action != kGetRegexp && action != kList)
    misuse("--show-origin is only applicable to --get, --get-all, --get-regexp, and --list");
  if (display.fallback && action != kGet) misuse("--default is only applicable to --get");
  if (comment && action != kAdd && action != kSet && action != kSetAll && action != kReplaceAll)
    misuse("--comment is only applicable to add/set/replace operations");
  if (command.fixed_value) {
    bool allowed = false;
    switch (action) {
      case kGet:
      case kGetAll:
      case kGetRegexp:
      case kUnset:
      case kUnsetAll:
        allowed = n > 1;
        break;
      case kSetAll:
      case kReplaceAll:
        allowed = n > 2;
        break;
      default:
        break;
    }
    if (!allowed) misuse("--fixed-value only applies with 'value-pattern'");
  }
  if (command.inv.repository && (action == kList || action == kGetAll || action == kGetRegexp || action == kGetUrlmatch))
    setup_auto_pager(command.inv.pager_choice, command.inv.repo().config(), "config", true);

  auto arg = [&](std::size_t i) { return i < n ? std::optional<std::string>(rest[i]) : std::nullopt; };
  if (display.null) display.key_separator = "\n";
  switch (action) {
    case kList:
      check_argc(options, n, 0, 0);
      show_all(command);
      return 0;
    case kEdit:
      check_argc(options, n, 0, 0);
      return edit(command);
    case kSet:
    case kSetAll:
    case kReplaceAll:
    case kAdd: {
      SetRequest request;
      if (action == kAdd || action == kSet)
        check_argc(options, n, 2, 2);
      else
        check_argc(options, n, 2, 3);
      request.key = rest[0];
      request.value = rest[1];
      request.match.pattern = arg(2);
      request.match.fixed = command.fixed_value;
      request.match.none = action == kAdd;
      request.all = action == kReplaceAll || action == kAdd;
      request.comment = comment;
      return set_value(command, request, true);
    }
    case kGet:
    case kGetAll:
    case kGetRegexp: {
      check_argc(options, n, 1, 2);
      GetRequest request;
      request.key = rest[0];
      request.value_pattern = arg(1);
      request.all = action != kGet;
      request.regexp = action == kGetRegexp;
      request.show_keys = action == kGetRegexp;
      if (implicit && rest[0].find('=') != std::string::npos && !canonical_config_key(rest[0])) {
        std::string name = rest[0].substr(0, rest[0].find('='));
        if (canonical_config_key(name)) die_missing_value(rest[0]);
      }
      return get_values(command, request);
    }
    case kGetUrlmatch:
      check_argc(options, n, 2, 2);
      return get_url_match(command, rest[0], rest[1]);
    case kUnset:
    case kUnsetAll: {
      check_argc(options, n, 1, 2);
      ConfigValueMatch match;
      match.pattern = arg(1);
      match.fixed = command.fixed_value;
      return config_set_in_file(writable_path(command, "writing"), rest[0], std::nullopt, match, action == kUnsetAll);
    }
    case kRenameSection:
      check_argc(options, n, 2, 2);
      return rename_section(command, rest[0], rest[1]);
    case kRemoveSection:
      check_argc(options, n, 1, 1);
      return rename_section(command, rest[0], std::nullopt);
    case kGetColor:
      check_argc(options, n, 1, 2);
      return get_color(command, rest[0], arg(1));
    default:
      check_argc(options, n, 1, 2);
      return get_colorbool(command, rest[0], arg(1));
  }
}

}  // namespace

int cmd_config(Invocation& inv) {
  Command command{inv, {}, {}, -1, false};
  static const char* const kNames[] = {"list", "get", "set", "unset", "rename-section", "remove-section", "edit"};
  const std::string first = inv.args.size() > 1 ? inv.args[1] : "";
  std::vector<std::string> args(inv.args.begin() + (inv.args.size() > 1), inv.args.end());
  if (first == "list") return cmd_list(command, args);
  if (first == "get") return cmd_get(command, args);
  if (first == "set") return cmd_set(command, args);
  if (first == "unset") return cmd_unset(command, args);
  if (first == "rename-section") return cmd_sections(command, args, true);
  if (first == "remove-section") return cmd_sections(command, args, false);
  if (first == "edit") return cmd_edit(command, args);
  if (first == "--git-completion-helper") {
    for (const char* name : kNames) outf("%s%s", name, std::string_view(name) == "edit" ? "\n" : " ");
    return 0;
  }
  return cmd_actions(command, inv.args);
}

}  // namespace git
