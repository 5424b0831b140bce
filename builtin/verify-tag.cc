// git verify-tag: check the signatures of tags (git-verify-tag(1)).
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "builtin.h"
#include "gpg-verify.h"
#include "object-name.h"
#include "show/ref-format.h"

GIT_BUILTIN("verify-tag", cmd_verify_tag, kSetup)

namespace git {

int cmd_verify_tag(Invocation& inv) {
  VerifyOptions verify;
  std::optional<std::string> format_text;
  Options options({"git verify-tag [-v | --verbose] [--format=<format>] [--raw] <tag>..."});
  options.boolean('v', "verbose", &verify.verbose, N_("print tag contents"));
  options.boolean(0, "raw", &verify.raw, N_("print raw gpg status output"));
  options.string(0, "format", &format_text, "format", N_("format to use for the output"));
  std::vector<std::string> names = options.parse(inv.args, inv.prefix_or_empty());
  if (names.empty()) options.usage_with_options();
  std::optional<RefFormat> format;
  if (format_text) {
    Result<RefFormat> parsed = RefFormat::parse(inv.repository.get(), *format_text, RefQuote::none, {});
    if (!parsed) options.usage_with_options();
    format = std::move(*parsed);
    verify.omit_status = true;
  }
  RefValues values(inv.repo());
  int code = 0;
  for (const std::string& name : names) {
    std::optional<ObjectId> oid = get_oid(inv.repo(), name);
    if (!oid) {
      code = 1;
      error("tag '%s' not found.", name);
      continue;
    }
    if (!verify_tag(inv.repo(), *oid, name, verify)) {
      code = 1;
      continue;
    }
    if (!format) continue;
    RefItem item;
    item.ref.name = name;
    item.ref.oid = *oid;
    out(format->format(values, item).take_or_die() + "\n");
  }
  return code;
}

}  // namespace git
