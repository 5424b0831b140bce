// Which commit splits a range best: the mathematics of git bisect and rev-list --bisect.
#pragma once

#include <vector>

#include "walk/revisions.h"

namespace git {

struct Bisection {
  struct Candidate {
    Commit* commit;
    int distance;
  };
  std::vector<Candidate> candidates;  // one, or with `find_all` every commit, best first
  int reaches = 0;                    // commits the best one reaches
  int all = 0;                        // commits in the range
};
// `commits` as the (limited, prepared) walk lists them.
Bisection find_bisection(RevWalk& walk, const std::vector<Commit*>& commits, bool find_all, bool first_parent_only);
int estimate_bisect_steps(int all);

}  // namespace git
