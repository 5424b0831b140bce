// All commits that go into the new layer are listed, closed under parents and sorted; then every chunk is a pass over
// that list. Positions of parents in lower layers come from the graphs that stay.
#include "walk/commit-graph-write.h"

#include <sys/stat.h>
#include <utime.h>

#include <algorithm>
#include <unordered_map>

#include "base/error.h"
#include "base/files.h"
#include "base/lockfile.h"
#include "base/strings.h"
#include "hash/hasher.h"
#include "odb.h"
#include "repository.h"
#include "walk/bloom.h"

namespace git {
namespace {

void put32(std::string& out, std::uint32_t v) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(v >> shift & 0xff);
}
void put64(std::string& out, std::uint64_t v) {
  put32(out, static_cast<std::uint32_t>(v >> 32));
  put32(out, static_cast<std::uint32_t>(v));
}

class GraphWriter {
 public:
  GraphWriter(Repository& repo, const GraphWriteOptions& options)
      : repo_(repo), pool_(repo.commits()), o_(options), algo_(repo.algo()) {}
  Result<GraphWriteStatistics> run(std::vector<Commit*> tips);

 private:
  struct Row {
    Commit* commit;
    std::uint64_t level = 0, corrected = 0;
    std::string filter;
    bool has_filter = false;
  };
  void open_existing();
  void choose_base();
  void collect(std::vector<Commit*>& tips);
  void compute_generations();
  void compute_filters();
  std::uint32_t position_of(const Commit* c) const;
  std::string build();
  Result<void> write_single(const std::string& bytes);
  Result<void> write_layer(const std::string& bytes);
  void expire(const std::vector<std::string>& keep);

  Repository& repo_;
  CommitPool& pool_;
  const GraphWriteOptions& o_;
  HashAlgo algo_;
  std::unique_ptr<CommitGraph> existing_;
  std::size_t keep_layers_ = 0;  // of the existing chain, from the bottom
  std::uint32_t base_count_ = 0;
  std::vector<Row> rows_;
  std::unordered_map<const Commit*, std::uint32_t> index_;
  GraphWriteStatistics stats_;
  bool use_generation_data_ = true;
  std::string last_trailer_;
};

void GraphWriter::open_existing() { existing_ = CommitGraph::open({o_.objects_dir}, algo_, {true}); }

void GraphWriter::choose_base() {
  keep_layers_ = 0;
  if (o_.split == GraphSplit::none || o_.split == GraphSplit::replace || !existing_) return;
  keep_layers_ = existing_->layers().size();
  if (o_.split == GraphSplit::no_merge) return;
  std::uint64_t count = rows_.size();
  while (keep_layers_) {
    const GraphLayer& top = *existing_->layers()[keep_layers_ - 1];
    bool small = top.count() <= static_cast<std::uint64_t>(o_.size_multiple) * count;
    bool over = o_.max_commits && count > o_.max_commits;
    if (!small && !over) break;
    count += top.count();
    keep_layers_--;
  }
}

void GraphWriter::collect(std::vector<Commit*>& tips) {
  auto in_layers = [&](const Commit* c, std::size_t layers) {
    for (std::size_t i = 0; i < layers; i++)
      if (existing_->layers()[i]->find(c->oid)) return true;
    return false;
  };
  const bool chained = o_.split != GraphSplit::none && o_.split != GraphSplit::replace && existing_;
  CommitMarks<unsigned char> seen;
  std::vector<Commit*> stack, all;
  auto add = [&](Commit* c, std::size_t below) {
    if (seen[c] || (below && in_layers(c, below))) return;
    if (!pool_.parse_quietly(c)) return;
    seen[c] = 1;
    stack.push_back(c);
    all.push_back(c);
  };
  auto close = [&](std::size_t below) {
    while (!stack.empty()) {
      Commit* c = stack.back();
      stack.pop_back();
      for (Commit* p : c->parents) add(p, below);
    }
  };
  std::size_t below = chained ? existing_->layers().size() : 0;
  for (Commit* c : tips) add(c, below);
  if (o_.append && existing_ && !chained)
    for (std::uint32_t i = 0; i < existing_->count(); i++) add(pool_.get(existing_->oid_at(i)), 0);
  close(below);
  rows_.clear();
  for (Commit* c : all) rows_.push_back({c, 0, 0, {}, false});
  choose_base();
  if (chained && keep_layers_ < existing_->layers().size()) {
    // Layers that are merged in give their commits, as far as they still exist.
    for (std::size_t i = keep_layers_; i < existing_->layers().size(); i++) {
      const GraphLayer& layer = *existing_->layers()[i];
      for (std::uint32_t local = 0; local < layer.count(); local++) {
        ObjectId oid = layer.oid_at(local);
        if (repo_.odb().has(oid)) add(pool_.get(oid), keep_layers_);
      }
    }
    close(keep_layers_);
    rows_.clear();
    for (Commit* c : all) rows_.push_back({c, 0, 0, {}, false});
  }
  base_count_ = 0;
  for (std::size_t i = 0; i < keep_layers_; i++) base_count_ += existing_->layers()[i]->count();
  std::sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) { return a.commit->oid < b.commit->oid; });
  for (std::size_t i = 0; i < rows_.size(); i++) index_[rows_[i].commit] = static_cast<std::uint32_t>(i);
  use_generation_data_ = o_.generation_version == 2;
  for (std::size_t i = 0; i < keep_layers_; i++)
    if (!existing_->layers()[i]->has_generation_data()) use_generation_data_ = false;
}

void GraphWriter::compute_generations() {
  // Levels and corrected dates of commits in the layers that stay are read from them.
  auto known = [&](const Commit* c, std::uint64_t& level, std::uint64_t& corrected) {
    if (auto at = index_.find(c); at != index_.end()) {
      level = rows_[at->second].level;
      corrected = rows_[at->second].corrected;
      return level != 0;
    }
    level = corrected = 0;
    for (std::size_t i = 0; i < keep_layers_; i++)
      if (auto local = existing_->layers()[i]->find(c->oid)) {
        std::uint32_t position = existing_->layers()[i]->base + *local;
        level = existing_->topological_level(position);
        GraphCommit record;
        if (existing_->has_corrected_dates() && existing_->read(position, record)) corrected = record.generation;
        return true;
      }
    return true;
  };
  for (Row& start : rows_) {
    if (start.level) continue;
    std::vector<Row*> stack{&start};
    while (!stack.empty()) {
      Row& row = *stack.back();
      if (row.level) {
        stack.pop_back();
        continue;
      }
      bool ready = true;
      std::uint64_t level = 0, corrected = 0;
      for (Commit* p : row.commit->parents) {
        std::uint64_t l = 0, d = 0;
        if (!known(p, l, d)) {
          ready = false;
          stack.push_back(&rows_[index_.at(p)]);
          continue;
        }
        level = std::max(level, l);
        corrected = std::max(corrected, d);
      }
      if (!ready) continue;
      row.level = std::min(level + 1, kGenerationV1Max);
      row.corrected = std::max(corrected + 1, row.commit->date);
      stack.pop_back();
    }
  }
}

void GraphWriter::compute_filters() {
  if (!o_.changed_paths) return;
  long left = o_.max_new_filters;
  // In the order of history, newest first where a limit leaves some out.
  std::vector<Row*> order;
  for (Row& r : rows_) order.push_back(&r);
  std::stable_sort(order.begin(), order.end(), [](const Row* a, const Row* b) {
    return a->level != b->level ? a->level < b->level : a->commit->date < b->commit->date;
  });
  for (Row* row : order) {
    if (existing_) {
      bool reused = false;
      for (const auto& layer : existing_->layers()) {
        std::optional<BloomSettings> s = layer->bloom_settings();
        if (!s || s->hash_version != o_.bloom.hash_version || s->hashes != o_.bloom.hashes ||
            s->bits_per_entry != o_.bloom.bits_per_entry)
          continue;
        std::optional<std::uint32_t> local = layer->find(row->commit->oid);
        if (!local) continue;
        std::optional<std::string_view> filter = layer->bloom_filter(*local);
        if (!filter || filter->empty()) continue;
        row->filter = std::string(*filter);
        row->has_filter = reused = true;
      }
      if (reused) {
        stats_.filters_not_computed++;
        continue;
      }
    }
    if (left == 0) {
      stats_.filters_not_computed++;
      continue;
    }
    if (left > 0) left--;
    bool too_large = false;
    std::vector<std::string> files = o_.changed_files(row->commit);
    row->filter = make_bloom_filter(files, o_.bloom, &too_large);
    row->has_filter = true;
    stats_.filters_computed++;
    if (too_large)
      stats_.filters_large++;
    else if (files.empty())
      stats_.filters_empty++;
  }
}

std::uint32_t GraphWriter::position_of(const Commit* c) const {
  if (auto at = index_.find(c); at != index_.end()) return base_count_ + at->second;
  for (std::size_t i = 0; i < keep_layers_; i++)
    if (auto local = existing_->layers()[i]->find(c->oid)) return existing_->layers()[i]->base + *local;
  BUG("missing parent %s for commit-graph", c->oid);
}

std::string GraphWriter::build() {
  struct Chunk {
    std::string id, data;
  };
  std::vector<Chunk> chunks;
  std::string fanout, names, data, generations, overflow, edges, bloom_index, bloom_data, base;
  std::size_t at = 0;
  for (unsigned first = 0; first < 256; first++) {
    while (at < rows_.size() && rows_[at].commit->oid.data()[0] <= first) at++;
    put32(fanout, static_cast<std::uint32_t>(at));
  }
  put32(bloom_data, o_.bloom.hash_version);
  put32(bloom_data, o_.bloom.hashes);
  put32(bloom_data, o_.bloom.bits_per_entry);
  for (const Row& row : rows_) {
    Commit* c = row.commit;
    names += c->oid.raw();
    data += pool_.tree(c).raw();
    std::span<Commit* const> parents = c->parents;
    put32(data, parents.empty() ? kGraphNoParent : position_of(parents[0]));
    if (parents.size() < 2) {
      put32(data, kGraphNoParent);
    } else if (parents.size() == 2) {
      put32(data, position_of(parents[1]));
    } else {
      put32(data, kGraphExtraEdges | static_cast<std::uint32_t>(edges.size() / 4));
      for (std::size_t i = 1; i < parents.size(); i++)
        put32(edges, position_of(parents[i]) | (i + 1 == parents.size() ? 0x80000000u : 0u));
    }
    put32(data, static_cast<std::uint32_t>(row.level << 2 | (c->date >> 32 & 3)));
    put32(data, static_cast<std::uint32_t>(c->date));
    std::uint64_t offset = row.corrected - c->date;
    if (offset > 0x7fffffffu) {
      put32(generations, 0x80000000u | static_cast<std::uint32_t>(overflow.size() / 8));
      put64(overflow, offset);
    } else {
      put32(generations, static_cast<std::uint32_t>(offset));
    }
    bloom_data += row.filter;
    put32(bloom_index, static_cast<std::uint32_t>(bloom_data.size() - 12));
  }
  chunks.push_back({"OIDF", std::move(fanout)});
  chunks.push_back({"OIDL", std::move(names)});
  chunks.push_back({"CDAT", std::move(data)});
  if (use_generation_data_) chunks.push_back({"GDA2", std::move(generations)});
  if (use_generation_data_ && !overflow.empty()) chunks.push_back({"GDO2", std::move(overflow)});
  if (!edges.empty()) chunks.push_back({"EDGE", std::move(edges)});
  if (o_.changed_paths) {
    chunks.push_back({"BIDX", std::move(bloom_index)});
    chunks.push_back({"BDAT", std::move(bloom_data)});
  }
  if (keep_layers_) {
    for (std::size_t i = 0; i < keep_layers_; i++) base += existing_->layers()[i]->trailer().raw();
    chunks.push_back({"BASE", std::move(base)});
  }
  std::string out = "CGPH";
  out += '\1';
  out += static_cast<char>(algo_ == HashAlgo::sha256 ? 2 : 1);
  out += static_cast<char>(chunks.size());
  out += static_cast<char>(keep_layers_);
  std::uint64_t offset = 8 + (chunks.size() + 1) * 12;
  for (const Chunk& c : chunks) {
    out += c.id;
    put64(out, offset);
    offset += c.data.size();
  }
  put32(out, 0);
  put64(out, offset);
  for (const Chunk& c : chunks) out += c.data;
  ObjectId trailer = hash_bytes(algo_, out, true);
  last_trailer_ = trailer.hex();
  out += trailer.raw();
  return out;
}

Result<void> GraphWriter::write_single(const std::string& bytes) {
  std::string path = commit_graph_path(o_.objects_dir);
  if (!make_leading_dirs(path)) return make_error(ErrorKind::io, "unable to create leading directories of %s", path);
  Result<LockFile> lock = LockFile::hold(path, 0, true, 0444);
  if (!lock) return lock.error();
  if (!lock->write(bytes) || !lock->commit()) return make_error(ErrorKind::io, "unable to write commit-graph '%s'", path);
  adjust_shared_perm(path, o_.shared_repository);
  remove_file(commit_graph_chain_path(o_.objects_dir));
  expire({});
  return {};
}

Result<void> GraphWriter::write_layer(const std::string& bytes) {
  std::string chain_path = commit_graph_chain_path(o_.objects_dir);
  if (!make_leading_dirs(chain_path)) return make_error(ErrorKind::io, "unable to create leading directories of %s", chain_path);
  Result<LockFile> lock = LockFile::hold(chain_path, 0, true, 0444);
  if (!lock) return lock.error();
  std::string dir(path_dirname(chain_path));
  std::vector<std::string> keep;
  std::string single = commit_graph_path(o_.objects_dir);
  for (std::size_t i = 0; i < keep_layers_; i++) {
    std::string hash = existing_->layers()[i]->trailer().hex();
    keep.push_back(hash);
    std::string target = commit_graph_layer_path(o_.objects_dir, hash);
    // A single file becomes the lowest layer.
    if (existing_->layers()[i]->path == single && std::rename(single.c_str(), target.c_str()))
      return make_error(ErrorKind::io, "failed to rename base commit-graph file");
  }
  Result<Tempfile> temp = Tempfile::from_pattern(dir + "/tmp_graph_XXXXXX", 0, 0444);
  if (!temp) return make_error(ErrorKind::io, "unable to create temporary graph layer");
  if (!temp->write(bytes)) return make_error(ErrorKind::io, "unable to write commit-graph layer");
  std::string target = commit_graph_layer_path(o_.objects_dir, last_trailer_);
  if (!temp->rename_to(target)) return make_error(ErrorKind::io, "failed to rename temporary commit-graph file");
  adjust_shared_perm(target, o_.shared_repository);
  keep.push_back(last_trailer_);
  std::string chain;
  for (const std::string& hash : keep) chain += hash + "\n";
  if (existing_)
    for (std::size_t i = keep_layers_; i < existing_->layers().size(); i++) {
      utimbuf now{::time(nullptr), ::time(nullptr)};
      utime(existing_->layers()[i]->path.c_str(), &now);
    }
  if (!lock->write(chain) || !lock->commit()) return make_error(ErrorKind::io, "unable to write commit-graph chain");
  adjust_shared_perm(chain_path, o_.shared_repository);
  if (keep_layers_ == 0) remove_file(single);
  expire(keep);
  return {};
}

void GraphWriter::expire(const std::vector<std::string>& keep) {
  std::int64_t limit = o_.expire_time.value_or(static_cast<std::int64_t>(::time(nullptr)));
  std::string dir(path_dirname(commit_graph_chain_path(o_.objects_dir)));
  for (const std::string& name : list_dir(dir)) {
    if (!ends_with(name, ".graph")) continue;
    bool kept = false;
    for (const std::string& hash : keep) kept = kept || name == "graph-" + hash + ".graph";
    std::string path = dir + "/" + name;
    std::optional<struct stat> st = stat_path(path);
    if (!kept && st && static_cast<std::int64_t>(st->st_mtime) <= limit) remove_file(path);
  }
}

Result<GraphWriteStatistics> GraphWriter::run(std::vector<Commit*> tips) {
  open_existing();
  collect(tips);
  if (rows_.empty() && !(o_.split == GraphSplit::replace)) return stats_;
  compute_generations();
  compute_filters();
  stats_.commits = rows_.size();
  std::string bytes = build();
  Result<void> written = o_.split == GraphSplit::none ? write_single(bytes) : write_layer(bytes);
  if (!written) return written.error();
  return stats_;
}

}  // namespace

Result<GraphWriteStatistics> write_commit_graph(Repository& repo, std::vector<Commit*> tips, const GraphWriteOptions& options) {
  return GraphWriter(repo, options).run(std::move(tips));
}

std::vector<std::string> verify_commit_graph(Repository& repo, const CommitGraph& graph, bool only_top) {
  std::vector<std::string> problems;
  CommitPool& pool = repo.commits();
  HashAlgo algo = repo.algo();
  auto complain = [&](std::string text) { problems.push_back(std::move(text)); };
  for (std::size_t n = graph.layers().size(); n-- > 0;) {
    const GraphLayer& layer = *graph.layers()[n];
    std::string_view bytes = layer.bytes();
    if (hash_bytes(algo, bytes.substr(0, bytes.size() - raw_size(algo)), true) != layer.trailer())
      complain("the commit-graph file has incorrect checksum and is likely corrupt");
    std::string_view fanout = layer.chunk("OIDF");
    auto fan = [&](unsigned i) {
      auto u = reinterpret_cast<const unsigned char*>(fanout.data()) + 4 * i;
      return static_cast<std::uint32_t>(u[0]) << 24 | static_cast<std::uint32_t>(u[1]) << 16 |
             static_cast<std::uint32_t>(u[2]) << 8 | u[3];
    };
    std::size_t before = problems.size();
    ObjectId previous;
    unsigned current = 0;
    for (std::uint32_t i = 0; i < layer.count(); i++) {
      ObjectId oid = layer.oid_at(i);
      if (i && previous >= oid) complain(strf("commit-graph has incorrect OID order: %s then %s", previous, oid));
      previous = oid;
      while (oid.data()[0] > current) {
        if (fan(current) != i)
          complain(strf("commit-graph has incorrect fanout value: fanout[%d] = %u != %u", current, fan(current), i));
        current++;
      }
      GraphCommit record;
      if (!graph.read(layer.base + i, record)) complain(strf("failed to parse commit %s from commit-graph", oid));
    }
    while (current < 256) {
      if (fan(current) != layer.count())
        complain(strf("commit-graph has incorrect fanout value: fanout[%d] = %u != %u", current, fan(current), layer.count()));
      current++;
    }
    bool structural = problems.size() > before;
    if (!structural) {
      const ObjectId* zero = nullptr;
      ObjectId zero_oid, non_zero_oid;
      bool has_zero = false, has_non_zero = false;
      (void)zero;
      for (std::uint32_t i = 0; i < layer.count(); i++) {
        ObjectId oid = layer.oid_at(i);
        GraphCommit record;
        graph.read(layer.base + i, record);
        Commit* c = pool.get(oid);
        c->is_parsed = false;
        Result<void> parsed = pool.parse_object(c);
        if (!parsed) {
          complain(strf("failed to parse commit %s from object database for commit-graph", oid));
          continue;
        }
        if (record.tree != c->tree)
          complain(strf("root tree OID for commit %s in commit-graph is %s != %s", oid, record.tree, c->tree));
        std::uint64_t highest = 0;
        std::size_t p = 0;
        for (; p < record.parents.size(); p++) {
          if (p >= c->parents.size()) {
            complain(strf("commit-graph parent list for commit %s is too long", oid));
            break;
          }
          ObjectId parent = graph.oid_at(record.parents[p]);
          if (parent != c->parents[p]->oid)
            complain(strf("commit-graph parent for %s is %s != %s", oid, parent, c->parents[p]->oid));
          GraphCommit parent_record;
          graph.read(record.parents[p], parent_record);
          highest = std::max(highest, parent_record.generation);
        }
        if (p == record.parents.size() && p < c->parents.size())
          complain(strf("commit-graph parent list for commit %s terminates early", oid));
        std::uint64_t level = graph.topological_level(layer.base + i);
        if (level == 0) {
          if (!has_zero) zero_oid = oid;
          has_zero = true;
        } else {
          if (!has_non_zero) non_zero_oid = oid;
          has_non_zero = true;
        }
        if (!graph.has_corrected_dates() && highest == kGenerationV1Max) highest--;
        if (!has_zero && record.generation < highest + (graph.has_corrected_dates() ? 1 : 1) && !record.parents.empty())
          complain(strf("commit-graph generation for commit %s is %u < %u", oid, record.generation, highest + 1));
        if (record.date != (c->date & 0x3ffffffffull))
          complain(strf("commit date for commit %s in commit-graph is %u != %u", oid, record.date, c->date));
      }
      if (has_zero && has_non_zero)
        complain(
            strf("commit-graph has both zero and non-zero generations (e.g., commits '%s' and '%s')", zero_oid, non_zero_oid));
    }
    if (only_top) break;
  }
  return problems;
}

}  // namespace git
