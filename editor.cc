// The editor shares our terminal, so while it runs its interrupts are its own.
#include "editor.h"

#include <unistd.h>

#include <csignal>

#include "base/env.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/run-command.h"
#include "config.h"
#include "repository.h"

namespace git {
namespace {

bool is_terminal_dumb() { return get_env_or("TERM", "dumb") == "dumb"; }

std::optional<std::string> edit(Repository* repo, const std::optional<std::string>& editor, const std::string& path,
                                const std::vector<std::string>& env) {
  if (!editor) {
    error(_("Terminal is dumb, but EDITOR unset"));
    return std::nullopt;
  }
  if (*editor != ":") {
    bool hint = ::isatty(2) && (!repo || repo->config().get_bool_or("advice.waitingforeditor", true));
    if (hint) errf(_("hint: Waiting for your editor to close the file... %c"), is_terminal_dumb() ? '\n' : ' ');
    ChildProcess child;
    child.args = {*editor, real_path_forgiving(path)};
    child.env = env;
    child.use_shell = true;
    child.trace2_child_class = "editor";
    if (!child.start()) {
      error(_("unable to start editor '%s'"), *editor);
      return std::nullopt;
    }
    auto old_int = std::signal(SIGINT, SIG_IGN);
    auto old_quit = std::signal(SIGQUIT, SIG_IGN);
    int code = child.finish();
    std::signal(SIGINT, old_int);
    std::signal(SIGQUIT, old_quit);
    if (hint && !is_terminal_dumb()) err("\r\033[K");
    if (code == 128 + SIGINT || code == 128 + SIGQUIT) ::raise(code - 128);
    if (code) {
      error(_("there was a problem with the editor '%s'"), *editor);
      return std::nullopt;
    }
  }
  Result<std::string> text = read_file(path);
  if (!text) {
    error_errno(_("could not read file '%s'"), path);
    return std::nullopt;
  }
  return std::move(*text);
}

}  // namespace

std::optional<std::string> editor_command(Repository* repo) {
  if (auto editor = get_env("GIT_EDITOR")) return editor;
  if (repo)
    if (auto editor = repo->config().get_string("core.editor")) return editor;
  bool dumb = is_terminal_dumb();
  if (auto editor = get_env("VISUAL"); editor && !dumb) return editor;
  if (auto editor = get_env("EDITOR")) return editor;
  if (dumb) return std::nullopt;
  return "vi";
}

std::optional<std::string> sequence_editor_command(Repository* repo) {
  if (auto editor = get_env("GIT_SEQUENCE_EDITOR")) return editor;
  if (repo)
    if (auto editor = repo->config().get_string("sequence.editor")) return editor;
  return editor_command(repo);
}

std::optional<std::string> launch_editor(Repository* repo, const std::string& path, const std::vector<std::string>& env) {
  return edit(repo, editor_command(repo), path, env);
}
std::optional<std::string> launch_sequence_editor(Repository* repo, const std::string& path,
                                                  const std::vector<std::string>& env) {
  return edit(repo, sequence_editor_command(repo), path, env);
}

}  // namespace git
