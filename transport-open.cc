// Which kind of transport a URL needs: "x::address" and unknown schemes are helpers, a plain file is a bundle, everything
// else speaks the pack protocol.
#include "transport.h"

#include <unistd.h>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "bundle.h"
#include "config.h"
#include "net/url.h"
#include "transport-helper.h"
#include "transport-native.h"

namespace git {

bool TransportOptions::shows_progress() const {
  if (progress >= 0) return progress > 0 && verbosity >= 0;
  return verbosity >= 0 && isatty(2);
}

int Transport::push(RemoteRefs&, unsigned) { die("%s", _("operation not supported by protocol")); }

std::unique_ptr<Connection> Transport::connect(const std::string&, const std::string&) {
  die("%s", _("operation not supported by protocol"));
}

void Transport::unlock_packs() {
  for (const std::string& path : lock_files) remove_file(path);
  lock_files.clear();
}

namespace {

bool is_native_scheme(std::string_view url) {
  for (const char* scheme : {"file://", "git://", "ssh://", "git+ssh://", "ssh+git://"})
    if (starts_with(url, scheme)) return true;
  return false;
}

}  // namespace

std::unique_ptr<Transport> Transport::open(Repository* repo, Config& config, Remote* remote, const std::string& url) {
  std::string helper = remote && !remote->vcs.empty() ? remote->vcs : std::string(helper_of_url(url));
  std::string address = url;
  if (!helper.empty()) {
    if (!remote || remote->vcs.empty()) address = url.substr(helper.size() + 2);
    return make_helper_transport(repo, config, remote, address, helper);
  }
  if (url_is_local_not_ssh(url) && is_file(url) && is_bundle_file(url)) return make_bundle_transport(repo, config, remote, url);
  if (!is_url(url) || is_native_scheme(url)) return std::make_unique<NativeTransport>(repo, config, remote, url);
  helper = url.substr(0, url.find("://"));
  return make_helper_transport(repo, config, remote, url, helper);
}

std::string display_url(std::string_view url) {
  std::string text = anonymize_url(url);
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  if (ends_with(text, ".git") && text.size() > 4) text.resize(text.size() - 4);
  return text;
}

}  // namespace git
