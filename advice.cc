// Each line of a hint gets its own "hint:" in front; an empty line keeps no trailing blank.
#include "advice.h"

#include "base/env.h"
#include "base/fd.h"
#include "base/strings.h"
#include "config.h"
#include "config/color.h"

namespace git {
namespace {

bool colors_hints(const Config& config) {
  int when = config_color_when(config, "color.advice");
  return want_color(when, 2);
}

void print_hint(std::string_view text, const std::string& color) {
  std::string reset(color.empty() ? "" : kColorReset), lines;
  for (std::string_view line : split_lines(text))
    lines += color + "hint:" + (line.empty() ? "" : " ") + std::string(line) + reset + "\n";
  err(lines);
}

}  // namespace

bool advice_enabled(Config& config, std::string_view key) {
  if (!env_bool("GIT_ADVICE", true)) return false;
  // One old switch turns off all hints of a refused push.
  if (istarts_with(key, "push") && !iequals(key, "pushUnqualifiedRefName") && !iequals(key, "pushUpdateRejected") &&
      (!config.get_bool_or("advice.pushupdaterejected", true) || !config.get_bool_or("advice.pushnonfastforward", true)))
    return false;
  return config.get_bool_or("advice." + lowercase(key), true);
}

void advise(std::string_view text, bool use_color) { print_hint(text, use_color ? "\033[33m" : ""); }

void advise_if_enabled(Config& config, std::string_view key, std::string_view text) {
  if (!advice_enabled(config, key)) return;
  std::string color = colors_hints(config) ? config_color(config, "color.advice.hint", "\033[33m") : "";
  std::string whole(text);
  // Whoever set the key to true has made up their mind.
  if (!config.find("advice." + lowercase(key)))
    whole += strf("%sDisable this message with \"git config set advice.%s false\"",
                  whole.empty() || whole.back() == '\n' ? "" : "\n", key);
  print_hint(whole, color);
}

const std::vector<std::string_view>& advice_keys() {
  static const std::vector<std::string_view> keys = {"addEmbeddedRepo",
                                                     "addEmptyPathspec",
                                                     "addIgnoredFile",
                                                     "ambiguousFetchRefspec",
                                                     "amWorkDir",
                                                     "checkoutAmbiguousRemoteBranchName",
                                                     "commitBeforeMerge",
                                                     "defaultBranchName",
                                                     "detachedHead",
                                                     "diverging",
                                                     "fetchRemoteHEADWarn",
                                                     "fetchShowForcedUpdates",
                                                     "forceDeleteBranch",
                                                     "graftFileDeprecated",
                                                     "ignoredHook",
                                                     "implicitIdentity",
                                                     "mergeConflict",
                                                     "nestedTag",
                                                     "objectNameWarning",
                                                     "pushAlreadyExists",
                                                     "pushFetchFirst",
                                                     "pushNeedsForce",
                                                     "pushNonFFCurrent",
                                                     "pushNonFFMatching",
                                                     "pushNonFastForward",
                                                     "pushRefNeedsUpdate",
                                                     "pushUnqualifiedRefName",
                                                     "pushUpdateRejected",
                                                     "rebaseTodoError",
                                                     "refSyntax",
                                                     "resetNoRefresh",
                                                     "resolveConflict",
                                                     "rmHints",
                                                     "sequencerInUse",
                                                     "setUpstreamFailure",
                                                     "skippedCherryPicks",
                                                     "sparseIndexExpanded",
                                                     "statusAheadBehindWarning",
                                                     "statusHints",
                                                     "statusUoption",
                                                     "submoduleAlternateErrorStrategyDie",
                                                     "submoduleMergeConflict",
                                                     "submodulesNotUpdated",
                                                     "suggestDetachingHead",
                                                     "updateSparsePath",
                                                     "useCoreFSMonitorConfig",
                                                     "waitingForEditor",
                                                     "worktreeAddOrphan"};
  return keys;
}

}  // namespace git
