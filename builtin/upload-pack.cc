// git upload-pack: serve a fetch.
#include "upload-pack.h"

#include "base/env.h"
#include "base/parse-options.h"
#include "base/trace2.h"
#include "builtin.h"
#include "serve.h"
#include "wire/capabilities.h"

GIT_BUILTIN("upload-pack", cmd_upload_pack, 0)

namespace git {

int cmd_upload_pack(Invocation& inv) {
  UploadPackOptions settings;
  bool strict = false;
  Options options(
      {"git-upload-pack [--[no-]strict] [--timeout=<n>] [--stateless-rpc]\n"
       "                [--advertise-refs] <directory>"});
  options.boolean(0, "stateless-rpc", &settings.is_stateless, N_("quit after a single request/response exchange"));
  options.boolean(0, "http-backend-info-refs", &settings.advertise_refs, N_("serve up the info/refs for git-http-backend"),
                  kOptHidden);
  options.alias(0, "advertise-refs", "http-backend-info-refs");
  options.boolean(0, "strict", &strict, N_("do not try <directory>/.git/ if <directory> is no Git directory"));
  options.integer(0, "timeout", &settings.timeout, "n", N_("interrupt transfer after <n> seconds of inactivity"));
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  if (args.size() != 1) options.usage_with_options();

  std::unique_ptr<Repository> repo = enter_repo(args[0], strict);
  if (!repo) die("'%s' does not appear to be a git repository", args[0]);
  int version = protocol_version_of(get_env_or("GIT_PROTOCOL", ""));
  trace2::data("transfer", "negotiated-version", std::to_string(version));
  if (version == 2) {
    serve_v2(*repo, {settings.is_stateless, settings.advertise_refs});
    return 0;
  }
  settings.version = settings.advertise_refs || !settings.is_stateless ? version : 0;
  upload_pack(*repo, settings);
  return 0;
}

}  // namespace git
