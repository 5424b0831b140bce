// Writing the pack: bases before their deltas, copies where a copy will do.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/progress.h"
#include "base/trace2.h"
#include "odb.h"
#include "pack-objects.h"
#include "pack/bytes.h"
#include "pack/delta.h"
#include "pack/inflate.h"
#include "pack/pack.h"
#include "repository.h"

namespace git {
namespace {

ObjectId hash_whole_file(int fd, std::uint64_t size, HashAlgo algo, const std::string& name) {
  Hasher hasher(algo, true);
  std::string buffer(256 * 1024, '\0');
  for (std::uint64_t at = 0; at < size;) {
    ssize_t n = pread(fd, buffer.data(), std::min<std::uint64_t>(buffer.size(), size - at), static_cast<off_t>(at));
    if (n <= 0) die_errno("unable to read %s", name);
    hasher.update(buffer.data(), static_cast<std::size_t>(n));
    at += static_cast<std::uint64_t>(n);
  }
  return hasher.finish();
}

// Another count in the header, and with it another checksum.
ObjectId fix_up_header(int fd, std::uint64_t size, std::uint32_t count, HashAlgo algo, const std::string& name) {
  char be_count[4];
  put_be32(be_count, count);
  if (pwrite(fd, be_count, 4, 8) != 4) die_errno("unable to write file %s", name);
  ObjectId checksum = hash_whole_file(fd, size, algo, name);
  if (lseek(fd, 0, SEEK_END) < 0 || !write_in_full(fd, checksum.raw())) die_errno("unable to write file %s", name);
  return checksum;
}

}  // namespace

// One pack being written.
struct PackObjects::Writer {
  PackObjects& owner;
  HashFile& out;
  std::uint64_t limit = 0;  // of the pack's size; 0: none
  std::vector<std::uint32_t> written{};
  bool is_full = false;

  // False where the pack is full; what was written for it is taken back.
  bool write(std::uint32_t i) {
    // The chain of bases that are not written yet, without recursion: chains can be long.
    std::vector<std::uint32_t> chain;
    for (std::uint32_t at = i; at != kNone;) {
      Entry& entry = owner.entries_[at];
      if (entry.is_written || entry.is_base_only) break;
      if (entry.is_in_progress) {
        // A circle (after a copy turned out broken): the one where we came in is written whole.
        Entry& first = owner.entries_[chain.back()];
        first.base = kNone;
        break;
      }
      entry.is_in_progress = true;
      chain.push_back(at);
      at = entry.base;
    }
    for (std::size_t n = chain.size(); n-- > 0;) {
      Entry& entry = owner.entries_[chain[n]];
      bool ok = write_entry(chain[n], entry);
      entry.is_in_progress = false;
      if (ok) continue;
      while (n-- > 0) owner.entries_[chain[n]].is_in_progress = false;
      return false;
    }
    return true;
  }

  bool write_entry(std::uint32_t i, Entry& entry) {
    std::optional<HashFile::Mark> mark;
    if (limit && !written.empty()) {
      if (out.size() + raw_size(owner.algo_) >= limit) return full();
      mark = out.mark();
    }
    std::uint64_t offset = out.size();
    entry.offset = offset;
    out.crc_begin();
    bool is_delta = entry.base != kNone && base_usable(entry);
    bool reused = false, ok = false;
    if (entry.pack != kNone && owner.options_.reuse_object && !entry.is_broken) {
      bool in_pack_delta = entry.in_pack_type == ObjectType::ofs_delta || entry.in_pack_type == ObjectType::ref_delta;
      if (in_pack_delta ? entry.is_reused_delta && is_delta : !is_delta && entry.in_pack_type == entry.type)
        ok = reused = copy_packed(entry, is_delta);
    }
    if (!ok) is_delta = write_new(i, entry, is_delta && !entry.is_reused_delta);
    entry.crc = out.crc_end();
    if (mark && limit && out.size() + raw_size(owner.algo_) > limit) {
      out.truncate(*mark);
      return full();
    }
    entry.is_written = true;
    written.push_back(i);
    owner.written_++;
    if (is_delta) owner.written_deltas_++;
    if (reused && !entry.is_from_pack) {
      owner.reused_++;
      if (is_delta) owner.reused_deltas_++;
    }
    return true;
  }
  bool full() {
    is_full = true;
    return false;
  }
  // Is the base in this pack, or with the receiver?
  bool base_usable(const Entry& entry) const {
    const Entry& base = owner.entries_[entry.base];
    if (base.is_base_only) return true;
    return base.is_written && in_this_pack(entry.base);
  }
  bool in_this_pack(std::uint32_t i) const { return i >= pack_of.size() || !pack_of[i]; }
  std::vector<bool> pack_of{};  // entries written to an earlier pack

  void write_delta_header(const Entry& entry, std::uint64_t size) {
    const Entry& base = owner.entries_[entry.base];
    if (owner.options_.ofs_delta && !base.is_base_only) {
      out.write(format_entry_header(ObjectType::ofs_delta, size));
      out.write(format_delta_offset(entry.offset - base.offset));
    } else {
      out.write(format_entry_header(ObjectType::ref_delta, size));
      out.write(base.oid.raw());
    }
  }

  bool copy_packed(const Entry& entry, bool is_delta) {
    const Pack& pack = *owner.packs_[entry.pack];
    std::uint64_t end = pack.offset_at_rank(entry.rank + 1);
    std::string_view raw = pack.bytes().substr(entry.in_pack_offset, end - entry.in_pack_offset);
    std::string_view body = raw.substr(std::min<std::size_t>(raw.size(), entry.in_pack_header_size));
    std::uint64_t size = is_delta ? entry.delta_size : entry.size;
    auto crc = pack.index().crc_at(pack.position_at_rank(entry.rank));
    if (crc && (!owner.options_.to_stdout) && crc32_of(0, raw) != *crc) {
      error("bad packed object CRC for %s", entry.oid);
      return false;
    }
    if (!crc) {
      std::string data;
      if (!inflate_whole(body, size, data)) {
        error("corrupt packed object for %s", entry.oid);
        return false;
      }
    }
    if (is_delta)
      write_delta_header(entry, size);
    else
      out.write(format_entry_header(entry.type, size));
    out.write(body);
    return true;
  }

  // Deflated anew. Gives back whether it was written as a delta.
  bool write_new(std::uint32_t i, Entry& entry, bool is_delta) {
    int level = owner.options_.compression;
    if (is_delta) {
      if (!owner.deltas_[i]) {
        std::string base = owner.read_data(owner.entries_[entry.base]);
        auto delta = DeltaIndex(base).make_delta(owner.read_data(entry));
        entry.delta_size = delta->size();
        owner.deltas_[i] = std::make_unique<std::string>(deflate_bytes(*delta, level));
      }
      write_delta_header(entry, entry.delta_size);
      out.write(*owner.deltas_[i]);
      owner.deltas_[i].reset();
      return true;
    }
    if (entry.size > owner.odb_.options().big_file_threshold && entry.type == ObjectType::blob) {
      write_stream(entry, level);
      return false;
    }
    std::string data = owner.read_data(entry);
    out.write(format_entry_header(entry.type, data.size()));
    out.write(deflate_bytes(data, level));
    return false;
  }
  void write_stream(const Entry& entry, int level) {
    auto stream = owner.odb_.open_stream(entry.oid, kLookupNoReplace);
    if (!stream) die("unable to read %s", entry.oid);
    out.write(format_entry_header(entry.type, (*stream)->size()));
    Deflater deflater(level);
    std::string piece(65536, '\0'), deflated;
    for (;;) {
      ssize_t n = (*stream)->read(piece.data(), piece.size());
      if (n < 0) die("unable to read %s", entry.oid);
      deflated.clear();
      deflater.deflate(std::string_view(piece).substr(0, static_cast<std::size_t>(n)), n == 0, deflated);
      out.write(deflated);
      if (n == 0) return;
    }
  }
};

// Commits and tags first, as walks read them; then trees; then the rest, each delta family together.
std::vector<std::uint32_t> PackObjects::write_order() const {
  std::vector<std::uint32_t> order;
  order.reserve(entries_.size());
  std::vector<bool> taken(entries_.size());
  auto take = [&](std::uint32_t i) {
    if (taken[i] || entries_[i].is_base_only) return;
    taken[i] = true;
    order.push_back(i);
  };
  std::vector<int> layers(islands_ ? entries_.size() : 0);
  int top = 0;
  for (std::uint32_t i = 0; i < layers.size(); i++) top = std::max(top, layers[i] = islands_->layer_of(entries_[i].oid));
  std::vector<std::uint32_t> child(entries_.size(), kNone), sibling(entries_.size(), kNone);
  for (std::uint32_t i = size(); i-- > 0;)
    if (std::uint32_t base = entries_[i].base; base != kNone) {
      sibling[i] = child[base];
      child[base] = i;
    }
  for (int layer = 0; layer <= top; layer++) {
    auto here = [&](std::uint32_t i) { return layers.empty() || layers[i] == layer; };
    for (std::uint32_t i = 0; i < size(); i++)
      if (here(i) && (entries_[i].type == ObjectType::commit || entries_[i].type == ObjectType::tag)) take(i);
    for (std::uint32_t i = 0; i < size(); i++)
      if (here(i) && entries_[i].type == ObjectType::tree) take(i);
    for (std::uint32_t i = 0; i < size(); i++) {
      if (!here(i) || taken[i] || entries_[i].is_base_only) continue;
      std::uint32_t root = i;
      while (entries_[root].base != kNone && !entries_[entries_[root].base].is_base_only) root = entries_[root].base;
      std::vector<std::uint32_t> stack{root};
      while (!stack.empty()) {
        std::uint32_t at = stack.back();
        stack.pop_back();
        if (here(at)) take(at);
        std::vector<std::uint32_t> children;
        for (std::uint32_t c = child[at]; c != kNone; c = sibling[c]) children.push_back(c);
        stack.insert(stack.end(), children.rbegin(), children.rend());
      }
    }
  }
  return order;
}

void PackObjects::write_to_stdout() {
  Progress progress("Writing objects", to_write_, options_.progress > 1);
  HashFile out(1, algo_, "<stdout>");
  out.write(format_pack_header(to_write_));
  Writer writer{*this, out};
  std::uint64_t done = 0;
  for (std::uint32_t i : write_order()) {
    writer.write(i);
    progress.throughput(out.size());
    progress.update(++done);
  }
  if (written_ != to_write_) die("wrote %u objects while expecting %u", written_, to_write_);
  out.finish();
  trace2::data("pack-objects", "write_pack_file/wrote", written_);
}

namespace {

class ByName : public IndexSource {
 public:
  ByName(const std::vector<PackObjects::Entry>& entries, const std::vector<std::uint32_t>& order)
      : entries_(entries), order_(order) {}
  std::uint32_t count() const override { return static_cast<std::uint32_t>(order_.size()); }
  PackIndexEntry at(std::uint32_t i) const override {
    const auto& e = entries_[order_[i]];
    return {e.oid, e.crc, e.offset};
  }

 private:
  const std::vector<PackObjects::Entry>& entries_;
  const std::vector<std::uint32_t>& order_;
};

}  // namespace

void PackObjects::write_files(const std::string& base_name, const OnPack& on_pack) {
  Progress progress("Writing objects", to_write_, options_.progress > 1);
  std::vector<std::uint32_t> order = write_order();
  std::string pack_dir = path_join(odb_.quarantine_dir().empty() ? odb_.objects_dir() : odb_.quarantine_dir(), "pack");
  std::size_t next = 0;
  std::vector<bool> earlier(entries_.size());
  bool fsync = odb_.options().fsync_components & static_cast<unsigned>(FsyncComponent::pack);
  bool fsync_meta = odb_.options().fsync_components & static_cast<unsigned>(FsyncComponent::pack_metadata);
  int shared = odb_.options().shared_repository;
  while (next < order.size() || (hashes_.empty() && !options_.non_empty && order.empty())) {
    Tempfile temp = create_pack_tempfile(pack_dir, "pack");
    HashFile out(temp.fd(), algo_, temp.path());
    // With a size limit the number of objects is known only at the end.
    std::uint32_t expected = options_.max_pack_size ? 0 : to_write_;
    out.write(format_pack_header(expected));
    Writer writer{*this, out};
    writer.limit = options_.max_pack_size;
    writer.pack_of = earlier;
    while (next < order.size() && writer.write(order[next])) {
      next++;
      progress.throughput(out.size());
      progress.update(written_);
    }
    out.flush();
    std::uint32_t count = static_cast<std::uint32_t>(writer.written.size());
    ObjectId checksum = count == expected ? out.finish() : fix_up_header(temp.fd(), out.size(), count, algo_, temp.path());
    for (std::uint32_t i : writer.written) earlier[i] = true;

    std::vector<std::uint32_t> by_name = writer.written;
    std::sort(by_name.begin(), by_name.end(),
              [this](std::uint32_t a, std::uint32_t b) { return entries_[a].oid < entries_[b].oid; });
    std::string base = base_name + "-" + checksum.hex();
    Tempfile idx = create_pack_tempfile(pack_dir, "idx");
    HashFile idx_out(idx.fd(), algo_, idx.path());
    write_pack_index(idx_out, ByName(entries_, by_name), checksum, algo_, options_.index_format);
    idx_out.finish();
    publish_pack_file(temp, base + ".pack", fsync, shared);
    if (options_.write_reverse_index) {
      std::vector<std::uint32_t> ranks(count), positions(entries_.size());
      for (std::uint32_t i = 0; i < count; i++) positions[by_name[i]] = i;
      for (std::uint32_t i = 0; i < count; i++) ranks[i] = positions[writer.written[i]];
      Tempfile rev = create_pack_tempfile(pack_dir, "rev");
      HashFile rev_out(rev.fd(), algo_, rev.path());
      write_reverse_index(rev_out, ranks, checksum, algo_);
      rev_out.finish();
      publish_pack_file(rev, base + ".rev", fsync_meta, shared);
    }
    if (options_.is_cruft) {
      mtimes_.resize(entries_.size());
      std::vector<std::uint32_t> mtimes;
      for (std::uint32_t i : by_name) mtimes.push_back(mtimes_[i]);
      Tempfile file = create_pack_tempfile(pack_dir, "mtimes");
      HashFile mtimes_out(file.fd(), algo_, file.path());
      write_mtimes(mtimes_out, mtimes, checksum, algo_);
      mtimes_out.finish();
      publish_pack_file(file, base + ".mtimes", fsync_meta, shared);
    }
    if (on_pack) on_pack(base, checksum, by_name);
    publish_pack_file(idx, base + ".idx", fsync_meta, shared);
    hashes_.push_back(checksum.hex());
    outf("%s\n", checksum);
    flush_out();
    if (order.empty()) break;
  }
  trace2::data("pack-objects", "write_pack_file/wrote", written_);
}

}  // namespace git
