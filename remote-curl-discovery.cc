// One GET tells what we talk to: a smart server answers in a content type of its own, in the version that the
// Git-Protocol header asks for or an older one; any other server shows the file info/refs.
#include "base/env.h"
#include "base/error.h"
#include "base/strings.h"
#include "config.h"
#include "net/http-discovery.h"
#include "net/url.h"
#include "pkt-line.h"
#include "protocol.h"
#include "protocol/advertisement-client.h"
#include "remote-curl.h"

namespace git {
namespace {

bool is_http(const std::string& url) { return istarts_with(url, "http://") || istarts_with(url, "https://"); }

std::string with_slash(std::string url) {
  if (!ends_with(url, "/")) url += '/';
  return url;
}

}  // namespace

RemoteHttp::RemoteHttp(Config& config, const Remote* remote, std::string url)
    : config_(config), url_(with_slash(std::move(url))), session_(config, remote, url_) {}

int RemoteHttp::wanted_version(const std::string& service) const {
  int version = protocol_version_config(config_);
  // There is no version 2 of push.
  return version == 2 && service == "git-receive-pack" ? 0 : version;
}

std::string RemoteHttp::protocol_header(int version, const std::vector<std::string>& extra_keys) {
  std::vector<std::string> keys;
  if (version > 0) keys.push_back(strf("version=%d", version));
  keys.insert(keys.end(), extra_keys.begin(), extra_keys.end());
  return keys.empty() ? "" : "Git-Protocol: " + join(keys, ":");
}

void RemoteHttp::forget() {
  found_.reset();
  push_base = {};
}

const Discovery& RemoteHttp::discover(const std::string& service) {
  if (found_ && found_->service == service) return *found_;
  found_.reset();
  bool maybe_smart = is_http(url_) && env_bool("GIT_SMART_HTTP", true);
  std::string refs_url = url_ + "info/refs";
  if (maybe_smart) refs_url += (url_.find('?') == std::string::npos ? "?service=" : "&service=") + service;
  std::string given_url = url_;
  HttpGet get;
  get.is_initial = get.no_cache = true;
  get.base_url = &url_;
  int version = wanted_version(service);
  std::vector<std::string> extra_keys;
  if (service == "git-receive-pack") extra_keys = format_push_base_keys(push_base);
  if (std::string header = protocol_header(version, extra_keys); maybe_smart && !header.empty()) get.headers.push_back(header);
  std::string body;
  HttpAnswer answer = session_.get(refs_url, get, body);
  std::string shown = anonymize_url(url_);
  switch (answer.result) {
    case HttpResult::ok:
      break;
    case HttpResult::missing:
      show_http_message(answer, body);
      die(_("repository '%s' not found"), shown);
    case HttpResult::no_auth:
      show_http_message(answer, body);
      die(_("Authentication failed for '%s'"), shown);
    case HttpResult::bad_key:
      show_http_message(answer, body);
      die(_("unable to access '%s' with http.pinnedPubkey configuration: %s"), shown, answer.message);
    default:
      show_http_message(answer, body);
      die(_("unable to access '%s': %s"), shown, answer.message);
  }
  if (options.verbosity && !starts_with(refs_url, url_)) {
    std::string to = anonymize_url(url_);
    warning(_("redirecting to %s"), to);
  }
  Discovery found;
  found.service = service;
  if (maybe_smart) read_smart(found, answer, body);
  if (!found.is_smart) read_dumb(found, body);
  found_ = std::move(found);
  return *found_;
}

void RemoteHttp::read_smart(Discovery& found, const HttpAnswer& answer, std::string_view body) {
  Result<std::string_view> bytes = smart_advertisement(found.service, answer.type.type, body);
  if (!bytes) die("%s", bytes.error().message);
  if (bytes->empty()) return;
  found.is_smart = true;
  found.bytes = *bytes;
  AdvertisementClient client;
  client.set_tap(packet_tap("git"));
  client.feed(*bytes);
  if (client.is_waiting()) client.feed_end();
  if (client.state() == AdvertisementClient::State::failed) die("%s", client.error());
  Advertisement said = client.take();
  found.version = said.version;
  found.algo = said.algo;
  found.refs = std::move(said.refs);
}

void RemoteHttp::read_dumb(Discovery& found, const std::string& body) {
  Result<DumbRefs> list = parse_dumb_refs(body);
  if (!list) die(_("%sinfo/refs not valid: is this a git repository?"), anonymize_url(url_));
  found.algo = list->algo;
  found.refs = std::move(list->refs);
  if (auto head = read_dumb_head(found)) found.refs.insert(found.refs.begin(), std::move(*head));
}

// info/refs doesn't tell about HEAD.
std::optional<AdvertisedRef> RemoteHttp::read_dumb_head(const Discovery& found) {
  HttpGet get;
  get.no_cache = true;
  std::string body;
  if (session_.get(url_ + "HEAD", get, body).result != HttpResult::ok) return std::nullopt;
  AdvertisedRef head;
  head.name = "HEAD";
  head.oid = ObjectId::null(found.algo);
  std::string_view text = rtrim(body);
  if (auto oid = ObjectId::from_hex(text, found.algo)) {
    head.oid = *oid;
    return head;
  }
  if (!skip_prefix(text, "ref: ")) return std::nullopt;
  head.symref_target = text;
  for (const AdvertisedRef& ref : found.refs)
    if (ref.name == text) head.oid = ref.oid;
  return head;
}

}  // namespace git
