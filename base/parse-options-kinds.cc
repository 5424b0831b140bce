// The kinds of options, each a callback that knows its variable, and the layout of the usage text.
#include <cerrno>
#include <cinttypes>
#include <limits>

#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "base/utf8.h"

namespace git {
namespace {

using Option = Options::Option;
using Kind = Option::Kind;

Option make(Kind kind, char s, std::string l, std::string arg, std::string help, unsigned flags) {
  Option option;
  option.kind = kind;
  option.short_name = s;
  option.long_name = std::move(l);
  option.arg_help = std::move(arg);
  option.help = std::move(help);
  option.flags = flags;
  return option;
}

// "switch `x'" or "option `foo'" for complaints about a value.
std::string complaint_name(char s, const std::string& l) {
  return l.empty() ? strf("switch `%s'", std::string(1, s)) : strf("option `%s'", l);
}

struct Number {
  std::int64_t value = 0;
  bool in_range = true;
};
// As strtoimax with base 0 and an optional k/m/g.
std::optional<Number> parse_number(const std::string& text) {
  if (text.empty()) return std::nullopt;
  errno = 0;
  char* end = nullptr;
  std::intmax_t value = std::strtoimax(text.c_str(), &end, 0);
  if (end == text.c_str()) return std::nullopt;
  bool in_range = errno != ERANGE;
  std::int64_t factor = 1;
  if (*end) {
    switch (to_lower(*end)) {
      case 'k':
        factor = 1 << 10;
        break;
      case 'm':
        factor = 1 << 20;
        break;
      case 'g':
        factor = 1 << 30;
        break;
      default:
        return std::nullopt;
    }
    if (end[1]) return std::nullopt;
  }
  std::int64_t result = 0;
  if (__builtin_mul_overflow(static_cast<std::int64_t>(value), factor, &result)) in_range = false;
  return Number{result, in_range};
}

bool read_signed(const std::string& name, const std::optional<std::string>& text, std::int64_t low, std::int64_t high,
                 std::int64_t* v) {
  if (!text) return *v = 0, true;
  if (text->empty()) return error("%s expects a numerical value", name), false;
  auto number = parse_number(*text);
  if (!number) return error("%s expects an integer value with an optional k/m/g suffix", name), false;
  if (!number->in_range || number->value < low || number->value > high)
    return error("value %s for %s not in range [%d,%d]", *text, name, low, high), false;
  *v = number->value;
  return true;
}

}  // namespace

void Options::group(std::string title) { options_.push_back(make(Kind::group, 0, {}, {}, std::move(title), 0)); }

void Options::boolean(char s, std::string l, bool* v, std::string help, unsigned flags) {
  Option option = make(Kind::boolean, s, std::move(l), {}, std::move(help), flags | kOptNoArg);
  option.call = [v](const auto&, bool unset) { return *v = !unset, true; };
  options_.push_back(std::move(option));
}
void Options::boolean(char s, std::string l, int* v, std::string help, unsigned flags) {
  set_int(s, std::move(l), v, 1, std::move(help), flags);
}
void Options::set_int(char s, std::string l, int* v, int value, std::string help, unsigned flags) {
  Option option = make(Kind::boolean, s, std::move(l), {}, std::move(help), flags | kOptNoArg);
  option.target = v;
  option.mode_value = value;
  option.call = [v, value](const auto&, bool unset) { return *v = unset ? 0 : value, true; };
  options_.push_back(std::move(option));
}
void Options::count_up(char s, std::string l, int* v, std::string help, unsigned flags) {
  Option option = make(Kind::boolean, s, std::move(l), {}, std::move(help), flags | kOptNoArg);
  option.call = [v](const auto&, bool unset) {
    if (*v < 0) *v = 0;
    *v = unset ? 0 : *v + 1;
    return true;
  };
  options_.push_back(std::move(option));
}
void Options::verbosity(int* v) {
  Option more = make(Kind::boolean, 'v', "verbose", {}, "be more verbose", kOptNoArg);
  more.call = [v](const auto&, bool unset) { return *v = unset ? 0 : *v >= 0 ? *v + 1 : 1, true; };
  options_.push_back(std::move(more));
  Option less = make(Kind::boolean, 'q', "quiet", {}, "be more quiet", kOptNoArg);
  less.call = [v](const auto&, bool unset) { return *v = unset ? 0 : *v <= 0 ? *v - 1 : -1, true; };
  options_.push_back(std::move(less));
}
void Options::bit(char s, std::string l, unsigned* v, unsigned mask, std::string help, unsigned flags) {
  Option option = make(Kind::boolean, s, std::move(l), {}, std::move(help), flags | kOptNoArg);
  option.call = [v, mask](const auto&, bool unset) { return *v = unset ? *v & ~mask : *v | mask, true; };
  options_.push_back(std::move(option));
}
void Options::negbit(char s, std::string l, unsigned* v, unsigned mask, std::string help, unsigned flags) {
  Option option = make(Kind::boolean, s, std::move(l), {}, std::move(help), flags | kOptNoArg);
  option.call = [v, mask](const auto&, bool unset) { return *v = unset ? *v | mask : *v & ~mask, true; };
  options_.push_back(std::move(option));
}
void Options::cmd_mode(char s, std::string l, int* v, int value, std::string help, unsigned flags) {
  set_int(s, std::move(l), v, value, std::move(help), flags | kOptCmdMode | kOptNoNeg);
}
void Options::integer(char s, std::string l, int* v, std::string arg, std::string help, unsigned flags) {
  Option option = make(Kind::callback, s, l, arg.empty() ? "n" : std::move(arg), std::move(help), flags);
  option.call = [v, name = complaint_name(s, l)](const std::optional<std::string>& text, bool) {
    std::int64_t value = 0;
    if (!read_signed(name, text, std::numeric_limits<int>::min(), std::numeric_limits<int>::max(), &value)) return false;
    return *v = static_cast<int>(value), true;
  };
  options_.push_back(std::move(option));
}
void Options::integer64(char s, std::string l, std::int64_t* v, std::string arg, std::string help, unsigned flags) {
  Option option = make(Kind::callback, s, l, arg.empty() ? "n" : std::move(arg), std::move(help), flags);
  option.call = [v, name = complaint_name(s, l)](const std::optional<std::string>& text, bool) {
    return read_signed(name, text, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), v);
  };
  options_.push_back(std::move(option));
}
void Options::ranged_integer(char s, std::string l, std::int64_t* v, std::int64_t low, std::int64_t high, std::string arg,
                             std::string help, unsigned flags) {
  Option option = make(Kind::callback, s, l, arg.empty() ? "n" : std::move(arg), std::move(help), flags);
  option.call = [v, low, high, name = complaint_name(s, l)](const std::optional<std::string>& text, bool) {
    return read_signed(name, text, low, high, v);
  };
  options_.push_back(std::move(option));
}
void Options::magnitude(char s, std::string l, std::uint64_t* v, std::string help, unsigned flags, std::uint64_t high) {
  Option option = make(Kind::callback, s, l, "n", std::move(help), flags | kOptNoNeg);
  option.call = [v, high, name = complaint_name(s, l)](const std::optional<std::string>& text, bool) {
    if (!text) return *v = 0, true;
    if (text->empty()) return error("%s expects a numerical value", name), false;
    auto number = parse_number(*text);
    if (!number || text->find('-') != std::string::npos)
      return error("%s expects a non-negative integer value with an optional k/m/g suffix", name), false;
    if (!number->in_range || static_cast<std::uint64_t>(number->value) > high)
      return error("value %s for %s not in range [%d,%d]", *text, name, 0, high), false;
    return *v = static_cast<std::uint64_t>(number->value), true;
  };
  options_.push_back(std::move(option));
}
void Options::string(char s, std::string l, std::string* v, std::string arg, std::string help, unsigned flags) {
  Option option = make(Kind::callback, s, std::move(l), std::move(arg), std::move(help), flags);
  option.call = [v](const std::optional<std::string>& text, bool) { return *v = text.value_or(""), true; };
  options_.push_back(std::move(option));
}
void Options::string(char s, std::string l, std::optional<std::string>* v, std::string arg, std::string help, unsigned flags) {
  Option option = make(Kind::callback, s, std::move(l), std::move(arg), std::move(help), flags);
  option.call = [v](const std::optional<std::string>& text, bool) { return *v = text, true; };
  options_.push_back(std::move(option));
}
void Options::strings(char s, std::string l, std::vector<std::string>* v, std::string arg, std::string help, unsigned flags) {
  Option option = make(Kind::callback, s, std::move(l), std::move(arg), std::move(help), flags);
  option.call = [v](const std::optional<std::string>& text, bool unset) {
    if (unset) v->clear();
    if (text) v->push_back(*text);
    return true;
  };
  options_.push_back(std::move(option));
}
void Options::filename(char s, std::string l, std::optional<std::string>* v, std::string help) {
  Option option = make(Kind::callback, s, std::move(l), "file", std::move(help), 0);
  option.call = [v, this](const std::optional<std::string>& text, bool) {
    *v = text;
    if (text && *text != "-" && !text->empty()) *v = prefix_filename(prefix_, *text);
    return true;
  };
  options_.push_back(std::move(option));
}
void Options::abbrev(int* v) {
  Option option = make(Kind::callback, 0, "abbrev", "n", "use <n> digits to display object names", kOptOptionalArg);
  option.call = [v](const std::optional<std::string>& text, bool unset) {
    if (!text) return *v = unset ? 0 : -1, true;
    auto value = parse_int(*text);
    if (!value || text->empty()) return error("%s expects a numerical value", "option `abbrev'"), false;
    constexpr std::int64_t kMinimum = 4, kMost = std::numeric_limits<int>::max();
    *v = static_cast<int>(*value && *value < kMinimum ? kMinimum : std::min(*value, kMost));
    return true;
  };
  options_.push_back(std::move(option));
}
void Options::color(int* v, std::string help) {
  Option option = make(Kind::callback, 0, "color", "when", std::move(help), kOptOptionalArg);
  option.call = [v](const std::optional<std::string>& text, bool unset) {
    std::string when = lowercase(text.value_or(unset ? "never" : "always"));
    if (when == "never" || when == "false" || when == "no" || when == "off" || when == "0")
      *v = 0;
    else if (when == "always")
      *v = 1;
    else if (when == "auto" || when == "true" || when == "yes" || when == "on" || when == "1")
      *v = 2;
    else
      return error("option `%s' expects \"always\", \"auto\", or \"never\"", "color"), false;
    return true;
  };
  options_.push_back(std::move(option));
}
void Options::callback(char s, std::string l, std::string arg, std::string help, Callback call, unsigned flags) {
  Option option = make(Kind::callback, s, std::move(l), std::move(arg), std::move(help), flags);
  option.call = std::move(call);
  options_.push_back(std::move(option));
}
void Options::number(std::string help, std::function<void(int)> call) {
  Option option = make(Kind::number, 0, {}, {}, std::move(help), kOptNoArg | kOptNoNeg);
  option.call = [call = std::move(call)](const std::optional<std::string>& text, bool) {
    auto value = parse_int(*text);
    if (!value || *value > std::numeric_limits<int>::max()) die("'-%s' is not a number we can use", *text);
    return call(static_cast<int>(*value)), true;
  };
  options_.push_back(std::move(option));
}
void Options::alias(char s, std::string l, std::string of) {
  Option option = make(Kind::alias, s, std::move(l), {}, strf("alias of --%s", of), 0);
  for (const Option& other : options_)
    if (other.long_name == of && other.kind != Kind::alias) {
      option.flags = other.flags;
      option.arg_help = other.arg_help;
    }
  option.alias_of = std::move(of);
  options_.push_back(std::move(option));
}
void Options::subcommand(std::string name, int* v, int value, unsigned flags) {
  Option option = make(Kind::subcommand, 0, std::move(name), {}, {}, flags);
  option.subcommand_target = v;
  option.mode_value = value;
  options_.push_back(std::move(option));
}

namespace {

constexpr std::size_t kHelpColumn = 26;

std::string argument_text(const Option& option) {
  if (option.flags & kOptNoArg) return {};
  std::string arg = option.arg_help;
  bool literal = (option.flags & kOptLiteralArgHelp) || arg.empty() || arg.find_first_of("()<>[]|") != std::string::npos;
  if (arg.empty()) arg = "...";
  if (!literal) arg = "<" + arg + ">";
  if (option.flags & kOptOptionalArg) return (option.long_name.empty() ? "[" : "[=") + arg + "]";
  if (option.flags & kOptLastArgDefault) return " [" + arg + "]";
  return " " + arg;
}

std::string padded_help(std::string left, const std::string& help) {
  std::size_t width = static_cast<std::size_t>(utf8_width(left));
  std::string text = std::move(left);
  if (help.empty()) return text + "\n";
  if (width + 1 <= kHelpColumn) {
    text += std::string(kHelpColumn - width, ' ');
  } else {
    text += "\n" + std::string(kHelpColumn, ' ');
  }
  bool first = true;
  for (std::string_view line : split_lines(help)) {
    if (!first) text += std::string(kHelpColumn, ' ');
    text += std::string(line) + "\n";
    first = false;
  }
  return text;
}

// The left column: "    -s, --[no-]long <arg>".
std::string option_text(const Option& option, bool has_positive) {
  std::string left = "    ";
  if (option.kind == Kind::number) return left + "-NUM";
  if (option.short_name) left += (option.flags & kOptNoDash ? "" : "-") + std::string(1, option.short_name);
  if (option.short_name && !option.long_name.empty()) left += ", ";
  (void)has_positive;
  if (!option.long_name.empty()) {
    bool plain = (option.flags & kOptNoNeg) || starts_with(option.long_name, "no-");
    left += (plain ? "--" : "--[no-]") + option.long_name;
  }
  return left + argument_text(option);
}

}  // namespace

std::string Options::format_usage(bool full) const {
  std::string text;
  std::size_t i = 0;
  const char* lead = "usage: ";
  for (; i < usage_.size() && !usage_[i].empty(); i++) {
    bool first = true;
    for (std::string_view line : split(usage_[i], '\n')) {
      text += (first ? lead : "       ") + std::string(line) + "\n";
      first = false;
    }
    lead = "   or: ";
  }
  for (; i < usage_.size(); i++) text += usage_[i].empty() ? "\n" : "    " + usage_[i] + "\n";

  bool need_newline = true;
  for (const Option& option : options_) {
    if (option.kind == Kind::subcommand) continue;
    if (option.kind == Kind::group) {
      text += "\n";
      need_newline = false;
      if (!option.help.empty()) text += option.help + "\n";
      continue;
    }
    if (!full && (option.flags & kOptHidden)) continue;
    if (need_newline) {
      text += "\n";
      need_newline = false;
    }
    std::string_view positive;
    bool opposite = !(option.flags & kOptNoNeg) && skip_prefix(option.long_name, "no-", &positive);
    text += padded_help(option_text(option, opposite), option.help);
    if (opposite) text += padded_help("    --" + std::string(positive), "opposite of --no-" + std::string(positive));
  }
  return text + "\n";
}

void Options::usage_with_options() {
  err(format_usage(false));
  exit_with(129);
}
void Options::usage_msg(std::string message) {
  report("fatal: ", message + "\n");
  usage_with_options();
}

}  // namespace git
