// objects/info/packs names the packs; their indexes say which one is worth downloading.  An index is only looked at (its
// own is made by index-pack from the pack itself, which is not believed without), so it never gets its real name here.
#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "http-walker-internal.h"
#include "odb.h"
#include "protocol.h"
#include "repository.h"

namespace git {
namespace {

bool is_pack_name(std::string_view name, HashAlgo algo) {
  return skip_prefix(name, "pack-") && ObjectId::from_hex(name, algo).has_value();
}

}  // namespace

WalkSource::WalkSource(Repository& repo, HttpSession& session, std::string url, bool is_verbose)
    : repo_(repo), session_(session), url_(std::move(url)), is_verbose_(is_verbose) {}

std::string WalkSource::loose_url(const ObjectId& oid) const {
  std::string hex = oid.hex();
  return url_ + "/objects/" + hex.substr(0, 2) + "/" + hex.substr(2);
}

void WalkSource::read_pack_list() {
  if (std::exchange(has_pack_list_, true)) return;
  if (is_verbose_) errf("Getting pack list for %s\n", url_);
  HttpGet get;
  get.no_cache = true;
  std::string body;
  if (session_.get(url_ + "/objects/info/packs", get, body).result != HttpResult::ok) return;
  for (std::string_view line : split_lines(body)) {
    if (!skip_prefix(line, "P ") || !strip_suffix(line, ".pack") || !is_pack_name(line, repo_.algo())) continue;
    RemotePack pack;
    pack.name = line;
    // What is here needs no second look.
    if (path_exists(repo_.odb().objects_dir() + "/pack/" + pack.name + ".pack")) continue;
    if (read_index(pack)) packs_.push_back(std::move(pack));
  }
}

bool WalkSource::read_index(RemotePack& pack) {
  if (is_verbose_) errf("Getting index for pack %s\n", pack.name.substr(5));
  make_dirs(repo_.odb().objects_dir() + "/pack");
  auto temp = Tempfile::from_pattern(repo_.odb().objects_dir() + "/pack/tmp_idx_XXXXXX");
  if (!temp) {
    error("%s", temp.error().message);
    return false;
  }
  std::string url = url_ + "/objects/pack/" + pack.name + ".idx";
  HttpAnswer answer = session_.get_into(url, temp->fd());
  temp->close();
  if (answer.result != HttpResult::ok) {
    error(_("Unable to get pack index %s"), url);
    return false;
  }
  Result<PackIndex> index = PackIndex::open(temp->path(), repo_.algo());
  if (!index || !index->checksum_matches()) {
    error(_("packfile index %s is corrupt"), url);
    return false;
  }
  pack.index = std::make_unique<PackIndex>(std::move(*index));
  pack.index_file = std::move(*temp);
  return true;
}

bool WalkSource::fetch_pack_with(const ObjectId& oid) {
  read_pack_list();
  for (RemotePack& pack : packs_) {
    if (pack.was_tried || !pack.index->find(oid)) continue;
    pack.was_tried = true;
    if (is_verbose_) errf("Getting pack %s\n which contains %s\n", pack.name.substr(5), oid);
    if (fetch_pack(pack) && repo_.odb().has(oid, kLookupNoFetch)) return true;
  }
  return false;
}

bool WalkSource::fetch_pack(RemotePack& pack) {
  std::string partial = repo_.odb().objects_dir() + "/pack/" + pack.name + ".pack.temp";
  bool is_good = fetch_and_index_pack(session_, url_ + "/objects/pack/" + pack.name + ".pack", partial, {"index-pack", "--stdin"},
                                      ChildProcess::kNull);
  repo_.odb().reprepare();
  return is_good;
}

bool fetch_and_index_pack(HttpSession& session, const std::string& url, const std::string& partial,
                          const std::vector<std::string>& index_args, int out) {
  UniqueFd fd = open_fd(partial, O_RDWR | O_CREAT, 0666);
  if (!fd) return error_errno(_("Unable to open local file %s for pack"), partial) == 0;
  HttpAnswer answer = session.get_into(url, fd.get());
  if (answer.result != HttpResult::ok) {
    error(_("Unable to get pack file %s\n%s"), url, answer.message);
    return false;
  }
  // The open file is what is indexed: somebody else who downloads the same pack may remove its name meanwhile.
  if (::lseek(fd.get(), 0, SEEK_SET) < 0) return error_errno(_("unable to read %s"), partial) == 0;
  ChildProcess indexer;
  indexer.git_command = true;
  indexer.args = index_args;
  indexer.in = fd.release();
  indexer.out = out;
  int code = indexer.run();
  remove_file(partial);
  return code == 0;
}

std::vector<std::string> WalkSource::alternates() {
  std::vector<std::string> urls;
  for (const char* list : {"http-alternates", "alternates"}) {
    HttpGet get;
    get.no_cache = true;
    std::string body;
    if (session_.get(url_ + "/objects/info/" + list, get, body).result != HttpResult::ok) continue;
    bool is_http_list = list[0] == 'h';
    for (std::string_view line : split_lines(body)) {
      auto url = alternate_url(line, is_http_list);
      if (!url || !is_alternate_allowed(*url)) continue;
      warning(_("adding alternate object store: %s"), *url);
      urls.push_back(*url);
    }
    break;
  }
  return urls;
}

// What a line of the list means: a URL, a path on the same server, or one relative to our objects.
std::optional<std::string> WalkSource::alternate_url(std::string_view line, bool is_http_list) const {
  if (line.empty() || line[0] == '#') return std::nullopt;
  std::string target;
  std::size_t host = url_.find("://");
  host = host == std::string::npos ? 0 : host + 3;
  std::size_t host_end = std::min(url_.find('/', host), url_.size());
  if (line[0] == '/') {
    // In "alternates" that is a path on the server's disk, which may be another one to us; it is worth a try.
    target = url_.substr(0, host_end) + std::string(line);
  } else if (starts_with(line, "../")) {
    std::string base = url_ + "/objects";
    std::string_view rest = line;
    while (skip_prefix(rest, "../")) {
      std::size_t slash = base.rfind('/');
      if (slash == std::string::npos || slash < host_end) return std::nullopt;
      base.resize(slash);
    }
    target = base + "/" + std::string(rest);
  } else if (is_http_list) {
    target = line;
  } else {
    return std::nullopt;
  }
  std::string_view stem = target;
  while (strip_suffix(stem, "/")) {
  }
  if (!strip_suffix(stem, "/objects")) {
    warning(_("ignoring alternate that does not end in '/objects': %s"), target);
    return std::nullopt;
  }
  return std::string(stem);
}

bool WalkSource::is_alternate_allowed(const std::string& url) const {
  if (session_.settings().follow != HttpSettings::Follow::always) {
    warning(_("alternate disabled by http.followRedirects: %s"), url);
    return false;
  }
  for (const char* scheme : {"http", "https", "ftp", "ftps"}) {
    if (!starts_with(url, std::string(scheme) + "://")) continue;
    // A server named it, not the user.
    if (is_transport_allowed(repo_.config(), scheme, 0)) return true;
    warning(_("ignoring alternate with restricted protocol: %s"), url);
    return false;
  }
  warning(_("ignoring alternate with unknown protocol: %s"), url);
  return false;
}

}  // namespace git
