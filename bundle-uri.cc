// A URI leads to a bundle or to a list of URIs, and so on to a few levels. All bundles of a list are downloaded first and
// taken in when what they build on is there, in whatever order that turns out to be; with creation tokens the newest is
// tried first, older ones only as far as they are needed, and then back up.
#include "bundle-uri.h"

#include <unistd.h>

#include <algorithm>
#include <deque>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "base/tempfile.h"
#include "bundle-download.h"
#include "bundle.h"
#include "config.h"
#include "fetch-pack.h"
#include "net/url.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"

namespace git {

Result<void> resolve_bundle_uris(BundleList& list, const std::string& base) {
  for (BundleInfo& bundle : list.bundles()) {
    if (bundle.uri.empty()) continue;
    auto joined = join_url(base, bundle.uri);
    if (!joined) return joined.error();
    bundle.uri = std::move(*joined);
  }
  return {};
}

Result<BundleList> read_bundle_list(const std::string& path) {
  auto text = read_file(path);
  if (!text) return text.error();
  auto entries = parse_config_text(*text, path);
  if (!entries) return entries.error();
  BundleList list;
  for (const ConfigEntry& entry : *entries) {
    if (!starts_with(entry.key, "bundle.")) continue;
    if (!entry.value) return make_error(ErrorKind::invalid, _("missing value for '%s'"), entry.key);
    auto updated = list.update(entry.key, *entry.value);
    if (!updated) {
      std::string why = updated.error().message;
      return make_error(ErrorKind::invalid, "%s", !why.empty() ? why : strf(_("bad value for '%s' in %s"), entry.key, path));
    }
  }
  auto checked = list.check();
  if (!checked) return checked.error();
  return list;
}

namespace {

constexpr int kMaxDepth = 4;

// A bundle on its way: downloaded where `file` is active, taken in where `is_done`.
struct Download {
  BundleInfo info;
  Tempfile file;
  bool is_done = false;
};

class BundleFetch {
 public:
  explicit BundleFetch(Repository& repo) : repo_(repo) {}

  bool fetch_uri(const std::string& uri) {
    Download top;
    top.info.uri = uri;
    if (!download(std::move(top), 0)) return false;
    unbundle_all();
    return true;
  }

  bool fetch_advertised(BundleList list) {
    bool is_good = follow_list(std::move(list), 0);
    unbundle_all();
    return is_good;
  }

  bool has_heuristic() const { return has_heuristic_; }

 private:
  std::optional<Tempfile> temporary_file() {
    std::string dir = repo_.odb().objects_dir() + "/bundles";
    if (!make_dirs(dir)) return std::nullopt;
    auto file = Tempfile::from_pattern(dir + "/tmp_uri_XXXXXX");
    if (!file) return std::nullopt;
    // Only the name is wanted: whoever downloads writes the file itself.
    file->close();
    unlink(file->path().c_str());
    return std::move(*file);
  }

  // Brings what is at the URI: a bundle joins downloads_, a list is followed.
  bool download(Download bundle, int depth) {
    if (!bring(bundle, depth)) return false;
    if (is_bundle_file(bundle.file.path())) {
      downloads_.push_back(std::move(bundle));
      return true;
    }
    return follow_file(bundle, depth);
  }

  bool bring(Download& bundle, int depth) {
    if (depth >= kMaxDepth) {
      warning(_("exceeded bundle URI recursion limit (%d)"), kMaxDepth);
      return false;
    }
    auto file = temporary_file();
    if (!file) {
      error("%s", _("failed to create temporary file"));
      return false;
    }
    bundle.file = std::move(*file);
    if (download_uri(bundle.info.uri, bundle.file.path())) return true;
    warning(_("failed to download bundle from URI '%s'"), bundle.info.uri);
    return false;
  }

  bool follow_file(const Download& source, int depth) {
    auto list = read_bundle_list(source.file.path());
    bool is_good = list.ok();
    if (!is_good) error("%s", list.error().message);
    if (is_good) {
      for (const std::string& text : list->warnings()) warning("%s", text);
      is_good = list->mode != BundleList::Mode::none;
    }
    if (is_good) {
      std::string base = source.info.uri.substr(0, source.info.uri.rfind('/') + 1);
      auto resolved = resolve_bundle_uris(*list, base);
      is_good = resolved.ok();
      if (!is_good) error("%s", resolved.error().message);
    }
    if (!is_good) {
      warning(_("file at URI '%s' is not a bundle or bundle list"), source.info.uri);
      return false;
    }
    return follow_list(std::move(*list), depth);
  }

  bool follow_list(BundleList list, int depth) {
    if (list.heuristic == BundleList::Heuristic::creation_token) {
      has_heuristic_ = true;
      return fetch_by_token(std::move(list), depth);
    }
    bool wants_all = list.mode == BundleList::Mode::all;
    bool any = false;
    for (BundleInfo& info : list.bundles()) {
      Download bundle;
      bundle.info = std::move(info);
      bool is_here = download(std::move(bundle), depth + 1);
      any |= is_here;
      if (is_here && !wants_all) break;
    }
    return any || wants_all;
  }

  // From the newest down until one fits, then up again.
  bool fetch_by_token(BundleList list, int depth) {
    std::vector<Download> bundles;
    for (BundleInfo& info : list.bundles())
      if (info.creation_token) bundles.emplace_back().info = std::move(info);
    std::stable_sort(bundles.begin(), bundles.end(),
                     [](const Download& a, const Download& b) { return a.info.creation_token > b.info.creation_token; });
    if (bundles.empty()) return true;
    std::uint64_t seen = repo_.config().get_ulong("fetch.bundlecreationtoken").value_or(0);
    if (bundles[0].info.creation_token <= seen) return true;

    std::uint64_t newest = 0;
    long at = 0, direction = 1;
    while (at >= 0 && at < static_cast<long>(bundles.size())) {
      Download& bundle = bundles[static_cast<std::size_t>(at)];
      // Below what we took in before nothing can be missing, unless the list is broken: don't download all of it.
      if (bundle.info.creation_token <= seen) break;
      if (!bundle.is_done && !bundle.file.is_active()) {
        if (!bring(bundle, depth + 1)) {
          bundle.is_done = true;
          direction = 1;
          at += direction;
          continue;
        }
        if (!is_bundle_file(bundle.file.path())) {
          warning(_("file downloaded from '%s' is not a bundle"), bundle.info.uri);
          break;
        }
      }
      if (!bundle.is_done) {
        bundle.is_done = unbundle_file(bundle.file.path());
        direction = bundle.is_done ? -1 : 1;
        if (bundle.is_done) newest = std::max(newest, bundle.info.creation_token);
      }
      at += direction;
    }
    if (at >= 0) return false;
    config_set_in_file(repo_.common_dir() + "/config", "fetch.bundlecreationtoken", strf("%u", newest));
    return true;
  }

  // Takes in what fits, as long as something does.
  void unbundle_all() {
    for (bool goes_on = true; goes_on;) {
      goes_on = false;
      for (Download& bundle : downloads_) {
        if (bundle.is_done || !unbundle_file(bundle.file.path())) continue;
        bundle.is_done = goes_on = true;
      }
    }
    downloads_.clear();
    rmdir((repo_.odb().objects_dir() + "/bundles").c_str());
  }

  bool unbundle_file(const std::string& path) {
    BundleHeader header;
    auto fd = open_bundle(path, header);
    if (!fd) {
      error("%s", fd.error().message);
      return false;
    }
    if (header.algo != repo_.algo() || !verify_bundle(repo_, header, false, true)) return false;
    std::vector<std::string> args;
    if (auto fsck = fetch_fsck_option(repo_.config(), "--fsck-objects")) args.push_back(*fsck);
    if (unbundle(repo_, header, std::move(*fd), args, false) != 0) return false;
    for (const auto& [oid, name] : header.refs) update_ref(name, oid);
    return true;
  }

  // Refs below refs/bundles/ tell a negotiation what the bundle brought.
  void update_ref(std::string_view name, const ObjectId& oid) {
    if (!skip_prefix(name, "refs/")) return;
    RefUpdate update;
    update.name = "refs/bundles/" + std::string(name);
    update.new_oid = oid;
    update.old_oid = repo_.refs().read_oid(update.name);
    update.message = "fetched bundle";
    auto done = repo_.refs().update(std::move(update));
    if (!done) error("%s", done.error().message);
  }

  Repository& repo_;
  std::deque<Download> downloads_;
  bool has_heuristic_ = false;
};

}  // namespace

bool fetch_bundle_uri(Repository& repo, const std::string& uri, bool* has_heuristic) {
  BundleFetch fetch(repo);
  bool is_good = fetch.fetch_uri(uri);
  if (has_heuristic) *has_heuristic = fetch.has_heuristic();
  return is_good;
}

bool fetch_bundle_list(Repository& repo, BundleList list, const std::string& base) {
  for (const std::string& text : list.warnings()) warning("%s", text);
  auto usable = list.check();
  if (usable) usable = resolve_bundle_uris(list, base);
  if (!usable) {
    error("%s", usable.error().message);
    return false;
  }
  return BundleFetch(repo).fetch_advertised(std::move(list));
}

}  // namespace git
