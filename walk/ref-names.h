// The parts of branch-name interpretation that object names share (the public face is object-name.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace git {

class Repository;

enum InterpretFlag : unsigned { kInterpretLocal = 1, kInterpretRemote = 2, kInterpretHead = 4 };
// Replaces the front of `name` ("@{-1}", "x@{u}", "@") by a branch; how much of it was used, -1 where nothing was.
int interpret_branch_prefix(Repository& repo, std::string_view name, std::string& out, unsigned allowed);
// The branch left by the n-th last checkout.
std::optional<std::string> nth_prior_checkout(Repository& repo, long n);
int upstream_mark(std::string_view text);  // length of "@{u}" or "@{upstream}" at the front, 0
int push_mark(std::string_view text);
bool warns_about_ambiguous_refs(Repository& repo);

}  // namespace git
