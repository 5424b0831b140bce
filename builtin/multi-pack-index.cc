// git multi-pack-index (git-multi-pack-index(1)).
#include <unistd.h>

#include <algorithm>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/progress.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "hash/hasher.h"
#include "odb.h"
#include "pack-bitmap.h"
#include "pack/bytes.h"
#include "pack/midx-format.h"
#include "pack/midx-write.h"
#include "pack/pack.h"

GIT_BUILTIN("multi-pack-index", cmd_multi_pack_index, kSetup)

namespace git {
namespace {

const std::vector<std::string> kUsages = {
    "git multi-pack-index [<options>] write [--preferred-pack=<pack>][--[no-]bitmap] [--[no-]incremental] "
    "[--[no-]stdin-packs] [--refs-snapshot=<path>]",
    "git multi-pack-index [<options>] verify", "git multi-pack-index [<options>] expire",
    "git multi-pack-index [<options>] repack [--batch-size=<size>]"};

class MidxCommand {
 public:
  explicit MidxCommand(Invocation& inv) : inv_(inv), repo_(inv.repo()), algo_(repo_.algo()) { progress_ = isatty(2) ? 1 : 0; }

  int run() {
    enum { none, write, verify, expire, repack };
    int what = none;
    Options options(kUsages);
    common(options);
    options.subcommand("repack", &what, repack);
    options.subcommand("write", &what, write);
    options.subcommand("verify", &what, verify);
    options.subcommand("expire", &what, expire);
    std::vector<std::string> args = options.parse(inv_.args, inv_.prefix_or_empty());
    switch (what) {
      case write:
        return run_write(args);
      case verify:
        return run_verify(args);
      case expire:
        return run_expire(args);
      default:
        return run_repack(args);
    }
  }

 private:
  void common(Options& options) {
    options.string(0, "object-dir", &object_dir_, "directory",
                   N_("object directory containing set of packfile and pack-index pairs"));
    options.boolean(0, "progress", &progress_, N_("force progress reporting"));
  }
  std::vector<std::string> parse(Options& options, const std::vector<std::string>& args) {
    common(options);
    std::vector<std::string> left = options.parse(args, inv_.prefix_or_empty());
    if (!left.empty()) options.usage_with_options();
    resolve_object_dir();
    return left;
  }
  void resolve_object_dir() {
    ObjectDatabase& odb = repo_.odb();
    if (object_dir_.empty()) {
      object_dir_ = odb.objects_dir();
      return;
    }
    std::string wanted = real_path_forgiving(prefix_filename(inv_.prefix_or_empty(), object_dir_));
    for (const auto& source : odb.sources())
      if (real_path_forgiving(source.path) == wanted) {
        object_dir_ = source.path;
        return;
      }
    if (!is_directory(wanted)) die("could not find object directory matching %s", object_dir_);
    object_dir_ = wanted;
  }

  std::vector<std::shared_ptr<Pack>> packs_here() {
    std::vector<std::shared_ptr<Pack>> packs;
    std::string dir = path_join(object_dir_, "pack");
    for (const std::string& name : list_dir(dir)) {
      if (!ends_with(name, ".idx")) continue;
      auto pack = Pack::open(path_join(dir, name), algo_);
      if (!pack) continue;
      if (!(*pack)->open_index()) {
        warning("failed to open pack-index '%s'", path_join(dir, name));
        continue;
      }
      packs.push_back(*pack);
    }
    return packs;
  }
  static std::string_view idx_name(const Pack& pack, std::string& hold) {
    hold = pack.path_with("idx");
    return path_basename(hold);
  }
  static bool same_pack(const Pack& pack, std::string_view name) {
    std::string hold;
    std::string_view idx = idx_name(pack, hold), base = idx;
    strip_suffix(base, ".idx");
    if (!strip_suffix(name, ".idx")) strip_suffix(name, ".pack");
    return base == name;
  }
  std::unique_ptr<MultiPackIndex> existing() {
    auto midx = MultiPackIndex::open(object_dir_, algo_);
    if (midx) return std::move(*midx);
    return nullptr;
  }

  // ---- write ----
  int run_write(const std::vector<std::string>& args) {
    Options options({kUsages[0]});
    std::string preferred_name;
    bool bitmap = false, incremental = false, from_stdin = false;
    options.string(0, "preferred-pack", &preferred_name, "preferred-pack",
                   N_("pack for reuse when computing a multi-pack bitmap"));
    options.boolean(0, "bitmap", &bitmap, N_("write multi-pack bitmap"));
    options.boolean(0, "incremental", &incremental, N_("write a new incremental MIDX"));
    options.boolean(0, "stdin-packs", &from_stdin, N_("write multi-pack index containing only given indexes"));
    options.filename(0, "refs-snapshot", &snapshot_, N_("refs snapshot for selecting bitmap commits"));
    parse(options, args);
    std::vector<std::shared_ptr<Pack>> packs = packs_here();
    std::unique_ptr<MultiPackIndex> old = existing();
    if (old && !checksums_match(*old)) {
      warning("ignoring existing multi-pack-index; checksum mismatch");
      old.reset();
    }
    if (from_stdin) keep_only_named(packs);
    if (incremental && old) std::erase_if(packs, [&](const auto& p) { return old->contains_pack(p->name()); });
    return write_over(std::move(packs), preferred_name, bitmap, incremental, from_stdin, old.get());
  }

  void keep_only_named(std::vector<std::shared_ptr<Pack>>& packs) {
    std::vector<std::string> names;
    LineReader lines(0);
    std::string line;
    while (lines.next(line)) names.push_back(line);
    std::erase_if(packs, [&](const auto& p) {
      return std::none_of(names.begin(), names.end(), [&](const std::string& n) { return same_pack(*p, n); });
    });
  }

  int write_over(std::vector<std::shared_ptr<Pack>> packs, const std::string& preferred_name, bool bitmap, bool incremental,
                 bool chosen, const MultiPackIndex* old) {
    const Pack* preferred = nullptr;
    if (!preferred_name.empty()) {
      for (const auto& p : packs)
        if (same_pack(*p, preferred_name)) preferred = p.get();
      if (!preferred) warning("unknown preferred pack: '%s'", preferred_name);
    } else if (bitmap && !packs.empty()) {
      for (const auto& p : packs)
        if (p->count() && (!preferred || p->mtime() < preferred->mtime())) preferred = p.get();
    }
    if (preferred && !preferred->count()) {
      error("cannot select preferred pack %s with no objects", preferred->name());
      return 1;
    }
    if (packs.empty()) {
      error("no pack files to index.");
      return 1;
    }
    if (!chosen && !incremental && old && is_up_to_date(packs, *old) && fits_request(*old, preferred, bitmap)) return 0;
    MidxPlan plan;
    {
      Progress progress("Adding packfiles to multi-pack-index", packs.size(), progress_ > 0);
      progress.update(packs.size());
      plan = plan_midx(std::move(packs), preferred, incremental ? old : nullptr, incremental || chosen ? nullptr : old);
    }
    MidxWriteOptions options;
    options.algo = algo_;
    options.reverse_index = bitmap;
    options.incremental = incremental;
    options.shared_repository = repo_.shared_repository();
    if (bitmap)
      options.before_publish = [&](const ObjectId& checksum, const std::string& stem) {
        if (plan.entries.empty()) {
          warning("refusing to write multi-pack .bitmap without any objects");
          return;
        }
        auto written = write_midx_bitmap(repo_, plan, checksum, stem + ".bitmap", snapshot_);
        if (written) return;
        error("%s", written.error().message);
        error("could not write multi-pack bitmap");
        exit_with(1);
      };
    if (incremental && old)
      for (const auto& layer : old->layers()) options.base_layers.push_back(ObjectId::from_raw(layer->checksum(), algo_));
    Progress progress("Writing chunks to multi-pack-index", plan.entries.size(), progress_ > 0);
    write_midx(object_dir_, plan, options);
    progress.update(plan.entries.size());
    return 0;
  }

  // The bitmap that is asked for is there, and so is the preferred pack.
  bool fits_request(const MultiPackIndex& old, const Pack* preferred, bool bitmap) const {
    if (old.layers().size() != 1) return !preferred && !bitmap;
    const auto& layer = *old.layers()[0];
    bool has_bitmap = path_exists(layer.path + "-" + to_hex(layer.checksum()) + ".bitmap");
    if (bitmap && !has_bitmap) return false;
    if (!preferred) return true;
    if (layer.reverse_index.size() < 4) return false;
    return same_pack(*preferred, layer.pack_names[layer.pack_at(get_be32(layer.reverse_index.data()))]);
  }

  bool checksums_match(const MultiPackIndex& midx) const {
    return std::all_of(midx.layers().begin(), midx.layers().end(), [this](const auto& layer) {
      std::string_view all = layer->file.bytes();
      return hash_bytes(algo_, all.substr(0, all.size() - raw_size(algo_)), true).raw() == layer->checksum();
    });
  }

  static bool is_up_to_date(const std::vector<std::shared_ptr<Pack>>& packs, const MultiPackIndex& old) {
    if (packs.size() != old.pack_names().size()) return false;
    return std::all_of(packs.begin(), packs.end(), [&](const auto& p) { return old.contains_pack(p->name()); });
  }

  // ---- verify ----
  int run_verify(const std::vector<std::string>& args) {
    Options options({kUsages[1]});
    parse(options, args);
    auto opened = MultiPackIndex::open(object_dir_, algo_);
    if (!opened) {
      if (opened.error().kind == ErrorKind::missing) return 0;
      error("%s", opened.error().message);
      if (path_exists(path_join(object_dir_, "pack/multi-pack-index")))
        error("multi-pack-index file exists, but failed to parse");
      return 1;
    }
    bool ok = true;
    auto complain = [&](const std::string& text) {
      error("%s", text);
      ok = false;
    };
    for (const auto& layer : (*opened)->layers()) verify_layer(*layer, complain);
    return ok ? 0 : 1;
  }

  template <class Complain>
  void verify_layer(const MultiPackIndex::Layer& layer, const Complain& complain) {
    std::string_view all = layer.file.bytes();
    if (hash_bytes(algo_, all.substr(0, all.size() - raw_size(algo_)), true).raw() != layer.checksum())
      complain("incorrect checksum");
    std::vector<std::shared_ptr<Pack>> packs;
    {
      Progress progress("Looking for referenced packfiles", layer.pack_names.size(), progress_ > 0, true);
      for (std::uint32_t i = 0; i < layer.pack_names.size(); i++) {
        auto pack = Pack::open(path_join(path_join(object_dir_, "pack"), layer.pack_names[i]), algo_);
        if (!pack) complain(strf("failed to load pack in position %d", i));
        packs.push_back(pack ? *pack : nullptr);
        progress.update(i + 1);
      }
    }
    if (!layer.count) {
      complain("the midx contains no oid");
      return;
    }
    for (std::uint32_t i = 0; i + 1 < layer.count; i++) {
      ObjectId a = ObjectId::from_raw(layer.raw_at(i), algo_), b = ObjectId::from_raw(layer.raw_at(i + 1), algo_);
      if (!(a < b)) complain(strf("oid lookup out of order: oid[%d] = %s >= %s = oid[%d]", i, a, b, i + 1));
    }
    verify_offsets(layer, packs, complain);
  }

  template <class Complain>
  void verify_offsets(const MultiPackIndex::Layer& layer, const std::vector<std::shared_ptr<Pack>>& packs,
                      const Complain& complain) {
    Progress progress("Verifying object offsets", layer.count, progress_ > 0, true);
    for (std::uint32_t i = 0; i < layer.count; i++) {
      ObjectId oid = ObjectId::from_raw(layer.raw_at(i), algo_);
      std::uint32_t number = layer.pack_at(i);
      const Pack* pack = packs[number].get();
      if (!pack) {
        complain(strf("failed to load pack entry for oid[%d] = %s", i, oid));
        continue;
      }
      if (!pack->open_index()) {
        complain(strf("failed to load pack-index for packfile %s", pack->path()));
        break;
      }
      std::uint64_t offset = layer.offset_at(i);
      auto there = pack->find_offset(oid);
      if (!there || *there != offset)
        complain(strf("incorrect object offset for oid[%d] = %s: %x != %x", i, oid, offset, there.value_or(0)));
      progress.update(i + 1);
    }
  }

  // ---- expire and repack ----
  int run_expire(const std::vector<std::string>& args) {
    Options options({kUsages[2]});
    parse(options, args);
    std::unique_ptr<MultiPackIndex> midx = existing();
    if (!midx) return 0;
    std::vector<std::uint32_t> used(midx->pack_names().size(), 0);
    for (std::uint32_t i = 0; i < midx->count(); i++) used[midx->place_at(i).pack]++;
    std::vector<std::shared_ptr<Pack>> packs = packs_here(), left;
    bool dropped = false;
    for (std::size_t i = 0; i < used.size(); i++) {
      auto pack = std::find_if(packs.begin(), packs.end(), [&](const auto& p) { return same_pack(*p, midx->pack_names()[i]); });
      if (pack == packs.end()) {
        dropped = true;
        continue;
      }
      if (used[i] || (*pack)->has_keep() || (*pack)->is_cruft()) {
        left.push_back(*pack);
        continue;
      }
      dropped = true;
      for (const char* extension : {"idx", "rev", "bitmap", "promisor", "mtimes", "keep", "pack"})
        remove_file((*pack)->path_with(extension));
    }
    if (!dropped) return 0;
    return write_over(std::move(left), {}, false, false, true, midx.get());
  }

  int run_repack(const std::vector<std::string>& args) {
    Options options({kUsages[3]});
    std::uint64_t batch_size = 0;
    options.magnitude(0, "batch-size", &batch_size,
                      N_("during repack, collect pack-files of smaller size into a batch that is "
                         "larger than this size"));
    parse(options, args);
    std::unique_ptr<MultiPackIndex> midx = existing();
    if (!midx) return 0;
    Config& config = repo_.config();
    bool pack_kept = config.get_bool_or("repack.packkeptobjects", false);
    std::vector<std::shared_ptr<Pack>> packs = packs_here();
    std::vector<std::uint32_t> used(midx->pack_names().size(), 0);
    for (std::uint32_t i = 0; i < midx->count(); i++) used[midx->place_at(i).pack]++;
    std::vector<std::pair<std::shared_ptr<Pack>, std::uint32_t>> candidates;  // pack, number in the midx
    for (std::uint32_t i = 0; i < used.size(); i++)
      for (const auto& p : packs)
        if (same_pack(*p, midx->pack_names()[i]) && (pack_kept || !p->has_keep()) && !p->is_cruft())
          candidates.emplace_back(p, i);
    std::vector<bool> chosen(used.size());
    std::size_t count = 0;
    if (batch_size) {
      std::stable_sort(candidates.begin(), candidates.end(),
                       [](const auto& a, const auto& b) { return a.first->mtime() < b.first->mtime(); });
      std::uint64_t total = 0;
      for (const auto& [pack, number] : candidates) {
        if (total >= batch_size) break;
        if (!pack->count()) continue;
        std::uint64_t expected = (static_cast<std::uint64_t>(used[number]) << 14) / pack->count() * pack->file_size() >> 14;
        if (expected >= batch_size) continue;
        total += expected;
        chosen[number] = true;
        count++;
      }
      if (total < batch_size || count < 2) return 0;
    } else {
      for (const auto& [pack, number] : candidates) chosen[number] = true, count++;
      if (count < 2) return 0;
    }
    return repack_chosen(*midx, chosen, config);
  }

  int repack_chosen(const MultiPackIndex& midx, const std::vector<bool>& chosen, Config& config) {
    ChildProcess child;
    child.git_command = true;
    child.args = {"pack-objects", path_join(object_dir_, "pack/pack")};
    if (config.get_bool_or("repack.usedeltabaseoffset", true)) child.args.push_back("--delta-base-offset");
    if (config.get_bool_or("repack.usedeltaislands", false)) child.args.push_back("--delta-islands");
    child.args.push_back(progress_ > 0 ? "--progress" : "-q");
    child.out = ChildProcess::kNull;
    child.in = ChildProcess::kPipe;
    if (!child.start()) return error("could not start pack-objects"), 1;
    std::vector<std::pair<std::pair<std::uint32_t, std::uint64_t>, std::uint32_t>> order;
    for (std::uint32_t i = 0; i < midx.count(); i++) {
      auto place = midx.place_at(i);
      if (chosen[place.pack]) order.push_back({{place.pack, place.offset}, i});
    }
    std::sort(order.begin(), order.end());
    std::string input;
    for (const auto& [place, i] : order) input += midx.oid_at(i).hex() + "\n";
    write_in_full(child.in_fd(), input);
    child.close_in();
    if (child.finish()) return error("could not finish pack-objects"), 1;
    return write_over(packs_here(), {}, false, false, true, &midx);
  }

  Invocation& inv_;
  Repository& repo_;
  HashAlgo algo_;
  std::string object_dir_;
  int progress_ = 0;
  std::optional<std::string> snapshot_;
};

}  // namespace

int cmd_multi_pack_index(Invocation& inv) { return MidxCommand(inv).run(); }

}  // namespace git
