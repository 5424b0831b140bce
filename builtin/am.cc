// git am: the command line.
#include "am.h"

#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"

GIT_BUILTIN("am", cmd_am, kSetup | kNeedWorkTree)

namespace git {
namespace {

enum Mode : int { kNone = 0, kApply, kResolved, kSkip, kAbort, kQuit, kShowRaw, kShowDiff, kAllowEmpty };

struct AmCommand {
  AmOptions am;
  int mode = kNone, keep_cr = -1;
  bool binary = false, is_signoff_explicit = false;
  std::string format;
  std::string show_given;

  void read_config(Config& config);
  void declare(Options& o);
  bool set_mode(int wanted, const std::string& name);
  std::string mode_name;
};

void AmCommand::read_config(Config& config) {
  am.threeway = config.get_bool_or("am.threeway", false);
  am.message_id = config.get_bool_or("am.messageid", false);
  if (config.get_bool_or("commit.gpgsign", false)) am.gpg_sign = "";
}

bool AmCommand::set_mode(int wanted, const std::string& name) {
  if (mode != kNone && mode != wanted) {
    error(_("options '%s' and '%s' cannot be used together"), name, mode_name);
    return false;
  }
  mode = wanted;
  mode_name = name;
  return true;
}

void AmCommand::declare(Options& o) {
  auto pass = [this, &o](char s, const std::string& name, const std::string& arg, std::string help, unsigned flags = 0) {
    o.callback(
        s, name, arg, std::move(help),
        [this, s, name](const std::optional<std::string>& value, bool unset) {
          std::string text = name.empty() ? std::string("-") + s : (unset ? "--no-" : "--") + name;
          if (value) text += (name.empty() ? "" : "=") + *value;
          am.apply_options.push_back(text);
          return true;
        },
        flags);
  };
  o.boolean('i', "interactive", &am.interactive, N_("run interactively"));
  o.boolean('n', "no-verify", &am.no_verify, N_("bypass pre-applypatch and applypatch-msg hooks"));
  o.boolean('b', "binary", &binary, N_("historical option -- no-op"), kOptHidden | kOptNoNeg);
  o.boolean('3', "3way", &am.threeway, N_("allow fall back on 3way merging if needed"));
  o.boolean('q', "quiet", &am.quiet, N_("be quiet"));
  o.callback(
      's', "signoff", "", N_("add a Signed-off-by trailer to the commit message"),
      [this](const auto&, bool unset) {
        am.signoff = is_signoff_explicit = !unset;
        return true;
      },
      kOptNoArg);
  o.boolean('u', "utf8", &am.utf8, N_("recode into utf8 (default)"));
  auto keep = [this](AmKeep kind) {
    return [this, kind](const auto&, bool unset) {
      am.keep = unset ? AmKeep::no : kind;
      return true;
    };
  };
  o.callback('k', "keep", "", N_("pass -k flag to git-mailinfo"), keep(AmKeep::yes), kOptNoArg);
  o.callback(0, "keep-non-patch", "", N_("pass -b flag to git-mailinfo"), keep(AmKeep::non_patch), kOptNoArg);
  o.boolean('m', "message-id", &am.message_id, N_("pass -m flag to git-mailinfo"));
  o.boolean(0, "keep-cr", &keep_cr, N_("pass --keep-cr flag to git-mailsplit for mbox format"));
  o.callback(
      'c', "scissors", "", N_("strip everything before a scissors line"),
      [this](const auto&, bool unset) {
        am.scissors = unset ? AmScissors::no : AmScissors::yes;
        return true;
      },
      kOptNoArg);
  o.string(0, "quoted-cr", &am.quoted_cr, "action", N_("pass it through git-mailinfo"));
  pass(0, "whitespace", "action", N_("pass it through git-apply"));
  pass(0, "ignore-space-change", "", N_("pass it through git-apply"), kOptNoArg);
  pass(0, "ignore-whitespace", "", N_("pass it through git-apply"), kOptNoArg);
  pass(0, "directory", "root", N_("pass it through git-apply"));
  pass(0, "exclude", "path", N_("pass it through git-apply"));
  pass(0, "include", "path", N_("pass it through git-apply"));
  pass('C', "", "n", N_("pass it through git-apply"));
  pass('p', "", "num", N_("pass it through git-apply"));
  o.callback(0, "patch-format", "format", N_("format the patch(es) are in"),
             [this](const std::optional<std::string>& value, bool unset) {
               format = unset ? std::string() : *value;
               for (const char* name : {"mbox", "stgit", "stgit-series", "hg", "mboxrd"})
                 if (format == name) return true;
               return unset || error(_("invalid value for '%s': '%s'"), "--patch-format", *value) == 0;
             });
  pass(0, "reject", "", N_("pass it through git-apply"), kOptNoArg);
  o.string(0, "resolvemsg", &am.resolve_message, "...", N_("override error message when patch failure occurs"));
  auto mode_option = [this, &o](char s, const std::string& name, int wanted, std::string help) {
    o.callback(
        s, name, "", std::move(help), [this, name, wanted](const auto&, bool) { return set_mode(wanted, "--" + name); },
        kOptNoArg | kOptNoNeg);
  };
  mode_option(0, "continue", kResolved, N_("continue applying patches after resolving a conflict"));
  mode_option('r', "resolved", kResolved, N_("synonyms for --continue"));
  mode_option(0, "skip", kSkip, N_("skip the current patch"));
  mode_option(0, "abort", kAbort, N_("restore the original branch and abort the patching operation"));
  mode_option(0, "quit", kQuit, N_("abort the patching operation but keep HEAD where it is"));
  mode_option(0, "retry", kApply, N_("try to apply current patch again"));
  o.callback(
      0, "show-current-patch", "(diff|raw)", N_("show the patch being applied"),
      [this](const std::optional<std::string>& value, bool) {
        if (value && *value != "diff" && *value != "raw")
          return error(_("invalid value for '%s': '%s'"), "--show-current-patch", *value) == 0;
        const int wanted = value && *value == "diff" ? kShowDiff : kShowRaw;
        if (mode == wanted && show_given == value.value_or("raw")) return true;
        show_given = value.value_or("raw");
        return set_mode(wanted, "--show-current-patch" + (value ? "=" + *value : std::string()));
      },
      kOptOptionalArg | kOptNoNeg | kOptLiteralArgHelp);
  mode_option(0, "allow-empty", kAllowEmpty, N_("record the empty patch as an empty commit"));
  o.boolean(0, "committer-date-is-author-date", &am.committer_date_is_author_date, N_("lie about committer date"));
  o.boolean(0, "ignore-date", &am.ignore_date, N_("use current timestamp for author date"));
  o.boolean(0, "rerere-autoupdate", &am.rerere_autoupdate, N_("update the index with reused conflict resolution if possible"));
  o.callback(
      'S', "gpg-sign", "key-id", N_("GPG-sign commits"),
      [this](const std::optional<std::string>& value, bool unset) {
        if (unset)
          am.gpg_sign.reset();
        else
          am.gpg_sign = value.value_or("");
        return true;
      },
      kOptOptionalArg);
  o.callback(
      0, "empty", "(stop|drop|keep)", N_("how to handle empty patches"),
      [this](const std::optional<std::string>& value, bool) {
        if (*value == "stop")
          am.empty = AmEmpty::stop;
        else if (*value == "drop")
          am.empty = AmEmpty::drop;
        else if (*value == "keep")
          am.empty = AmEmpty::keep;
        else
          return error(_("invalid value for '%s': '%s'"), "--empty", *value) == 0;
        return true;
      },
      kOptNoNeg | kOptLiteralArgHelp);
  o.boolean(0, "rebasing", &am.rebasing, N_("(internal use for git-rebase)"), kOptHidden);
}

}  // namespace

int cmd_am(Invocation& inv) {
  Repository& repo = inv.repo();
  AmCommand command;
  command.read_config(repo.config());
  Options options({"git am [<options>] [(<mbox> | <Maildir>)...]", "git am [<options>] (--continue | --skip | --abort)"});
  command.declare(options);
  Am am(repo, command.am);
  const bool in_progress = am.is_in_progress();
  if (in_progress) {
    // What was asked for then holds, unless it is asked differently now.
    am.load();
    command.am = am.options;
  }
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  am.options = command.am;
  if (command.binary)
    err(_("The -b/--binary option has been a no-op for long time, and\nit will be removed. Please do not use it anymore.\n"));
  if (in_progress) {
    if (!args.empty() || (command.mode == kNone && !::isatty(0)))
      die(_("previous rebase directory %s still exists but mbox given."), repo.git_path("rebase-apply"));
    if (command.mode == kNone) command.mode = kApply;
    if (command.is_signoff_explicit) am.sign_off();
  } else {
    if (am.has_state() && !command.am.rebasing) {
      if (command.mode == kAbort || command.mode == kQuit) {
        am.destroy();
        return 0;
      }
      die(_("Stray %s directory found.\nUse \"git am --abort\" to remove it."), repo.git_path("rebase-apply"));
    }
    if (command.mode != kNone) die(_("Resolve operation not in progress, we are not resuming."));
    std::vector<std::string> paths;
    for (const std::string& arg : args) paths.push_back(arg == "-" ? arg : prefix_filename(inv.prefix_or_empty(), arg));
    if (command.am.interactive && paths.empty()) die(_("interactive mode requires patches on the command line"));
    am.setup(paths, command.format, command.keep_cr);
  }
  switch (command.mode) {
    case kApply:
      return am.run(true);
    case kResolved:
      return am.resolve(false);
    case kAllowEmpty:
      return am.resolve(true);
    case kSkip:
      return am.skip();
    case kAbort:
      return am.abort();
    case kQuit:
      return am.quit();
    case kShowRaw:
      return am.show_patch(false);
    case kShowDiff:
      return am.show_patch(true);
    default:
      return am.run(false);
  }
}

}  // namespace git
