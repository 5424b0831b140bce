// Notes are copied only where notes.rewriteRef (or GIT_NOTES_REWRITE_REF) names a ref; looking that up first saves a
// process for nearly everybody.
#include "post-rewrite.h"

#include "base/env.h"
#include "base/fd.h"
#include "base/run-command.h"
#include "config.h"
#include "hook.h"
#include "repository.h"

namespace git {

void run_post_rewrite(Repository& repo, const std::string& command, const std::string& lines) {
  if (lines.empty()) return;
  flush_out();
  if (get_env("GIT_NOTES_REWRITE_REF") || repo.config().find("notes.rewriteref")) {
    ChildProcess notes;
    notes.git_command = true;
    notes.args = {"notes", "copy", "--for-rewrite=" + command};
    pipe_command(notes, lines);
  }
  HookOptions hook;
  hook.args = {command};
  hook.input = lines;
  run_hooks(repo, "post-rewrite", hook);
}

}  // namespace git
