// Recorded resolutions of conflicts, reused (git-rerere(1)).
#pragma once

namespace git {

class Repository;

// What a command does after it left conflicts behind, where rerere is enabled. `autoupdate`: -1 as configured.
int run_rerere(Repository& repo, int autoupdate);
// Forgets what was recorded of conflicts that are given up (rerere clear).
void rerere_clear(Repository& repo);

}  // namespace git
