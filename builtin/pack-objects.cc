// git pack-objects: the command around pack-objects.h (git-pack-objects(1)).
#include <unistd.h>

#include <algorithm>

#include "base/date.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/progress.h"
#include "base/strings.h"
#include "base/trace2.h"
#include "builtin.h"
#include "config.h"
#include "delta-islands.h"
#include "diff/rev-limiter.h"
#include "odb.h"
#include "pack-bitmap.h"
#include "pack-objects-source.h"
#include "pack-objects.h"
#include "pack/pack.h"
#include "walk/commit-pool.h"

GIT_BUILTIN("pack-objects", cmd_pack_objects, kSetup)

namespace git {
namespace {

constexpr int kMaxDepth = 4095;

struct Arguments {
  bool keep_true_parents = false;
  PackObjectsOptions pack;
  int progress = -1;
  bool all_progress = false, all_progress_implied = false;
  bool revs = false, unpacked = false, all = false, reflog = false, indexed = false;
  int stdin_packs = 0;
  bool follow = false, include_tag = false, shallow = false, sparse = true, delta_islands = false;
  bool keep_unreachable = false, pack_loose_unreachable = false, unpack_unreachable = false;
  std::int64_t unpack_expiration = 0, cruft_expiration = 0;
  bool cruft = false;
  bool aggressive_edges = false;
  std::optional<int> use_bitmap;
  bool write_bitmap = false, write_bitmap_quiet = false;
  std::vector<std::string> keep_packs, uri_protocols;
  ObjectFilter filter;
  MissingAction missing = MissingAction::error;
  bool exclude_promisor = false, exclude_promisor_best_effort = false;
  bool has_index_version = false;
  static constexpr std::int64_t kUnset = INT64_MIN;
  std::int64_t window = kUnset, depth = kUnset, threads = kUnset, compression = kUnset;
};

void parse_index_version(Arguments& a, const std::string& value) {
  char* end = nullptr;
  unsigned long version = std::strtoul(value.c_str(), &end, 10);
  if (version > 2) die("unsupported index version %s", value);
  a.pack.index_format.version = static_cast<int>(version);
  a.has_index_version = true;
  if (*end == ',' && end[1]) {
    unsigned long limit = std::strtoul(end + 1, &end, 0);
    if (limit & 0x80000000ul) die("bad index version '%s'", value);
    a.pack.index_format.offset_limit = static_cast<std::uint32_t>(limit);
  }
  if (*end) die("bad index version '%s'", value);
}

void declare_output_options(Options& o, Arguments& a) {
  o.callback(
      'q', "quiet", "", N_("do not show progress meter"),
      [&](const auto&, bool unset) {
        if (!unset) a.progress = 0;
        return true;
      },
      kOptNoArg);
  o.callback(
      0, "progress", "", N_("show progress meter"),
      [&](const auto&, bool unset) {
        a.progress = unset ? 0 : 1;
        return true;
      },
      kOptNoArg);
  o.callback(
      0, "all-progress", "", N_("show progress meter during object writing phase"),
      [&](const auto&, bool unset) {
        a.progress = unset ? 0 : 2;
        return true;
      },
      kOptNoArg);
  o.boolean(0, "all-progress-implied", &a.all_progress_implied, N_("similar to --all-progress when progress meter is shown"));
  o.callback(
      0, "index-version", N_("<version>[,<offset>]"), N_("write the pack index file in the specified idx format version"),
      [&](const std::optional<std::string>& value, bool) {
        parse_index_version(a, *value);
        return true;
      },
      kOptNoNeg);
  o.magnitude(0, "max-pack-size", &a.pack.max_pack_size, N_("maximum size of each output pack file"));
}

void declare_delta_options(Options& o, Arguments& a) {
  o.boolean(0, "local", &a.pack.local, N_("ignore borrowed objects from alternate object store"));
  o.boolean(0, "incremental", &a.pack.incremental, N_("ignore packed objects"));
  o.integer64(0, "window", &a.window, "n", N_("limit pack window by objects"));
  o.magnitude(0, "window-memory", &a.pack.window_memory, N_("limit pack window by memory in addition to object limit"));
  o.integer64(0, "depth", &a.depth, "n", N_("maximum length of delta chain allowed in the resulting pack"));
  o.boolean(0, "reuse-delta", &a.pack.reuse_delta, N_("reuse existing deltas"));
  o.boolean(0, "reuse-object", &a.pack.reuse_object, N_("reuse existing objects"));
  o.boolean(0, "delta-base-offset", &a.pack.ofs_delta, N_("use OFS_DELTA objects"));
  o.integer64(0, "threads", &a.threads, "n", N_("use threads when searching for best delta matches"));
  o.boolean(0, "non-empty", &a.pack.non_empty, N_("do not create an empty pack output"));
}

void declare_source_options(Options& o, Arguments& a) {
  o.boolean(0, "revs", &a.revs, N_("read revision arguments from standard input"));
  o.boolean(0, "unpacked", &a.unpacked, N_("limit the objects to those that are not yet packed"), kOptNoNeg);
  o.boolean(0, "all", &a.all, N_("include objects reachable from any reference"), kOptNoNeg);
  o.boolean(0, "reflog", &a.reflog, N_("include objects referred by reflog entries"), kOptNoNeg);
  o.boolean(0, "indexed-objects", &a.indexed, N_("include objects referred to by the index"), kOptNoNeg);
  o.callback(
      0, "stdin-packs", "mode", N_("read packs from stdin"),
      [&](const std::optional<std::string>& value, bool unset) {
        a.stdin_packs = unset ? 0 : 1;
        a.follow = false;
        if (value && *value == "follow")
          a.follow = true;
        else if (value && !value->empty())
          die("invalid value for '%s': '%s'", "--stdin-packs", *value);
        return true;
      },
      kOptOptionalArg);
  o.boolean(0, "stdout", &a.pack.to_stdout, N_("output pack to stdout"));
  o.boolean(0, "include-tag", &a.include_tag, N_("include tag objects that refer to objects to be packed"));
  o.boolean(0, "keep-unreachable", &a.keep_unreachable, N_("keep unreachable objects"));
  o.boolean(0, "pack-loose-unreachable", &a.pack_loose_unreachable, N_("pack loose unreachable objects"));
  o.callback(
      0, "unpack-unreachable", "time", N_("unpack unreachable objects newer than <time>"),
      [&](const std::optional<std::string>& value, bool unset) {
        a.unpack_unreachable = !unset;
        a.unpack_expiration = 0;
        if (value) a.unpack_expiration = static_cast<std::int64_t>(approxidate(*value));
        return true;
      },
      kOptOptionalArg);
  o.boolean(0, "cruft", &a.cruft, N_("create a cruft pack"));
  o.callback(
      0, "cruft-expiration", "time", N_("expire cruft objects older than <time>"),
      [&](const std::optional<std::string>& value, bool unset) {
        a.cruft = !unset;
        a.cruft_expiration = 0;
        if (value) a.cruft_expiration = static_cast<std::int64_t>(approxidate(*value));
        return true;
      },
      kOptOptionalArg);
  o.boolean(0, "sparse", &a.sparse, N_("use the sparse reachability algorithm"));
  o.boolean(0, "thin", &a.pack.thin, N_("create thin packs"));
  o.boolean(0, "path-walk", &a.pack.path_walk, N_("use the path-walk API to walk objects when possible"));
  o.boolean(0, "shallow", &a.shallow, N_("create packs suitable for shallow fetches"));
}

void declare_filter_options(Options& o, Arguments& a) {
  o.boolean(0, "honor-pack-keep", &a.pack.honor_keep, N_("ignore packs that have companion .keep file"));
  o.strings(0, "keep-pack", &a.keep_packs, "name", N_("ignore this pack"));
  o.strings(0, "uri-protocol", &a.uri_protocols, "protocol",
            N_("exclude any configured uploadpack.blobpackfileuri with this protocol"));
  o.integer64(0, "compression", &a.compression, "n", N_("pack compression level"));
  o.boolean(0, "keep-true-parents", &a.keep_true_parents, N_("do not hide commits by grafts"));
  o.callback(
      0, "use-bitmap-index", "", N_("use a bitmap index if available to speed up counting objects"),
      [&](const auto&, bool unset) {
        a.use_bitmap = !unset;
        return true;
      },
      kOptNoArg);
  o.callback(
      0, "write-bitmap-index", "", N_("write a bitmap index together with the pack index"),
      [&](const auto&, bool unset) {
        a.write_bitmap = !unset;
        a.write_bitmap_quiet = false;
        return true;
      },
      kOptNoArg);
  o.callback(
      0, "write-bitmap-index-quiet", "", N_("write a bitmap index if possible"),
      [&](const auto&, bool unset) {
        a.write_bitmap = a.write_bitmap_quiet = !unset;
        return true;
      },
      kOptNoArg | kOptHidden);
  o.callback(0, "filter", "args", N_("object filtering"), [&](const std::optional<std::string>& value, bool unset) {
    if (unset)
      a.filter = {};
    else
      add_object_filter(a.filter, *value).or_die();
    return true;
  });
  o.callback(
      0, "missing", "action", N_("handling for missing objects"),
      [&](const std::optional<std::string>& value, bool) {
        if (*value == "error")
          a.missing = MissingAction::error;
        else if (*value == "allow-any")
          a.missing = MissingAction::allow_any;
        else if (*value == "allow-promisor")
          a.missing = MissingAction::allow_promisor;
        else
          die("invalid value for '%s': '%s'", "--missing", *value);
        return true;
      },
      kOptNoNeg);
  o.boolean(0, "exclude-promisor-objects", &a.exclude_promisor, N_("do not pack objects in promisor packfiles"));
  o.boolean(0, "exclude-promisor-objects-best-effort", &a.exclude_promisor_best_effort,
            N_("implies --missing=allow-any and excludes objects in promisor packfiles"));
  o.boolean(0, "delta-islands", &a.delta_islands, N_("respect islands during delta compression"));
  o.integer(0, "name-hash-version", &a.pack.name_hash_version, "n",
            N_("use the specified name-hash function to group similar objects"));
}

void read_config(Config& config, Arguments& a) {
  PackObjectsOptions& p = a.pack;
  auto level = [&](const char* key, const char* what) {
    auto n = config.get_int(key);
    if (!n) return;
    if (*n != -1 && (*n < 0 || *n > 9)) die("bad %s compression level %d", what, *n);
    p.compression = *n;
  };
  level("core.compression", "zlib");
  level("pack.compression", "pack");
  if (auto n = config.get_int("pack.window")) p.window = *n;
  if (auto n = config.get_int("pack.depth")) p.depth = *n;
  if (auto n = config.get_ulong("pack.windowmemory")) p.window_memory = *n;
  if (auto n = config.get_ulong("pack.deltacachesize")) p.delta_cache_size = *n;
  if (auto n = config.get_ulong("pack.packsizelimit")) p.max_pack_size = *n;
  if (auto n = config.get_int("pack.threads")) {
    if (*n < 0) die("invalid number of threads specified (%d)", *n);
    p.threads = *n;
  }
  if (auto n = config.get_int("pack.indexversion")) {
    if (*n > 2) die("bad pack.indexVersion=%d", *n);
    p.index_format.version = *n;
  }
  p.write_reverse_index = config.get_bool_or("pack.writereverseindex", true);
  a.sparse = config.get_bool_or("pack.usesparse", true);
  a.pack.path_walk = config.get_bool_or("pack.usepathwalk", false);
}

class PackObjectsCommand {
 public:
  PackObjectsCommand(Invocation& inv) : inv_(inv), repo_(inv.repo()) { read_config(repo_.config(), a_); }

  int run() {
    std::uint64_t configured_size = std::exchange(a_.pack.max_pack_size, 0);
    Options options(
        {"git pack-objects [-q | --progress | --all-progress] [--all-progress-implied]\n"
         "                 [--no-reuse-delta] [--delta-base-offset] [--non-empty]\n"
         "                 [--local] [--incremental] [--window=<n>] [--depth=<n>]\n"
         "                 [--revs [--unpacked | --all]] [--keep-pack=<pack-name>]\n"
         "                 [--cruft] [--cruft-expiration=<time>]\n"
         "                 [--stdout [--filter=<filter-spec>] | <base-name>]\n"
         "                 [--shallow] [--keep-true-parents] [--[no-]sparse]\n"
         "                 [--name-hash-version=<n>] [--path-walk] < <object-list>"});
    declare_output_options(options, a_);
    declare_delta_options(options, a_);
    declare_source_options(options, a_);
    declare_filter_options(options, a_);
    std::vector<std::string> args = options.parse(inv_.args, inv_.prefix_or_empty());
    std::string base_name;
    if (!args.empty()) {
      base_name = args[0];
      args.erase(args.begin());
    }
    if (a_.pack.to_stdout == !base_name.empty() || !args.empty()) options.usage_with_options();
    if (!base_name.empty()) base_name = prefix_filename(inv_.prefix_or_empty(), base_name);
    check_options();
    check_pack_size(configured_size);
    read_uris();
    PackObjects packer(repo_, a_.pack);
    mark_kept_packs();
    {
      std::optional<trace2::Region> region;
      if (a_.pack.path_walk) region.emplace("pack-objects", "path-walk");
      add_objects(packer);
    }
    if (a_.pack.non_empty && !packer.written_count()) return 0;
    if (a_.delta_islands) packer.set_islands(load_delta_islands(repo_, packer));
    packer.prepare();
    if (a_.pack.to_stdout) {
      for (const std::string& uri : packer.used_uris()) write_in_full(1, uri + "\n");
      if (!a_.uri_protocols.empty()) write_in_full(1, "\n");
      packer.write_to_stdout();
    } else {
      packer.write_files(base_name, bitmap_writer(packer));
    }
    trace2::data("pack-objects", "write_pack_file/wrote", static_cast<std::int64_t>(packer.written_count()));
    trace2::data("pack-objects", "pack-reused", std::int64_t{packer.pack_reused()});
    trace2::data("pack-objects", "packs-reused", std::int64_t{packer.packs_reused()});
    if (a_.pack.progress) errf("%s\n", packer.summary());
    return 0;
  }

 private:
  // uploadpack.blobPackfileUri: "<object> <pack> <uri>"
  void read_uris() {
    if (a_.uri_protocols.empty()) return;
    for (const ConfigEntry* entry : repo_.config().find_all("uploadpack.blobpackfileuri")) {
      std::string_view value = entry->value ? std::string_view(*entry->value) : std::string_view(), rest = value;
      auto object = ObjectId::parse_prefix(rest, repo_.algo());
      std::string_view stands_for = rest.substr(std::min<std::size_t>(1, rest.size()));
      std::string_view uri = stands_for;
      auto pack = object && starts_with(rest, " ") ? ObjectId::parse_prefix(uri, repo_.algo()) : std::nullopt;
      if (!pack || !skip_prefix(uri, " "))
        die("value of uploadpack.blobpackfileuri must be of the form '<object-hash> <pack-hash> <uri>' (got '%s')", value);
      for (const std::string& protocol : a_.uri_protocols)
        if (starts_with(uri, protocol + ":")) a_.pack.uris.emplace(*object, stands_for);
    }
  }

  void check_options() {
    PackObjectsOptions& p = a_.pack;
    if (a_.window != Arguments::kUnset) p.window = static_cast<int>(std::clamp<std::int64_t>(a_.window, -1, 1 << 30));
    if (a_.depth != Arguments::kUnset) p.depth = static_cast<int>(std::clamp<std::int64_t>(a_.depth, -1, 1 << 30));
    if (a_.threads >= 0) p.threads = static_cast<int>(a_.threads);
    if (a_.threads < 0 && a_.threads != Arguments::kUnset) die("invalid number of threads specified (%d)", a_.threads);
    if (a_.compression != Arguments::kUnset) {
      if (a_.compression < -1 || a_.compression > 9) die("bad pack compression level %d", a_.compression);
      p.compression = static_cast<int>(a_.compression);
    }
    if (p.depth < 0) p.depth = 0;
    if (p.depth > kMaxDepth) {
      warning("delta chain depth %d is too deep, forcing %d", p.depth, kMaxDepth);
      p.depth = kMaxDepth;
    }
    if (p.window < 0) p.window = 0;
    if (p.name_hash_version < 0) p.name_hash_version = repo_.config().get_int_or("pack.namehashversion", 1);
    if (p.name_hash_version != 1 && p.name_hash_version != 2) die("invalid --name-hash-version option: %d", p.name_hash_version);
    a_.pack.progress = a_.progress >= 0 ? a_.progress : isatty(2) ? 1 : 0;
    if (a_.pack.progress == 1 && a_.all_progress_implied) a_.pack.progress = 2;
    die_for_incompatible_opts({{a_.exclude_promisor, "--exclude-promisor-objects"},
                               {a_.exclude_promisor_best_effort, "--exclude-promisor-objects-best-effort"}});
    if (a_.exclude_promisor_best_effort) {
      a_.exclude_promisor = true;
      a_.missing = MissingAction::allow_any;
    }
    // What is missing on purpose is left out, not fetched.
    if (a_.missing != MissingAction::error || a_.exclude_promisor) repo_.odb().set_promisor_fetch(nullptr);
    if (p.thin && !p.to_stdout) die("--thin cannot be used to build an indexable pack");
    die_for_incompatible_opts({{a_.keep_unreachable, "--keep-unreachable"}, {a_.unpack_unreachable, "--unpack-unreachable"}});
    if (a_.cruft && (needs_revs() || a_.stdin_packs)) {
      if (a_.stdin_packs) die("cannot use --stdin-packs with --cruft");
      die("cannot use internal rev list with --cruft");
    }
    if (a_.stdin_packs && needs_revs()) die("cannot use internal rev list with --stdin-packs");
    die_for_incompatible_opts({{a_.stdin_packs != 0, "--stdin-packs"}, {a_.filter.is_set(), "--filter"}});
    if (a_.cruft) p.is_cruft = true;
    p.pass_kept_in_core = a_.cruft || a_.stdin_packs || !a_.keep_packs.empty();
  }
  bool needs_revs() const {
    return a_.revs || a_.all || a_.reflog || a_.indexed || (a_.unpacked && !a_.stdin_packs) || a_.pack.thin || a_.shallow;
  }
  void check_pack_size(std::uint64_t configured) {
    PackObjectsOptions& p = a_.pack;
    if (p.max_pack_size && p.to_stdout) die("--max-pack-size cannot be used to build a pack for transfer");
    if (!p.max_pack_size && !p.to_stdout) p.max_pack_size = configured;
    if (p.max_pack_size && p.max_pack_size < 1024 * 1024) {
      warning("minimum pack size limit is 1 MiB");
      p.max_pack_size = 1024 * 1024;
    }
  }

  // Bitmaps need everything in one pack.
  PackObjects::OnPack bitmap_writer(PackObjects& packer) {
    if (!a_.write_bitmap) return {};
    return [this, &packer](const std::string& base, const ObjectId& checksum, const std::vector<std::uint32_t>& by_name) {
      if (by_name.size() != packer.written_count()) {
        warning("disabling bitmap writing, packs are split due to pack.packSizeLimit");
        a_.write_bitmap = false;
        return;
      }
      BitmapInput input;
      input.checksum = checksum;
      input.hash_cache = repo_.config().get_bool_or("pack.writebitmaphashcache", true);
      input.lookup_table = repo_.config().get_bool_or("pack.writebitmaplookuptable", false);
      input.preferred = preferred_bitmap_tips(repo_);
      std::vector<std::uint32_t> order = by_name;
      const auto& entries = packer.entries();
      std::sort(order.begin(), order.end(),
                [&](std::uint32_t a, std::uint32_t b) { return entries[a].offset < entries[b].offset; });
      for (std::uint32_t i : order) {
        input.objects.push_back(entries[i].oid);
        input.types.push_back(entries[i].type);
        input.name_hashes.push_back(a_.pack.name_hash_version == 1 ? entries[i].name_hash : 0);
        if (entries[i].type == ObjectType::commit) input.commits.push_back(entries[i].oid);
      }
      CommitPool& pool = repo_.commits();
      std::stable_sort(input.commits.begin(), input.commits.end(), [&](const ObjectId& x, const ObjectId& y) {
        Commit *a = pool.get(x), *b = pool.get(y);
        pool.parse_quietly(a);
        pool.parse_quietly(b);
        return a->date > b->date;
      });
      auto written = write_bitmap(repo_, std::move(input), base + ".bitmap");
      if (written) return;
      if (!a_.write_bitmap_quiet) die("%s", written.error().message);
    };
  }

  // What a bitmap can say about the revisions on stdin; false where a walk must do it.
  bool add_from_bitmap(PackObjects& packer, const PackRevisions& how) {
    bool wanted = a_.use_bitmap.value_or(a_.pack.to_stdout && repo_.config().get_bool_or("pack.usebitmaps", true));
    if (!wanted || !a_.pack.to_stdout || !a_.pack.uris.empty() || a_.shallow || repo_.is_shallow() || a_.pack.local ||
        a_.pack.incremental || a_.unpacked || a_.pack.honor_keep || !a_.keep_packs.empty() || a_.reflog || a_.indexed ||
        a_.keep_unreachable || a_.unpack_unreachable || a_.exclude_promisor || a_.missing != MissingAction::error ||
        !BitmapIndex::can_filter(how.filter))
      return false;
    auto index = BitmapIndex::open(repo_);
    if (!index) return false;
    std::vector<ObjectId> wants, haves;
    for (const PendingObject& tip : how.tips) (tip.flags & kRevUninteresting ? haves : wants).push_back(tip.oid);
    auto answer = index->ask(wants, haves, how.filter);
    if (!answer) return false;
    // pack.allowPackReuse: all packs of the multi-pack index, or only the first (the preferred) one.
    Config& config = repo_.config();
    std::string reuse =
        config.get_string_or("pack.allowpackreuse", config.get_bool_or("feature.experimental", false) ? "multi" : "true");
    bool multi = iequals(reuse, "multi");
    bool any = multi || iequals(reuse, "single") || parse_maybe_bool(reuse).value_or(true);
    const Pack* first = index->count() ? index->place_of(0).first : nullptr;
    answer->bits.for_each([&](std::size_t n) {
      auto bit = static_cast<std::uint32_t>(n);
      auto [pack, offset] = index->place_of(bit);
      packer.add_from_pack(index->oid_of(bit), index->type_of(bit), index->name_hash_of(bit), *pack, offset,
                           any && (multi || pack == first));
    });
    for (const auto& [oid, type] : answer->extra) packer.add(oid, type, "");
    return true;
  }

  void mark_kept_packs() {
    for (const std::string& name : a_.keep_packs)
      if (Pack* pack = find_pack_by_name(repo_, name)) pack->is_kept_in_core = true;
  }

  void add_objects(PackObjects& packer) {
    std::unique_ptr<Progress> progress;
    bool is_named = !needs_revs() && !a_.stdin_packs && !a_.cruft;
    progress = std::make_unique<Progress>("Enumerating objects", 0, a_.pack.progress > 0);
    if (a_.stdin_packs) {
      add_stdin_packs(repo_, packer, 0, {a_.unpacked, a_.follow, a_.exclude_promisor});
    } else if (a_.cruft) {
      add_cruft(repo_, packer, 0, a_.cruft_expiration);
    } else if (is_named) {
      add_named_objects(repo_, packer, 0);
    } else {
      add_from_revisions(packer);
    }
    if (a_.include_tag && packer.written_count()) add_tags_of_packed(repo_, packer);
    progress->update(packer.size());
  }

  void add_from_revisions(PackObjects& packer) {
    PackRevisions how;
    how.arguments.push_back(a_.pack.thin ? (a_.shallow ? "--objects-edge-aggressive" : "--objects-edge") : "--objects");
    if (a_.all) how.arguments.push_back("--all");
    if (a_.reflog) how.arguments.push_back("--reflog");
    if (a_.indexed) how.arguments.push_back("--indexed-objects");
    if (a_.unpacked) how.arguments.push_back("--unpacked");
    if (a_.exclude_promisor && a_.missing != MissingAction::allow_any) how.arguments.push_back("--exclude-promisor-objects");
    how.sparse = a_.sparse;
    how.missing = a_.missing;
    how.exclude_promisor = a_.exclude_promisor;
    how.keep_true_parents = a_.keep_true_parents;
    how.filter = a_.filter;
    how.sparse_matcher = sparse_pattern_matcher;
    how.shortcut = [&](const PackRevisions& read) { return add_from_bitmap(packer, read); };
    add_revisions(repo_, packer, how);
    if (a_.keep_unreachable) add_unreachable_packed(repo_, packer);
    if (a_.pack_loose_unreachable) add_unreachable_loose(repo_, packer);
    if (a_.unpack_unreachable) loosen_unreachable(repo_, packer, a_.unpack_expiration);
  }

  Invocation& inv_;
  Repository& repo_;
  Arguments a_;
};

}  // namespace

int cmd_pack_objects(Invocation& inv) { return PackObjectsCommand(inv).run(); }

}  // namespace git
