// Names of commits as seen from refs, "main~3^2" (git-name-rev(1)).
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "walk/commit-pool.h"

namespace git {

class Repository;

class RevNames {
 public:
  struct Tip {
    std::string name;
    ObjectId oid;  // as the ref has it
    Commit* commit = nullptr;
    std::uint64_t tagger_date = ~0ull;
    bool from_tag = false;
    bool was_peeled = false;
  };
  explicit RevNames(CommitPool& pool) : pool_(pool) {}
  void add(Tip tip) { tips_.push_back(std::move(tip)); }
  // Commits older than this get no name.
  void spread(std::uint64_t cutoff);
  // "" where there is none.
  std::string name_of(const Commit* c) const;
  // The name of a ref that points exactly there.
  std::string exact_name(const ObjectId& oid) const;
  std::vector<const Commit*> named() const;

 private:
  struct Name {
    std::string tip;
    std::uint64_t tagger_date = 0;
    int generation = 0;
    int distance = 0;
    bool from_tag = false;
  };
  bool improve(Commit* c, std::uint64_t tagger_date, int generation, int distance, bool from_tag);
  void spread_from(const Tip& tip, std::uint64_t cutoff);
  CommitPool& pool_;
  std::vector<Tip> tips_;
  std::unordered_map<const Commit*, Name> names_;
};

}  // namespace git
