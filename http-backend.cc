// One request in, one answer out: find the repository the path names, find the service, check that both may be had.
//
//   GET  .../info/refs?service=git-upload-pack   what the service advertises, behind "# service=..." (not in v2)
//   POST .../git-upload-pack                     one round of the protocol, stateless
//   GET  .../info/refs, HEAD, objects/...        what dumb clients read
//
// The answer's head is only written once nothing but the body can fail, so that an error is still an HTTP status.
#include "http-backend.h"

#include <fcntl.h>

#include "base/date.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "http-backend-body.h"
#include "net/channel.h"
#include "net/url.h"
#include "odb.h"
#include "refs.h"
#include "repository.h"
#include "server-info.h"
#include "setup.h"
#include "wire/capabilities.h"
#include "wire/pkt-line.h"

namespace git {
namespace {

constexpr std::uint64_t kDefaultMaxRequestBuffer = 10 * 1024 * 1024;

// Ends the request with a status; the answer was written.
struct RequestOver {};

class Response {
 public:
  void header(std::string_view name, std::string_view value) { head_ += strf("%s: %s\r\n", name, value); }
  void no_cache() {
    header("Expires", "Fri, 01 Jan 1980 00:00:00 GMT");
    header("Pragma", "no-cache");
    header("Cache-Control", "no-cache, max-age=0, must-revalidate");
  }
  // Objects never change.
  void cache_forever() {
    constexpr std::int64_t kYear = 31536000;
    Timestamp now = static_cast<Timestamp>(::time(nullptr));
    header("Date", date(now));
    header("Expires", date(now + kYear));
    header("Cache-Control", "public, max-age=31536000");
  }
  void last_modified(std::int64_t time) { header("Last-Modified", date(static_cast<Timestamp>(time))); }
  void send_head() {
    out(head_ + "\r\n");
    head_.clear();
    is_head_sent_ = true;
  }
  bool is_head_sent() const { return is_head_sent_; }
  void send(std::string_view content_type, std::string_view body) {
    header("Content-Type", content_type);
    header("Content-Length", std::to_string(body.size()));
    send_head();
    out(body);
  }
  // An empty answer of this status, and a word in the server's log.
  [[noreturn]] void refuse(int code, std::string_view reason, const std::string& log = {}) {
    head_.clear();
    header("Status", strf("%d %s", code, reason));
    no_cache();
    send_head();
    if (!log.empty()) err(log + "\n");
    throw RequestOver();
  }

 private:
  static std::string date(Timestamp time) {
    return show_date(time, 0, {.mode = DateMode::rfc2822, .local = false, .strftime_format = {}});
  }
  std::string head_;
  bool is_head_sent_ = false;
};

struct Request {
  std::string method;  // HEAD counts as GET
  std::string dir;     // of the repository, once the service's part is taken off
  std::string name;    // what is asked for, behind the repository
  std::string query;
};

enum class Kind : std::uint8_t { head, info_refs, info_packs, text_file, loose_object, pack_file, idx_file, rpc };

struct Route {
  const char* method;
  Kind kind;
};

bool is_hex_name(std::string_view text, std::size_t skipped) {
  if (text.size() != 40 - skipped && text.size() != 64 - skipped) return false;
  for (char c : text)
    if (!is_digit(c) && !(c >= 'a' && c <= 'f')) return false;
  return true;
}

std::optional<Kind> object_kind(std::string_view name) {
  if (name.size() > 2 && name[2] == '/' && hex_value(name[0]) >= 0 && hex_value(name[1]) >= 0 && is_hex_name(name.substr(3), 2))
    return Kind::loose_object;
  if (!skip_prefix(name, "pack/pack-")) return std::nullopt;
  if (strip_suffix(name, ".pack") && is_hex_name(name, 0)) return Kind::pack_file;
  if (strip_suffix(name, ".idx") && is_hex_name(name, 0)) return Kind::idx_file;
  return std::nullopt;
}

// What `path` ends in, and where that starts.
std::optional<std::pair<std::size_t, Route>> find_route(std::string_view path) {
  const std::pair<const char*, Route> fixed[] = {{"/HEAD", {"GET", Kind::head}},
                                                 {"/info/refs", {"GET", Kind::info_refs}},
                                                 {"/objects/info/alternates", {"GET", Kind::text_file}},
                                                 {"/objects/info/http-alternates", {"GET", Kind::text_file}},
                                                 {"/objects/info/packs", {"GET", Kind::info_packs}},
                                                 {"/git-upload-pack", {"POST", Kind::rpc}},
                                                 {"/git-receive-pack", {"POST", Kind::rpc}}};
  for (const auto& [suffix, route] : fixed)
    if (ends_with(path, suffix)) return std::pair(path.size() - std::string_view(suffix).size(), route);
  std::size_t at = path.rfind("/objects/");
  if (at == std::string_view::npos) return std::nullopt;
  auto kind = object_kind(path.substr(at + 9));
  if (!kind) return std::nullopt;
  return std::pair(at, Route{"GET", *kind});
}

// A path with "//", "/./" or "/../" in it could name a repository that the server's rules mean to hide.
bool is_aliased(std::string_view path) {
  if (path.empty() || path[0] != '/') return true;
  path.remove_prefix(1);
  auto parts = split(path, '/');
  for (std::size_t i = 0; i < parts.size(); i++) {
    if (parts[i] == "." || parts[i] == "..") return true;
    if (parts[i].empty() && i + 1 < parts.size()) return true;
  }
  return false;
}

std::string requested_path() {
  std::string root = get_env_or("GIT_PROJECT_ROOT", ""), info = get_env_or("PATH_INFO", "");
  std::string translated = get_env_or("PATH_TRANSLATED", "");
  if (!root.empty()) {
    if (info.empty()) die(_("GIT_PROJECT_ROOT is set but PATH_INFO is not"));
    if (is_aliased(info)) die(_("'%s': aliased"), info);
    if (root.back() == '/' && info[0] == '/') root.pop_back();
    return path_join(root, info);
  }
  if (!translated.empty()) return translated;
  die(_("No GIT_PROJECT_ROOT or PATH_TRANSLATED from server"));
}

// One value of "a=b&c=d".
std::string query_value(std::string_view query, std::string_view name) {
  std::string value;
  while (auto pair = next_part(query, '&')) {
    std::size_t equals = pair->find('=');
    if (url_decode(pair->substr(0, equals)) == name)
      value = equals == std::string_view::npos ? "" : url_decode(replace_all(pair->substr(equals + 1), "+", " "));
  }
  return value;
}

class Backend {
 public:
  void run();
  // The command died of `message`: tell the client as long as it hears no answer yet.
  void fail(const std::string& message);

 private:
  void open_repository();
  bool is_enabled(std::string_view service) const;
  // "upload-pack" of "git-upload-pack", if it may be used.
  std::string select_service(std::string_view name);
  void check_get_any_file();
  void send_file(const std::string& content_type);
  void send_head();
  void send_info_refs();
  void send_info_packs();
  void serve_rpc();
  int run_service(const std::vector<std::string>& args, bool feeds_body, bool buffers_body);

  Request request_;
  Response response_;
  std::unique_ptr<Repository> repo_;
};

void Backend::open_repository() {
  repo_ = enter_repo(request_.dir, false);
  if (!repo_) response_.refuse(404, "Not Found", strf("Not a git repository: '%s'", request_.dir));
  if (!get_env("GIT_HTTP_EXPORT_ALL") && ::access("git-daemon-export-ok", F_OK) != 0)
    response_.refuse(404, "Not Found", strf("Repository not exported: '%s'", request_.dir));
}

bool Backend::is_enabled(std::string_view service) const {
  std::string key = "http." + replace_all(service, "-", "");
  if (auto configured = repo_->config().get_bool(key)) return *configured;
  return service == "upload-pack" || !get_env_or("REMOTE_USER", "").empty();
}

std::string Backend::select_service(std::string_view name) {
  std::string_view service = name;
  if (!skip_prefix(service, "git-")) response_.refuse(403, "Forbidden", strf("Unsupported service: '%s'", name));
  if (service != "upload-pack" && service != "receive-pack")
    response_.refuse(403, "Forbidden", strf("Unsupported service: '%s'", name));
  if (!is_enabled(service)) response_.refuse(403, "Forbidden", strf("Service not enabled: '%s'", service));
  return std::string(service);
}

void Backend::check_get_any_file() {
  if (!repo_->config().get_bool_or("http.getanyfile", true))
    response_.refuse(403, "Forbidden", "Unsupported service: getanyfile");
}

void Backend::send_file(const std::string& content_type) {
  std::string path = repo_->git_path(request_.name);
  UniqueFd fd = open_fd(path, O_RDONLY);
  if (!fd) response_.refuse(404, "Not Found", strf("Cannot open '%s': %s", path, std::string(strerror(errno))));
  struct stat st {};
  if (::fstat(fd.get(), &st) < 0) die_errno(_("Cannot stat '%s'"), path);
  response_.header("Content-Length", std::to_string(st.st_size));
  response_.header("Content-Type", content_type);
  response_.last_modified(st.st_mtime);
  response_.send_head();
  char buffer[8192];
  for (;;) {
    ssize_t n = xread(fd.get(), buffer, sizeof(buffer));
    if (n < 0) die_errno(_("Cannot read '%s'"), path);
    if (n == 0) break;
    out(std::string_view(buffer, static_cast<std::size_t>(n)));
  }
}

void Backend::send_head() {
  const std::string& ns = repo_->ref_namespace();
  auto head = repo_->refs().resolve(ns + "HEAD");
  std::string text;
  if (head)
    text = head->is_symref ? strf("ref: %s\n", head->name.substr(starts_with(head->name, ns) ? ns.size() : 0))
                           : head->oid.hex() + "\n";
  response_.send("text/plain", text);
}

void Backend::send_info_packs() {
  response_.no_cache();
  response_.send("text/plain; charset=utf-8", server_info_packs(*repo_));
}

void Backend::send_info_refs() {
  std::string service_name = query_value(request_.query, "service");
  response_.no_cache();
  if (service_name.empty()) {
    check_get_any_file();
    response_.send("text/plain", server_info_refs(*repo_, repo_->ref_namespace()));
    return;
  }
  std::string service = select_service(service_name);
  response_.header("Content-Type", strf("application/x-git-%s-advertisement", service));
  response_.send_head();
  if (protocol_version_of(get_env_or("GIT_PROTOCOL", "")) != 2) {
    std::string intro;
    append_packetf(intro, "# service=git-%s\n", service);
    append_flush(intro);
    out(intro);
  }
  flush_out();
  if (run_service({service, "--http-backend-info-refs", "."}, false, false) != 0) exit_with(1);
}

void Backend::serve_rpc() {
  std::string service = select_service(request_.name);
  std::string accepted = strf("application/x-git-%s-request", service), type = get_env_or("CONTENT_TYPE", "");
  if (type != accepted) {
    response_.header("Status", "415 Unsupported Media Type");
    response_.no_cache();
    response_.send("text/plain", strf("Expected POST with Content-Type '%s', but received '%s' instead.\n", accepted, type));
    return;
  }
  response_.no_cache();
  response_.header("Content-Type", strf("application/x-git-%s-result", service));
  response_.send_head();
  flush_out();
  if (run_service({service, "--stateless-rpc", "."}, true, service == "upload-pack") != 0) exit_with(1);
}

int Backend::run_service(const std::vector<std::string>& args, bool feeds_body, bool buffers_body) {
  ChildProcess child;
  child.git_command = true;
  child.args = args;
  std::string user = get_env_or("REMOTE_USER", ""), host = get_env_or("REMOTE_ADDR", "");
  if (user.empty()) user = "anonymous";
  if (host.empty()) host = "(none)";
  if (!get_env("GIT_COMMITTER_NAME")) child.env.push_back("GIT_COMMITTER_NAME=" + user);
  if (!get_env("GIT_COMMITTER_EMAIL")) child.env.push_back("GIT_COMMITTER_EMAIL=" + user + "@http." + host);
  child.in = feeds_body ? ChildProcess::kPipe : ChildProcess::kNull;
  child.clean_on_exit = child.wait_after_clean = true;
  std::optional<std::uint64_t> length;
  if (feeds_body) length = parse_content_length(get_env("CONTENT_LENGTH")).take_or_die();
  if (!child.start()) exit_with(1);
  if (feeds_body) {
    std::string encoding = get_env_or("HTTP_CONTENT_ENCODING", "");
    std::uint64_t limit = repo_->config().get_ulong("http.maxrequestbuffer").value_or(kDefaultMaxRequestBuffer);
    limit = env_ulong("GIT_HTTP_MAX_REQUEST_BUFFER", static_cast<unsigned long>(limit));
    IgnoreSigpipe guard;
    copy_request_body(0, child.in_fd(), length, encoding == "gzip" || encoding == "x-gzip", buffers_body ? limit : 0, args[0]);
    child.close_in();
  }
  return child.finish();
}

void Backend::run() {
  auto method = get_env("REQUEST_METHOD");
  if (!method) die(_("No REQUEST_METHOD from server"));
  request_.method = *method == "HEAD" ? "GET" : *method;
  request_.query = get_env_or("QUERY_STRING", "");
  std::string path = requested_path();
  auto route = find_route(path);
  if (!route) response_.refuse(404, "Not Found", strf("Request not supported: '%s'", path));
  if (request_.method != route->second.method) {
    if (get_env_or("SERVER_PROTOCOL", "") != "HTTP/1.1") response_.refuse(400, "Bad Request");
    response_.header("Status", "405 Method Not Allowed");
    response_.header("Allow", route->second.method == std::string_view("GET") ? "GET, HEAD" : route->second.method);
    response_.no_cache();
    return response_.send_head();
  }
  request_.dir = path.substr(0, route->first);
  request_.name = path.substr(route->first + 1);
  // What the web server was told to pass on goes before what the client said.
  if (auto client = get_env("HTTP_GIT_PROTOCOL"); client && !get_env("GIT_PROTOCOL")) set_env("GIT_PROTOCOL", *client);
  open_repository();

  Kind kind = route->second.kind;
  if (kind == Kind::rpc) return serve_rpc();
  if (kind == Kind::info_refs) return send_info_refs();
  check_get_any_file();
  switch (kind) {
    case Kind::head:
      return send_head();
    case Kind::info_packs:
      return send_info_packs();
    case Kind::text_file:
      response_.no_cache();
      return send_file("text/plain");
    case Kind::loose_object:
      response_.cache_forever();
      return send_file("application/x-git-loose-object");
    case Kind::pack_file:
      response_.cache_forever();
      return send_file("application/x-git-packed-objects");
    default:
      response_.cache_forever();
      return send_file("application/x-git-packed-objects-toc");
  }
}

void Backend::fail(const std::string& message) {
  report("fatal: ", message);
  if (response_.is_head_sent()) return;
  try {
    response_.refuse(500, "Internal Server Error");
  } catch (const RequestOver&) {
  }
}

}  // namespace

int http_backend() {
  Backend backend;
  try {
    backend.run();
  } catch (const RequestOver&) {
  } catch (const Fatal& fatal) {
    if (fatal.message().empty()) throw;
    backend.fail(fatal.message());
  }
  return 0;
}

}  // namespace git
