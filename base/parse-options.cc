// One pass over the arguments.  What isn't ours is kept in order; the first mistake ends the command with git's
// message and code 129, so that no half-understood command line ever runs.
#include "base/parse-options.h"

#include <cstring>

#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"

namespace git {
namespace {

using Option = Options::Option;
using Kind = Option::Kind;

// How an option was given, for messages: "switch `x'", "option `no-foo'".
struct Given {
  bool is_short = false;
  bool unset = false;
};

std::string option_name(const Option& option, Given given) {
  if (given.is_short) return strf("switch `%s'", std::string(1, option.short_name));
  if (given.unset) return strf("option `no-%s'", option.long_name);
  return strf("option `%s'", option.long_name);
}

bool takes_argument(const Option& option) { return option.kind == Kind::callback && !(option.flags & kOptNoArg); }

class Parser {
 public:
  Parser(Options& options, const std::vector<std::string>& args, unsigned flags) : options_(options), args_(args), flags_(flags) {
    for (const Option& option : options.options()) {
      if (option.kind == Kind::subcommand) has_subcommands_ = true;
      if (option.flags & kOptCmdMode) add_mode(option);
    }
    if (has_subcommands_) check_subcommand_flags();
  }
  std::vector<std::string> run();

 private:
  struct Mode {
    const int* variable;
    int value;
    const Option* by = nullptr;
    std::string shown;
  };
  enum class Step { next, stop };

  void check_subcommand_flags() const {
    if (flags_ & kStopAtNonOption) BUG("subcommands are incompatible with PARSE_OPT_STOP_AT_NON_OPTION");
    if (flags_ & kSubcommandOptional) return;
    if (flags_ & kKeepUnknown)
      BUG("subcommands are incompatible with PARSE_OPT_KEEP_UNKNOWN_OPT unless in combination with "
          "PARSE_OPT_SUBCOMMAND_OPTIONAL");
    if (flags_ & kKeepDashDash)
      BUG("subcommands are incompatible with PARSE_OPT_KEEP_DASHDASH unless in combination with PARSE_OPT_SUBCOMMAND_OPTIONAL");
  }
  void add_mode(const Option& option) {
    auto* variable = static_cast<const int*>(option.target);
    for (const Mode& mode : modes_)
      if (mode.variable == variable) return;
    if (variable) modes_.push_back({variable, *variable, nullptr, {}});
  }

  const std::string& current() const { return args_[at_]; }
  bool is_last() const { return at_ + 1 == args_.size(); }
  Step plain_argument();
  Step dashed_argument();
  Step short_options();
  Step long_option(std::string_view arg);
  bool no_dash_option();
  Step unknown();
  void keep_rest(std::size_t from) { left_.insert(left_.end(), args_.begin() + static_cast<long>(from), args_.end()); }
  void apply(const Option& option, Given given, const std::optional<std::string>& attached);
  void call(const Option& option, Given given, const std::optional<std::string>& value);
  void check_modes(const Option& option, Given given, const std::optional<std::string>& value);
  const Option& resolve_alias(const Option& option) const;
  void check_typo(std::string_view arg) const;
  bool numeric_option(std::string_view text);
  [[noreturn]] void show_help(bool full) const;
  [[noreturn]] void show_completion(bool all) const;

  Options& options_;
  const std::vector<std::string>& args_;
  unsigned flags_;
  std::size_t at_ = 1;
  bool has_subcommands_ = false;
  bool found_subcommand_ = false;
  std::vector<std::string> left_;
  std::vector<Mode> modes_;
};

void Parser::show_help(bool full) const {
  std::string text = options_.format_usage(full);
  if (flags_ & kShellEval) text = "cat <<\\EOF\n" + text + "EOF\nexit 0\n";
  out(text);
  flush_out();
  exit_with(0);
}

// The words that shell completion offers: "--foo", "--bar=", and with "--" in front of the rest the negations.
void Parser::show_completion(bool all) const {
  std::string words, negative;
  bool any_negative = false;
  int shown_negative = 0;
  for (const Option& option : options_.options()) {
    if (option.kind == Kind::subcommand) {
      if (!(option.flags & kOptNoComplete)) words += " " + option.long_name;
      continue;
    }
    if (option.long_name.empty() || option.kind == Kind::group) continue;
    if (!all && (option.flags & (kOptHidden | kOptNoComplete))) continue;
    bool mandatory = takes_argument(option) && !(option.flags & (kOptOptionalArg | kOptLastArgDefault));
    words += " --" + option.long_name + (mandatory ? "=" : "");
    if (option.flags & kOptNoNeg) continue;
    std::string_view positive;
    bool starts_no = skip_prefix(option.long_name, "no-", &positive);
    bool has_other = false;
    if (starts_no)
      for (const Option& other : options_.options())
        if (other.long_name == positive) has_other = true;
    if (starts_no && has_other) continue;
    any_negative = true;
    std::string word = starts_no ? " --" + std::string(positive) : " --no-" + option.long_name;
    if (starts_no) {
      words += word;
    } else {
      if (shown_negative == 4) negative += " --";
      shown_negative++;
      negative += word;
    }
  }
  (void)any_negative;
  std::string text = words + negative;
  out(text.empty() ? text : text.substr(1));
  out("\n");
  flush_out();
  exit_with(0);
}

std::vector<std::string> Parser::run() {
  if ((flags_ & kKeepArgv0) && !args_.empty()) left_.push_back(args_[0]);
  std::size_t total = args_.empty() ? 0 : args_.size() - 1;
  for (; at_ < args_.size(); at_++) {
    const std::string& arg = current();
    Step step;
    if (arg.size() < 2 || arg[0] != '-') {
      step = plain_argument();
    } else if (!(flags_ & kNoInternalHelp) && total == 1 && arg == "-h") {
      show_help(false);
    } else {
      step = dashed_argument();
    }
    if (step == Step::stop) return std::move(left_);
    if (flags_ & kOneShot) {
      keep_rest(at_ + 1);
      return std::move(left_);
    }
  }
  if (has_subcommands_ && !found_subcommand_ && !(flags_ & kSubcommandOptional)) {
    error("need a subcommand");
    options_.usage_with_options();
  }
  return std::move(left_);
}

Parser::Step Parser::plain_argument() {
  if (no_dash_option()) return Step::next;
  if (has_subcommands_) {
    for (const Option& option : options_.options()) {
      if (option.kind != Kind::subcommand || option.long_name != current()) continue;
      *option.subcommand_target = option.mode_value;
      found_subcommand_ = true;
      keep_rest(at_);
      return Step::stop;
    }
    if (!(flags_ & kSubcommandOptional)) {
      error("unknown subcommand: `%s'", current());
      options_.usage_with_options();
    }
    keep_rest(at_);
    return Step::stop;
  }
  if (flags_ & kStopAtNonOption) {
    keep_rest(at_);
    return Step::stop;
  }
  left_.push_back(current());
  return Step::next;
}

bool Parser::no_dash_option() {
  const std::string& arg = current();
  for (const Option& option : options_.options()) {
    if (!(option.flags & kOptNoDash) || arg.size() != 1 || option.short_name != arg[0]) continue;
    apply(option, {true, false}, std::nullopt);
    return true;
  }
  return false;
}

Parser::Step Parser::dashed_argument() {
  const std::string& arg = current();
  if (arg[1] != '-') return short_options();
  if (arg == "--") {
    if (has_subcommands_ && !(flags_ & kSubcommandOptional)) {
      error("need a subcommand");
      options_.usage_with_options();
    }
    keep_rest(flags_ & kKeepDashDash ? at_ : at_ + 1);
    return Step::stop;
  }
  if (arg == "--end-of-options") {
    if (has_subcommands_ && !(flags_ & kSubcommandOptional)) {
      error("need a subcommand");
      options_.usage_with_options();
    }
    keep_rest(flags_ & kKeepUnknown ? at_ : at_ + 1);
    return Step::stop;
  }
  if (!(flags_ & kNoInternalHelp)) {
    if (arg == "--help-all") show_help(true);
    if (arg == "--git-completion-helper") show_completion(false);
    if (arg == "--git-completion-helper-all") show_completion(true);
  }
  return long_option(std::string_view(arg).substr(2));
}

bool Parser::numeric_option(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size() && is_digit(text[n])) n++;
  if (n != text.size() || !n) return false;
  for (const Option& option : options_.options()) {
    if (option.kind != Kind::number) continue;
    call(option, {true, false}, std::string(text));
    return true;
  }
  return false;
}

Parser::Step Parser::short_options() {
  const std::string& arg = current();
  for (std::size_t i = 1; i < arg.size(); i++) {
    const Option* found = nullptr;
    for (const Option& option : options_.options())
      if (option.short_name == arg[i] && option.kind != Kind::group && !(option.flags & kOptNoDash)) {
        found = &option;
        break;
      }
    if (!found) {
      if (i == 1 && numeric_option(std::string_view(arg).substr(1))) return Step::next;
      if (i == 1) check_typo(std::string_view(arg).substr(1));
      if (i > 1) {
        // The switches before it were understood; git shows and keeps the rest as an option of its own.
        std::string rest = "-" + arg.substr(i);
        if (i == 2) check_typo(std::string_view(arg).substr(1));
        if (!(flags_ & kNoInternalHelp) && arg[i] == 'h') show_help(false);
        if (flags_ & kKeepUnknown) {
          left_.push_back(rest);
          return Step::next;
        }
      } else if (flags_ & kKeepUnknown) {
        return unknown();
      }
      if (!(flags_ & kNoInternalHelp) && arg[i] == 'h') show_help(false);
      if (static_cast<unsigned char>(arg[i]) < 0x80)
        error("unknown switch `%s'", std::string(1, arg[i]));
      else
        error("unknown non-ascii option in string: `%s'", arg);
      options_.usage_with_options();
    }
    const Option& option = resolve_alias(*found);
    if (takes_argument(option)) {
      std::optional<std::string> attached;
      if (i + 1 < arg.size()) attached = arg.substr(i + 1);
      apply(option, {true, false}, attached);
      return Step::next;
    }
    if (i == 1 && arg.size() > 2) check_typo(std::string_view(arg).substr(1));
    apply(option, {true, false}, std::nullopt);
  }
  return Step::next;
}

// "-boolean" was probably meant as "--boolean".
void Parser::check_typo(std::string_view arg) const {
  if (arg.size() < 3) return;
  bool likely = starts_with(arg, "no-");
  for (const Option& option : options_.options())
    if (!option.long_name.empty() && option.kind != Kind::group && option.kind != Kind::subcommand &&
        starts_with(option.long_name, arg))
      likely = true;
  if (!likely) return;
  error("did you mean `--%s` (with two dashes)?", arg);
  exit_with(129);
}

Parser::Step Parser::unknown() {
  if (has_subcommands_ && (flags_ & kSubcommandOptional) && (flags_ & kKeepUnknown)) {
    keep_rest(at_);
    return Step::stop;
  }
  if (flags_ & kKeepUnknown) {
    left_.push_back(current());
    return Step::next;
  }
  error("unknown option `%s'", std::string_view(current()).substr(2));
  options_.usage_with_options();
}

Parser::Step Parser::long_option(std::string_view arg) {
  std::size_t equals = arg.find('=');
  std::string_view name = arg.substr(0, equals);
  std::optional<std::string> attached;
  if (equals != std::string_view::npos) attached = std::string(arg.substr(equals + 1));

  const Option *abbrev = nullptr, *ambiguous = nullptr;
  bool abbrev_unset = false, ambiguous_unset = false;
  auto consider = [&](const Option& option, std::string_view form, bool unset) {
    if (name == form) return true;
    if (!starts_with(form, name)) return false;
    const Option* same = &resolve_alias(option);
    if (abbrev && (&resolve_alias(*abbrev) != same || abbrev_unset != unset)) {
      ambiguous = abbrev;
      ambiguous_unset = abbrev_unset;
    }
    abbrev = &option;
    abbrev_unset = unset;
    return false;
  };
  for (const Option& option : options_.options()) {
    if (option.long_name.empty() || option.kind == Kind::group || option.kind == Kind::subcommand) continue;
    bool unset = false;
    bool exact = consider(option, option.long_name, false);
    if (!exact && !(option.flags & kOptNoNeg)) {
      unset = true;
      std::string_view positive;
      exact = consider(option, "no-" + option.long_name, true);
      if (!exact && skip_prefix(option.long_name, "no-", &positive)) exact = consider(option, positive, true);
    }
    if (!exact) continue;
    apply(resolve_alias(option), {false, unset}, attached);
    return Step::next;
  }
  if (flags_ & kKeepUnknown) return unknown();
  if (env_bool("GIT_TEST_DISALLOW_ABBREVIATED_OPTIONS", false) && (ambiguous || abbrev))
    die("disallowed abbreviated or ambiguous option '%s'", name);
  if (ambiguous) {
    error("ambiguous option: %s (could be --%s%s or --%s%s)", arg, ambiguous_unset ? "no-" : "", ambiguous->long_name,
          abbrev_unset ? "no-" : "", abbrev->long_name);
    options_.usage_with_options();
  }
  if (!abbrev) return unknown();
  apply(resolve_alias(*abbrev), {false, abbrev_unset}, attached);
  return Step::next;
}

const Option& Parser::resolve_alias(const Option& option) const {
  if (option.kind != Kind::alias) return option;
  for (const Option& other : options_.options())
    if (other.kind != Kind::alias && other.long_name == option.alias_of) return other;
  BUG("alias of unknown option '%s'", option.alias_of);
}

// Finds the option's argument and hands everything over.
void Parser::apply(const Option& option, Given given, const std::optional<std::string>& attached) {
  if (!takes_argument(option) || given.unset) {
    if (attached && !given.is_short) {
      error("%s takes no value", option_name(option, given));
      exit_with(129);
    }
    call(option, given, std::nullopt);
    return;
  }
  if (attached || (option.flags & kOptOptionalArg)) {
    call(option, given, attached);
  } else if (is_last() && (option.flags & kOptLastArgDefault)) {
    call(option, given, std::nullopt);
  } else if (is_last()) {
    error("%s requires a value", option_name(option, given));
    exit_with(129);
  } else {
    at_++;
    call(option, given, current());
  }
}

void Parser::call(const Option& option, Given given, const std::optional<std::string>& value) {
  if (option.call && !option.call(value, given.unset)) exit_with(129);
  check_modes(option, given, value);
}

// Two options that set one mode variable to different values exclude each other.
void Parser::check_modes(const Option& option, Given given, const std::optional<std::string>& value) {
  for (Mode& mode : modes_) {
    if (*mode.variable == mode.value) continue;
    std::string shown = given.is_short ? strf("-%s", std::string(1, option.short_name))
                                       : strf("--%s%s", given.unset ? "no-" : "", option.long_name);
    if (value) shown += (given.is_short ? "" : "=") + *value;
    if (mode.by && ((mode.by->flags | option.flags) & kOptCmdMode)) {
      error("options '%s' and '%s' cannot be used together", shown, mode.shown);
      exit_with(129);
    }
    mode.by = &option;
    mode.shown = shown;
    mode.value = *mode.variable;
  }
}

}  // namespace

std::vector<std::string> Options::parse(const std::vector<std::string>& args, std::string_view prefix, unsigned flags) {
  prefix_ = prefix;
  Parser parser(*this, args, flags);
  return parser.run();
}

void die_for_incompatible_opts(std::initializer_list<std::pair<bool, const char*>> opts) {
  std::vector<const char*> given;
  for (const auto& [is_set, name] : opts)
    if (is_set) given.push_back(name);
  if (given.size() == 4)
    die("options '%s', '%s', '%s', and '%s' cannot be used together", given[0], given[1], given[2], given[3]);
  if (given.size() == 3) die("options '%s', '%s', and '%s' cannot be used together", given[0], given[1], given[2]);
  if (given.size() == 2) die("options '%s' and '%s' cannot be used together", given[0], given[1]);
}

std::string prefix_filename(std::string_view prefix, std::string_view path) {
  if (prefix.empty() || starts_with(path, "/")) return std::string(path);
  return std::string(prefix) + std::string(path);
}

}  // namespace git
