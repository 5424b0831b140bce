// git clean -i: choosing what goes (git-clean(1), "INTERACTIVE MODE").
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace git {

class DirScan;
class Repository;

// Takes out of `victims` what shall stay; all of them where the user quits.
void clean_interactively(Repository& repo, DirScan& scan, std::string_view prefix, std::vector<std::string>& victims);

}  // namespace git
