// The helper reads lines, so what would break out of a line is refused before it is written: a bundle list is somebody
// else's text.
#include "bundle-download.h"

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "net/channel.h"

namespace git {

namespace {

bool has_any(std::string_view text, bool (*is_bad)(char)) {
  for (char c : text)
    if (is_bad(c)) return true;
  return false;
}

// Lines of the helper's greeting, until the empty one: can it "get"?
bool helper_can_get(ChildProcess& helper) {
  LineReader reader(helper.out_fd());
  std::string line;
  bool can = false;
  while (reader.next(line) && !line.empty()) can |= line == "get";
  return can;
}

bool download_https(const std::string& uri, const std::string& path) {
  if (has_any(uri, [](char c) { return is_space(c) || static_cast<unsigned char>(c) < 0x20; })) {
    error(_("bundle-uri: URI is malformed: '%s'"), path);
    return false;
  }
  if (has_any(path, [](char c) { return c == '\n'; })) {
    error(_("bundle-uri: filename is malformed: '%s'"), path);
    return false;
  }
  ChildProcess helper;
  helper.args = {"git-remote-https", uri};
  helper.in = helper.out = ChildProcess::kPipe;
  helper.clean_on_exit = true;
  if (!helper.start()) return false;
  IgnoreSigpipe guard;
  bool is_sent = write_in_full(helper.in_fd(), "capabilities\n");
  bool can_get = is_sent && helper_can_get(helper);
  if (can_get)
    write_in_full(helper.in_fd(), "get " + uri + " " + path + "\n\n");
  else
    error("%s", _("insufficient capabilities"));
  helper.close_in();
  // Its answer is only looked at as an exit code, but somebody has to be there to hear it.
  bool is_good = helper.finish() == 0;
  return is_good && can_get;
}

bool copy(const std::string& from, const std::string& to) {
  UniqueFd in = open_fd(from, O_RDONLY);
  if (!in) return false;
  UniqueFd out = open_fd(to, O_WRONLY | O_CREAT | O_TRUNC, 0444);
  if (!out) return false;
  std::string buffer(1u << 16, '\0');
  for (ssize_t got; (got = xread(in.get(), buffer.data(), buffer.size())) != 0;)
    if (got < 0 || !write_in_full(out.get(), std::string_view(buffer).substr(0, static_cast<std::size_t>(got)))) return false;
  return true;
}

}  // namespace

bool download_uri(const std::string& uri, const std::string& path) {
  if (starts_with(uri, "https:") || starts_with(uri, "http:")) return download_https(uri, path);
  std::string_view source = uri;
  skip_prefix(source, "file://");
  return copy(std::string(source), path);
}

}  // namespace git
