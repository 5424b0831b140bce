// git verify-pack: index-pack looks at the pack again, and this says whether it liked it (git-verify-pack(1)).
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"

GIT_BUILTIN("verify-pack", cmd_verify_pack, kSetupGently)

namespace git {
namespace {

bool verify_one(const std::string& name, bool verbose, bool stat_only, const std::string& format) {
  // Any of the three names will do.
  std::string_view base = name;
  if (!strip_suffix(base, ".idx")) strip_suffix(base, ".pack");
  std::string pack = std::string(base) + ".pack";
  ChildProcess child;
  child.git_command = true;
  child.args = {"index-pack", stat_only ? "--verify-stat-only" : verbose ? "--verify-stat" : "--verify"};
  if (!format.empty()) child.args.push_back("--object-format=" + format);
  child.args.push_back(pack);
  flush_out();
  bool failed = child.run() != 0;
  if (verbose || stat_only) {
    if (failed)
      outf("%s: bad\n", pack);
    else if (!stat_only)
      outf("%s: ok\n", pack);
  }
  return !failed;
}

}  // namespace

int cmd_verify_pack(Invocation& inv) {
  bool verbose = false, stat_only = false;
  std::string format;
  Options options({"git verify-pack [-v | --verbose] [-s | --stat-only] [--] <pack>.idx..."});
  options.boolean('v', "verbose", &verbose, N_("verbose"));
  options.boolean('s', "stat-only", &stat_only, N_("show statistics only"));
  options.string(0, "object-format", &format, "hash", N_("specify the hash algorithm to use"));
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  if (args.empty()) options.usage_with_options();
  bool ok = true;
  for (const std::string& arg : args) {
    if (!verify_one(prefix_filename(inv.prefix_or_empty(), arg), verbose, stat_only, format)) ok = false;
  }
  return ok ? 0 : 1;
}

}  // namespace git
