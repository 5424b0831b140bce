// git repack: decides which packs become one, lets pack-objects make it, and puts it in their place (git-repack(1)).
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/tempfile.h"
#include "builtin.h"
#include "config.h"
#include "hash/object-id.h"
#include "odb.h"
#include "pack/midx-write.h"
#include "pack/pack.h"
#include "refs.h"

GIT_BUILTIN("repack", cmd_repack, kSetup)

namespace git {
namespace {

constexpr const char* kBitmapConflict =
    "Incremental repacks are incompatible with bitmap indexes.  Use\n"
    "--no-write-bitmap-index or disable the pack.writeBitmaps configuration.";
// In the order they are put in place: the index last, which makes the pack visible.
constexpr const char* kExtensions[] = {"pack", "rev", "mtimes", "bitmap", "promisor", "idx"};

struct PassedOn {  // to pack-objects
  std::string window, window_memory, depth, threads, filter;
  std::uint64_t max_pack_size = 0;
  bool no_reuse_delta = false, no_reuse_object = false, quiet = false, local = false, path_walk = false;
  int name_hash_version = 0;
};

class RepackCommand {
 public:
  explicit RepackCommand(Invocation& inv) : inv_(inv), repo_(inv.repo()), odb_(repo_.odb()) {}

  int run() {
    read_config();
    parse();
    check_options();
    pack_dir_ = path_join(odb_.objects_dir(), "pack");
    tmp_prefix_ = strf(".tmp-%d-pack", static_cast<int>(getpid()));
    tmp_base_ = path_join(pack_dir_, tmp_prefix_);
    list_existing();
    if (write_midx_ && write_bitmaps_) write_refs_snapshot();
    if (geometric_) plan_geometry();
    int code = pack_main();
    if (!code && names_.empty() && !po_.quiet) out("Nothing new to pack.\n");
    if (!code && all_into_one_ && cruft_) code = pack_cruft();
    if (!code && !po_.filter.empty()) code = pack_filtered();
    if (code) {
      remove_temporary();
      return code;
    }
    install();
    flush_out();
    odb_.reprepare();
    if (write_midx_) code = write_midx_file();
    if (code) return code;
    if (delete_redundant_) remove_redundant();
    if (update_server_info_) run_git({"update-server-info"});
    return 0;
  }

 private:
  void read_config() {
    Config& config = repo_.config();
    delta_base_offset_ = config.get_bool_or("repack.usedeltabaseoffset", true);
    if (auto kept = config.get_bool("repack.packkeptobjects")) pack_kept_ = *kept;
    if (auto bitmaps = config.get_bool("pack.writebitmaps")) write_bitmaps_ = *bitmaps;
    if (auto bitmaps = config.get_bool("repack.writebitmaps")) write_bitmaps_ = *bitmaps;
    delta_islands_ = config.get_bool_or("repack.usedeltaislands", false);
    update_server_info_ = config.get_bool_or("repack.updateserverinfo", true);
    cruft_po_.window = config.get_string_or("repack.cruftwindow", "");
    cruft_po_.window_memory = config.get_string_or("repack.cruftwindowmemory", "");
    cruft_po_.depth = config.get_string_or("repack.cruftdepth", "");
    cruft_po_.threads = config.get_string_or("repack.cruftthreads", "");
    midx_must_contain_cruft_ = config.get_bool_or("repack.midxmustcontaincruft", true);
  }

  void parse() {
    Options o(
        {"git repack [-a] [-A] [-d] [-f] [-F] [-l] [-n] [-q] [-b] [-m]\n"
         "           [--window=<n>] [--depth=<n>] [--threads=<n>] [--keep-pack=<pack-name>]\n"
         "           [--write-midx] [--name-hash-version=<n>] [--path-walk]"});
    int no_update = update_server_info_ ? 0 : 1;
    o.boolean('a', "", &all_, N_("pack everything in a single pack"));
    o.boolean('A', "", &loosen_, N_("same as -a, and turn unreachable objects loose"));
    o.boolean(0, "cruft", &cruft_, N_("same as -a, pack unreachable cruft objects separately"));
    o.string(0, "cruft-expiration", &cruft_expiration_, "approxidate", N_("with --cruft, expire objects older than this"));
    o.magnitude(0, "combine-cruft-below-size", &combine_cruft_below_,
                N_("with --cruft, only repack cruft packs smaller than this"));
    o.magnitude(0, "max-cruft-size", &max_cruft_size_, N_("with --cruft, limit the size of new cruft packs"));
    o.boolean('d', "", &delete_redundant_, N_("remove redundant packs, and run git-prune-packed"));
    o.boolean('f', "", &po_.no_reuse_delta, N_("pass --no-reuse-delta to git-pack-objects"));
    o.boolean('F', "", &po_.no_reuse_object, N_("pass --no-reuse-object to git-pack-objects"));
    o.integer(0, "name-hash-version", &po_.name_hash_version, "n",
              N_("specify the name hash version to use for grouping similar objects by path"));
    o.boolean(0, "path-walk", &po_.path_walk, N_("pass --path-walk to git-pack-objects"));
    o.boolean('n', "", &no_update, N_("do not run git-update-server-info"));
    o.boolean('q', "quiet", &po_.quiet, N_("be quiet"));
    o.boolean('l', "local", &po_.local, N_("pass --local to git-pack-objects"));
    o.boolean('b', "write-bitmap-index", &write_bitmaps_, N_("write bitmap index"));
    o.boolean('i', "delta-islands", &delta_islands_, N_("pass --delta-islands to git-pack-objects"));
    o.string(0, "unpack-unreachable", &unpack_unreachable_, "approxidate", N_("with -A, do not loosen objects older than this"));
    o.boolean('k', "keep-unreachable", &keep_unreachable_, N_("with -a, repack unreachable objects"));
    o.string(0, "window", &po_.window, "n", N_("size of the window used for delta compression"));
    o.string(0, "window-memory", &po_.window_memory, "bytes",
             N_("same as the above, but limit memory size instead of entries count"));
    o.string(0, "depth", &po_.depth, "n", N_("limits the maximum delta depth"));
    o.string(0, "threads", &po_.threads, "n", N_("limits the maximum number of threads"));
    o.magnitude(0, "max-pack-size", &po_.max_pack_size, N_("maximum size of each packfile"));
    o.string(0, "filter", &filter_, "args", N_("object filtering"));
    o.boolean(0, "pack-kept-objects", &pack_kept_, N_("repack objects in packs marked with .keep"));
    o.strings(0, "keep-pack", &keep_packs_, "name", N_("do not repack this pack"));
    o.integer('g', "geometric", &geometric_, "n", N_("find a geometric progression with factor <N>"));
    o.boolean('m', "write-midx", &write_midx_, N_("write a multi-pack index of the resulting packs"));
    o.string(0, "expire-to", &expire_to_, "dir", N_("pack prefix to store a pack containing pruned objects"));
    o.string(0, "filter-to", &filter_to_, "dir", N_("pack prefix to store a pack containing filtered out objects"));
    std::vector<std::string> left = o.parse(inv_.args, inv_.prefix_or_empty());
    if (!left.empty()) o.usage_with_options();
    update_server_info_ = !no_update;
    po_.filter = filter_.value_or("");
  }

  void check_options() {
    all_into_one_ = all_ || loosen_ || cruft_;
    if (delete_redundant_ && repo_.layout().precious_objects) die("cannot delete packs in a precious-objects repo");
    die_for_incompatible_opts(
        {{unpack_unreachable_.has_value() || loosen_, "-A"}, {cruft_, "--cruft"}, {keep_unreachable_, "-k/--keep-unreachable"}});
    if (write_bitmaps_ < 0 && !write_midx_ && (!all_into_one_ || !repo_.is_bare())) write_bitmaps_ = 0;
    if (pack_kept_ < 0) pack_kept_ = write_bitmaps_ > 0 && !write_midx_;
    if (write_bitmaps_ > 0 && !all_into_one_ && !write_midx_) die("%s", kBitmapConflict);
    if (write_bitmaps_ && po_.local && odb_.sources().size() > 1) {
      warning("disabling bitmap writing, as some objects are not being packed");
      write_bitmaps_ = 0;
    }
    if (filter_to_ && po_.filter.empty()) die("option '%s' can only be used along with '%s'", "--filter-to", "--filter");
    if (geometric_ && all_into_one_) die("options '%s' and '%s' cannot be used together", "--geometric", "-A/-a");
  }

  // ---- what is there ----
  static std::string base_of(const Pack& pack) {
    std::string_view name = pack.name();
    strip_suffix(name, ".pack");
    return std::string(name);
  }
  void list_existing() {
    for (const auto& pack : odb_.packs()) {
      if (!pack->is_local()) continue;
      bool named = std::find(keep_packs_.begin(), keep_packs_.end(), std::string(pack->name())) != keep_packs_.end();
      if (named || (pack->has_keep() && !pack_kept_)) {
        kept_.push_back(pack);
        continue;
      }
      if (pack->has_keep()) {
        kept_.push_back(pack);
        continue;
      }
      (pack->is_cruft() ? cruft_packs_ : packs_).push_back(pack);
    }
    auto by_name = [](const auto& a, const auto& b) { return a->name() < b->name(); };
    for (auto* list : {&kept_, &cruft_packs_, &packs_}) std::sort(list->begin(), list->end(), by_name);
  }

  void plan_geometry() {
    std::vector<std::shared_ptr<Pack>> all;
    for (const auto& pack : packs_)
      if (!pack->is_promisor()) all.push_back(pack);
    if (pack_kept_)
      for (const auto& pack : kept_)
        if (pack->has_keep() && std::find(keep_packs_.begin(), keep_packs_.end(), std::string(pack->name())) == keep_packs_.end())
          all.push_back(pack);
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a->count() < b->count(); });
    std::uint64_t factor = static_cast<std::uint64_t>(std::max(geometric_, 0));
    std::size_t split = 0;
    if (!all.empty()) {
      std::size_t i = all.size() - 1;
      while (i > 0 && all[i]->count() >= factor * all[i - 1]->count()) i--;
      split = i ? i + 1 : 0;  // the larger of the pair that broke the row goes too
      std::uint64_t total = 0;
      for (std::size_t n = 0; n < split; n++) total += all[n]->count();
      while (split < all.size() && split && all[split]->count() < factor * total) total += all[split++]->count();
    }
    for (std::size_t i = 0; i < all.size(); i++) (i < split ? rolled_up_ : left_alone_).push_back(all[i]);
  }

  // ---- packing ----
  std::vector<std::string> common_arguments(const PassedOn& po, bool with_filter) {
    std::vector<std::string> args = {"pack-objects"};
    auto pass = [&](const char* name, const std::string& value) {
      if (!value.empty()) args.push_back(strf("--%s=%s", name, value));
    };
    pass("window", po.window);
    pass("window-memory", po.window_memory);
    pass("depth", po.depth);
    pass("threads", po.threads);
    if (po.max_pack_size) args.push_back(strf("--max-pack-size=%u", po.max_pack_size));
    if (po.no_reuse_delta) args.push_back("--no-reuse-delta");
    if (po.no_reuse_object) args.push_back("--no-reuse-object");
    if (po.name_hash_version) args.push_back(strf("--name-hash-version=%d", po.name_hash_version));
    if (po.path_walk) args.push_back("--path-walk");
    if (po.local) args.push_back("--local");
    if (po_.quiet) args.push_back("--quiet");
    if (delta_base_offset_) args.push_back("--delta-base-offset");
    if (with_filter && !po.filter.empty()) args.push_back("--filter=" + po.filter);
    return args;
  }

  // Runs pack-objects; the hashes it prints are added to the new packs.
  int pack(std::vector<std::string> args, const std::string& input, bool is_local_result = true) {
    ChildProcess child;
    child.git_command = true;
    child.args = std::move(args);
    CommandOutput result = pipe_command(child, input);
    if (result.code) return result.code;
    for (std::string_view line : split_lines(result.out)) {
      if (!ObjectId::from_hex(line, repo_.algo())) die("repack: Expecting full hex object ID lines only from pack-objects.");
      if (is_local_result) names_.emplace_back(line);
    }
    return 0;
  }

  int pack_main() {
    std::vector<std::string> args = common_arguments(po_, true);
    args.push_back("--keep-true-parents");
    if (!pack_kept_) args.push_back("--honor-pack-keep");
    for (const std::string& name : keep_packs_) args.push_back("--keep-pack=" + name);
    args.push_back("--non-empty");
    if (!geometric_) args.insert(args.end(), {"--all", "--reflog", "--indexed-objects"});
    if (odb_.has_promisor()) args.push_back("--exclude-promisor-objects");
    if (!write_midx_) {
      if (write_bitmaps_ > 0) args.push_back("--write-bitmap-index");
      if (write_bitmaps_ < 0) args.push_back("--write-bitmap-index-quiet");
    }
    if (delta_islands_) args.push_back("--delta-islands");
    std::string input;
    if (all_into_one_) {
      if (int code = pack_promisor()) return code;
      if (delete_redundant_ && (!packs_.empty() || !cruft_packs_.empty())) {
        if (unpack_unreachable_)
          args.push_back("--unpack-unreachable=" + *unpack_unreachable_);
        else if (loosen_ && !cruft_)
          args.push_back("--unpack-unreachable");
      }
      if (keep_unreachable_) args.insert(args.end(), {"--keep-unreachable", "--pack-loose-unreachable"});
    } else if (geometric_) {
      args.insert(args.end(), {"--stdin-packs", "--unpacked"});
      for (const auto& p : rolled_up_) input += std::string(p->name()) + "\n";
      for (const auto& p : left_alone_) input += "^" + std::string(p->name()) + "\n";
      for (const auto& p : kept_)
        if (!pack_kept_) input += "^" + std::string(p->name()) + "\n";
    } else {
      args.insert(args.end(), {"--unpacked", "--incremental"});
    }
    args.push_back(tmp_base_);
    return pack(std::move(args), input);
  }

  // Promised packs stay apart.
  int pack_promisor() {
    std::string input;
    for (const auto& p : odb_.packs()) {
      if (!p->is_promisor() || !p->is_local()) continue;
      for (std::uint32_t i = 0; i < p->count(); i++) input += p->oid_at(i).hex() + "\n";
    }
    if (input.empty()) return 0;
    std::vector<std::string> args = common_arguments(po_, false);
    if (!pack_kept_) args.push_back("--honor-pack-keep");
    for (const std::string& name : keep_packs_) args.push_back("--keep-pack=" + name);
    args.push_back(tmp_base_);
    std::size_t before = names_.size();
    if (int code = pack(std::move(args), input)) return code;
    for (std::size_t i = before; i < names_.size(); i++)
      if (!write_file(strf("%s-%s.promisor", tmp_base_, names_[i]), "")) die_errno("unable to create promisor file");
    return 0;
  }

  int pack_cruft() {
    std::string expiration = cruft_expiration_.value_or("");
    if (int code = write_cruft(tmp_base_, expiration, true)) return code;
    // What is thrown away may be kept somewhere else.
    if (delete_redundant_ && cruft_expiration_ && expire_to_ && !expire_to_->empty() && *expire_to_ != tmp_base_)
      return write_cruft(*expire_to_, "", false);
    return 0;
  }
  int write_cruft(const std::string& base, const std::string& expiration, bool is_local) {
    PassedOn po = po_;
    auto prefer = [](std::string& to, const std::string& other) {
      if (to.empty()) to = other;
    };
    prefer(po.window, cruft_po_.window);
    prefer(po.window_memory, cruft_po_.window_memory);
    prefer(po.depth, cruft_po_.depth);
    prefer(po.threads, cruft_po_.threads);
    if (max_cruft_size_) po.max_pack_size = max_cruft_size_;
    std::vector<std::string> args = common_arguments(po, false);
    args.push_back("--cruft");
    if (!expiration.empty()) args.push_back("--cruft-expiration=" + expiration);
    for (const std::string& name : keep_packs_) args.push_back("--keep-pack=" + name);
    args.insert(args.end(), {"--honor-pack-keep", "--non-empty", base});
    std::string input;
    for (const std::string& name : names_) input += strf("%s-%s.pack\n", tmp_prefix_, name);
    for (const auto& p : packs_) input += "-" + std::string(p->name()) + "\n";
    for (const auto& p : cruft_packs_) {
      bool is_large = combine_cruft_below_ && p->file_size() >= combine_cruft_below_;
      if (is_large) retained_cruft_.insert(std::string(p->name()));
      input += (is_large ? "" : "-") + std::string(p->name()) + "\n";
    }
    for (const auto& p : kept_) input += std::string(p->name()) + "\n";
    return pack(std::move(args), input, is_local);
  }

  // The objects that --filter left out.
  int pack_filtered() {
    std::vector<std::string> args = common_arguments(po_, false);
    args.push_back("--stdin-packs");
    if (!pack_kept_) args.push_back("--honor-pack-keep");
    for (const std::string& name : keep_packs_) args.push_back("--keep-pack=" + name);
    bool is_local = !filter_to_;
    args.push_back(is_local ? tmp_base_ : *filter_to_);
    std::string input;
    for (const std::string& name : names_) input += strf("^%s-%s.pack\n", tmp_prefix_, name);
    for (const auto& p : packs_) input += std::string(p->name()) + "\n";
    for (const auto& p : cruft_packs_) input += std::string(p->name()) + "\n";
    for (const auto& p : kept_) input += "^" + std::string(p->name()) + "\n";
    return pack(std::move(args), input, is_local);
  }

  // ---- putting in place ----
  void remove_temporary() {
    for (const std::string& name : list_dir(pack_dir_))
      if (starts_with(name, tmp_prefix_ + "-")) remove_file(path_join(pack_dir_, name));
  }
  void install() {
    for (const std::string& name : names_)
      for (const char* extension : kExtensions) {
        std::string from = strf("%s-%s.%s", tmp_base_, name, extension);
        std::string to = path_join(pack_dir_, strf("pack-%s.%s", name, extension));
        if (!path_exists(from)) {
          if (std::string_view(extension) == "bitmap" || std::string_view(extension) == "promisor") {
            if (path_exists(to) && !remove_file(to)) die_errno("could not unlink: %s", to);
          } else if (std::string_view(extension) == "pack" || std::string_view(extension) == "idx") {
            die("pack-objects did not write a '%s' file for pack %s-%s", extension, tmp_base_, name);
          }
          continue;
        }
        chmod(from.c_str(), 0444);
        if (rename(from.c_str(), to.c_str())) die_errno("renaming pack to '%s' failed", to);
      }
  }

  bool is_new(const Pack& pack) const {
    std::string base = base_of(pack);
    return std::any_of(names_.begin(), names_.end(), [&](const std::string& n) { return base == "pack-" + n; });
  }
  std::vector<std::shared_ptr<Pack>> redundant() const {
    std::vector<std::shared_ptr<Pack>> list;
    if (all_into_one_) {
      for (const auto& p : packs_)
        if (!is_new(*p)) list.push_back(p);
      for (const auto& p : cruft_packs_)
        if (!is_new(*p) && !retained_cruft_.count(std::string(p->name()))) list.push_back(p);
    } else if (geometric_) {
      for (const auto& p : rolled_up_)
        if (!is_new(*p) && !p->has_keep()) list.push_back(p);
    }
    return list;
  }

  void write_refs_snapshot() {
    snapshot_ = Tempfile::in_tmpdir("git-repack-refs-snapshot_XXXXXX").take_or_die();
    std::vector<std::string> preferred = repo_.config().get_strings("pack.preferbitmaptips");
    std::string text;
    repo_.refs().for_each("refs/", [&](const Ref& ref) {
      ObjectId oid = repo_.refs().peel(ref).value_or(ref.oid);
      bool is_preferred = std::any_of(preferred.begin(), preferred.end(), [&](const std::string& p) {
        return starts_with(ref.name, p) && (ends_with(p, "/") || ref.name.size() == p.size() || ref.name[p.size()] == '/');
      });
      text += (is_preferred ? "+" : "") + oid.hex() + "\n";
      return true;
    });
    snapshot_.write(text);
    snapshot_.close();
  }

  int write_midx_file() {
    std::set<std::string> include;
    for (const std::string& name : names_) include.insert("pack-" + name + ".idx");
    auto gone = redundant();
    auto add = [&](const auto& list) {
      for (const auto& p : list)
        if (!delete_redundant_ || std::find(gone.begin(), gone.end(), p) == gone.end()) include.insert(base_of(*p) + ".idx");
    };
    add(kept_);
    add(packs_);
    if (!all_into_one_ || midx_must_contain_cruft_) add(cruft_packs_);
    if (include.empty()) return 0;
    ChildProcess child;
    child.git_command = true;
    child.args = {"multi-pack-index", "write", "--stdin-packs"};
    child.args.push_back(po_.quiet ? "--no-progress" : isatty(2) ? "--progress" : "--no-progress");
    if (write_bitmaps_ > 0) child.args.push_back("--bitmap");
    if (std::string preferred = preferred_pack(); !preferred.empty()) child.args.push_back("--preferred-pack=" + preferred);
    if (snapshot_.is_active()) child.args.push_back("--refs-snapshot=" + snapshot_.path());
    std::string input;
    for (const std::string& name : include) input += name + "\n";
    CommandOutput result = pipe_command(child, input);
    out(result.out);
    return result.code;
  }
  // The largest pack that stays.
  std::string preferred_pack() {
    if (!geometric_) return {};
    const Pack* best = nullptr;
    for (const auto& p : left_alone_)
      if (!best || p->count() >= best->count()) best = p.get();
    if (best) return base_of(*best) + ".pack";
    return {};
  }

  void remove_redundant() {
    auto gone = redundant();
    if (!gone.empty()) {
      auto midx = MultiPackIndex::open(odb_.objects_dir(), repo_.algo());
      bool in_midx =
          midx && std::any_of(gone.begin(), gone.end(), [&](const auto& p) { return (*midx)->contains_pack(p->name()); });
      if (in_midx) clear_midx(odb_.objects_dir());
    }
    for (const auto& p : gone)
      for (const char* extension : {"idx", "pack", "rev", "mtimes", "bitmap", "promisor"}) remove_file(p->path_with(extension));
    odb_.reprepare();
    if (po_.quiet || !isatty(2))
      run_git({"prune-packed", "-q"});
    else
      run_git({"prune-packed"});
  }

  static void run_git(std::vector<std::string> args) {
    ChildProcess child;
    child.git_command = true;
    child.args = std::move(args);
    child.run();
  }

  Invocation& inv_;
  Repository& repo_;
  ObjectDatabase& odb_;
  PassedOn po_, cruft_po_;
  bool all_ = false, loosen_ = false, cruft_ = false, delete_redundant_ = false, keep_unreachable_ = false;
  bool delta_base_offset_ = true, delta_islands_ = false, update_server_info_ = true, write_midx_ = false, all_into_one_ = false;
  bool midx_must_contain_cruft_ = true;
  int write_bitmaps_ = -1, pack_kept_ = -1, geometric_ = 0;
  std::optional<std::string> cruft_expiration_, unpack_unreachable_, expire_to_, filter_to_, filter_;
  std::uint64_t max_cruft_size_ = 0, combine_cruft_below_ = 0;
  std::vector<std::string> keep_packs_;
  std::string pack_dir_, tmp_prefix_, tmp_base_;
  std::vector<std::shared_ptr<Pack>> packs_, kept_, cruft_packs_, rolled_up_, left_alone_;
  std::set<std::string> retained_cruft_;
  std::vector<std::string> names_;
  Tempfile snapshot_;
};

}  // namespace

int cmd_repack(Invocation& inv) { return RepackCommand(inv).run(); }

}  // namespace git
