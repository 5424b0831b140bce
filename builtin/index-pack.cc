// git index-pack: makes the index of a pack, from a file or while it comes in (git-index-pack(1)).
#include "pack/index-pack.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/progress.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "index-pack-check.h"
#include "odb.h"
#include "pack/pack.h"
#include "pack/threads.h"

#include <sys/stat.h>

GIT_BUILTIN("index-pack", cmd_index_pack, kSetupGently)

namespace git {
namespace {

constexpr const char* kUsage =
    "git index-pack [-v] [-o <index-file>] [--keep | --keep=<msg>] [--[no-]rev-index] [--verify] "
    "[--strict[=<msg-id>=<severity>...]] [--fsck-objects[=<msg-id>=<severity>...]] (<pack-file> | --stdin [--fix-thin] "
    "[<pack-file>])";

struct Arguments {
  bool from_stdin = false, fix_thin = false, verify = false, stat = false, stat_only = false, verbose = false;
  bool show_resolving_progress = false, report_end_of_input = false;
  bool strict = false, fsck = false, check_connected = false;
  std::string fsck_severities;
  std::optional<std::string> keep, promisor;
  std::optional<std::string> pack_name, index_name, progress_title;
  std::optional<bool> rev_index;
  std::optional<int> threads;
  HashAlgo algo = HashAlgo::unknown;
  std::uint64_t max_input_size = 0;
  std::optional<std::pair<std::uint32_t, std::uint32_t>> pack_header;
  IndexFormat format;
  bool has_index_version = false;
};

// strtoul's idea of a number: decimal, 0x or 0.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::string copy(text);
  if (copy.empty() || !is_digit(copy[0])) return std::nullopt;
  char* end = nullptr;
  std::uint64_t n = std::strtoull(copy.c_str(), &end, 0);
  text.remove_prefix(static_cast<std::size_t>(end - copy.c_str()));
  return n;
}

void parse_index_version(Arguments& a, const std::string& arg, std::string_view value) {
  auto version = take_number(value);
  if (!version) die("bad %s", arg);
  if (*version > 2) die("bad index version '%s'", arg.substr(arg.find('=') + 1));
  a.format.version = static_cast<int>(*version);
  a.has_index_version = true;
  if (value.empty()) return;
  if (!skip_prefix(value, ",")) die("bad %s", arg);
  auto limit = take_number(value);
  if (!limit || !value.empty() || *limit & 0x80000000u) die("bad %s", arg);
  a.format.offset_limit = static_cast<std::uint32_t>(*limit);
}

void parse_pack_header(Arguments& a, const std::string& arg, std::string_view value) {
  auto version = take_number(value);
  if (!version || !skip_prefix(value, ",")) die("bad --pack_header: %s", arg.substr(arg.find('=') + 1));
  auto count = take_number(value);
  if (!count || !value.empty()) die("bad --pack_header: %s", arg.substr(arg.find('=') + 1));
  a.pack_header = {static_cast<std::uint32_t>(*version), static_cast<std::uint32_t>(*count)};
}

Arguments parse_arguments(const std::vector<std::string>& args, std::string_view prefix) {
  Arguments a;
  for (std::size_t i = 1; i < args.size(); i++) {
    const std::string& arg = args[i];
    std::string_view value;
    if (arg.empty() || arg[0] != '-') {
      if (a.pack_name) usage("%s", kUsage);
      a.pack_name = prefix_filename(prefix, arg);
    } else if (arg == "--stdin") {
      a.from_stdin = true;
    } else if (arg == "--fix-thin") {
      a.fix_thin = true;
    } else if (skip_prefix(arg, "--strict=", &value) || arg == "--strict") {
      a.strict = a.fsck = true;
      if (!value.empty()) a.fsck_severities = value;
    } else if (arg == "--check-self-contained-and-connected") {
      a.strict = a.check_connected = true;
    } else if (skip_prefix(arg, "--fsck-objects=", &value) || arg == "--fsck-objects") {
      a.fsck = true;
      if (!value.empty()) a.fsck_severities = value;
    } else if (arg == "--verify") {
      a.verify = true;
    } else if (arg == "--verify-stat") {
      a.verify = a.stat = true;
    } else if (arg == "--verify-stat-only") {
      a.verify = a.stat = a.stat_only = true;
    } else if (arg == "--keep") {
      a.keep = "";
    } else if (skip_prefix(arg, "--keep=", &value)) {
      a.keep = std::string(value);
    } else if (arg == "--promisor") {
      a.promisor = "";
    } else if (skip_prefix(arg, "--promisor=", &value)) {
      a.promisor = std::string(value);
    } else if (skip_prefix(arg, "--threads=", &value)) {
      auto n = parse_int(value);
      if (value.empty() || !n || *n < 0) usage("%s", kUsage);
      a.threads = static_cast<int>(*n);
    } else if (skip_prefix(arg, "--pack_header=", &value)) {
      parse_pack_header(a, arg, value);
    } else if (arg == "-v") {
      a.verbose = true;
    } else if (arg == "--show-resolving-progress") {
      a.show_resolving_progress = true;
    } else if (arg == "--report-end-of-input") {
      a.report_end_of_input = true;
    } else if (arg == "--progress-title") {
      if (a.progress_title || i + 1 >= args.size()) usage("%s", kUsage);
      a.progress_title = args[++i];
    } else if (arg == "-o") {
      if (a.index_name || i + 1 >= args.size()) usage("%s", kUsage);
      a.index_name = prefix_filename(prefix, args[++i]);
    } else if (skip_prefix(arg, "--index-version=", &value)) {
      parse_index_version(a, arg, value);
    } else if (skip_prefix(arg, "--max-input-size=", &value)) {
      auto n = parse_int(value);
      a.max_input_size = n && *n > 0 ? static_cast<std::uint64_t>(*n) : 0;
    } else if (skip_prefix(arg, "--object-format=", &value)) {
      a.algo = hash_by_name(value);
      if (a.algo == HashAlgo::unknown) die("unknown hash algorithm '%s'", value);
    } else if (arg == "--rev-index") {
      a.rev_index = true;
    } else if (arg == "--no-rev-index") {
      a.rev_index = false;
    } else {
      usage("%s", kUsage);
    }
  }
  if (!a.pack_name && !a.from_stdin) usage("%s", kUsage);
  if (a.fix_thin && !a.from_stdin) die("the option '%s' requires '%s'", "--fix-thin", "--stdin");
  if (a.promisor && a.pack_name) die("--promisor cannot be used with a pack name");
  if (a.from_stdin && a.algo != HashAlgo::unknown)
    die("options '%s' and '%s' cannot be used together", "--object-format", "--stdin");
  return a;
}

std::string with_extension(const std::string& pack_name, std::string_view extension) {
  std::string_view base = pack_name;
  if (!strip_suffix(base, ".pack")) die("packfile name '%s' does not end with '.%s'", pack_name, "pack");
  return std::string(base) + "." + std::string(extension);
}

class Host : public IndexPackHost {
 public:
  Host(ObjectDatabase* odb, const Arguments& a, IndexPackCheck* check) : odb_(odb), a_(a), check_(check) {}
  bool has(const ObjectId& oid) override {
    return odb_ && !a_.verify && odb_->has(oid, kLookupQuick | kLookupNoFetch | kLookupNoReplace);
  }
  Result<ObjectData> read(const ObjectId& oid) override {
    if (!odb_) return make_error(ErrorKind::missing, "no repository");
    return odb_->read(oid, kLookupNoReplace);
  }
  void inspect(const ObjectId& oid, ObjectType type, std::string_view data) override { check_->inspect(oid, type, data); }
  void progress_start(const char* title, std::uint64_t total) override {
    bool is_resolving = starts_with(title, "Resolving");
    std::string shown = !is_resolving && a_.progress_title ? *a_.progress_title : title;
    progress_ = std::make_unique<Progress>(shown, total, a_.verbose || (is_resolving && a_.show_resolving_progress));
  }
  void progress(std::uint64_t done, std::uint64_t bytes) override {
    if (!a_.verbose && !a_.show_resolving_progress) return;
    if (bytes && a_.from_stdin) progress_->throughput(bytes);
    progress_->update(done);
  }
  void progress_stop(const std::string& message) override {
    if (progress_) progress_->stop(message.empty() ? "done" : message);
    progress_.reset();
  }

 private:
  ObjectDatabase* odb_;
  const Arguments& a_;
  IndexPackCheck* check_;
  std::unique_ptr<Progress> progress_;
};

class IndexPackCommand {
 public:
  IndexPackCommand(Invocation& inv, Arguments a) : inv_(inv), a_(std::move(a)) {
    odb_ = inv.repository ? &inv.repository->odb() : nullptr;
    if (a_.from_stdin && !odb_) die("--stdin requires a git repository");
    algo_ = a_.algo != HashAlgo::unknown ? a_.algo : inv.repository ? inv.repository->algo() : HashAlgo::sha1;
    read_config();
    if (a_.fsck || a_.strict || a_.promisor)
      check_ = std::make_unique<IndexPackCheck>(inv.repository.get(), algo_, check_options());
  }

  int run() {
    if (a_.from_stdin)
      create_pack();
    else
      open_pack();
    if (a_.verify) read_existing_index();
    IndexPackOptions options;
    options.algo = algo_;
    options.threads = threads();
    options.inspect = check_ != nullptr;
    options.refuse_duplicates = a_.strict;
    options.max_input_size = a_.max_input_size;
    options.from_stdin = a_.from_stdin;
    options.pack_header = a_.pack_header;
    if (odb_) {
      options.big_file_threshold = odb_->options().big_file_threshold;
      options.cache_limit = odb_->options().delta_base_cache_limit;
    }
    Host host(odb_, a_, check_.get());
    IndexPack indexer(options, host);
    int pack_fd = a_.from_stdin ? pack_file_fd() : input_.get();
    indexer.parse(a_.from_stdin ? 0 : input_.get(), pack_fd);
    if (a_.report_end_of_input) err(std::string_view("\0", 1));
    indexer.resolve();
    if (a_.fix_thin) indexer.complete_thin();
    indexer.finish();
    bool has_foreign = check_ && a_.strict && check_->finish_links(indexer);
    if (a_.stat) show_statistics(indexer);
    if (a_.verify) {
      verify_index(indexer);
      return 0;
    }
    publish(indexer);
    if (check_ && odb_) odb_->reprepare();
    if (check_) check_->finish_fsck();
    return a_.check_connected && has_foreign ? 1 : 0;
  }

 private:
  void read_config() {
    Config own;
    Config& config = inv_.repository ? inv_.repository->config() : own;
    if (!a_.has_index_version)
      if (auto version = config.get_int("pack.indexversion")) {
        if (*version < 0 || *version > 2) die("bad pack.indexVersion=%u", *version);
        a_.format.version = *version;
      }
    if (!a_.threads) a_.threads = config.get_int("pack.threads");
    if (a_.threads && *a_.threads < 0) die("invalid number of threads specified (%d)", *a_.threads);
    if (!a_.rev_index) a_.rev_index = a_.verify ? false : config.get_bool_or("pack.writereverseindex", true);
    fsync_ = odb_ && odb_->options().fsync_components & static_cast<unsigned>(FsyncComponent::pack);
    fsync_meta_ = odb_ && odb_->options().fsync_components & static_cast<unsigned>(FsyncComponent::pack_metadata);
    if (inv_.repository) shared_ = inv_.repository->shared_repository();
  }
  IndexPackCheck::Options check_options() const {
    IndexPackCheck::Options o;
    o.fsck = a_.fsck;
    o.links = a_.strict;
    o.severities = a_.fsck_severities;
    return o;
  }
  int threads() const {
    if (a_.threads && *a_.threads > 0) return *a_.threads;
    return std::min(online_cpus(), 20);
  }

  void create_pack() {
    std::string dir = odb_->quarantine_dir().empty() ? odb_->objects_dir() : odb_->quarantine_dir();
    pack_dir_ = path_join(dir, "pack");
    if (a_.pack_name) {
      pack_file_ = open_fd(*a_.pack_name, O_RDWR | O_CREAT | O_EXCL, 0600);
      if (!pack_file_) die_errno("unable to create '%s'", *a_.pack_name);
      return;
    }
    pack_temp_ = create_pack_tempfile(pack_dir_, "pack");
  }
  int pack_file_fd() const { return pack_file_ ? pack_file_.get() : pack_temp_.fd(); }

  void open_pack() {
    input_ = open_fd(*a_.pack_name, O_RDONLY);
    if (!input_) die_errno("cannot open packfile '%s'", *a_.pack_name);
  }

  std::string index_name(const std::string& pack) const { return a_.index_name ? *a_.index_name : with_extension(pack, "idx"); }

  // The reverse index stands beside the index.
  static std::string reverse_name(const std::string& idx) {
    std::string_view base = idx;
    if (!strip_suffix(base, ".idx")) die("packfile name '%s' does not end with '.%s'", idx, "idx");
    return std::string(base) + ".rev";
  }

  void read_existing_index() {
    if (!a_.pack_name) die("--verify with no packfile name given");
    std::string name = index_name(*a_.pack_name);
    Result<PackIndex> index = PackIndex::open(name, algo_);
    if (!index) {
      if (index.error().kind == ErrorKind::corrupt) error("%s", index.error().message);
      die("Cannot open existing pack idx file for '%s'", name);
    }
    a_.format.version = index->version();
    if (index->version() == 2) {
      // Whatever offsets the index chose to write in 64 bits must be so again.
      for (std::uint32_t i = 0; i < index->count(); i++) (void)index->offset_at(i);
    }
    existing_ = std::move(*index);
  }

  void show_statistics(const IndexPack& indexer) {
    const auto& entries = indexer.entries();
    std::vector<std::uint32_t> depth(indexer.object_count(), 0), histogram;
    std::uint32_t whole = 0;
    for (std::uint32_t i = 0; i < indexer.object_count(); i++) {
      std::uint32_t n = 0, at = i;
      while (entries[at].type != entries[at].real_type) at = indexer.base_of(at), n++;
      depth[i] = n;
      if (!n)
        whole++;
      else {
        if (histogram.size() <= n) histogram.resize(n + 1, 0);
        histogram[n]++;
      }
      if (a_.stat_only) continue;
      std::string line = strf("%s %-6s %u %u %u", entries[i].oid, type_name(static_cast<ObjectType>(entries[i].real_type)),
                              entries[i].size, entries[i + 1].offset - entries[i].offset, entries[i].offset);
      if (n) line += strf(" %u %s", n, entries[indexer.base_of(i)].oid);
      out(line + "\n");
    }
    if (whole) outf("non delta: %d %s\n", whole, whole == 1 ? "object" : "objects");
    for (std::size_t n = 1; n < histogram.size(); n++)
      if (histogram[n]) outf("chain length = %d: %u %s\n", n, histogram[n], histogram[n] == 1 ? "object" : "objects");
  }

  void verify_index(const IndexPack& indexer) {
    std::string name = index_name(*a_.pack_name);
    auto bad = [&] { die("sha1 file '%s' validation error", name); };
    if (existing_.count() != indexer.count() || existing_.pack_checksum() != indexer.checksum().raw() ||
        !existing_.checksum_matches())
      bad();
    for (std::uint32_t i = 0; i < indexer.count(); i++) {
      PackIndexEntry entry = indexer.at(i);
      if (existing_.oid_at(i) != entry.oid || existing_.offset_at(i) != entry.offset) bad();
      auto crc = existing_.crc_at(i);
      if (crc && *crc != entry.crc) bad();
    }
    if (a_.rev_index.value_or(false)) verify_reverse_index(indexer);
  }

  void verify_reverse_index(const IndexPack& indexer) {
    std::string name = with_extension(*a_.pack_name, "rev");
    auto bytes = read_file_if_exists(name);
    if (!bytes) return;
    HashFile made(-1, algo_, name);
    std::vector<std::uint32_t> order = pack_order(indexer);
    std::string want("RIDX");
    auto add = [&](std::uint32_t v) {
      for (int shift = 24; shift >= 0; shift -= 8) want.push_back(static_cast<char>(v >> shift));
    };
    add(1);
    add(algo_ == HashAlgo::sha256 ? 2 : 1);
    for (std::uint32_t position : order) add(position);
    want += indexer.checksum().raw();
    want += hash_bytes(algo_, want, true).raw();
    if (*bytes != want) die("sha1 file '%s' validation error", name);
  }

  // Index positions in pack order.
  static std::vector<std::uint32_t> pack_order(const IndexPack& indexer) {
    std::vector<std::uint32_t> order(indexer.count());
    const auto& sorted = indexer.sorted();
    for (std::uint32_t i = 0; i < sorted.size(); i++) order[sorted[i]] = i;
    return order;
  }

  bool write_note(const std::string& path, const std::string& text, const char* what) {
    UniqueFd fd = open_fd(path, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (!fd) {
      if (errno == EEXIST) return false;
      die_errno("cannot write %s file '%s'", what, path);
    }
    if (!text.empty() && !write_in_full(fd.get(), text + "\n")) die_errno("cannot write %s file '%s'", what, path);
    if (!fd.close()) die_errno("cannot close written %s file '%s'", what, path);
    return true;
  }

  void publish(IndexPack& indexer) {
    std::string hex = indexer.checksum().hex();
    std::string pack = a_.pack_name ? *a_.pack_name : path_join(pack_dir_, "pack-" + hex + ".pack");
    std::string idx = index_name(pack);
    const char* report = "pack";
    Tempfile idx_temp = create_pack_tempfile(std::string(path_dirname(idx)), "idx");
    HashFile idx_out(idx_temp.fd(), algo_, idx_temp.path());
    write_pack_index(idx_out, indexer, indexer.checksum(), algo_, a_.format);
    idx_out.finish();
    Tempfile rev_temp;
    if (*a_.rev_index) {
      rev_temp = create_pack_tempfile(std::string(path_dirname(idx)), "rev");
      HashFile rev_out(rev_temp.fd(), algo_, rev_temp.path());
      write_reverse_index(rev_out, pack_order(indexer), indexer.checksum(), algo_);
      rev_out.finish();
    }
    if (a_.keep && write_note(with_extension(pack, "keep"), *a_.keep, "keep")) report = "keep";
    if (a_.promisor) write_note(with_extension(pack, "promisor"), *a_.promisor, "promisor");
    if (pack_temp_.is_active()) publish_pack_file(pack_temp_, pack, fsync_, shared_);
    if (pack_file_) {
      fchmod(pack_file_.get(), 0444);
      if (!pack_file_.close()) die_errno("error while closing pack file");
    }
    if (rev_temp.is_active()) replace_file(rev_temp, reverse_name(idx));
    replace_file(idx_temp, idx);
    if (a_.promisor && check_) check_->remember_promisor_pack(idx);
    if (!a_.from_stdin) {
      out(hex + "\n");
      return;
    }
    out(std::string(report) + "\t" + hex + "\n");
    flush_out();
    out(indexer.rest());
  }

  void replace_file(Tempfile& file, const std::string& path) {
    if (fsync_meta_ && !file.sync()) die_errno("fsync error on '%s'", file.path());
    if (!file.close()) die_errno("unable to write file %s", file.path());
    chmod(file.path().c_str(), 0444);
    if (shared_) adjust_shared_perm(file.path(), shared_);
    if (!file.rename_to(path))
      die_errno("unable to rename temporary '*.%s' file to '%s'", path.substr(path.rfind('.') + 1), path);
  }

  Invocation& inv_;
  Arguments a_;
  ObjectDatabase* odb_ = nullptr;
  HashAlgo algo_;
  std::unique_ptr<IndexPackCheck> check_;
  bool fsync_ = false, fsync_meta_ = false;
  int shared_ = 0;
  std::string pack_dir_;
  Tempfile pack_temp_;
  UniqueFd pack_file_, input_;
  PackIndex existing_;
};

}  // namespace

int cmd_index_pack(Invocation& inv) {
  if (inv.args.size() == 2 && inv.args[1] == "-h") {
    outf("usage: %s\n", kUsage);
    return 129;
  }
  return IndexPackCommand(inv, parse_arguments(inv.args, inv.prefix_or_empty())).run();
}

}  // namespace git
