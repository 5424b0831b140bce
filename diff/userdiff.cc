// Drivers come from config (diff.<name>.*) over built-in ones of the same name; attributes "diff", "-diff" and "!diff"
// map to the three nameless drivers text, binary and default.
#include "diff/userdiff.h"

#include <map>

#include "base/error.h"
#include "base/strings.h"
#include "config.h"
#include "diff/xdiff.h"
#include "index/attr.h"
#include "repository.h"

namespace git {
namespace {

constexpr std::size_t kMaxFunctionName = 80;

}  // namespace

FuncNamePattern::FuncNamePattern(std::string_view patterns, unsigned regex_flags) {
  for (std::string_view line : split_lines(patterns)) {
    bool negate = skip_prefix(line, "!");
    auto regex = Regex::compile(std::string(line), regex_flags);
    if (!regex) die("Invalid regexp to look for hunk header: %s", line);
    patterns_.push_back({std::move(*regex), negate});
  }
  if (!patterns_.empty() && patterns_.back().negate) die("Last expression must not be negated: %s", patterns);
}

std::optional<std::string> FuncNamePattern::find(std::string_view line) const {
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  for (const One& pattern : patterns_) {
    std::vector<Regex::Match> match(2);
    if (!pattern.regex.search(line, match)) continue;
    if (pattern.negate) return std::nullopt;
    const Regex::Match& m = match[1].start >= 0 ? match[1] : match[0];
    std::string_view name = line.substr(static_cast<std::size_t>(m.start), static_cast<std::size_t>(m.end - m.start));
    name = name.substr(0, kMaxFunctionName);
    while (!name.empty() && is_line_space(name.back())) name.remove_suffix(1);
    return std::string(name);
  }
  return std::nullopt;
}

const FuncNamePattern* UserdiffDriver::func_names() const {
  if (funcname.empty()) return nullptr;
  if (!compiled) compiled = std::make_shared<FuncNamePattern>(funcname, funcname_flags);
  return compiled.get();
}

struct UserdiffTable::State {
  std::map<std::string, UserdiffDriver, std::less<>> drivers;
  UserdiffDriver plain, text, binary;
  std::unique_ptr<AttributeReader> attributes;

  UserdiffDriver& at(std::string_view name) {
    auto it = drivers.find(name);
    if (it == drivers.end()) {
      it = drivers.emplace(std::string(name), UserdiffDriver{}).first;
      it->second.name = name;
    }
    return it->second;
  }
  void read(const ConfigEntry& entry);
};

void UserdiffTable::State::read(const ConfigEntry& entry) {
  std::string_view key = entry.key;
  if (!skip_prefix(key, "diff.")) return;
  std::size_t dot = key.rfind('.');
  if (dot == std::string_view::npos) return;
  std::string_view name = key.substr(0, dot), variable = key.substr(dot + 1);
  auto value_of = [&]() -> const std::string& {
    if (!entry.value) die("missing value for '%s'", entry.key);
    return *entry.value;
  };
  auto flag = [&]() { return parse_config_bool(entry.key, entry.value).take_or_die(); };
  UserdiffDriver& driver = at(name);
  if (variable == "funcname") {
    driver.funcname = value_of();
    driver.funcname_flags = 0;
  } else if (variable == "xfuncname") {
    driver.funcname = value_of();
    driver.funcname_flags = Regex::kExtended;
  } else if (variable == "binary") {
    auto maybe = parse_maybe_bool(entry.value);
    if (entry.value && iequals(*entry.value, "auto"))
      driver.binary.reset();
    else
      driver.binary = maybe ? *maybe : flag();
  } else if (variable == "command") {
    driver.external = value_of();
  } else if (variable == "trustexitcode") {
    driver.trust_exit_code = flag();
  } else if (variable == "textconv") {
    driver.textconv = value_of();
  } else if (variable == "cachetextconv") {
    driver.textconv_want_cache = flag();
  } else if (variable == "wordregex") {
    driver.word_regex = value_of();
  } else if (variable == "algorithm") {
    driver.algorithm = value_of();
  }
}

UserdiffTable::UserdiffTable(Repository* repo, const Config* config, Index* index) : state_(std::make_unique<State>()) {
  state_->text.name = "text";
  state_->text.binary = false;
  state_->binary.name = "binary";
  state_->binary.binary = true;
  state_->plain.name = "default";
  for (const BuiltinDriver& builtin : builtin_drivers()) {
    UserdiffDriver& driver = state_->at(builtin.name);
    driver.funcname = builtin.funcname;
    driver.funcname_flags = Regex::kExtended | (builtin.ignore_case ? Regex::kIgnoreCase : 0u);
    driver.word_regex = builtin.word_regex;
  }
  if (config)
    for (const ConfigEntry& entry : config->entries()) {
      if (entry.key == "diff.default.xfuncname" || entry.key == "diff.default.funcname") {
        if (entry.value) state_->plain.funcname = *entry.value;
        state_->plain.funcname_flags = entry.key == "diff.default.xfuncname" ? Regex::kExtended : 0u;
      }
      state_->read(entry);
    }
  if (repo) state_->attributes = std::make_unique<AttributeReader>(*repo, index);
}
UserdiffTable::~UserdiffTable() = default;

const UserdiffDriver& UserdiffTable::plain() const { return state_->plain; }

const UserdiffDriver* UserdiffTable::by_name(std::string_view name) const {
  auto it = state_->drivers.find(name);
  return it == state_->drivers.end() ? nullptr : &it->second;
}

const UserdiffDriver& UserdiffTable::for_path(const std::string& path) {
  if (!state_->attributes || starts_with(path, "/") || starts_with(path, "../")) return state_->plain;
  AttrValue value = state_->attributes->get(path, "diff");
  if (value.is_set()) return state_->text;
  if (value.is_unset()) return state_->binary;
  if (value.is_unspecified()) return state_->plain;
  const UserdiffDriver* driver = by_name(value.value);
  return driver ? *driver : state_->plain;
}

std::vector<std::string> UserdiffTable::builtin_names() {
  std::vector<std::string> names;
  for (const BuiltinDriver& driver : builtin_drivers()) names.push_back(driver.name);
  return names;
}

}  // namespace git
