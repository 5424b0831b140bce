// git receive-pack: accept a push.
#include "receive-pack.h"

#include "base/env.h"
#include "base/parse-options.h"
#include "base/trace2.h"
#include "builtin.h"
#include "wire/capabilities.h"

GIT_BUILTIN("receive-pack", cmd_receive_pack, 0)

namespace git {

int cmd_receive_pack(Invocation& inv) {
  ReceivePackOptions settings;
  Options options({"git receive-pack <git-dir>"});
  options.boolean('q', "quiet", &settings.quiet, N_("quiet"));
  options.boolean(0, "skip-connectivity-check", &settings.skip_connectivity_check, N_("skip connectivity check"));
  options.boolean(0, "stateless-rpc", &settings.is_stateless, "", kOptHidden);
  options.boolean(0, "http-backend-info-refs", &settings.advertise_refs, "", kOptHidden);
  options.alias(0, "advertise-refs", "http-backend-info-refs");
  options.boolean(0, "reject-thin-pack-for-testing", &settings.reject_thin, "", kOptHidden);
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  if (args.size() > 1) options.usage_msg(_("too many arguments"));
  if (args.empty()) options.usage_msg(_("you must specify a directory"));

  std::unique_ptr<Repository> repo = enter_repo(args[0], false);
  if (!repo) die("'%s' does not appear to be a git repository", args[0]);
  int version = protocol_version_of(get_env_or("GIT_PROTOCOL", ""));
  // There is no version 2 of push: such a client is answered as if it had not asked.
  settings.version = version == 1 ? 1 : 0;
  trace2::data("transfer", "negotiated-version", std::to_string(settings.version));
  settings.service_dir = args[0];
  receive_pack(*repo, settings);
  return 0;
}

}  // namespace git
