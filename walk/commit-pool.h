// Every commit a process has looked at, once.  Commits are made by name, parsed when asked, and numbered
// densely, so that a walk keeps its marks in an array of its own (CommitMarks) and two walks never
// disturb each other.  Commit-graph is read first, objects only when they must be.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "hash/object-id.h"
#include "odb.h"

namespace git {

class CommitGraph;  // walk/commit-graph.h

inline constexpr std::uint64_t kGenerationInfinity = ~0ull;  // not in the commit-graph
inline constexpr std::uint64_t kGenerationZero = 0;

struct Commit {
  ObjectId oid;
  std::uint32_t index = 0;  // dense, from 0
  bool is_parsed = false;
  bool is_missing = false;  // parse() failed
  std::uint32_t graph_position = ~0u;
  std::uint64_t date = 0;  // committer's, seconds
  std::uint64_t generation = kGenerationInfinity;
  ObjectId tree;                     // null until parsed (see CommitPool::tree)
  std::span<Commit* const> parents;  // owned by the pool
};

// Marks of type T for the commits of a pool, zero where never set.
template <class T>
class CommitMarks {
 public:
  T& operator[](const Commit* c) {
    if (c->index >= marks_.size()) marks_.resize(c->index + c->index / 2 + 64);
    return marks_[c->index];
  }
  T get(const Commit* c) const { return c->index < marks_.size() ? marks_[c->index] : T{}; }
  void clear() { marks_.clear(); }

 private:
  std::vector<T> marks_;
};

class CommitPool {
 public:
  struct Settings {
    bool use_commit_graph = true;
    bool ignore_grafts = false;
    bool use_generation_data = true;  // commitGraph.generationVersion is 2
  };
  CommitPool(ObjectDatabase& odb, Settings settings);
  ~CommitPool();

  // The commit of that name, made unparsed where it is new. Says nothing about its existence or type.
  Commit* get(const ObjectId& oid);
  Commit* find(const ObjectId& oid) const;  // nullptr where nobody asked yet
  Commit* at(std::uint32_t index);
  std::uint32_t count() const;
  // Fills date, parents, generation. missing/corrupt errors in git's words.
  Result<void> parse(Commit* commit);
  bool parse_quietly(Commit* commit);  // false where it can't be
  void parse_or_die(Commit* commit);
  // Reads the object itself, not the commit-graph (which may be what is being checked).
  Result<void> parse_object(Commit* commit);
  const ObjectId& tree(Commit* commit);  // REQUIRES: parsed; from the graph where that has it
  // The whole object, cached while memory allows is not promised.
  Result<std::string> read_buffer(const Commit* commit);
  // Keeps what parse() inflated, for walks that show what they find; drop_buffer() after showing.
  bool keep_buffers = false;
  void drop_buffer(const Commit* commit);
  // `oid` peeled to a commit, nullptr where it is none (quiet) or missing.
  Commit* peel_to_commit(const ObjectId& oid);

  // Changed ancestry: shallow boundaries (no parents) and grafts. REQUIRES: before the commit is parsed.
  void set_graft(const ObjectId& oid, std::vector<ObjectId> parents);
  void set_shallow(const ObjectId& oid);
  bool is_shallow(const ObjectId& oid) const;
  bool has_grafts() const;
  void clear_grafts();
  CommitGraph* graph();  // nullptr where there is none, or it may not be used
  void close_graph();    // not looked at any more
  bool is_in_graph(Commit* commit);
  ObjectDatabase& odb() { return odb_; }
  HashAlgo algo() const { return odb_.algo(); }

 private:
  bool parse_from_graph(Commit* commit);
  void set_parents(Commit* commit, std::span<const ObjectId> oids);
  ObjectDatabase& odb_;
  Settings settings_;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace git
