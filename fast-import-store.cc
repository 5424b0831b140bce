#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "config.h"
#include "fast-import.h"
#include "odb.h"
#include "pack/bytes.h"
#include "pack/inflate.h"
#include "repository.h"

namespace git {

ImportStore::ImportStore(Repository& repo) : repo_(repo) {
  compression = repo.config().get_int_or("pack.compression", repo.config().get_int_or("core.compression", -1));
}
ImportStore::~ImportStore() = default;

void ImportStore::start() {
  if (out_) return;
  temp_ = create_pack_tempfile(path_join(repo_.odb().objects_dir(), "pack"), "pack");
  out_ = std::make_unique<HashFile>(temp_.fd(), repo_.algo(), temp_.path());
  out_->write(format_pack_header(0));
}

ObjectId ImportStore::add(ObjectType type, const std::string& data) {
  ObjectId oid = hash_object(repo_.algo(), type_name(type), data);
  if (offsets_.count(oid) || repo_.odb().has(oid, kLookupQuick | kLookupNoFetch)) return oid;
  start();
  counts[static_cast<std::size_t>(type)]++;
  std::uint64_t offset = out_->size();
  out_->crc_begin();
  out_->write(format_entry_header(type, data.size()));
  out_->write(deflate_bytes(data, compression));
  entries_.push_back({oid, out_->crc_end(), offset});
  sizes_.emplace_back(oid, data.size());
  offsets_[oid] = {type, entries_.size() - 1};
  return oid;
}

bool ImportStore::has(const ObjectId& oid) { return offsets_.count(oid) || repo_.odb().has(oid); }

ObjectType ImportStore::type_of(const ObjectId& oid) {
  auto known = offsets_.find(oid);
  return known != offsets_.end() ? known->second.first : repo_.odb().type_of(oid);
}

ObjectData ImportStore::read(const ObjectId& oid) {
  auto known = offsets_.find(oid);
  if (known == offsets_.end()) {
    Result<ObjectData> data = repo_.odb().read(oid);
    if (!data) die("Can't load object %s", oid);
    return std::move(*data);
  }
  out_->flush();
  std::size_t n = known->second.second;
  std::uint64_t start = entries_[n].offset, end = n + 1 < entries_.size() ? entries_[n + 1].offset : out_->size();
  std::string raw(end - start, '\0');
  if (pread(temp_.fd(), raw.data(), raw.size(), static_cast<off_t>(start)) != static_cast<ssize_t>(raw.size()))
    die_errno("Can't read %s", temp_.path());
  std::size_t header = format_entry_header(known->second.first, sizes_[n].second).size();
  std::string data;
  if (!inflate_whole(std::string_view(raw).substr(header), sizes_[n].second, data)) die("Can't inflate object %s", oid);
  return {known->second.first, std::move(data)};
}

namespace {
class SortedEntries : public IndexSource {
 public:
  explicit SortedEntries(std::vector<PackIndexEntry> entries) : entries_(std::move(entries)) {
    std::sort(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) { return a.oid < b.oid; });
  }
  std::uint32_t count() const override { return static_cast<std::uint32_t>(entries_.size()); }
  PackIndexEntry at(std::uint32_t i) const override { return entries_[i]; }

 private:
  std::vector<PackIndexEntry> entries_;
};
}  // namespace

std::string ImportStore::publish() {
  if (entries_.empty()) return {};
  HashAlgo algo = repo_.algo();
  int limit = repo_.config().get_int_or("fastimport.unpacklimit", repo_.config().get_int_or("transfer.unpacklimit", 100));
  std::string name;
  if (static_cast<int>(entries_.size()) < limit) {
    for (const PackIndexEntry& entry : entries_) {
      ObjectData data = read(entry.oid);
      repo_.odb().write_loose(data.type, data.data).take_or_die();
    }
    temp_.remove();
  } else {
    out_->flush();
    std::uint64_t size = out_->size();
    char count[4];
    put_be32(count, static_cast<std::uint32_t>(entries_.size()));
    if (pwrite(temp_.fd(), count, 4, 8) != 4) die_errno("unable to write file %s", temp_.path());
    Hasher hasher(algo, true);
    std::string piece(256 * 1024, '\0');
    for (std::uint64_t at = 0; at < size;) {
      ssize_t n = pread(temp_.fd(), piece.data(), std::min<std::uint64_t>(piece.size(), size - at), static_cast<off_t>(at));
      if (n <= 0) die_errno("unable to read %s", temp_.path());
      hasher.update(piece.data(), static_cast<std::size_t>(n));
      at += static_cast<std::uint64_t>(n);
    }
    ObjectId checksum = hasher.finish();
    temp_.write(checksum.raw());
    name = "pack-" + checksum.hex();
    std::string base = path_join(repo_.odb().objects_dir(), "pack/" + name);
    Tempfile idx = create_pack_tempfile(std::string(path_dirname(base)), "idx");
    HashFile idx_out(idx.fd(), algo, idx.path());
    write_pack_index(idx_out, SortedEntries(entries_), checksum, algo, {});
    idx_out.finish();
    publish_pack_file(temp_, base + ".pack", false, repo_.shared_repository());
    publish_pack_file(idx, base + ".idx", false, repo_.shared_repository());
    repo_.odb().reprepare();
  }
  out_.reset();
  temp_ = Tempfile();
  entries_.clear();
  sizes_.clear();
  offsets_.clear();
  return name;
}

// ---- trees ----

std::unique_ptr<ImportTree> ImportTree::clone() const {
  auto copy = std::make_unique<ImportTree>();
  copy->mode = mode;
  copy->oid = oid;
  copy->is_loaded = is_loaded;
  for (const auto& [name, child] : children) copy->children[name] = child->clone();
  return copy;
}

void ImportTree::load(ImportStore& store, HashAlgo algo) {
  if (is_loaded) return;
  is_loaded = true;
  ObjectData data = store.read(oid);
  TreeReader reader(data.data, algo);
  TreeEntry entry;
  while (reader.next(entry)) {
    auto child = std::make_unique<ImportTree>();
    child->mode = entry.mode;
    child->oid = entry.oid;
    child->is_loaded = !is_tree_mode(entry.mode);
    children[std::string(entry.name)] = std::move(child);
  }
}

const ImportTree* ImportTree::find(ImportStore& store, HashAlgo algo, std::string_view path) {
  ImportTree* at = this;
  while (!path.empty()) {
    std::string_view name = *next_part(path, '/');
    if (!is_tree_mode(at->mode)) return nullptr;
    at->load(store, algo);
    auto child = at->children.find(std::string(name));
    if (child == at->children.end()) return nullptr;
    at = child->second.get();
  }
  return at;
}

void ImportTree::put(ImportStore& store, HashAlgo algo, std::string_view path, std::unique_ptr<ImportTree> node) {
  ImportTree* at = this;
  for (;;) {
    std::size_t slash = path.find('/');
    std::string name(path.substr(0, slash));
    if (name.empty()) die("Empty path component found in input");
    at->load(store, algo);
    at->oid = ObjectId::null(algo);
    if (slash == std::string_view::npos) {
      at->children[name] = std::move(node);
      return;
    }
    auto& child = at->children[name];
    if (!child || !is_tree_mode(child->mode)) child = std::make_unique<ImportTree>();
    at = child.get();
    path.remove_prefix(slash + 1);
  }
}

std::unique_ptr<ImportTree> ImportTree::take(ImportStore& store, HashAlgo algo, std::string_view path) {
  std::size_t slash = path.find('/');
  std::string name(path.substr(0, slash));
  load(store, algo);
  auto child = children.find(name);
  if (child == children.end()) return nullptr;
  std::unique_ptr<ImportTree> taken;
  if (slash == std::string_view::npos) {
    taken = std::move(child->second);
    children.erase(child);
  } else {
    if (!is_tree_mode(child->second->mode)) return nullptr;
    taken = child->second->take(store, algo, path.substr(slash + 1));
    if (taken && child->second->children.empty()) children.erase(child);  // empty directories are not kept
  }
  if (taken) oid = ObjectId::null(algo);
  return taken;
}

ObjectId ImportTree::write(ImportStore& store, HashAlgo algo) {
  if (!is_tree_mode(mode) || (!oid.is_null() && oid.algo() != HashAlgo::unknown)) return oid;
  std::vector<std::pair<const std::string*, ImportTree*>> order;
  for (auto& [name, child] : children) {
    child->write(store, algo);
    order.emplace_back(&name, child.get());
  }
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return base_name_compare(*a.first, a.second->mode, *b.first, b.second->mode) < 0;
  });
  std::string data;
  for (const auto& [name, child] : order) {
    if (is_tree_mode(child->mode) && child->is_loaded && child->children.empty()) continue;
    append_tree_entry(data, child->mode, *name, child->oid);
  }
  return oid = store.add(ObjectType::tree, data);
}

}  // namespace git
