// git bugreport: a form for a bug report, with what the system is made of filled in.
#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "base/build-config.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "builtin.h"
#include "config.h"
#include "editor.h"
#include "hook.h"

GIT_BUILTIN("bugreport", cmd_bugreport, kSetupGently)

namespace git {
namespace {

constexpr std::string_view kForm =
    "Thank you for filling out a Git bug report!\n"
    "Please answer the following questions to help us understand your issue.\n"
    "\n"
    "What did you do before the bug happened? (Steps to reproduce your issue)\n"
    "\n"
    "What did you expect to happen? (Expected behavior)\n"
    "\n"
    "What happened instead? (Actual behavior)\n"
    "\n"
    "What's different between what you expected and what actually happened?\n"
    "\n"
    "Anything else you want to add:\n"
    "\n"
    "Please review the rest of the bug report below.\n"
    "You can delete any lines you don't wish to share.\n";

constexpr const char* kHooks[] = {"applypatch-msg",
                                  "commit-msg",
                                  "fsmonitor-watchman",
                                  "p4-changelist",
                                  "p4-post-changelist",
                                  "p4-pre-submit",
                                  "p4-prepare-changelist",
                                  "post-applypatch",
                                  "post-checkout",
                                  "post-commit",
                                  "post-index-change",
                                  "post-merge",
                                  "post-receive",
                                  "post-rewrite",
                                  "post-update",
                                  "pre-applypatch",
                                  "pre-auto-gc",
                                  "pre-commit",
                                  "pre-merge-commit",
                                  "pre-push",
                                  "pre-rebase",
                                  "pre-receive",
                                  "prepare-commit-msg",
                                  "proc-receive",
                                  "push-to-checkout",
                                  "reference-transaction",
                                  "sendemail-validate",
                                  "update"};

std::string system_info() {
  std::string text = "git version:\n";
  ChildProcess version;
  version.git_command = true;
  version.args = {"version", "--build-options"};
  text += pipe_command(version, {}).out;
  utsname system{};
  if (::uname(&system) < 0)
    text += strf("uname: error: %d\n", errno);
  else
    text += strf("uname: %s %s %s %s\n", system.sysname, system.release, system.version, system.machine);
  text += strf("compiler info: gnuc: %d.%d\n", __GNUC__, __GNUC_MINOR__);
  char libc[128] = {};
  if (::confstr(_CS_GNU_LIBC_VERSION, libc, sizeof libc)) text += strf("libc info: %s\n", libc);
  text += strf("$SHELL (typically, interactive shell): %s\n", get_env_or("SHELL", "<unset>"));
  return text;
}

std::string enabled_hooks(Invocation& inv) {
  if (!inv.repository) return "not run from a git repository - no hooks to show\n";
  std::string text;
  for (const char* name : kHooks)
    if (has_hooks(inv.repo(), name)) text += std::string(name) + "\n";
  return text;
}

std::string formatted_time(const std::string& format) {
  std::time_t now = std::time(nullptr);
  std::tm tm{};
  ::localtime_r(&now, &tm);
  char text[256];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  std::size_t n = std::strftime(text, sizeof text, format.c_str(), &tm);
#pragma GCC diagnostic pop
  return std::string(text, n);
}

}  // namespace

int cmd_bugreport(Invocation& inv) {
  std::string output_dir, suffix = "%Y-%m-%d-%H%M";
  bool has_suffix = true;
  Options options(
      {"git bugreport [(-o | --output-directory) <path>]\n"
       "              [(-s | --suffix) <format> | --no-suffix]"});
  options.string('o', "output-directory", &output_dir, "path", "specify a destination for the bugreport file(s)");
  options.callback('s', "suffix", "format", "specify a strftime format suffix for the filename(s)",
                   [&](const std::optional<std::string>& value, bool unset) {
                     has_suffix = !unset;
                     if (value) suffix = *value;
                     return true;
                   });
  auto rest = options.parse(inv.args, inv.prefix_or_empty());
  if (!rest.empty()) {
    error("unknown argument `%s'", rest[0]);
    options.usage_with_options();
  }
  std::string path = prefix_filename(inv.prefix_or_empty(), output_dir);
  if (!path.empty() && path.back() != '/') path += '/';
  path += "git-bugreport";
  if (has_suffix) path += "-" + formatted_time(suffix);
  path += ".txt";
  if (!make_leading_dirs(path)) die_errno("could not create leading directories for '%s'", path);

  std::string report_text =
      std::string(kForm) + "\n\n[System Info]\n" + system_info() + "\n\n[Enabled Hooks]\n" + enabled_hooks(inv);
  UniqueFd fd = open_fd(path, O_CREAT | O_EXCL | O_WRONLY);
  if (!fd) die_errno("unable to create '%s'", path);
  if (!write_in_full(fd.get(), report_text)) die_errno("unable to write to %s", path);
  fd.reset();
  errf("Created new report at '%s'.\n", path);
  return launch_editor(inv.repository.get(), path) ? 0 : 1;
}

}  // namespace git
