// History as a negotiation sees it: the commit pool behind negotiator/'s CommitSource, and which tips are offered.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "negotiator/negotiator.h"

namespace git {

class Repository;
class CommitPool;
struct Remote;

class PoolCommitSource : public CommitSource {
 public:
  explicit PoolCommitSource(Repository& repo);
  bool parse(CommitNumber commit) override;
  bool is_parsed(CommitNumber commit) override;
  std::uint64_t date(CommitNumber commit) override;
  std::uint64_t generation(CommitNumber commit) override;
  void parents(CommitNumber commit, std::vector<CommitNumber>& out) override;
  ObjectId name(CommitNumber commit) override;
  std::optional<CommitNumber> find(const ObjectId& oid) override;

 private:
  Repository& repo_;
  CommitPool& pool_;
};

// fetch.negotiationAlgorithm (gallop under feature.experimental); dies on an unknown name.
std::string negotiation_algorithm(Repository& repo);

// What --negotiation-restrict and --negotiation-require name: refs by glob, names, object ids. `option` is the
// option's name for messages. A name that means nothing here is left out; an object id of something that isn't here dies
// unless `missing_ok`.
std::vector<ObjectId> resolve_negotiation_tips(Repository& repo, const std::vector<std::string>& names, const std::string& option,
                                               bool missing_ok);

// What the server most likely has: the remote-tracking refs of `remote`, newest first, then what their reflogs say they
// were, newest first. A hint, so of very many only some.
std::vector<ObjectId> likely_on_server(Repository& repo, const Remote& remote);

}  // namespace git
