// git column: the lines of standard input side by side.
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "builtin.h"
#include "config.h"
#include "show/column.h"

GIT_BUILTIN("column", cmd_column, kSetupGently)

namespace git {

int cmd_column(Invocation& inv) {
  ColumnStyle style;
  ColumnLayout layout;
  layout.width = 0;
  std::optional<std::string> command, mode;
  Config own{ConfigSources{}};
  Config& config = inv.repository ? inv.repo().config() : own;
  if (inv.args.size() > 1 && inv.args[1].rfind("--command=", 0) == 0) {
    command = inv.args[1].substr(10);
    style.add_config(config, *command);
  } else {
    style.add_config(config, "");
  }
  std::optional<std::string> real_command;
  Options options({"git column [<options>]"});
  options.string(0, "command", &real_command, "name", "lookup config vars");
  options.callback(
      0, "mode", "style", "layout to use",
      [&](const std::optional<std::string>& value, bool unset) {
        style.when = unset ? ColumnStyle::When::never : ColumnStyle::When::always;
        return !value || style.add(*value);
      },
      kOptOptionalArg);
  options.integer(0, "width", &layout.width, "n", "maximum width");
  options.string(0, "indent", &layout.indent, "string", "padding space on left border");
  options.string(0, "nl", &layout.newline, "string", "padding space on right border");
  options.integer(0, "padding", &layout.padding, "n", "padding space between columns");
  auto args = options.parse(inv.args, inv.prefix_or_empty());
  if (layout.padding < 0) die("%s must be non-negative", "--padding");
  if (!args.empty()) options.usage_with_options();
  if (real_command || command) {
    if (!real_command || !command || *command != *real_command) die("--command must be the first argument");
  }
  if (layout.width <= 0) layout.width = terminal_columns() - 1;
  std::vector<std::string> items;
  LineReader lines(0);
  for (std::string line; lines.next(line);) items.push_back(line);
  if (!style.is_active(::isatty(1))) {
    for (const std::string& item : items) outf("%s\n", item);
    return 0;
  }
  out(format_columns(items, style, layout));
  return 0;
}

}  // namespace git
