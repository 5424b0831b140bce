// git mailinfo: one mail from standard input.
#include "mailinfo.h"

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"

GIT_BUILTIN("mailinfo", cmd_mailinfo, kSetupGently)

namespace git {

int cmd_mailinfo(Invocation& inv) {
  Config early{ConfigSources{}};
  const Config& config = inv.repository ? inv.repo().config() : early;
  MailinfoOptions mail;
  mail.encoding = config.get_string_or("i18n.commitencoding", "UTF-8");
  mail.use_scissors = config.get_bool_or("mailinfo.scissors", false);
  if (auto word = config.get_string("mailinfo.quotedcr")) {
    auto action = parse_quoted_cr(*word);
    if (!action) die(_("bad action '%s' for '%s'"), *word, "mailinfo.quotedCR");
    mail.quoted_cr = *action;
  }
  Options options({"git mailinfo [<options>] <msg> <patch> < mail >info"});
  options.boolean('k', "", &mail.keep_subject, N_("keep subject"));
  options.boolean('b', "", &mail.keep_non_patch_brackets, N_("keep non patch brackets in subject"));
  options.boolean('m', "message-id", &mail.add_message_id, N_("copy Message-ID to the end of commit message"));
  options.callback(
      'u', "", "", N_("re-code metadata to i18n.commitEncoding"),
      [&](const auto&, bool) {
        mail.encoding = config.get_string_or("i18n.commitencoding", "UTF-8");
        return true;
      },
      kOptNoArg | kOptNoNeg);
  options.callback(
      'n', "", "", N_("disable charset re-coding of metadata"),
      [&](const auto&, bool) {
        mail.encoding.reset();
        return true;
      },
      kOptNoArg | kOptNoNeg);
  options.string(0, "encoding", &mail.encoding, "encoding", N_("re-code metadata to this encoding"));
  options.boolean(0, "scissors", &mail.use_scissors, N_("use scissors"));
  options.callback(0, "quoted-cr", "action", N_("action when quoted CR is found"),
                   [&](const std::optional<std::string>& value, bool) {
                     auto action = parse_quoted_cr(*value);
                     if (!action) return error(_("invalid action '%s' for '%s'"), *value, "--quoted-cr") == 0;
                     mail.quoted_cr = *action;
                     return true;
                   });
  options.boolean(0, "inbody-headers", &mail.use_inbody_headers, N_("use headers in message's body"));
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  if (args.size() != 2) options.usage_with_options();
  auto text = read_fd(0);
  if (!text) die_errno(_("could not read '%s'"), "stdin");
  if (trim(*text).empty()) return error(_("empty patch: '%s'"), prefix_filename(inv.prefix_or_empty(), args[1])) ? 1 : 0;
  Mailinfo parsed = parse_mail(*text, mail);
  for (const std::string& one : parsed.errors) error("%s", one);
  if (parsed.has_quoted_cr && mail.quoted_cr == QuotedCr::warn) warning(_("quoted CRLF detected"));
  if (parsed.has_flowed_patch) warning(_("Patch sent with format=flowed; space at the end of lines might be lost."));
  auto store = [&](const std::string& name, const std::string& bytes) {
    const std::string path = prefix_filename(inv.prefix_or_empty(), name);
    if (!write_file(path, bytes)) die_errno(_("could not open '%s' for writing"), path);
  };
  store(args[0], parsed.message);
  store(args[1], parsed.patch);
  out(parsed.info);
  return parsed.errors.empty() ? 0 : 1;
}

}  // namespace git
