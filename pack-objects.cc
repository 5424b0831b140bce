// Which copy of each object is taken, and what of it can be copied into the new pack as it is.
#include "pack-objects.h"

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/progress.h"
#include "base/strings.h"
#include "odb.h"
#include "pack/bytes.h"
#include "pack/pack.h"
#include "repository.h"

namespace git {

std::uint32_t pack_name_hash(std::string_view path) {
  std::uint32_t hash = 0;
  for (char c : path)
    if (!is_space(c)) hash = (hash >> 2) + (static_cast<std::uint32_t>(static_cast<unsigned char>(c)) << 24);
  return hash;
}

// Directories count for something too: each level's hash is folded into those before it.
std::uint32_t pack_name_hash_v2(std::string_view path) {
  std::uint32_t hash = 0, base = 0;
  for (char ch : path) {
    if (is_space(ch)) continue;
    unsigned c = static_cast<unsigned char>(ch);
    if (c == '/') {
      base = (base >> 6) ^ hash;
      hash = 0;
      continue;
    }
    unsigned reversed = 0;
    for (int i = 0; i < 8; i++) reversed |= ((c >> i) & 1u) << (7 - i);
    hash = (hash >> 2) + (reversed << 24);
  }
  return (base >> 6) ^ hash;
}

// A tree the receiver has, whose paths are looked up when objects are added.
struct PackObjects::EdgeTree {
  ObjectId tree;
};

PackObjects::PackObjects(Repository& repo, PackObjectsOptions options)
    : repo_(repo), odb_(repo.odb()), options_(std::move(options)), algo_(repo.algo()) {
  packs_ = odb_.packs();
  table_.assign(1024, kNone);
  if (options_.local)
    for (const auto& source : odb_.sources())
      if (!source.is_local) nonlocal_dirs_.push_back(source.path);
}
PackObjects::~PackObjects() = default;

// ---- the table of entries ----

std::uint32_t PackObjects::find(const ObjectId& oid) const {
  std::size_t mask = table_.size() - 1;
  for (std::size_t at = get_be32(oid.data()) & mask;; at = (at + 1) & mask) {
    if (table_[at] == kNone) return kNone;
    if (entries_[table_[at]].oid == oid) return table_[at];
  }
}

std::uint32_t PackObjects::insert(const ObjectId& oid) {
  if ((entries_.size() + 1) * 2 > table_.size()) {
    table_.assign(table_.size() * 2, kNone);
    std::size_t mask = table_.size() - 1;
    for (std::uint32_t i = 0; i < entries_.size(); i++) {
      std::size_t at = get_be32(entries_[i].oid.data()) & mask;
      while (table_[at] != kNone) at = (at + 1) & mask;
      table_[at] = i;
    }
  }
  std::size_t mask = table_.size() - 1, at = get_be32(oid.data()) & mask;
  while (table_[at] != kNone) at = (at + 1) & mask;
  table_[at] = static_cast<std::uint32_t>(entries_.size());
  entries_.emplace_back();
  entries_.back().oid = oid;
  return table_[at];
}

bool PackObjects::contains(const ObjectId& oid) const {
  std::uint32_t i = find(oid);
  return i != kNone && !entries_[i].is_base_only;
}

std::uint32_t PackObjects::hash_path(std::string_view path) const {
  return options_.name_hash_version == 2 ? pack_name_hash_v2(path) : pack_name_hash(path);
}

// ---- choosing a copy ----

bool PackObjects::place(const ObjectId& oid, std::uint32_t& pack, std::uint64_t& offset) {
  bool must_see_all =
      options_.local || options_.honor_keep || options_.pass_kept_in_core || options_.incremental || options_.exclude_promisor;
  pack = kNone;
  if (!nonlocal_dirs_.empty()) {
    std::string hex = oid.hex();
    for (const std::string& dir : nonlocal_dirs_)
      if (path_exists(dir + "/" + hex.substr(0, 2) + "/" + hex.substr(2))) return false;
  }
  for (std::size_t n = 0; n < packs_.size(); n++) {
    std::size_t i = n == 0 ? last_pack_ : n <= last_pack_ ? n - 1 : n;
    auto found = packs_[i]->find_offset(oid);
    if (!found) continue;
    if (!packs_[i]->open_pack()) continue;
    if (pack == kNone) {
      pack = static_cast<std::uint32_t>(i);
      offset = *found;
      last_pack_ = i;
    }
    if (!must_see_all) return true;
    const Pack& p = *packs_[i];
    if (options_.incremental) return false;
    if (options_.exclude_promisor && p.is_promisor()) return false;
    if (options_.local && !p.is_local()) return false;
    if (p.is_local()) {
      if (options_.honor_keep && p.has_keep()) return false;
      if (options_.pass_kept_in_core && p.is_kept_in_core) return false;
    }
  }
  return true;
}

bool PackObjects::is_wanted(const ObjectId& oid) {
  std::uint32_t pack;
  std::uint64_t offset = 0;
  return place(oid, pack, offset);
}

bool PackObjects::add(const ObjectId& oid, ObjectType type, std::string_view path) {
  bool is_new = add_hashed(oid, type, hash_path(path));
  if (is_new && options_.path_walk) set_path(static_cast<std::uint32_t>(entries_.size()) - 1, path);
  if (!edges_.empty() && (type == ObjectType::tree || !path.empty())) add_base_path(path);
  return is_new;
}

void PackObjects::set_path(std::uint32_t entry, std::string_view path) {
  entries_[entry].name_hash = hash_path(path);
  if (!options_.path_walk) return;
  path_ids_.resize(entries_.size());
  path_ids_[entry] = static_cast<std::uint32_t>(std::hash<std::string_view>()(path));
}

bool PackObjects::add_hashed(const ObjectId& oid, ObjectType type, std::uint32_t name_hash) {
  if (std::uint32_t known = find(oid); known != kNone) {
    return false;
  }
  if (auto uri = options_.uris.find(oid); uri != options_.uris.end()) {
    if (std::find(used_uris_.begin(), used_uris_.end(), uri->second) == used_uris_.end()) used_uris_.push_back(uri->second);
    return false;
  }
  std::uint32_t pack = kNone;
  std::uint64_t offset = 0;
  if (!place(oid, pack, offset)) return false;
  Entry& entry = entries_[insert(oid)];
  entry.type = type;
  entry.name_hash = name_hash;
  entry.pack = pack;
  entry.in_pack_offset = offset;
  to_write_++;
  return true;
}

bool PackObjects::add_from_pack(const ObjectId& oid, ObjectType type, std::uint32_t name_hash, const Pack& pack,
                                std::uint64_t offset, bool may_reuse_pack) {
  if (find(oid) != kNone) return false;
  std::uint32_t number = kNone;
  for (std::size_t i = 0; i < packs_.size() && number == kNone; i++)
    if (packs_[i].get() == &pack) number = static_cast<std::uint32_t>(i);
  Entry& entry = entries_[insert(oid)];
  entry.type = type;
  entry.name_hash = name_hash;
  entry.pack = number;
  entry.in_pack_offset = offset;
  entry.is_from_pack = may_reuse_pack && number != kNone;
  to_write_++;
  return true;
}

void PackObjects::set_mtime(const ObjectId& oid, std::uint32_t mtime) {
  std::uint32_t i = find(oid);
  if (i == kNone) return;
  if (mtimes_.size() < entries_.size()) mtimes_.resize(entries_.size());
  mtimes_[i] = std::max(mtimes_[i], mtime);
}

// ---- bases that the receiver has ----

void PackObjects::add_base(const ObjectId& oid, ObjectType type, std::string_view path) {
  if (std::uint32_t known = find(oid); known != kNone) {
    if (!entries_[known].is_base_only) {
      entries_[known].is_base_only = true;
      to_write_--;
    }
    return;
  }
  Entry& entry = entries_[insert(oid)];
  entry.type = type;
  entry.is_base_only = true;
  entry.name_hash = hash_path(path);
  for (std::size_t i = 0; i < packs_.size() && entry.pack == kNone; i++)
    if (auto offset = packs_[i]->find_offset(oid); offset && packs_[i]->open_pack()) {
      entry.pack = static_cast<std::uint32_t>(i);
      entry.in_pack_offset = *offset;
    }
}

void PackObjects::add_edge(const ObjectId& oid) {
  if (edges_.size() >= static_cast<std::size_t>(std::max(options_.window, 1))) return;
  ObjectId tree;
  Result<ObjectData> data = odb_.read_peeled(oid, ObjectType::tree, &tree);
  if (!data) return;
  for (const auto& edge : edges_)
    if (edge->tree == tree) return;
  edges_.push_back(std::make_unique<EdgeTree>(EdgeTree{tree}));
  edge_cache_[tree] = std::make_shared<const std::string>(std::move(data->data));
}

// The objects at `path` in the trees of the edges.
void PackObjects::add_base_path(std::string_view path) {
  std::uint64_t key = std::hash<std::string_view>()(path);
  if (!edge_paths_done_.insert(key).second) return;
  for (const auto& edge : edges_) {
    ObjectId tree = edge->tree;
    std::string_view rest = path;
    if (rest.empty()) add_base(tree, ObjectType::tree, "");
    while (!rest.empty()) {
      std::size_t slash = rest.find('/');
      std::string_view name = rest.substr(0, slash);
      rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
      auto& bytes = edge_cache_[tree];
      if (!bytes) {
        Result<ObjectData> data = odb_.read(tree, kLookupNoFetch);
        bytes = std::make_shared<const std::string>(data ? std::move(data->data) : std::string());
      }
      TreeReader reader(*bytes, algo_);
      TreeEntry entry;
      bool found = false;
      while (!found && reader.next(entry)) found = entry.name == name;
      if (!found || is_gitlink_mode(entry.mode)) break;
      if (rest.empty()) {
        if (find(entry.oid) == kNone) add_base(entry.oid, type_of_mode(entry.mode), path);
      } else if (!is_tree_mode(entry.mode)) {
        break;
      }
      tree = entry.oid;
    }
  }
  if (edge_cache_.size() > 4096) edge_cache_.clear();
}

// ---- what is there already ----

void PackObjects::fill_unpacked(Entry& entry) {
  entry.pack = kNone;
  auto info = odb_.info(entry.oid, kLookupNoReplace | kLookupBrief);
  if (!info) {
    if (entry.is_base_only) {
      entry.type = ObjectType::bad;
      return;
    }
    die("unable to read %s", entry.oid);
  }
  entry.type = info->type;
  entry.size = info->size;
}

void PackObjects::check_object(Entry& entry) {
  // What is only a base is never copied, so its place is of no interest.
  if (entry.pack == kNone || entry.is_base_only) return fill_unpacked(entry);
  const Pack& pack = *packs_[entry.pack];
  Result<PackEntryHeader> header = pack.entry_header(entry.in_pack_offset);
  auto rank = pack.rank_of_offset(entry.in_pack_offset);
  if (!header || !rank) return fill_unpacked(entry);
  entry.rank = *rank;
  entry.in_pack_type = header->type;
  entry.in_pack_header_size = static_cast<std::uint8_t>(header->data_offset - entry.in_pack_offset);
  if (header->type != ObjectType::ofs_delta && header->type != ObjectType::ref_delta) {
    entry.type = header->type;
    entry.size = header->size;
    return;
  }
  if (options_.reuse_delta) {
    ObjectId base_oid = header->base_oid;
    if (header->type == ObjectType::ofs_delta) base_oid = pack.oid_of_offset(header->base_offset).value_or(ObjectId::null(algo_));
    std::uint32_t base = base_oid.is_null() ? kNone : find(base_oid);
    bool allowed = base != kNone && (!entries_[base].is_base_only || options_.thin) &&
                   (!islands_ || islands_->may_use_base(entry.oid, base_oid));
    if (allowed) {
      entry.base = base;
      entry.is_reused_delta = true;
      entry.delta_size = entry.size = header->size;
      if (entry.type == ObjectType::none) entry.type = pack.type_at(entry.in_pack_offset);
      return;
    }
  }
  Result<PackObjectInfo> info = pack.info(entry.in_pack_offset);
  if (!info) return fill_unpacked(entry);
  entry.type = info->type;
  entry.size = info->size;
}

// In pack order, so that each pack is read from front to back.
void PackObjects::check_objects() {
  std::vector<std::uint32_t> order(entries_.size());
  for (std::uint32_t i = 0; i < order.size(); i++) order[i] = i;
  std::sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
    const Entry &x = entries_[a], &y = entries_[b];
    return x.pack != y.pack                       ? x.pack < y.pack
           : x.in_pack_offset != y.in_pack_offset ? x.in_pack_offset < y.in_pack_offset
                                                  : a < b;
  });
  Progress progress("Counting objects", entries_.size(), options_.progress > 0);
  std::uint64_t done = 0;
  std::uint64_t big = odb_.options().big_file_threshold;
  for (std::uint32_t i : order) {
    check_object(entries_[i]);
    if (entries_[i].size >= big) entries_[i].no_try_delta = true;
    progress.update(++done);
  }
}

void PackObjects::unreuse(Entry& entry) {
  entry.base = kNone;
  entry.is_reused_delta = false;
  entry.delta_size = 0;
  entry.depth = 0;
  Result<PackObjectInfo> info = packs_[entry.pack]->info(entry.in_pack_offset);
  if (!info) return fill_unpacked(entry);
  entry.type = info->type;
  entry.size = info->size;
}

// Deltas taken from several packs may form a circle; chains may be longer than is wanted.
void PackObjects::break_chains() {
  enum : std::uint8_t { none, active, done };
  std::vector<std::uint8_t> state(entries_.size(), none);
  std::vector<std::uint32_t> chain;
  for (std::uint32_t i = 0; i < entries_.size(); i++) {
    chain.clear();
    std::uint32_t at = i;
    while (at != kNone && state[at] == none) {
      state[at] = active;
      chain.push_back(at);
      at = entries_[at].base;
    }
    if (at != kNone && state[at] == active) {
      unreuse(entries_[chain.back()]);
      at = kNone;
    }
    unsigned depth = at == kNone ? 0 : entries_[at].depth + 1u;
    for (; !chain.empty(); chain.pop_back()) {
      Entry& entry = entries_[chain.back()];
      state[chain.back()] = done;
      if (entry.base == kNone) depth = 0;
      if (depth > static_cast<unsigned>(std::max(options_.depth, 0)) && entry.base != kNone) {
        unreuse(entry);
        depth = 0;
      }
      entry.depth = static_cast<std::uint16_t>(std::min(depth, 65535u));
      depth++;
    }
  }
}

std::string PackObjects::read_data(const Entry& entry) const {
  if (entry.pack != kNone && !entry.is_broken) {
    Result<ObjectData> data = packs_[entry.pack]->read(entry.in_pack_offset);
    if (data) return std::move(data->data);
  }
  Result<ObjectData> data = odb_.read(entry.oid, kLookupNoReplace);
  if (!data) die("unable to read %s", entry.oid);
  return std::move(data->data);
}

// What is promised and not here comes in one go.
void PackObjects::fetch_promised() {
  if (!odb_.has_promisor()) return;
  std::vector<ObjectId> missing;
  for (const Entry& entry : entries_)
    if (entry.pack == kNone && !odb_.has(entry.oid, kLookupNoFetch | kLookupNoReplace)) missing.push_back(entry.oid);
  if (missing.empty()) return;
  odb_.fetch_missing(missing);
  packs_ = odb_.packs();
  for (Entry& entry : entries_) entry.pack = kNone;
  for (Entry& entry : entries_)
    for (std::size_t i = 0; i < packs_.size() && entry.pack == kNone; i++)
      if (auto offset = packs_[i]->find_offset(entry.oid); offset && packs_[i]->open_pack()) {
        entry.pack = static_cast<std::uint32_t>(i);
        entry.in_pack_offset = *offset;
      }
}

void PackObjects::prepare() {
  deltas_.resize(entries_.size());
  fetch_promised();
  check_objects();
  break_chains();
  count_pack_reuse();
  search_deltas();
}

// An object goes with its pack where it can be copied as it is: whole, or a delta on another that goes too.
void PackObjects::count_pack_reuse() {
  std::unordered_set<std::uint32_t> packs;
  for (Entry& entry : entries_) {
    if (!entry.is_from_pack) continue;
    bool is_delta = entry.in_pack_type == ObjectType::ofs_delta || entry.in_pack_type == ObjectType::ref_delta;
    const Entry* base = entry.base == kNone ? nullptr : &entries_[entry.base];
    if (is_delta && (!entry.is_reused_delta || !base->is_from_pack || base->pack != entry.pack)) {
      entry.is_from_pack = false;
      continue;
    }
    pack_reused_++;
    packs.insert(entry.pack);
  }
  packs_reused_ = static_cast<std::uint32_t>(packs.size());
}

std::string PackObjects::summary() const {
  return strf("Total %u (delta %u), reused %u (delta %u), pack-reused %u (from %u)", written_, written_deltas_, reused_,
              reused_deltas_, pack_reused_, packs_reused_);
}

}  // namespace git
