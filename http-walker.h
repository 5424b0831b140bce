// Fetching from a server that only hands out files: loose objects one by one, packs by way of their indexes, following
// what the objects name (gitprotocol-http(5), "Dumb Clients").
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hash/object-id.h"
#include "http.h"

namespace git {

class Repository;

struct WalkTarget {
  std::string name;                      // an oid in hex, or a ref to be asked for
  std::optional<std::string> write_ref;  // what to call it here, "refs/" left out
};

struct WalkOptions {
  bool recover = false;     // check that all is there, even below what is here already
  bool is_verbose = false;  // "got <oid>", "walk <oid>" on stderr
  std::string log_message;  // for the refs
};

// True where everything named, and what it reaches, is here now; else after error().
bool http_walk(Repository& repo, HttpSession& session, const std::string& url, const std::vector<WalkTarget>& targets,
               const WalkOptions& options);

}  // namespace git
