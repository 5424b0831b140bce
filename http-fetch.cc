// git http-fetch: download from a dumb HTTP server (git-http-fetch(1)), or one pack by its URL.
#include "base/error.h"
#include "base/fd.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "config.h"
#include "http-main.h"
#include "http-walker-internal.h"
#include "http-walker.h"
#include "odb.h"
#include "remote.h"
#include "repository.h"
#include "setup.h"

namespace git {
namespace {

constexpr const char* kUsage =
    "git http-fetch [-c] [-t] [-a] [-v] [--recover] [-w ref] [--stdin | --packfile=hash | commit-id] url";

struct FetchCommand {
  WalkOptions walk;
  std::optional<std::string> write_ref, pack_name;
  std::vector<std::string> index_args, words;
  bool use_stdin = false;
};

FetchCommand parse_args(const std::vector<std::string>& args) {
  FetchCommand c;
  std::size_t at = 1;
  for (; at < args.size() && starts_with(args[at], "-"); at++) {
    std::string_view arg = args[at], value = arg;
    if (arg == "-c" || arg == "-t" || arg == "-a") {
      // Everything is fetched whatever they say.
    } else if (arg == "-v") {
      c.walk.is_verbose = true;
    } else if (arg == "-w" && at + 1 < args.size()) {
      c.write_ref = args[++at];
    } else if (arg == "--recover") {
      c.walk.recover = true;
    } else if (arg == "--stdin") {
      c.use_stdin = true;
    } else if (skip_prefix(value, "--packfile=")) {
      c.pack_name = std::string(value);
    } else if (skip_prefix(value, "--index-pack-arg=")) {
      c.index_args.emplace_back(value);
    } else {
      usage("%s", kUsage);
    }
  }
  c.words.assign(args.begin() + static_cast<std::ptrdiff_t>(at), args.end());
  if (c.words.size() != (c.use_stdin || c.pack_name ? 1u : 2u)) usage("%s", kUsage);
  return c;
}

// "<commit-id>['\t'<ref>]" lines.
std::vector<WalkTarget> read_targets() {
  std::vector<WalkTarget> targets;
  LineReader reader(0);
  std::string line;
  while (reader.next(line)) {
    std::string_view text = rtrim(line);
    std::size_t tab = text.find('\t');
    WalkTarget target{std::string(text.substr(0, tab)), {}};
    if (tab != std::string_view::npos) target.write_ref = std::string(text.substr(tab + 1));
    targets.push_back(std::move(target));
  }
  return targets;
}

int fetch_single_pack(Repository& repo, Config& config, const FetchCommand& c) {
  auto hash = ObjectId::from_hex(*c.pack_name, repo.algo());
  if (!hash) die(_("argument to --packfile must be a valid hash (got '%s')"), *c.pack_name);
  if (c.index_args.empty()) die(_("the option '%s' requires '%s'"), "--packfile", "--index-pack-args");
  HttpSession session(config, nullptr, c.words[0]);
  std::string partial = repo.odb().objects_dir() + "/pack/pack-" + *c.pack_name + ".pack.temp";
  bool is_good = fetch_and_index_pack(session, c.words[0], partial, c.index_args, ChildProcess::kInherit);
  if (!is_good) die(_("finish_http_pack_request gave result -1"));
  return 0;
}

int http_fetch(std::vector<std::string> args) {
  SetupResult setup = setup_git_directory(true);
  if (!setup.repo) die("%s", _("not a git repository"));
  FetchCommand c = parse_args(args);
  Config& config = setup.repo->config();
  if (c.pack_name) return fetch_single_pack(*setup.repo, config, c);
  if (!c.index_args.empty()) die(_("the option '%s' requires '%s'"), "--index-pack-args", "--packfile");
  std::vector<WalkTarget> targets;
  if (c.use_stdin)
    targets = read_targets();
  else
    targets.push_back({c.words[0], c.write_ref});
  std::string url = c.words.back();
  HttpSession session(config, nullptr, url);
  c.walk.log_message = "fetch from " + url;
  bool is_good = http_walk(*setup.repo, session, url, targets, c.walk);
  return is_good ? 0 : 1;
}

}  // namespace
}  // namespace git

int main(int argc, char** argv) { return git::http_main(argc, argv, git::http_fetch); }
