// git verify-commit: check the signatures of commits (git-verify-commit(1)).
#include "base/error.h"
#include "base/parse-options.h"
#include "builtin.h"
#include "gpg-verify.h"
#include "object-name.h"

GIT_BUILTIN("verify-commit", cmd_verify_commit, kSetup)

namespace git {

int cmd_verify_commit(Invocation& inv) {
  VerifyOptions verify;
  Options options({"git verify-commit [-v | --verbose] [--raw] <commit>..."});
  options.boolean('v', "verbose", &verify.verbose, N_("print commit contents"));
  options.boolean(0, "raw", &verify.raw, N_("print raw gpg status output"));
  std::vector<std::string> names = options.parse(inv.args, inv.prefix_or_empty());
  if (names.empty()) options.usage_with_options();
  int code = 0;
  for (const std::string& name : names) {
    std::optional<ObjectId> oid = get_oid(inv.repo(), name);
    if (!oid) {
      code = 1;
      error("commit '%s' not found.", name);
    } else if (!verify_commit(inv.repo(), *oid, verify)) {
      code = 1;
    }
  }
  return code;
}

}  // namespace git
