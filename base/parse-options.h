// Command line options, with git's grammar: unique abbreviations of long options, "--no-x",
// "--opt=value" and "--opt value", bundled short options, "--", -h and --help-all, and git's error
// texts (error: unknown option `x', error: option `x' requires a value ...; exit 129).
//
//   std::string message; int jobs = 1; bool quiet = false;
//   Options options({"git foo [<options>] <path>"});
//   options.group("Output");
//   options.boolean('q', "quiet", &quiet, N_("be quiet"));
//   options.string('m', "message", &message, "text", "the message");
//   options.integer('j', "jobs", &jobs, "n", "how many");
//   args = options.parse(inv.args, inv.prefix);    // what is left, without the command's name
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace git {

#define N_(text) text

enum OptionFlag : unsigned {
  kOptOptionalArg = 1u << 0,     // the value may be missing ("--opt[=x]")
  kOptNoArg = 1u << 1,           // takes none (callbacks)
  kOptNoNeg = 1u << 2,           // has no "--no-" form
  kOptHidden = 1u << 3,          // shown by --help-all only
  kOptLiteralArgHelp = 1u << 4,  // show the argument's help without <>
  kOptNonegShown = 1u << 5,
  kOptCmdMode = 1u << 6,  // excludes the other options that write the same variable
  kOptNoComplete = 1u << 7,
  kOptLastArgDefault = 1u << 8,  // as the last argument the value may be missing
  kOptNoDash = 1u << 9,          // the short name stands alone, without '-' ("+")
};
enum ParseFlag : unsigned {
  kKeepDashDash = 1u << 0,
  kStopAtNonOption = 1u << 1,
  kKeepUnknown = 1u << 2,     // unknown options stay among the arguments
  kNoInternalHelp = 1u << 3,  // -h is not ours
  kOneShot = 1u << 4,
  kShellEval = 1u << 5,  // usage goes to stdout inside cat <<EOF (rev-parse --parseopt)
  kSubcommandOptional = 1u << 6,
  kKeepArgv0 = 1u << 7,  // args[0] stays in front of what is left
};

class Options {
 public:
  // One call of a callback option. `value` is absent for "--no-x" (`unset`) and for a missing optional value.
  // Return false after error() for a bad value: exit 129.
  using Callback = std::function<bool(const std::optional<std::string>& value, bool unset)>;

  struct Option {
    enum class Kind : std::uint8_t { group, boolean, callback, number, alias, subcommand };
    Kind kind = Kind::callback;
    char short_name = 0;
    std::string long_name;
    std::string arg_help;
    std::string help;
    unsigned flags = 0;
    Callback call;
    const void* target = nullptr;  // identity for kOptCmdMode
    int mode_value = 0;
    std::string alias_of;
    int* subcommand_target = nullptr;
  };

  explicit Options(std::vector<std::string> usage) : usage_(std::move(usage)) {}

  void group(std::string title);
  // bool: --x sets true, --no-x false.
  void boolean(char s, std::string l, bool* v, std::string help, unsigned flags = 0);
  void boolean(char s, std::string l, int* v, std::string help, unsigned flags = 0);  // 1 / 0
  // --x sets `value`, --no-x sets 0 (as OPT_SET_INT).
  void set_int(char s, std::string l, int* v, int value, std::string help, unsigned flags = 0);
  void count_up(char s, std::string l, int* v, std::string help, unsigned flags = 0);
  // -v counts up, -q counts down, as OPT__VERBOSITY.
  void verbosity(int* v);
  void bit(char s, std::string l, unsigned* v, unsigned mask, std::string help, unsigned flags = 0);
  void negbit(char s, std::string l, unsigned* v, unsigned mask, std::string help, unsigned flags = 0);
  void cmd_mode(char s, std::string l, int* v, int value, std::string help, unsigned flags = 0);
  void integer(char s, std::string l, int* v, std::string arg, std::string help, unsigned flags = 0);
  void integer64(char s, std::string l, std::int64_t* v, std::string arg, std::string help, unsigned flags = 0);
  void ranged_integer(char s, std::string l, std::int64_t* v, std::int64_t low, std::int64_t high, std::string arg,
                      std::string help, unsigned flags = 0);
  // With k/m/g, no "--no-" form.
  void magnitude(char s, std::string l, std::uint64_t* v, std::string help, unsigned flags = 0,
                 std::uint64_t high = 0x7fffffffffffffff);
  void string(char s, std::string l, std::string* v, std::string arg, std::string help, unsigned flags = 0);
  void string(char s, std::string l, std::optional<std::string>* v, std::string arg, std::string help, unsigned flags = 0);
  void strings(char s, std::string l, std::vector<std::string>* v, std::string arg, std::string help,
               unsigned flags = 0);                                                       // --no-x clears
  void filename(char s, std::string l, std::optional<std::string>* v, std::string help);  // prefixed
  void expiry_date(char s, std::string l, std::int64_t* v, std::string help,
                   unsigned flags = 0);  // seconds; "never" 0, "now"/"all" max
  void abbrev(int* v);
  void color(int* v, std::string help);  // --color[=<when>]: 0 never, 1 always, 2 auto
  void callback(char s, std::string l, std::string arg, std::string help, Callback call, unsigned flags = 0);
  void number(std::string help, std::function<void(int)> call);  // -<n>
  void alias(char s, std::string l, std::string of);
  // Subcommands: `*v` becomes `value` when the first non-option argument is `name`; parse() stops there and
  // returns that name and everything behind it, ready for the subcommand's own parse().
  void subcommand(std::string name, int* v, int value, unsigned flags = 0);

  // `args[0]` is the command's name and is dropped. Prints usage and leaves: 0 on -h, 129 on errors.
  std::vector<std::string> parse(const std::vector<std::string>& args, std::string_view prefix = {}, unsigned flags = 0);
  [[noreturn]] void usage_with_options();            // to stderr, 129
  [[noreturn]] void usage_msg(std::string message);  // "fatal: ...", an empty line, then usage; 129
  std::string format_usage(bool full) const;
  const std::vector<Option>& options() const { return options_; }
  const std::vector<std::string>& usage_lines() const { return usage_; }
  void add(Option option) { options_.push_back(std::move(option)); }

 private:
  std::vector<std::string> usage_;  // alternatives; "" separates a free text below
  std::vector<Option> options_;
  std::string prefix_;  // while parsing
};

// Dies with git's "options '%s' and '%s' cannot be used together" where more than one is set.
void die_for_incompatible_opts(std::initializer_list<std::pair<bool, const char*>> opts);
// The path as the user meant it, from the top of the worktree ("" prefix leaves it alone).
std::string prefix_filename(std::string_view prefix, std::string_view path);

}  // namespace git
