// Push with a base, the client's side: which commits to name to the server before it says anything, so that it need not
// advertise every ref it has (`git push --base`, push.base; gitprotocol-pack(5), "Extra Parameters").
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "wire/push-base-keys.h"

namespace git {

class Refspec;
class Repository;
struct Remote;

struct PushBaseChoice {
  enum class Mode : unsigned char { off, automatic, commits };
  Mode mode = Mode::off;
  std::vector<ObjectId> commits;  // Mode::commits
};
// What push.base says. A name that means nothing here is warned about and then ignored.
PushBaseChoice push_base_config(Repository& repo);
// One value of --base: "auto" or a commit, added to what was said before. Dies where it is neither.
void add_push_base(Repository& repo, PushBaseChoice& choice, const std::string& value);

struct PushBasePlan {
  PushBaseKeys keys;            // empty: nothing is sent, and the push is as any other
  std::vector<ObjectId> tips;   // the commits that are pushed
  std::size_t new_commits = 0;  // reachable from the tips but from no base; counted up to kPushBaseCountLimit
  // No base could be derived although one was wanted, and the refs can be listed: a negotiation may find some.
  bool wants_negotiation = false;
};
inline constexpr std::size_t kPushBaseCountLimit = 1000;
inline constexpr std::size_t kMaxAutomaticBases = 8;

// `lists_refs` tells that the push does nothing beyond its refspecs (no --all, --mirror, --prune, --follow-tags).
PushBasePlan plan_push_base(Repository& repo, const Remote* remote, const Refspec& refspec, bool lists_refs,
                            const PushBaseChoice& choice);
// The bases that a negotiation found, the newest first.
void use_negotiated_bases(Repository& repo, PushBasePlan& plan, const std::vector<ObjectId>& common);
// Would a negotiation still pay, now that the server knows a base?
bool is_worth_negotiating(const PushBasePlan& plan);

}  // namespace git
