// test-tool parse-options, parse-options-flags, parse-subcommand: every kind of option and every way to parse.
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "t/helper/test-tool.h"

TEST_TOOL("parse-options", test_parse_options)
TEST_TOOL("parse-options-flags", test_parse_options_flags)
TEST_TOOL("parse-subcommand", test_parse_subcommand)

namespace git {
namespace {

using Args = std::vector<std::string>;

// Prints "key: value" lines, or compares them with what --expect says.
class Dump {
 public:
  explicit Dump(const Args& expected) : expected_(expected) {}
  void show(const std::string& key, const std::string& value) {
    std::string line = key + " " + value;
    if (expected_.empty()) {
      outf("%s\n", line);
      return;
    }
    for (const std::string& wanted : expected_) {
      if (!starts_with(wanted, key + " ")) continue;
      if (wanted == line) continue;
      outf("-%s\n+%s\n", wanted, line);
      failed_ = true;
    }
  }
  int status() const { return failed_ ? 1 : 0; }

 private:
  const Args& expected_;
  bool failed_ = false;
};

}  // namespace

int test_parse_options(Args args) {
  unsigned boolean = 0;
  int boolean_count = 0, integer = 0, abbrev = 7, verbose = -1, quiet = 0, dry_run = 0, ambiguous = 0;
  std::int64_t i16 = 0;
  std::uint64_t natural = 0, u16 = 0;
  std::optional<std::string> text, file;
  Args list, expected, callbacks;
  Options options({"test-tool parse-options <options>", "", "A helper function for the parse-options API."});
  // One number serves bits and counts.
  auto bit = [&](char s, const char* name, unsigned mask, bool sets, const char* help, unsigned flags = 0) {
    options.callback(
        s, name, "", help,
        [&boolean, mask, sets](const auto&, bool unset) {
          boolean = (unset != sets) ? boolean | mask : boolean & ~mask;
          return true;
        },
        flags | kOptNoArg);
  };
  auto assign = [&](char s, const char* name, unsigned value, const char* help, unsigned flags = 0) {
    options.callback(
        s, name, "", help,
        [&boolean, value](const auto&, bool unset) {
          boolean = unset ? !value : value;
          return true;
        },
        flags | kOptNoArg);
  };
  auto count = [&](char s, const char* name, const char* help, unsigned flags = 0) {
    options.callback(
        s, name, "", help,
        [&boolean](const auto&, bool unset) {
          boolean = unset ? 0 : boolean + 1;
          return true;
        },
        flags | kOptNoArg);
  };
  (void)boolean_count;
  (void)ambiguous;
  assign(0, "yes", 1, "get a boolean");
  assign('D', "no-doubt", 1, "begins with 'no-'");
  assign('B', "no-fear", 1, "be brave", kOptNoNeg);
  count('b', "boolean", "increment by one");
  bit('4', "or4", 4, true, "bitwise-or boolean with ...0100");
  bit(0, "neg-or4", 4, false, "same as --no-or4");
  options.group("");
  options.integer('i', "integer", &integer, "n", "get a integer");
  options.ranged_integer(0, "i16", &i16, -32768, 32767, "n", "get a 16 bit integer");
  options.integer('j', "", &integer, "n", "get a integer, too");
  options.magnitude('u', "unsigned", &natural, "get an unsigned integer");
  options.magnitude(0, "u16", &u16, "get a 16 bit unsigned integer", 0, 65535);
  options.set_int(0, "set23", &integer, 23, "set integer to 23");
  options.cmd_mode(0, "mode1", &integer, 1, "set integer to 1 (cmdmode option)");
  options.cmd_mode(0, "mode2", &integer, 2, "set integer to 2 (cmdmode option)");
  Options::Option mode34;
  mode34.long_name = "mode34";
  mode34.arg_help = "(3|4)";
  mode34.help = "set integer to 3 or 4 (cmdmode option)";
  mode34.flags = kOptCmdMode;
  mode34.target = &integer;
  mode34.call = [&](const std::optional<std::string>& value, bool unset) {
    if (unset)
      integer = 0;
    else if (*value == "3" || *value == "4")
      integer = (*value)[0] - '0';
    else
      return error("invalid value for '%s': '%s'", "--mode34", *value), false;
    return true;
  };
  options.add(mode34);
  options.callback('L', "length", "str", "get length of <str>", [&](const std::optional<std::string>& value, bool unset) {
    if (unset) return false;
    callbacks.push_back(*value);
    integer = static_cast<int>(value->size());
    return true;
  });
  options.filename('F', "file", &file, "set file to <file>");
  options.group("String options");
  options.string('s', "string", &text, "string", "get a string");
  options.string(0, "string2", &text, "str", "get another string");
  options.string(0, "st", &text, "st", "get another string (pervert ordering)");
  options.string('o', "", &text, "str", "get another string");
  options.callback(
      0, "obsolete", "", "no-op (backward compatibility)", [](const auto&, bool) { return true; }, kOptNoArg | kOptHidden);
  options.callback(
      0, "longhelp", "", "help text of this entry\nspans multiple lines", [](const auto&, bool) { return true; },
      kOptNoArg | kOptNoNeg);
  options.strings(0, "list", &list, "str", "add str to list");
  options.group("Magic arguments");
  options.number("set integer to NUM", [&](int value) { integer = value; });
  count('+', "", "same as -b", kOptNoDash | kOptNoNeg);
  count(0, "ambiguous", "positive ambiguity", kOptNoNeg);
  options.callback(
      0, "no-ambiguous", "", "negative ambiguity", [](const auto&, bool) { return true; }, kOptNoArg | kOptNoNeg);
  options.group("Standard options");
  options.abbrev(&abbrev);
  options.count_up('v', "verbose", &verbose, "be verbose");
  options.boolean('n', "dry-run", &dry_run, "dry run");
  options.count_up('q', "quiet", &quiet, "be quiet");
  options.strings(0, "expect", &expected, "string", "expected output in the variable dump");
  options.group("Alias");
  options.string('A', "alias-source", &text, "string", "get a string");
  options.alias('Z', "alias-target", "alias-source");
  auto rest = options.parse(args, "prefix/");

  for (const std::string& value : callbacks) outf("Callback: \"%s\", %d\n", value, 0);
  Dump dump(expected);
  dump.show("boolean:", strf("%d", boolean));
  dump.show("integer:", strf("%d", integer));
  dump.show("i16:", strf("%d", i16));
  dump.show("unsigned:", strf("%d", natural));
  dump.show("u16:", strf("%d", u16));
  dump.show("timestamp:", "0");
  dump.show("string:", text.value_or("(not set)"));
  dump.show("abbrev:", strf("%d", abbrev));
  dump.show("verbose:", strf("%d", verbose));
  dump.show("quiet:", strf("%d", quiet));
  dump.show("dry run:", dry_run ? "yes" : "no");
  dump.show("file:", file.value_or("(not set)"));
  for (const std::string& item : list) dump.show("list:", item);
  for (std::size_t i = 0; i < rest.size(); i++) dump.show(strf("arg %02d:", i), rest[i]);
  return dump.status();
}

namespace {

const std::vector<std::pair<const char*, unsigned>> kFlags = {
    {"keep-dashdash", kKeepDashDash},   {"stop-at-non-option", kStopAtNonOption}, {"keep-argv0", kKeepArgv0},
    {"keep-unknown-opt", kKeepUnknown}, {"no-internal-help", kNoInternalHelp},    {"subcommand-optional", kSubcommandOptional},
};

// The tool's own flags, then the command line to be parsed.
Args parse_flags(const Args& args, unsigned& flags, const char* tool) {
  Options options({strf("<%s> [flag-options] cmd [<options>]", tool)});
  for (const auto& [name, flag] : kFlags) options.bit(0, name, &flags, flag, "set the flag");
  return options.parse(args, {}, kStopAtNonOption);
}

void print_args(const Args& args) {
  for (std::size_t i = 0; i < args.size(); i++) outf("arg %02d: %s\n", i, args[i]);
}

}  // namespace

int test_parse_options_flags(Args args) {
  unsigned flags = 0;
  Args line = parse_flags(args, flags, "test-tool parse-options-flags");
  if (line.empty() || line[0] != "cmd") die_usage("'cmd' is mandatory");
  int opt = 0;
  Options options({"<...> cmd [options]"});
  options.integer('o', "opt", &opt, "n", "an integer option");
  Args rest = options.parse(line, {}, flags);
  outf("opt: %d\n", opt);
  print_args(rest);
  return 0;
}

int test_parse_subcommand(Args args) {
  unsigned flags = 0;
  Args line = parse_flags(args, flags, "test-tool parse-subcommand");
  if (line.empty() || line[0] != "cmd") die_usage("'cmd' is mandatory");
  enum { kOne = 1, kTwo };
  int opt = 0, command = flags & kSubcommandOptional ? kOne : 0;
  Options options({"<...> cmd subcmd-one", "<...> cmd subcmd-two"});
  options.subcommand("subcmd-one", &command, kOne);
  options.subcommand("subcmd-two", &command, kTwo);
  options.integer('o', "opt", &opt, "n", "an integer option");
  Args rest = options.parse(line, {}, flags);
  outf("opt: %d\n", opt);
  outf("fn: subcmd_%s\n", command == kTwo ? "two" : "one");
  print_args(rest);
  return 0;
}

}  // namespace git
