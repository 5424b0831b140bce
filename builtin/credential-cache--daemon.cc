// git credential-cache--daemon: remembers what git credential-cache tells it until it is too old.  One client at a time;
// it leaves when there is nothing left to remember.
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <ctime>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "base/tempfile.h"
#include "builtin.h"
#include "config.h"
#include "credential-socket.h"
#include "credential.h"

GIT_BUILTIN("credential-cache--daemon", cmd_credential_cache_daemon, kSetupGently)

namespace git {
namespace {

constexpr std::int64_t kLonelySeconds = 30;  // how long to wait for a first credential

std::int64_t now() { return static_cast<std::int64_t>(::time(nullptr)); }

class CredentialCache {
 public:
  void remember(Credential c, std::int64_t expires) { entries_.push_back({std::move(c), expires}); }
  void forget(const Credential& want, bool with_password) {
    std::erase_if(entries_, [&](const Entry& e) { return e.credential.matches(want, with_password); });
  }
  const Credential* find(const Credential& want) const {
    for (const Entry& entry : entries_)
      if (entry.credential.matches(want, false) && (!entry.credential.credential || want.capa_authtype.caller))
        return &entry.credential;
    return nullptr;
  }
  // Seconds until the next one gets too old; 0 where there is nothing to wait for.
  std::int64_t expire() {
    std::int64_t time = now(), next = 0;
    std::erase_if(entries_, [&](const Entry& e) { return e.expires <= time; });
    for (const Entry& entry : entries_) {
      std::int64_t left = entry.expires - time;
      if (!next || left < next) next = left;
    }
    if (!next) return lonely_until_ > time ? lonely_until_ - time : 0;
    lonely_until_ = time + kLonelySeconds;
    return next;
  }

 private:
  struct Entry {
    Credential credential;
    std::int64_t expires;
  };
  std::vector<Entry> entries_;
  std::int64_t lonely_until_ = now() + kLonelySeconds;
};

std::string format_answer(const Credential& c) {
  std::string text = "capability[]=authtype\n";
  auto add = [&](const char* key, const std::optional<std::string>& value) {
    if (value) text += std::string(key) + "=" + *value + "\n";
  };
  add("username", c.username);
  add("password", c.password);
  if (c.capa_authtype.caller) {
    add("authtype", c.authtype);
    add("credential", c.credential);
  }
  if (c.password_expiry_utc != Credential::kNever) add("password_expiry_utc", std::to_string(c.password_expiry_utc));
  add("oauth_refresh_token", c.oauth_refresh_token);
  return text;
}

// One request. False where it says "exit".
bool serve_client(CredentialCache& cache, int fd) {
  LineReader reader(fd);
  std::string action, timeout;
  std::string_view action_text, timeout_text;
  if (!reader.next(action) || !skip_prefix(action, "action=", &action_text)) {
    warning(_("cache client sent bogus action line: '%s'"), action);
    return true;
  }
  auto seconds = std::optional<std::int64_t>();
  if (reader.next(timeout) && skip_prefix(timeout, "timeout=", &timeout_text)) seconds = parse_int(timeout_text);
  if (!seconds) {
    warning(_("cache client sent bogus timeout line: '%s'"), timeout);
    return true;
  }
  Credential c;
  if (!c.read_lines([&](std::string& line) { return reader.next(line); }, CredentialStep::initial)) return true;
  if (action_text == "get") {
    if (const Credential* found = cache.find(c)) write_in_full(fd, format_answer(*found));
  } else if (action_text == "exit") {
    return false;
  } else if (action_text == "erase") {
    cache.forget(c, true);
  } else if (action_text == "store") {
    bool is_complete = (c.username && c.password) || (c.authtype && c.credential);
    if (*seconds < 0) {
      warning(_("cache client didn't specify a timeout"));
    } else if (is_complete && !c.is_ephemeral) {
      cache.forget(c, false);
      cache.remember(std::move(c), now() + *seconds);
    }
  } else {
    warning(_("cache client sent unknown action: %s"), action_text);
  }
  return true;
}

void serve(Tempfile& socket_file, int listener) {
  CredentialCache cache;
  while (std::int64_t wait = cache.expire()) {
    pollfd ready{listener, POLLIN, 0};
    int n = ::poll(&ready, 1, static_cast<int>(std::min<std::int64_t>(wait, 1 << 20)) * 1000);
    if (n < 0 && errno != EINTR) die_errno(_("poll failed"));
    if (n <= 0) continue;
    UniqueFd client(::accept(listener, nullptr, nullptr));
    if (!client) {
      warning_errno(_("accept failed"));
      continue;
    }
    if (!serve_client(cache, client.get())) {
      // Gone before the client hears the end of the connection, so that it can count on that.
      socket_file.remove();
      return;
    }
  }
}

// The folder keeps others out; it is made if need be.
void prepare_socket_dir(const std::string& path) {
  std::string dir(path_dirname(path));
  if (auto st = stat_path(dir)) {
    if (st->st_mode & 077)
      die(_("The permissions on your socket directory are too loose; other\n"
            "users may be able to read your cached credentials. Consider running:\n"
            "\n"
            "\tchmod 0700 %s"),
          dir);
  } else {
    if (!make_leading_dirs(dir)) die_errno(_("unable to create directories for '%s'"), dir);
    if (!make_dir(dir, 0700)) die_errno(_("unable to mkdir '%s'"), dir);
  }
  if (::chdir(dir.c_str()) < 0) warning_errno(_("unable to chdir to '%s'"), dir);
}

}  // namespace

int cmd_credential_cache_daemon(Invocation& inv) {
  bool debug = false;
  Options options({"git credential-cache--daemon [--debug] <socket-path>"});
  options.boolean(0, "debug", &debug, N_("print debugging messages to stderr"));
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  if (args.empty()) options.usage_with_options();
  const std::string& path = args[0];
  if (!is_absolute_path(path)) die(_("socket directory must be an absolute path"));
  std::unique_ptr<Config> early = inv.repository ? nullptr : read_early_config();
  const Config& config = early ? *early : inv.repo().config();
  if (config.get_bool_or("credentialcache.ignoresighup", false)) ::signal(SIGHUP, SIG_IGN);
  ::signal(SIGPIPE, SIG_IGN);

  prepare_socket_dir(path);
  UniqueFd listener = listen_unix_socket(path);
  if (!listener) die_errno(_("unable to bind to '%s'"), path);
  Tempfile socket_file = Tempfile::adopt(path);
  write_in_full(1, "ok\n");
  UniqueFd null = xopen("/dev/null", O_RDWR);
  ::dup2(null.get(), 1);
  if (!debug) ::dup2(null.get(), 2);
  serve(socket_file, listener.get());
  return 0;
}

}  // namespace git
