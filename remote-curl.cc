// Lines in, lines out: "capabilities", "option", "list", then "fetch" or "push" in batches, or "stateless-connect", which
// makes the rest of the session the wire protocol itself.
#include "remote-curl.h"

#include <unistd.h>

#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/quote.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "http-main.h"
#include "http-walker.h"
#include "net/channel.h"
#include "remote.h"
#include "repository.h"
#include "setup.h"
#include "wire/pkt-line.h"

namespace git {
namespace {

enum class OptionAnswer : std::uint8_t { ok, error, unsupported };

std::optional<bool> as_bool(std::string_view value) {
  if (value == "true") return true;
  if (value == "false") return false;
  return std::nullopt;
}

OptionAnswer answer_if(bool good) { return good ? OptionAnswer::ok : OptionAnswer::error; }

// A value that stands in quotes was put there because of what is in it.
std::optional<std::string> unquoted(std::string_view value) {
  if (!starts_with(value, "\"")) return std::string(value);
  auto text = unquote_c_style(value);
  return text && value.empty() ? text : std::nullopt;
}

OptionAnswer set_option(RemoteHttp& remote, std::string_view name, std::string_view value) {
  RemoteCurlOptions& o = remote.options;
  const std::pair<const char*, bool*> flags[] = {{"progress", &o.progress},
                                                 {"followtags", &o.follow_tags},
                                                 {"dry-run", &o.dry_run},
                                                 {"check-connectivity", &o.check_self_contained},
                                                 {"cloning", &o.is_cloning},
                                                 {"update-shallow", &o.update_shallow},
                                                 {"deepen-relative", &o.deepen_relative},
                                                 {"atomic", &o.atomic},
                                                 {"force-if-includes", &o.force_if_includes},
                                                 {"from-promisor", &o.from_promisor},
                                                 {"refetch", &o.refetch}};
  for (auto [known, flag] : flags) {
    if (name != known) continue;
    auto on = as_bool(value);
    if (on) *flag = *on;
    return answer_if(on.has_value());
  }
  if (name == "verbosity") {
    auto number = parse_int(value);
    if (number) o.verbosity = static_cast<int>(*number);
    return answer_if(number.has_value());
  }
  if (name == "depth") {
    auto number = parse_uint(value);
    if (number) o.depth = static_cast<int>(*number);
    return answer_if(number.has_value());
  }
  if (name == "deepen-since") {
    o.deepen_since = value;
  } else if (name == "deepen-not") {
    o.deepen_not.emplace_back(value);
  } else if (name == "cas") {
    auto text = unquoted(value);
    if (!text) return OptionAnswer::error;
    o.leases.push_back(*text);
  } else if (name == "push-option") {
    auto text = unquoted(value);
    if (!text) return OptionAnswer::error;
    o.push_options.push_back(*text);
  } else if (name == "push-base" || name == "push-common") {
    auto oid = ObjectId::from_hex(value, value.size() == 64 ? HashAlgo::sha256 : HashAlgo::sha1);
    if (!oid) return OptionAnswer::error;
    (name == "push-base" ? remote.push_base.bases : o.push_common).push_back(*oid);
  } else if (name == "push-ref") {
    remote.push_base.refs.emplace_back(value);
  } else if (name == "pushcert") {
    if (value != "true" && value != "false" && value != "if-asked") return OptionAnswer::error;
    o.push_cert = value == "false" ? "" : value;
  } else if (name == "filter") {
    auto text = unquoted(value);
    if (!text) return OptionAnswer::error;
    o.filter = *text;
  } else if (name == "family") {
    if (value != "ipv4" && value != "ipv6" && value != "all") return OptionAnswer::error;
    remote.session().set_family(value);
  } else if (name == "object-format") {
    if (value != "true" && hash_by_name(value) == HashAlgo::unknown) return OptionAnswer::error;
    o.object_format = true;
  } else {
    return OptionAnswer::unsupported;
  }
  return OptionAnswer::ok;
}

class RemoteCurl {
 public:
  RemoteCurl(std::unique_ptr<Repository> repo, Config& config, const Remote* remote, const std::string& url)
      : repo_(std::move(repo)), remote_(config, remote, url), input_(0) {}
  int serve();

 private:
  enum class Next : std::uint8_t { go_on, stop, fail };
  Next command(const std::string& line);
  void list(bool for_push);
  void option(std::string_view text);
  Next fetch_batch(std::string line);
  Next push_batch(std::string line);
  bool fetch_smart(const std::vector<std::string>& wanted);
  bool fetch_dumb(const std::vector<std::string>& wanted);
  bool push_smart(const std::vector<std::string>& specs);
  bool push_dumb(const std::vector<std::string>& specs);
  bool run_service(ChildProcess& child, const std::string& service, const std::string& preamble, bool uses_gzip);
  Next connect(const std::string& service);
  Next get(std::string_view text);

  std::unique_ptr<Repository> repo_;
  RemoteHttp remote_;
  LineReader input_;
};

int RemoteCurl::serve() {
  std::string line;
  while (input_.next(line)) {
    if (line.empty()) return 0;
    Next next = command(line);
    flush_out();
    if (next != Next::go_on) return next == Next::fail ? 1 : 0;
  }
  return 0;
}

RemoteCurl::Next RemoteCurl::command(const std::string& line) {
  std::string_view text = line;
  if (text == "capabilities") {
    out("stateless-connect\nfetch\nget\noption\npush\ncheck-connectivity\nobject-format\npush-base\npush-common\n\n");
  } else if (text == "list" || text == "list for-push") {
    list(text != "list");
  } else if (skip_prefix(text, "option ")) {
    option(text);
  } else if (starts_with(text, "fetch ")) {
    if (!repo_) die(_("remote-curl: fetch attempted without a local repo"));
    return fetch_batch(line);
  } else if (starts_with(text, "push ")) {
    return push_batch(line);
  } else if (skip_prefix(text, "stateless-connect ")) {
    return connect(std::string(text));
  } else if (skip_prefix(text, "get ")) {
    return get(text);
  } else {
    error(_("remote-curl: unknown command '%s' from git"), line);
    return Next::fail;
  }
  return Next::go_on;
}

void RemoteCurl::list(bool for_push) {
  const Discovery& found = remote_.discover(for_push ? "git-receive-pack" : "git-upload-pack");
  if (remote_.options.object_format) outf(":object-format %s\n", hash_name(found.algo));
  for (const AdvertisedRef& ref : found.refs) {
    if (!ref.symref_target.empty())
      outf("@%s %s\n", ref.symref_target, ref.name);
    else
      outf("%s %s\n", ref.oid, ref.name);
    if (ref.peeled) outf("%s %s^{}\n", *ref.peeled, ref.name);
  }
  out("\n");
}

void RemoteCurl::option(std::string_view text) {
  std::size_t space = text.find(' ');
  std::string_view name = text.substr(0, space);
  std::string_view value = space == std::string_view::npos ? "true" : text.substr(space + 1);
  switch (set_option(remote_, name, value)) {
    case OptionAnswer::ok:
      return out("ok\n");
    case OptionAnswer::error:
      return out("error invalid value\n");
    case OptionAnswer::unsupported:
      return out("unsupported\n");
  }
}

RemoteCurl::Next RemoteCurl::fetch_batch(std::string line) {
  std::vector<std::string> wanted;
  do {
    std::string_view text = line;
    if (!skip_prefix(text, "fetch ")) die(_("remote-curl: fetch expected, got '%s'"), line);
    auto oid = ObjectId::parse_prefix(text, repo_->algo());
    if (!oid) die(_("protocol error: expected sha/ref, got '%s'"), text);
    if (!text.empty() && text[0] != ' ') die(_("protocol error: expected sha/ref, got '%s'"), text);
    wanted.push_back(oid->hex() + std::string(text));
  } while (input_.next(line) && !line.empty());
  const Discovery& found = remote_.discover("git-upload-pack");
  if (!(found.is_smart ? fetch_smart(wanted) : fetch_dumb(wanted))) return Next::fail;
  out("\n");
  return Next::go_on;
}

// Runs `child` as the local end of `service`; what it says behind its last request is passed on to git.
bool RemoteCurl::run_service(ChildProcess& child, const std::string& service, const std::string& preamble, bool uses_gzip) {
  const Discovery& found = remote_.discover(service);
  child.git_command = true;
  child.in = child.out = ChildProcess::kPipe;
  child.clean_on_exit = child.wait_after_clean = true;
  if (!child.start()) return false;
  RpcSetup setup;
  setup.service = service;
  setup.version = remote_.wanted_version(service);
  setup.uses_gzip = uses_gzip;
  setup.in = child.out_fd();
  setup.out = child.in_fd();
  bool is_good = false;
  {
    IgnoreSigpipe guard;
    write_in_full(child.in_fd(), preamble);
    write_in_full(child.in_fd(), found.bytes);
    is_good = run_rpc(remote_, setup);
  }
  child.close_in();
  std::string answer;
  if (is_good) {
    if (auto rest = read_fd(child.out_fd())) answer = *rest;
  }
  child.close_out();
  int code = child.finish();
  if (code != 0) is_good = false;
  if (!answer.empty()) out(answer);
  return is_good;
}

bool RemoteCurl::fetch_smart(const std::vector<std::string>& wanted) {
  const RemoteCurlOptions& o = remote_.options;
  ChildProcess child;
  child.args = {"fetch-pack", "--stateless-rpc", "--stdin", "--lock-pack"};
  auto add = [&](bool wants, const std::string& arg) {
    if (wants) child.args.push_back(arg);
  };
  add(o.follow_tags, "--include-tag");
  add(o.thin, "--thin");
  add(o.verbosity >= 3, "-v");
  add(o.verbosity >= 3, "-v");
  add(o.check_self_contained, "--check-self-contained-and-connected");
  add(o.is_cloning, "--cloning");
  add(o.update_shallow, "--update-shallow");
  add(!o.progress, "--no-progress");
  add(o.depth > 0, strf("--depth=%d", o.depth));
  add(!o.deepen_since.empty(), "--shallow-since=" + o.deepen_since);
  for (const std::string& name : o.deepen_not) child.args.push_back("--shallow-exclude=" + name);
  add(o.deepen_relative && o.depth > 0, "--deepen-relative");
  add(o.from_promisor, "--from-promisor");
  add(o.refetch, "--refetch");
  add(!o.filter.empty(), "--filter=" + o.filter);
  add(o.verbosity == 0, "--quiet");
  child.args.push_back(remote_.url());
  std::string preamble;
  for (const std::string& each : wanted) append_packet(preamble, each + "\n");
  append_flush(preamble);
  return run_service(child, "git-upload-pack", preamble, true);
}

bool RemoteCurl::fetch_dumb(const std::vector<std::string>& wanted) {
  const RemoteCurlOptions& o = remote_.options;
  if (o.depth > 0 || !o.deepen_since.empty() || !o.deepen_not.empty())
    die(_("dumb http transport does not support shallow capabilities"));
  std::vector<WalkTarget> targets;
  for (const std::string& each : wanted) targets.push_back({each.substr(0, each.find(' ')), {}});
  WalkOptions how;
  how.is_verbose = o.verbosity >= 3;
  if (!http_walk(*repo_, remote_.session(), remote_.url(), targets, how)) die(_("fetch failed."));
  return true;
}

RemoteCurl::Next RemoteCurl::push_batch(std::string line) {
  std::vector<std::string> specs;
  do {
    std::string_view text = line;
    if (!skip_prefix(text, "push ")) die(_("remote-curl: push expected, got '%s'"), line);
    specs.emplace_back(text);
  } while (input_.next(line) && !line.empty());
  const Discovery& found = remote_.discover("git-receive-pack");
  bool is_smart = found.is_smart;
  bool is_good = is_smart ? push_smart(specs) : push_dumb(specs);
  // The list of refs ends here; what was not said of them, our exit code says.
  out("\n");
  return is_good ? Next::go_on : Next::fail;
}

bool RemoteCurl::push_smart(const std::vector<std::string>& specs) {
  const RemoteCurlOptions& o = remote_.options;
  ChildProcess child;
  child.args = {"send-pack", "--stateless-rpc", "--helper-status"};
  auto add = [&](bool wants, const std::string& arg) {
    if (wants) child.args.push_back(arg);
  };
  add(o.thin, "--thin");
  add(o.dry_run, "--dry-run");
  add(o.push_cert == "true", "--signed=yes");
  add(o.push_cert == "if-asked", "--signed=if-asked");
  add(o.atomic, "--atomic");
  add(o.verbosity == 0, "--quiet");
  add(o.verbosity > 1, "--verbose");
  for (const std::string& each : o.push_options) child.args.push_back("--push-option=" + each);
  child.args.push_back(o.progress ? "--progress" : "--no-progress");
  for (const std::string& lease : o.leases) child.args.push_back("--force-with-lease=" + lease);
  add(o.force_if_includes, "--force-if-includes");
  child.args.push_back(remote_.url());
  child.args.push_back("--stdin");
  std::string preamble;
  for (const std::string& spec : specs) append_packet(preamble, spec + "\n");
  for (const ObjectId& oid : o.push_common) append_packetf(preamble, "common %s\n", oid);
  append_flush(preamble);
  bool is_good = run_service(child, "git-receive-pack", preamble, false);
  remote_.forget();
  remote_.options.push_common.clear();
  return is_good;
}

bool RemoteCurl::push_dumb(const std::vector<std::string>& specs) {
  const RemoteCurlOptions& o = remote_.options;
  if (o.push_cert == "true") die(_("the receiving end does not support --signed push"));
  if (o.atomic) die(_("the receiving end does not support --atomic push"));
  ChildProcess child;
  child.git_command = true;
  child.args = {"http-push", "--helper-status"};
  if (o.dry_run) child.args.push_back("--dry-run");
  if (o.verbosity > 1) child.args.push_back("--verbose");
  child.args.push_back(remote_.url());
  child.args.insert(child.args.end(), specs.begin(), specs.end());
  flush_out();
  if (child.run() != 0) die(_("git-http-push failed"));
  return true;
}

RemoteCurl::Next RemoteCurl::connect(const std::string& service) {
  const Discovery& found = remote_.discover(service);
  if (!found.is_smart || found.version != 2) {
    out("fallback\n");
    return Next::go_on;
  }
  out("\n");
  out(found.bytes);
  flush_out();
  RpcSetup setup;
  setup.service = service;
  setup.version = 2;
  setup.is_enveloped = false;
  setup.uses_gzip = true;
  setup.in = 0;
  setup.out = 1;
  return run_rpc(remote_, setup) ? Next::stop : Next::fail;
}

RemoteCurl::Next RemoteCurl::get(std::string_view text) {
  std::size_t space = text.find(' ');
  if (space == std::string_view::npos) die(_("protocol error: expected '<url> <path>', missing space"));
  std::string url(text.substr(0, space)), path(text.substr(space + 1));
  if (remote_.session().get_file(url, path).result != HttpResult::ok) {
    error(_("failed to download file at URL '%s'"), url);
    return Next::fail;
  }
  out("\n");
  return Next::go_on;
}

int remote_curl(std::vector<std::string> args) {
  if (args.size() < 2) {
    error(_("remote-curl: usage: git remote-curl <remote> [<url>]"));
    return 1;
  }
  SetupResult setup = setup_git_directory(true);
  std::unique_ptr<Config> early = setup.repo ? nullptr : read_early_config();
  Config& config = early ? *early : setup.repo->config();
  Remotes remotes(setup.repo.get(), config);
  Remote* remote = remotes.get(args[1]);
  std::string url = args.size() > 2 ? args[2] : remote && !remote->urls.empty() ? remote->urls[0] : args[1];
  RemoteCurl helper(std::move(setup.repo), config, remote, url);
  return helper.serve();
}

}  // namespace
}  // namespace git

int main(int argc, char** argv) { return git::http_main(argc, argv, git::remote_curl); }
