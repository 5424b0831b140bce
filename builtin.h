// What git.cc hands to a command, and how a command says what it needs.
//
//   // builtin/hash-object.cc
//   GIT_BUILTIN("hash-object", cmd_hash_object, kSetupGently)
//   int git::cmd_hash_object(Invocation& inv) { ... return 0; }
//
// The table in git.cc is made from the GIT_BUILTIN lines (one line each, at the start of a line).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "repository.h"
#include "setup.h"

namespace git {

enum BuiltinFlag : unsigned {
  kSetup = 1u << 0,         // needs a repository
  kSetupGently = 1u << 1,   // takes one where there is one
  kNeedWorkTree = 1u << 2,  // needs a worktree (with kSetup)
  kUsePager = 1u << 3,
  kDelayPagerConfig = 1u << 4,  // the command looks at pager.<cmd> itself
  kNoParseopt = 1u << 5,        // doesn't use Options
  kDeprecated = 1u << 6,
};

struct Invocation {
  std::unique_ptr<Repository> repository;  // owned; nullptr where none was found or asked for
  std::optional<std::string> prefix;       // "sub/dir/", absent at the top
  std::vector<std::string> args;           // args[0] is the command's name
  std::string original_cwd;
  int pager_choice = -1;  // what the user asked for: -1 nothing, 0 none, 1 a pager (see setup_auto_pager())

  Repository& repo() { return *repository; }  // REQUIRES: repository
  std::string_view prefix_or_empty() const { return prefix ? std::string_view(*prefix) : std::string_view(); }
};

using BuiltinFunction = int (*)(Invocation&);

}  // namespace git

#define GIT_BUILTIN(name, function, flags) \
  namespace git {                          \
  int function(Invocation& inv);           \
  }
