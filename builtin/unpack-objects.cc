// git unpack-objects (git-unpack-objects(1)).
#include "unpack-objects.h"

#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/strings.h"
#include "builtin.h"

GIT_BUILTIN("unpack-objects", cmd_unpack_objects, kSetup)

namespace git {

int cmd_unpack_objects(Invocation& inv) {
  constexpr const char* kUsage = "git unpack-objects [-n] [-q] [-r] [--strict]";
  UnpackOptions options;
  options.quiet = !isatty(2);
  for (std::size_t i = 1; i < inv.args.size(); i++) {
    std::string_view arg = inv.args[i], value;
    if (arg == "-n") {
      options.dry_run = true;
    } else if (arg == "-q") {
      options.quiet = true;
    } else if (arg == "-r") {
      options.recover = true;
    } else if (arg == "--strict" || skip_prefix(arg, "--strict=", &value)) {
      options.strict = true;
      options.severities = value;
    } else if (skip_prefix(arg, "--max-input-size=", &value)) {
      options.max_input_size = parse_uint(value).value_or(0);
    } else if (skip_prefix(arg, "--pack_header=", &value)) {
      std::size_t comma = value.find(',');
      auto version = parse_uint(value.substr(0, comma));
      auto count = comma == std::string_view::npos ? std::nullopt : parse_uint(value.substr(comma + 1));
      if (!version || !count) die("bad %s", arg);
      options.pack_header = {static_cast<std::uint32_t>(*version), static_cast<std::uint32_t>(*count)};
    } else {
      usage("%s", kUsage);
    }
  }
  UnpackResult result = unpack_objects(inv.repo(), 0, options);
  out(result.rest);
  return result.has_errors ? 1 : 0;
}

}  // namespace git
