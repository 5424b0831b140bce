// Making bitmaps.  Commits are chosen densely among the recent ones and sparsely among the old; their bitmaps are made from
// the oldest to the newest, so that each walk ends at commits that are done.
#include <algorithm>
#include <unordered_map>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "base/trace2.h"
#include "config.h"
#include "odb.h"
#include "pack-bitmap.h"
#include "pack-objects.h"
#include "pack/bytes.h"
#include "pack/pack-write.h"
#include "refs.h"
#include "repository.h"
#include "walk/commit-pool.h"
#include "walk/revisions.h"

namespace git {
namespace {

constexpr std::size_t kAlways = 100, kDense = 20000, kSpacing = 100, kMaxSpacing = 5000;
constexpr std::size_t kXorWindow = 10;

class BitmapMaker {
 public:
  BitmapMaker(Repository& repo, BitmapInput& input) : repo_(repo), pool_(repo.commits()), input_(input) {
    for (std::uint32_t i = 0; i < input.objects.size(); i++) bits_[input.objects[i]] = i;
    if (input.name_hashes.empty()) input.name_hashes.resize(input.objects.size());
  }

  struct Made {
    ObjectId commit;
    Bitmap bits;
  };

  Result<void> run() {
    std::vector<ObjectId> chosen = choose();
    trace2::data("pack-bitmap-write", "num_selected_commits", static_cast<std::int64_t>(chosen.size()));
    // Oldest first.
    for (auto oid = chosen.rbegin(); oid != chosen.rend(); ++oid)
      if (auto made = make(*oid); !made) return made;
    return {};
  }
  const std::vector<Made>& made() const { return made_; }

 private:
  std::vector<ObjectId> choose() const {
    const auto& all = input_.commits;
    if (all.size() < kAlways || input_.all_commits) return all;
    std::vector<ObjectId> chosen;
    for (std::size_t i = 0; i < all.size();) {
      std::size_t space = i <= kAlways  ? 0
                          : i <= kDense ? std::min(i - kAlways, kSpacing)
                                        : std::min(i - kDense + kSpacing, kMaxSpacing);
      std::size_t last = std::min(i + space, all.size() - 1), pick = last;
      // A preferred tip in the stretch is worth more than its end, and so is a merge.
      bool has_merge = false;
      for (std::size_t n = i; n <= last; n++) {
        if (input_.preferred.count(all[n])) {
          pick = n;
          break;
        }
        Commit* c = pool_.get(all[n]);
        if (!has_merge && pool_.parse_quietly(c) && c->parents.size() > 1 && space) {
          has_merge = true;
          pick = n;
        }
      }
      chosen.push_back(all[pick]);
      i = last + 1;
    }
    // Every preferred tip has one.
    for (const ObjectId& oid : all)
      if (input_.preferred.count(oid) && std::find(chosen.begin(), chosen.end(), oid) == chosen.end()) chosen.push_back(oid);
    std::unordered_map<ObjectId, std::size_t, ObjectIdHash> place;
    for (std::size_t i = 0; i < all.size(); i++) place[all[i]] = i;
    std::sort(chosen.begin(), chosen.end(), [&](const ObjectId& a, const ObjectId& b) { return place[a] < place[b]; });
    return chosen;
  }

  Error missing(const ObjectId& oid) const {
    return make_error(ErrorKind::invalid,
                      "Failed to write bitmap index. Packfile doesn't have full closure (object %s is missing)", oid);
  }

  Result<void> make(const ObjectId& tip) {
    Made entry{tip, {}};
    std::vector<ObjectId> stack{tip}, walked;
    while (!stack.empty()) {
      ObjectId oid = stack.back();
      stack.pop_back();
      auto bit = bits_.find(oid);
      if (bit == bits_.end()) return missing(oid);
      if (entry.bits.get(bit->second)) continue;
      if (auto known = by_commit_.find(oid); known != by_commit_.end()) {
        entry.bits.or_with(made_[known->second].bits);
        continue;
      }
      entry.bits.set(bit->second);
      Commit* c = pool_.get(oid);
      if (!pool_.parse_quietly(c)) return missing(oid);
      walked.push_back(oid);
      for (Commit* parent : c->parents) stack.push_back(parent->oid);
    }
    for (auto oid = walked.rbegin(); oid != walked.rend(); ++oid)
      if (auto filled = fill_tree(pool_.tree(pool_.get(*oid)), entry.bits); !filled) return filled;
    by_commit_[tip] = made_.size();
    made_.push_back(std::move(entry));
    return {};
  }

  Result<void> fill_tree(const ObjectId& root, Bitmap& bits) {
    std::vector<std::pair<ObjectId, std::string>> stack;
    stack.emplace_back(root, "");
    while (!stack.empty()) {
      auto [oid, path] = std::move(stack.back());
      stack.pop_back();
      auto bit = bits_.find(oid);
      if (bit == bits_.end()) return missing(oid);
      if (bits.get(bit->second)) continue;
      bits.set(bit->second);
      note_path(bit->second, path);
      Result<ObjectData> tree = repo_.odb().read(oid);
      if (!tree) return missing(oid);
      TreeReader reader(tree->data, repo_.algo());
      TreeEntry entry;
      while (reader.next(entry)) {
        if (is_gitlink_mode(entry.mode)) continue;
        auto child = bits_.find(entry.oid);
        if (child == bits_.end()) return missing(entry.oid);
        if (bits.get(child->second)) continue;
        std::string child_path = path.empty() ? std::string(entry.name) : path + "/" + std::string(entry.name);
        if (is_tree_mode(entry.mode)) {
          stack.emplace_back(entry.oid, std::move(child_path));
        } else {
          bits.set(child->second);
          note_path(child->second, child_path);
        }
      }
    }
    return {};
  }
  void note_path(std::uint32_t bit, const std::string& path) {
    if (!input_.name_hashes[bit]) input_.name_hashes[bit] = pack_name_hash(path);
  }

  Repository& repo_;
  CommitPool& pool_;
  BitmapInput& input_;
  std::unordered_map<ObjectId, std::uint32_t, ObjectIdHash> bits_;
  std::unordered_map<ObjectId, std::size_t, ObjectIdHash> by_commit_;
  std::vector<Made> made_;
};

void write_entries(HashFile& out, const BitmapInput& input, const std::vector<BitmapMaker::Made>& made) {
  std::size_t count = input.objects.size();
  std::vector<std::uint32_t> by_name(count), positions(count);
  for (std::uint32_t i = 0; i < count; i++) by_name[i] = i;
  std::sort(by_name.begin(), by_name.end(),
            [&](std::uint32_t a, std::uint32_t b) { return input.objects[a] < input.objects[b]; });
  std::unordered_map<ObjectId, std::uint32_t, ObjectIdHash> position_of;
  for (std::uint32_t i = 0; i < count; i++) position_of[input.objects[by_name[i]]] = i;
  struct Row {
    std::uint32_t position, entry, xor_with;
    std::uint64_t offset;
  };
  std::vector<Row> rows;
  for (std::size_t i = 0; i < made.size(); i++) {
    // The smallest of the differences to the few before.
    std::string best = ewah_encode(made[i].bits, count);
    std::size_t best_distance = 0;
    for (std::size_t distance = 1; distance <= std::min(i, kXorWindow); distance++) {
      Bitmap difference = made[i].bits;
      difference.xor_with(made[i - distance].bits);
      std::string encoded = ewah_encode(difference, count);
      if (encoded.size() < best.size()) {
        best = std::move(encoded);
        best_distance = distance;
      }
    }
    std::uint32_t position = position_of[made[i].commit];
    rows.push_back({position, static_cast<std::uint32_t>(i),
                    best_distance ? static_cast<std::uint32_t>(i - best_distance) : 0xffffffffu, out.size()});
    out.write_be32(position);
    const char tail[2] = {static_cast<char>(best_distance), 1};
    out.write({tail, 2});
    out.write(best);
  }
  if (input.lookup_table) {
    trace2::Region region("pack-bitmap-write", "writing_lookup_table");
    std::vector<Row> sorted = rows;
    std::sort(sorted.begin(), sorted.end(), [](const Row& a, const Row& b) { return a.position < b.position; });
    std::vector<std::uint32_t> row_of(rows.size());
    for (std::uint32_t i = 0; i < sorted.size(); i++) row_of[sorted[i].entry] = i;
    for (const Row& row : sorted) {
      std::string bytes;
      append_be32(bytes, row.position);
      append_be64(bytes, row.offset);
      append_be32(bytes, row.xor_with == 0xffffffffu ? row.xor_with : row_of[row.xor_with]);
      out.write(bytes);
    }
  }
  if (input.hash_cache)
    for (std::uint32_t bit : by_name) out.write_be32(input.name_hashes[bit]);
}

}  // namespace

Result<void> write_bitmap(Repository& repo, BitmapInput input, const std::string& path) {
  BitmapMaker maker(repo, input);
  {
    trace2::Region region("pack-bitmap-write", "building_bitmaps_total");
    if (auto made = maker.run(); !made) return made;
  }
  Tempfile temp = create_pack_tempfile(std::string(path_dirname(path)), "bitmap");
  HashFile out(temp.fd(), repo.algo(), temp.path());
  std::string header("BITM");
  append_be16(header, 1);
  append_be16(header, static_cast<std::uint16_t>(1 | (input.hash_cache ? 4 : 0) | (input.lookup_table ? 0x10 : 0)));
  append_be32(header, static_cast<std::uint32_t>(maker.made().size()));
  out.write(header);
  out.write(input.checksum.raw());
  for (ObjectType type : {ObjectType::commit, ObjectType::tree, ObjectType::blob, ObjectType::tag}) {
    Bitmap bits;
    for (std::size_t i = 0; i < input.types.size(); i++)
      if (input.types[i] == type) bits.set(i);
    out.write(ewah_encode(bits, input.objects.size()));
  }
  write_entries(out, input, maker.made());
  out.finish();
  if (path_exists(path)) remove_file(path);
  publish_pack_file(temp, path, false, repo.shared_repository());
  return {};
}

std::unordered_set<ObjectId, ObjectIdHash> preferred_bitmap_tips(Repository& repo) {
  std::unordered_set<ObjectId, ObjectIdHash> tips;
  for (std::string prefix : repo.config().get_strings("pack.preferbitmaptips")) {
    if (!prefix.empty() && prefix.back() != '/') prefix.push_back('/');
    repo.refs().for_each(prefix, [&](const Ref& ref) {
      tips.insert(repo.refs().peel(ref).value_or(ref.oid));
      return true;
    });
  }
  return tips;
}

Result<void> write_midx_bitmap(Repository& repo, const MidxPlan& plan, const ObjectId& checksum, const std::string& path,
                               const std::optional<std::string>& refs_snapshot) {
  BitmapInput input;
  input.checksum = checksum;
  input.hash_cache = repo.config().get_bool_or("pack.writebitmaphashcache", true);
  input.lookup_table = repo.config().get_bool_or("pack.writebitmaplookuptable", false);
  std::unordered_set<ObjectId, ObjectIdHash> commits;
  auto old = BitmapIndex::open(repo);
  for (std::uint32_t position : plan.pseudo_pack_order()) {
    const MidxEntry& entry = plan.entries[position];
    ObjectType type = plan.packs[entry.pack]->type_at(entry.offset);
    input.objects.push_back(entry.oid);
    input.types.push_back(type);
    auto bit = old ? old->bit_of(entry.oid) : std::nullopt;
    input.name_hashes.push_back(bit ? old->name_hash_of(*bit) : 0);
    if (type == ObjectType::commit) commits.insert(entry.oid);
  }
  RevWalk walk(repo);
  auto add_tip = [&](const ObjectId& oid) {
    Commit* c = repo.commits().peel_to_commit(oid);
    if (c) walk.add_pending(c->oid, "");
  };
  if (refs_snapshot) {
    auto text = read_file(*refs_snapshot);
    if (!text) die("could not open '%s' for reading", *refs_snapshot);
    for (std::string_view line : split_lines(*text)) {
      bool is_preferred = skip_prefix(line, "+");
      auto oid = ObjectId::from_hex(line, repo.algo());
      if (!oid) die("malformed line: %s", line);
      if (is_preferred) input.preferred.insert(*oid);
      add_tip(*oid);
    }
  } else {
    input.preferred = preferred_bitmap_tips(repo);
    repo.refs().for_each("refs/", [&](const Ref& ref) {
      if (!ref.oid.is_null()) add_tip(ref.oid);
      return true;
    });
  }
  walk.ignore_missing_links = true;
  walk.prepare();
  while (Commit* c = walk.next())
    if (commits.count(c->oid)) input.commits.push_back(c->oid);
  return write_bitmap(repo, std::move(input), path);
}

}  // namespace git
