// The summary column holds "abc..def" of two abbreviations and three dots; the name column is as wide as the longest
// name, but not so wide that the line would wrap.
#include "fetch-report.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "base/env.h"
#include "base/fd.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "object-name.h"
#include "refs.h"
#include "repository.h"
#include "transport.h"

namespace git {

namespace {

std::size_t terminal_columns() {
  if (auto columns = get_env("COLUMNS"))
    if (auto n = parse_uint(*columns); n && *n > 0) return *n;
  struct winsize size;
  if (ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_col) return size.ws_col;
  return 80;
}

}  // namespace

FetchReport::FetchReport(Repository& repo, std::string url, int verbosity, FetchFormat format)
    : repo_(repo), shown_url_(display_url(url)), verbosity_(verbosity), format_(format) {}

void FetchReport::measure(const RemoteRefs& refs) {
  std::size_t abbrev = 7;
  for (const RemoteRef& ref : refs) {
    if (!ref.peer) continue;
    if (verbosity_ <= 0 && ref.peer->oid == ref.old_oid) continue;  // won't be shown
    for (const ObjectId* oid : {&ref.old_oid, &ref.peer->oid})
      if (!oid->is_null()) abbrev = std::max(abbrev, unique_abbrev(repo_, *oid).size());
  }
  summary_width_ = 2 * abbrev + 3;
  if (format_ == FetchFormat::porcelain) return;
  std::size_t columns = terminal_columns();
  for (const RemoteRef& ref : refs) {
    if (ref.was_rejected_shallow) continue;
    if (!ref.peer) continue;
    if (verbosity_ <= 0 && ref.peer->oid == ref.old_oid) continue;
    std::size_t remote_width = utf8_width(prettify_refname(ref.name));
    std::size_t local_width = format_ == FetchFormat::compact ? 0 : utf8_width(prettify_refname(ref.peer->name));
    std::size_t width = 21 + remote_width + 4 + local_width;
    if (width >= columns) continue;
    name_width_ = std::max(name_width_, remote_width);
  }
}

std::string FetchReport::names(std::string_view remote_name, std::string_view local_name) const {
  std::string remote(remote_name), local(local_name);
  if (format_ == FetchFormat::compact && remote != local) {
    // The longest name both end in, behind a '/', is shown as '*' on one side.
    if (remote.size() < local.size() && ends_with(local, "/" + remote)) {
      local = local.substr(0, local.size() - remote.size()) + "*";
    } else if (local.size() < remote.size() && ends_with(remote, "/" + local)) {
      remote = remote.substr(0, remote.size() - local.size()) + "*";
    }
  }
  std::size_t width = utf8_width(remote);
  std::string text = remote;
  if (width < name_width_) text.append(name_width_ - width, ' ');
  if (format_ == FetchFormat::compact && remote_name == local_name) return remote;
  return text + " -> " + local;
}

void FetchReport::header() {
  if (has_header_ || format_ == FetchFormat::porcelain || verbosity_ < 0) return;
  has_header_ = true;
  errf(_("From %s\n"), shown_url_);
}

void FetchReport::line(char code, std::string_view summary, std::string_view note, std::string_view remote_name,
                       std::string_view local_name, const ObjectId& old_oid, const ObjectId& new_oid) {
  if (format_ == FetchFormat::porcelain) {
    if (verbosity_ < 0) return;
    outf("%c %s %s %s\n", code, old_oid, new_oid, local_name);
    return;
  }
  if (verbosity_ < 0) return;
  header();
  std::string text = strf(" %c %-*s ", code, static_cast<int>(summary_width_), summary);
  text += names(prettify_refname(remote_name), prettify_refname(local_name));
  if (!note.empty()) text += strf("  (%s)", note);
  err(text + "\n");
}

}  // namespace git
