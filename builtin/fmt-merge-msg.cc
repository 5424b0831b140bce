// git fmt-merge-msg: the message of a merge, from FETCH_HEAD's lines.
#include "show/fmt-merge-msg.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"

GIT_BUILTIN("fmt-merge-msg", cmd_fmt_merge_msg, kSetup)

namespace git {

int cmd_fmt_merge_msg(Invocation& inv) {
  Repository& repo = inv.repo();
  FmtMergeMsgOptions settings;
  std::optional<std::string> message, into_name, file;
  int length = -1;
  Options options({"git fmt-merge-msg [-m <message>] [--log[=<n>] | --no-log] [--file <file>]"});
  auto set_log = [&](const std::optional<std::string>& value, bool unset) {
    auto number = value ? parse_int(*value) : std::optional<std::int64_t>(unset ? 0 : 20);
    if (!number) return error(_("option `%s' expects a numerical value"), "log") == 0;
    length = static_cast<int>(*number);
    return true;
  };
  options.callback(0, "log", "n", N_("populate log with at most <n> entries from shortlog"), set_log, kOptOptionalArg);
  options.callback(0, "summary", "n", N_("alias for --log (deprecated)"), set_log, kOptOptionalArg | kOptHidden);
  options.string('m', "message", &message, "text", N_("use <text> as start of message"));
  options.string(0, "into-name", &into_name, "name", N_("use <name> instead of the real target branch"));
  options.filename('F', "file", &file, N_("file to read from"));
  if (!options.parse(inv.args, inv.prefix_or_empty()).empty()) options.usage_with_options();

  settings.shortlog_length = length >= 0 ? length : merge_log_config(repo);
  settings.into_name = into_name;
  settings.add_title = !message;
  std::string input;
  if (file && *file != "-") {
    Result<std::string> bytes = read_file(*file);
    if (!bytes) die("cannot open '%s'", *file);
    input = std::move(*bytes);
  } else {
    input = read_fd(0).take_or_die();
  }
  std::string text = message ? *message : std::string();
  out(text + fmt_merge_msg(repo, input, settings));
  return 0;
}

}  // namespace git
