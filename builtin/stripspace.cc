// git stripspace: clean the white space of a message read from standard input.
#include "base/error.h"
#include "base/fd.h"
#include "base/parse-options.h"
#include "base/strip-space.h"
#include "builtin.h"
#include "config.h"

GIT_BUILTIN("stripspace", cmd_stripspace, 0)

namespace git {

int cmd_stripspace(Invocation& inv) {
  enum { kPlain, kStrip, kComment };
  int mode = kPlain;
  Options options({"git stripspace [-s | --strip-comments]", "git stripspace [-c | --comment-lines]"});
  options.cmd_mode('s', "strip-comments", &mode, kStrip, "skip and remove all lines starting with comment character");
  options.cmd_mode('c', "comment-lines", &mode, kComment, "prepend comment character and space to each line");
  if (!options.parse(inv.args).empty()) options.usage_with_options();
  std::string prefix = "#";
  if (mode != kPlain) {
    SetupResult setup = setup_git_directory(true);
    Config own{ConfigSources{}};
    Config& config = setup.repo ? setup.repo->config() : own;
    for (const ConfigEntry& entry : config.entries()) {
      if (entry.key != "core.commentchar" && entry.key != "core.commentstring") continue;
      if (!entry.value) die_missing_config_value(entry);
      if (*entry.value == "auto") {
        prefix = "#";
      } else if (entry.value->empty()) {
        error("%s must have at least one character", entry.key);
        die_bad_config_variable(entry);
      } else if (entry.value->find('\n') != std::string::npos) {
        error("%s cannot contain newline", entry.key);
        die_bad_config_variable(entry);
      } else {
        prefix = *entry.value;
      }
    }
  }
  std::string text = read_fd(0).take_or_die();
  out(mode == kComment ? comment_lines(text, prefix) : strip_space(text, mode == kStrip ? prefix : std::string()));
  return 0;
}

}  // namespace git
