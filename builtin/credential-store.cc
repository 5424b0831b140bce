// git credential-store: a helper that keeps passwords in a file of URLs, one a line (git-credential-store(1)).
#include <fcntl.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/lockfile.h"
#include "base/parse-options.h"
#include "base/strings.h"
#include "builtin.h"
#include "config.h"
#include "credential.h"
#include "net/url.h"

GIT_BUILTIN("credential-store", cmd_credential_store, kSetupGently)

namespace git {
namespace {

// The lines of a file with what they say; a line that makes no sense has nothing.
struct StoredLine {
  std::string text;
  std::optional<Credential> entry;
};

std::vector<StoredLine> read_store(const std::string& path) {
  std::vector<StoredLine> lines;
  UniqueFd fd = open_fd(path, O_RDONLY);
  if (!fd) {
    if (errno != ENOENT && errno != EACCES && errno != ENOTDIR) die_errno(_("unable to open %s"), path);
    return lines;
  }
  LineReader reader(fd.get());
  StoredLine line;
  while (reader.next(line.text)) {
    Result<Credential> parsed = parse_credential_url(line.text);
    line.entry.reset();
    if (parsed && parsed->username && parsed->password) line.entry = std::move(*parsed);
    lines.push_back(line);
  }
  return lines;
}

bool print_match(const std::string& path, const Credential& want) {
  for (const StoredLine& line : read_store(path)) {
    if (!line.entry || !line.entry->matches(want, false)) continue;
    outf("username=%s\npassword=%s\n", *line.entry->username, *line.entry->password);
    return true;
  }
  return false;
}

// Without the lines that match, and with `added` in front.
void rewrite_store(const Config& config, const std::string& path, const Credential& gone, const std::string& added,
                   bool with_password) {
  int timeout = config.get_int_or("credentialstore.locktimeoutms", 1000);
  auto lock = LockFile::hold(path, timeout, true, 0600);
  if (!lock) die_errno(_("unable to get credential storage lock in %d ms"), timeout);
  std::string text = added;
  for (const StoredLine& line : read_store(path))
    if (!line.entry || !line.entry->matches(gone, with_password)) text += line.text + "\n";
  if (!lock->write(text) || !lock->commit()) die_errno(_("unable to write credential store"));
}

void store(const Config& config, const std::vector<std::string>& files, const Credential& c) {
  // Only what can be told by a URL is worth a line.
  if (!c.protocol || !(c.host || c.path) || !c.username || !c.password) return;
  std::string line = *c.protocol + "://" + url_encode(*c.username) + ":" + url_encode(*c.password) + "@";
  if (c.host) line += url_encode(*c.host, ":[]");
  if (c.path) line += "/" + url_encode(*c.path, "/");
  std::string target = files[0];
  for (const std::string& file : files) {
    if (::access(file.c_str(), F_OK) != 0) continue;
    target = file;
    break;
  }
  rewrite_store(config, target, c, line + "\n", false);
}

void erase(const Config& config, const std::vector<std::string>& files, const Credential& c) {
  // An empty question would match everything.
  if (!c.protocol && !c.host && !c.path && !c.username) return;
  for (const std::string& file : files)
    if (::access(file.c_str(), F_OK) == 0) rewrite_store(config, file, c, "", true);
}

}  // namespace

int cmd_credential_store(Invocation& inv) {
  ::umask(077);
  std::optional<std::string> file;
  Options options({"git credential-store [<options>] <action>"});
  options.string(0, "file", &file, "path", N_("fetch and store credentials in <path>"));
  std::vector<std::string> args = options.parse(inv.args, inv.prefix_or_empty());
  if (args.size() != 1) options.usage_with_options();
  std::unique_ptr<Config> early = inv.repository ? nullptr : read_early_config();
  const Config& config = early ? *early : inv.repo().config();

  std::vector<std::string> files;
  if (file) {
    files.push_back(*file);
  } else {
    if (auto home = expand_user_path("~/.git-credentials")) files.push_back(*home);
    if (std::string xdg = xdg_config_path("credentials"); !xdg.empty()) files.push_back(xdg);
  }
  if (files.empty()) die(_("unable to set up default path; use --file"));
  Credential want;
  LineReader reader(0);
  if (!want.read_lines([&](std::string& line) { return reader.next(line); }, CredentialStep::helper))
    die(_("unable to read credential"));
  if (args[0] == "get") {
    for (const std::string& each : files)
      if (print_match(each, want)) break;
  } else if (args[0] == "erase") {
    erase(config, files, want);
  } else if (args[0] == "store") {
    store(config, files, want);
  }
  return 0;  // an operation that isn't known is nothing to us
}

}  // namespace git
