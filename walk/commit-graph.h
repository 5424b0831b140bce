// The commit-graph file, single or a chain of layers (gitformat-commit-graph(5)): parents, dates, trees and
// generation numbers of commits by position, so that walks need not inflate objects; Bloom filters of changed
// paths where they were written.  Read-only and mapped; positions count from the oldest layer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped-file.h"
#include "base/result.h"
#include "hash/object-id.h"

namespace git {

inline constexpr std::uint32_t kGraphNoParent = 0x70000000u;
inline constexpr std::uint32_t kGraphExtraEdges = 0x80000000u;
inline constexpr std::uint64_t kGenerationV1Max = 0x3FFFFFFFu;

struct BloomSettings {
  std::uint32_t hash_version = 1;
  std::uint32_t hashes = 7;
  std::uint32_t bits_per_entry = 10;
  std::uint32_t max_changed_paths = 512;
};

// One file of the chain.
class GraphLayer {
 public:
  // `bytes` must outlive the layer where no file is given. Errors are git's ("commit-graph file is too small" ...).
  static Result<std::unique_ptr<GraphLayer>> parse(std::string_view bytes, HashAlgo algo);
  static Result<std::unique_ptr<GraphLayer>> open(const std::string& path, HashAlgo algo);

  std::uint32_t count() const { return count_; }
  std::uint8_t base_count() const { return base_count_; }
  ObjectId oid_at(std::uint32_t local) const;
  std::optional<std::uint32_t> find(const ObjectId& oid) const;  // local position
  const unsigned char* commit_data(std::uint32_t local) const;   // tree, parent1, parent2, generation and date
  bool has_generation_data() const { return !gda2_.empty(); }
  ObjectId base_hash(std::uint32_t i) const;
  bool has_bloom() const { return !bidx_.empty() && !bdat_.empty(); }
  std::optional<BloomSettings> bloom_settings() const;
  // The filter's bytes; nullopt where the layer has none for this commit or the data is broken.
  std::optional<std::string_view> bloom_filter(std::uint32_t local) const;
  std::string_view chunk(const char* id) const;
  std::string_view bytes() const { return bytes_; }
  std::vector<std::string> chunk_names() const;
  unsigned char hash_version() const { return static_cast<unsigned char>(bytes_[5]); }
  ObjectId trailer() const;

  std::string path;
  std::uint32_t base = 0;  // commits in the layers below

 private:
  friend class CommitGraph;
  MappedFile file_;
  std::string_view bytes_;
  HashAlgo algo_ = HashAlgo::sha1;
  std::uint32_t count_ = 0;
  std::uint8_t base_count_ = 0;
  struct Chunk {
    std::string id;
    std::string_view data;
  };
  std::vector<Chunk> chunks_;
  std::string_view oidf_, oidl_, cdat_, gda2_, gdo2_, edge_, bidx_, bdat_, base_chunk_;
};

struct GraphCommit {
  ObjectId tree;
  std::uint64_t date = 0;
  std::uint64_t generation = 0;  // corrected date where all layers have it, topological level otherwise
  std::vector<std::uint32_t> parents;
};

class CommitGraph {
 public:
  struct Options {
    bool use_generation_data = true;
  };
  // The first objects directory that has one; nullptr where there is none. Broken files are reported and left out.
  static std::unique_ptr<CommitGraph> open(const std::vector<std::string>& objects_dirs, HashAlgo algo, const Options& options);
  static std::unique_ptr<CommitGraph> from_layers(std::vector<std::unique_ptr<GraphLayer>> layers, HashAlgo algo,
                                                  const Options& options);

  std::uint32_t count() const { return count_; }
  std::optional<std::uint32_t> find(const ObjectId& oid) const;
  ObjectId oid_at(std::uint32_t position) const;
  // False (after error()) where the data contradicts itself.
  bool read(std::uint32_t position, GraphCommit& out) const;
  ObjectId tree_at(std::uint32_t position) const;
  std::uint64_t topological_level(std::uint32_t position) const;
  bool has_corrected_dates() const { return corrected_dates_; }
  const std::vector<std::unique_ptr<GraphLayer>>& layers() const { return layers_; }  // oldest first
  const GraphLayer& layer_of(std::uint32_t position) const;

 private:
  std::vector<std::unique_ptr<GraphLayer>> layers_;
  std::uint32_t count_ = 0;
  bool corrected_dates_ = false;
  HashAlgo algo_ = HashAlgo::sha1;
};

// Paths of a store's graph.
std::string commit_graph_path(const std::string& objects_dir);
std::string commit_graph_chain_path(const std::string& objects_dir);
std::string commit_graph_layer_path(const std::string& objects_dir, std::string_view hash);

}  // namespace git
