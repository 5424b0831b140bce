// The counts come from one walk over both histories; advice follows where the user can act on it.
#include "show/tracking-info.h"

#include "advice.h"
#include "base/strings.h"
#include "config.h"
#include "object-name.h"
#include "refs.h"
#include "repository.h"
#include "walk/commit-pool.h"
#include "walk/commit-reach.h"
#include "walk/tracking.h"

namespace git {
namespace {

struct Standing {
  bool is_gone = false;
  bool differs = false;
  std::uint64_t ours = 0, theirs = 0;
};

Standing compare(Repository& repo, const std::string& branch, const std::string& upstream, bool count) {
  Standing s;
  std::optional<ObjectId> theirs = repo.refs().read_oid(upstream), ours = repo.refs().read_oid("refs/heads/" + branch);
  Commit* there = theirs ? repo.commits().peel_to_commit(*theirs) : nullptr;
  Commit* here = ours ? repo.commits().peel_to_commit(*ours) : nullptr;
  if (!there || !here) {
    s.is_gone = true;
    return s;
  }
  s.differs = here != there;
  if (!s.differs || !count) return s;
  AheadBehind pair;
  pair.base = there;
  pair.tip = here;
  ahead_behind(repo.commits(), {&pair, 1});
  s.ours = pair.ahead;
  s.theirs = pair.behind;
  return s;
}

}  // namespace

std::string format_tracking_info(Repository& repo, std::string_view branch, AheadBehindMode mode, bool divergence_advice) {
  Result<std::string> upstream = branch_upstream(repo, std::string(branch));
  if (!upstream) return {};
  Standing s = compare(repo, std::string(branch), *upstream, mode == AheadBehindMode::full);
  std::string name = shorten_unambiguous_ref(repo, *upstream, false);
  bool hints = advice_enabled(repo.config(), "statusHints");
  std::string out;
  if (s.is_gone) {
    out = strf("Your branch is based on '%s', but the upstream is gone.\n", name);
    if (hints) out += "  (use \"git branch --unset-upstream\" to fixup)\n";
  } else if (!s.differs) {
    out = strf("Your branch is up to date with '%s'.\n", name);
  } else if (mode == AheadBehindMode::quick) {
    out = strf("Your branch and '%s' refer to different commits.\n", name);
    if (hints) out += strf("  (use \"%s\" for details)\n", "git status --ahead-behind");
  } else if (!s.theirs) {
    out = strf(s.ours == 1 ? "Your branch is ahead of '%s' by %d commit.\n" : "Your branch is ahead of '%s' by %d commits.\n",
               name, s.ours);
    if (hints) out += "  (use \"git push\" to publish your local commits)\n";
  } else if (!s.ours) {
    out = strf(s.theirs == 1 ? "Your branch is behind '%s' by %d commit, and can be fast-forwarded.\n"
                             : "Your branch is behind '%s' by %d commits, and can be fast-forwarded.\n",
               name, s.theirs);
    if (hints) out += "  (use \"git pull\" to update your local branch)\n";
  } else {
    out = strf(s.ours + s.theirs == 1
                   ? "Your branch and '%s' have diverged,\nand have %d and %d different commit each, respectively.\n"
                   : "Your branch and '%s' have diverged,\nand have %d and %d different commits each, respectively.\n",
               name, s.ours, s.theirs);
    if (divergence_advice && hints) out += "  (use \"git pull\" if you want to integrate the remote branch with yours)\n";
  }
  return out;
}

}  // namespace git
