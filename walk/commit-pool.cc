// Names are found in one open-addressed table; commits never move once made (a deque), and parent lists are
// carved from chunks, because a walk over a long history makes them by the hundred thousand.
#include "walk/commit-pool.h"

#include <cstring>
#include <unordered_set>

#include "base/env.h"
#include "base/error.h"
#include "walk/commit-graph.h"

namespace git {

struct CommitPool::State {
  std::deque<Commit> commits;
  std::vector<Commit*> table;  // power of two; by the name's leading bytes
  std::vector<std::unique_ptr<Commit*[]>> chunks;
  std::size_t chunk_used = 0, chunk_size = 0;
  std::unordered_map<ObjectId, std::vector<ObjectId>, ObjectIdHash> grafts;
  std::unordered_set<ObjectId, ObjectIdHash> shallow;
  bool graph_tried = false;
  bool paranoid = false;
  std::unique_ptr<CommitGraph> graph;
  std::vector<Commit*> by_position;
  GraphCommit scratch;
  std::unordered_map<std::uint32_t, std::string> buffers;  // by index; few at a time where they are dropped when shown

  std::size_t slot_of(const ObjectId& oid) const {
    std::size_t mask = table.size() - 1, at = ObjectIdHash{}(oid)&mask;
    while (table[at] && table[at]->oid != oid) at = (at + 1) & mask;
    return at;
  }
  void grow() {
    std::vector<Commit*> old(table.empty() ? 1024 : table.size() * 2);
    old.swap(table);
    for (Commit* c : old)
      if (c) table[slot_of(c->oid)] = c;
  }
  Commit** allocate(std::size_t n) {
    if (chunks.empty() || chunk_used + n > chunk_size) {
      chunk_size = std::max<std::size_t>(n, 4096);
      chunks.push_back(std::make_unique<Commit*[]>(chunk_size));
      chunk_used = 0;
    }
    Commit** at = chunks.back().get() + chunk_used;
    chunk_used += n;
    return at;
  }
};

CommitPool::CommitPool(ObjectDatabase& odb, Settings settings)
    : odb_(odb), settings_(settings), state_(std::make_unique<State>()) {}
CommitPool::~CommitPool() = default;

Commit* CommitPool::get(const ObjectId& oid) {
  State& s = *state_;
  if (s.commits.size() * 2 >= s.table.size()) s.grow();
  std::size_t at = s.slot_of(oid);
  if (s.table[at]) return s.table[at];
  Commit& c = s.commits.emplace_back();
  c.oid = oid;
  c.index = static_cast<std::uint32_t>(s.commits.size() - 1);
  s.table[at] = &c;
  return &c;
}
Commit* CommitPool::find(const ObjectId& oid) const {
  const State& s = *state_;
  return s.table.empty() ? nullptr : s.table[s.slot_of(oid)];
}
Commit* CommitPool::at(std::uint32_t index) { return &state_->commits[index]; }
std::uint32_t CommitPool::count() const { return static_cast<std::uint32_t>(state_->commits.size()); }

CommitGraph* CommitPool::graph() {
  State& s = *state_;
  if (!settings_.use_commit_graph || !s.grafts.empty() || !s.shallow.empty()) return nullptr;
  if (!s.graph_tried) {
    s.graph_tried = true;
    s.paranoid = env_bool("GIT_COMMIT_GRAPH_PARANOIA", false);
    std::vector<std::string> dirs;
    for (const ObjectDatabase::Source& source : odb_.sources()) dirs.push_back(source.path);
    s.graph = CommitGraph::open(dirs, algo(), {settings_.use_generation_data});
    if (s.graph) s.by_position.resize(s.graph->count());
  }
  return s.graph.get();
}
void CommitPool::close_graph() {
  state_->graph.reset();
  state_->graph_tried = true;
}

bool CommitPool::parse_from_graph(Commit* c) {
  CommitGraph* g = graph();
  if (!g) return false;
  State& s = *state_;
  if (c->graph_position == ~0u) {
    std::optional<std::uint32_t> position = g->find(c->oid);
    if (!position) return false;
    c->graph_position = *position;
    s.by_position[*position] = c;
  }
  if (s.paranoid && !odb_.has(c->oid)) return false;
  if (!g->read(c->graph_position, s.scratch)) return false;
  c->date = s.scratch.date;
  c->generation = s.scratch.generation;
  std::size_t n = s.scratch.parents.size();
  Commit** parents = s.allocate(n);
  for (std::size_t i = 0; i < n; i++) {
    std::uint32_t position = s.scratch.parents[i];
    if (!s.by_position[position]) {
      s.by_position[position] = get(g->oid_at(position));
      s.by_position[position]->graph_position = position;
    }
    parents[i] = s.by_position[position];
  }
  c->parents = {parents, n};
  c->is_parsed = true;
  return true;
}

bool CommitPool::is_in_graph(Commit* commit) {
  CommitGraph* g = graph();
  if (!g) return false;
  if (commit->graph_position != ~0u) return true;
  std::optional<std::uint32_t> position = g->find(commit->oid);
  if (!position) return false;
  commit->graph_position = *position;
  state_->by_position[*position] = commit;
  return true;
}

void CommitPool::set_parents(Commit* commit, std::span<const ObjectId> oids) {
  Commit** parents = state_->allocate(oids.size());
  for (std::size_t i = 0; i < oids.size(); i++) parents[i] = get(oids[i]);
  commit->parents = {parents, oids.size()};
}

Result<void> CommitPool::parse(Commit* commit) {
  if (commit->is_parsed) return {};
  if (parse_from_graph(commit)) return {};
  return parse_object(commit);
}

Result<void> CommitPool::parse_object(Commit* commit) {
  State& s = *state_;
  Result<ObjectData> object = odb_.read(commit->oid);
  if (!object) {
    commit->is_missing = true;
    if (object.error().kind == ErrorKind::missing) return make_error(ErrorKind::missing, "Could not read %s", commit->oid);
    return object.error();
  }
  if (object->type != ObjectType::commit) {
    commit->is_missing = true;
    return make_error(ErrorKind::invalid, "Object %s not a commit", commit->oid);
  }
  Result<CommitHeader> header = parse_commit(object->data, algo());
  if (!header) {
    commit->is_missing = true;
    return make_error(ErrorKind::corrupt, "%s %s", header.error().message, commit->oid);
  }
  commit->tree = header->tree;
  commit->date = header->commit_time;
  if (s.shallow.count(commit->oid)) {
    commit->parents = {};
  } else if (auto graft = s.grafts.find(commit->oid); !s.grafts.empty() && graft != s.grafts.end()) {
    set_parents(commit, graft->second);
  } else {
    set_parents(commit, header->parents);
  }
  commit->is_parsed = true;
  if (keep_buffers) s.buffers[commit->index] = std::move(object->data);
  return {};
}
bool CommitPool::parse_quietly(Commit* commit) { return commit->is_parsed || (!commit->is_missing && parse(commit).ok()); }
void CommitPool::parse_or_die(Commit* commit) {
  if (commit->is_parsed) return;
  Result<void> done = parse(commit);
  if (done) return;
  error("%s", done.error().message);
  die("unable to parse commit %s", commit->oid);
}

const ObjectId& CommitPool::tree(Commit* commit) {
  if (commit->tree.algo() == HashAlgo::unknown) {
    parse_or_die(commit);
    if (commit->tree.algo() == HashAlgo::unknown && state_->graph) commit->tree = state_->graph->tree_at(commit->graph_position);
  }
  return commit->tree;
}

Result<std::string> CommitPool::read_buffer(const Commit* commit) {
  State& s = *state_;
  if (auto kept = s.buffers.find(commit->index); kept != s.buffers.end()) return kept->second;
  Result<ObjectData> object = odb_.read(commit->oid);
  if (!object) {
    if (object.error().kind == ErrorKind::missing)
      return make_error(ErrorKind::missing, "cannot read commit object %s", commit->oid);
    return object.error();
  }
  if (object->type != ObjectType::commit)
    return make_error(ErrorKind::invalid, "expected commit for '%s', got %s", commit->oid, type_name(object->type));
  return std::move(object->data);
}
void CommitPool::drop_buffer(const Commit* commit) { state_->buffers.erase(commit->index); }

Commit* CommitPool::peel_to_commit(const ObjectId& oid) {
  if (Commit* known = find(oid); known && known->is_parsed) return known;
  if (CommitGraph* g = graph(); g && g->find(oid) && odb_.has(oid)) {
    Commit* c = get(oid);
    if (parse_quietly(c)) return c;
  }
  ObjectId at = oid;
  for (int depth = 0; depth < 1000; depth++) {
    ObjectType type = odb_.type_of(at);
    if (type == ObjectType::commit) {
      Commit* c = get(at);
      return parse_quietly(c) ? c : nullptr;
    }
    if (type != ObjectType::tag) return nullptr;
    Result<ObjectData> tag = odb_.read(at);
    if (!tag) return nullptr;
    Result<TagHeader> header = parse_tag(tag->data, algo());
    if (!header) return nullptr;
    at = header->object;
  }
  return nullptr;
}

void CommitPool::set_graft(const ObjectId& oid, std::vector<ObjectId> parents) { state_->grafts[oid] = std::move(parents); }
void CommitPool::set_shallow(const ObjectId& oid) { state_->shallow.insert(oid); }
bool CommitPool::is_shallow(const ObjectId& oid) const { return state_->shallow.count(oid) != 0; }
bool CommitPool::has_grafts() const { return !state_->grafts.empty() || !state_->shallow.empty(); }
void CommitPool::clear_grafts() {
  State& s = *state_;
  auto forget = [&](const ObjectId& oid) {
    if (Commit* c = find(oid)) c->is_parsed = false;
  };
  for (const auto& [oid, parents] : s.grafts) forget(oid);
  for (const ObjectId& oid : s.shallow) forget(oid);
  s.grafts.clear();
  s.shallow.clear();
}

}  // namespace git
