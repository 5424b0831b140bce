// The header is read byte by byte from the descriptor that then stands at the pack.
#include "bundle.h"

#include "base/error.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "odb.h"
#include "repository.h"
#include "walk/commit-pool.h"
#include "walk/object-filter.h"

namespace git {

namespace {

// One line, byte by byte: what follows the header must stay unread.
bool read_line(int fd, std::string& line) {
  line.clear();
  char c;
  while (xread(fd, &c, 1) == 1) {
    line += c;
    if (c == '\n') return true;
    if (line.size() > 1u << 20) return false;
  }
  return !line.empty();
}

}  // namespace

Result<UniqueFd> open_bundle(const std::string& path, BundleHeader& header) {
  UniqueFd fd = path == "-" ? UniqueFd(dup(0)) : open_fd(path, O_RDONLY);
  if (!fd) return make_error(ErrorKind::missing, _("could not open '%s'"), path);
  std::string line;
  header.version = read_line(fd.get(), line) ? bundle_version_of(line) : 0;
  if (!header.version) return make_error(ErrorKind::corrupt, _("'%s' does not look like a v2 or v3 bundle file"), path);
  while (read_line(fd.get(), line)) {
    auto at_end = parse_bundle_header_line(header, line);
    if (!at_end) return at_end.error();
    if (*at_end) break;
  }
  return fd;
}

bool is_bundle_file(const std::string& path, bool is_quiet) {
  UniqueFd fd = open_fd(path, O_RDONLY);
  if (!fd) return false;
  std::string line;
  bool is_bundle = read_line(fd.get(), line) && bundle_version_of(line);
  if (!is_bundle && !is_quiet) error(_("'%s' does not look like a v2 or v3 bundle file"), path);
  return is_bundle;
}

void list_bundle_refs(const BundleHeader& header, const std::vector<std::string>& patterns) {
  for (const auto& [oid, name] : header.refs) {
    bool shown = patterns.empty();
    for (const std::string& pattern : patterns)
      shown |= name == pattern ||
               (ends_with(name, pattern) && name.size() > pattern.size() && name[name.size() - pattern.size() - 1] == '/');
    if (shown) outf("%s %s\n", oid, name);
  }
}

namespace {

std::vector<std::pair<ObjectId, std::string>> missing_prerequisites(Repository& repo, const BundleHeader& header) {
  std::vector<std::pair<ObjectId, std::string>> missing;
  for (const auto& entry : header.prerequisites)
    if (!repo.odb().has(entry.first, kLookupNoFetch)) missing.push_back(entry);
  return missing;
}

// A prerequisite may exist that no ref reaches; what lies below it may be gone.
bool are_prerequisites_connected(const BundleHeader& header) {
  if (header.prerequisites.empty()) return true;
  ChildProcess child;
  child.git_command = true;
  child.args = {"rev-list", "--stdin", "--not", "--all", "--quiet"};
  std::string input;
  for (const auto& entry : header.prerequisites) input += entry.first.hex() + "\n";
  return pipe_command(child, input, true).code == 0;
}

void list_for_person(const std::vector<std::pair<ObjectId, std::string>>& entries) {
  for (const auto& [oid, name] : entries) outf("%s %s\n", oid, name);
}

}  // namespace

bool verify_bundle(Repository& repo, const BundleHeader& header, bool is_verbose, bool is_quiet) {
  auto missing = missing_prerequisites(repo, header);
  if (!missing.empty()) {
    if (!is_quiet) {
      error("%s", _("Repository lacks these prerequisite commits:"));
      for (const auto& [oid, name] : missing) error("%s %s", oid, name);
    }
    return false;
  }
  if (!are_prerequisites_connected(header)) {
    if (!is_quiet)
      error("%s", _("some prerequisite commits exist in the object store, but are not connected to the repository's history"));
    return false;
  }
  if (!is_verbose) return true;
  if (header.refs.size() == 1)
    out(_("The bundle contains this ref:\n"));
  else
    outf(_("The bundle contains these %d refs:\n"), header.refs.size());
  list_for_person(header.refs);
  if (header.prerequisites.empty()) {
    out(_("The bundle records a complete history.\n"));
  } else {
    if (header.prerequisites.size() == 1)
      out(_("The bundle requires this ref:\n"));
    else
      outf(_("The bundle requires these %d refs:\n"), header.prerequisites.size());
    list_for_person(header.prerequisites);
  }
  outf(_("The bundle uses this hash algorithm: %s\n"), hash_name(header.algo));
  if (!header.filter.empty()) outf(_("The bundle uses this filter: %s\n"), header.filter);
  return true;
}

int unbundle(Repository& repo, const BundleHeader& header, UniqueFd fd, const std::vector<std::string>& index_pack_args,
             bool verifies, bool runs_fsck) {
  if (verifies && !verify_bundle(repo, header, false, false)) return -1;
  ChildProcess child;
  child.git_command = true;
  child.args = {"index-pack", "--fix-thin", "--stdin"};
  if (!header.filter.empty()) child.args.push_back("--promisor=from-bundle");
  if (runs_fsck) child.args.push_back("--fsck-objects");
  child.args.insert(child.args.end(), index_pack_args.begin(), index_pack_args.end());
  child.in = fd.release();
  child.out = ChildProcess::kNull;
  if (child.run() != 0) return error("%s", _("index-pack died"));
  repo.odb().reprepare();
  return 0;
}

namespace {

class BundleTransport : public Transport {
 public:
  BundleTransport(Repository* repo, Config& config, Remote* remote, const std::string& path)
      : Transport(repo, config, remote, path) {}

  RemoteRefs refs(bool for_push, const std::vector<std::string>&) override {
    if (for_push) die("%s", _("operation not supported by protocol"));
    open_once();
    // The last first, as git lists them.
    RemoteRefs list;
    for (auto at = header_.refs.rbegin(); at != header_.refs.rend(); ++at) {
      RemoteRef ref;
      ref.name = at->second;
      ref.old_oid = at->first;
      list.push_back(std::move(ref));
    }
    return list;
  }
  HashAlgo algo() const override { return header_.algo; }
  int fetch(RemoteRefs&) override {
    open_once();
    std::vector<std::string> args;
    if (options.shows_progress()) args.push_back("-v");
    if (auto fsck = fetch_fsck_option(repo_->config(), "--fsck-objects")) args.push_back(*fsck);
    is_open_ = false;
    return unbundle(*repo_, header_, std::move(fd_), args, true);
  }

 private:
  void open_once() {
    if (is_open_) return;
    header_ = {};
    auto fd = open_bundle(url_, header_);
    if (!fd) {
      error("%s", fd.error().message);
      die(_("could not read bundle '%s'"), url_);
    }
    fd_ = std::move(*fd);
    is_open_ = true;
  }
  BundleHeader header_;
  UniqueFd fd_;
  bool is_open_ = false;
};

}  // namespace

std::unique_ptr<Transport> make_bundle_transport(Repository* repo, Config& config, Remote* remote, const std::string& path) {
  return std::make_unique<BundleTransport>(repo, config, remote, path);
}

}  // namespace git
