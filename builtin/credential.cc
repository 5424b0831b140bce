// git credential: what git itself asks and tells about credentials, for scripts (git-credential(1)).
#include "credential.h"

#include "base/error.h"
#include "base/fd.h"
#include "builtin.h"
#include "config.h"

GIT_BUILTIN("credential", cmd_credential, kSetupGently | kNoParseopt)

namespace git {

int cmd_credential(Invocation& inv) {
  constexpr const char* kUsage = "git credential (fill|approve|reject|capability)";
  if (inv.args.size() != 2 || inv.args[1] == "-h") usage("%s", kUsage);
  const std::string& action = inv.args[1];
  if (action == "capability") {
    out("version 0\ncapability authtype\ncapability state\n");
    return 0;
  }
  std::unique_ptr<Config> early = inv.repository ? nullptr : read_early_config();
  const Config& config = early ? *early : inv.repo().config();
  Credential credential;
  LineReader reader(0);
  Result<void> read = credential.read_lines([&](std::string& line) { return reader.next(line); }, CredentialStep::initial);
  if (!read) die("%s", read.error().message);
  if (action == "fill") {
    credential.fill(config, false);
    out(credential.format(CredentialStep::response).take_or_die());
  } else if (action == "approve") {
    credential.set_all_capabilities(CredentialStep::helper);
    credential.approve(config);
  } else if (action == "reject") {
    credential.set_all_capabilities(CredentialStep::helper);
    credential.reject(config);
  } else {
    usage("%s", kUsage);
  }
  return 0;
}

}  // namespace git
