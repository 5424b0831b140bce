// test-tool bundle-uri: bundle lists as they are understood, from lines, from a config file, and from a server.
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "bundle-uri.h"
#include "config.h"
#include "remote.h"
#include "repository.h"
#include "setup.h"
#include "t/helper/test-tool.h"
#include "transport.h"

TEST_TOOL("bundle-uri", test_bundle_uri)

namespace git {

namespace {

int show(BundleList& list, const std::string& base, int code) {
  for (const std::string& text : list.warnings()) warning("%s", text);
  if (auto checked = list.check(); !checked) code = error("%s", checked.error().message);
  resolve_bundle_uris(list, base).or_die();
  out(list.format());
  return code ? 1 : 0;
}

int parse_lines(const std::string& path) {
  BundleList list;
  list.version = 1;
  list.mode = BundleList::Mode::all;
  int code = 0;
  std::string text = read_file(path).take_or_die();
  for (std::string_view line : split_lines(text)) {
    auto parsed = list.parse_line(line);
    if (parsed) continue;
    if (!parsed.error().message.empty()) error("%s", parsed.error().message);
    code = error("bad line: '%s'", line);
  }
  return show(list, "<uri>", code);
}

int parse_file(const std::string& path) {
  auto list = read_bundle_list(path);
  int code = 0;
  BundleList shown;
  if (list)
    shown = std::move(*list);
  else
    code = error("%s", list.error().message);
  shown.version = 1;
  if (shown.mode == BundleList::Mode::none) shown.mode = BundleList::Mode::all;
  return show(shown, "<uri>", code);
}

int list_remote(const std::string& where) {
  auto repo = setup_git_directory(true).repo;
  Config early{ConfigSources{}};
  Config& config = repo ? repo->config() : early;
  Remotes remotes(repo.get(), config);
  Remote* remote = remotes.get(where);
  if (!remote || remote->urls.empty()) die("bad repository '%s'", where);
  auto transport = Transport::open(repo.get(), config, remote, remote->urls[0]);
  transport->refs(false, {});
  auto list = transport->bundle_list();
  if (!list) die("could not get the bundle-uri list");
  std::string url = transport->url();
  transport->disconnect();
  list->version = 1;
  if (list->mode == BundleList::Mode::none) list->mode = BundleList::Mode::all;
  return show(*list, url, 0);
}

}  // namespace

int test_bundle_uri(std::vector<std::string> args) {
  if (args.size() != 3) die("usage: test-tool bundle-uri (parse-key-values | parse-config | ls-remote) <file or remote>");
  if (args[1] == "parse-key-values") return parse_lines(args[2]);
  if (args[1] == "parse-config") return parse_file(args[2]);
  if (args[1] == "ls-remote") return list_remote(args[2]);
  die("invalid argument '%s'", args[1]);
}

}  // namespace git
