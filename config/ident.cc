// Names and addresses that nobody set are guessed from the password file and the host name, as people expect on a
// machine of their own; a strict caller refuses the guesses that can't be right.
#include "config/ident.h"

#include <netdb.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/date.h"
#include "base/env.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"
#include "config.h"

namespace git {
namespace {

constexpr char kWhoAreYou[] =
    "\n"
    "*** Please tell me who you are.\n"
    "\n"
    "Run\n"
    "\n"
    "  git config --global user.email \"you@example.com\"\n"
    "  git config --global user.name \"Your Name\"\n"
    "\n"
    "to set your account's default identity.\n"
    "Omit --global to set the identity only in this repository.\n"
    "\n";

bool is_crud(char c) {
  auto u = static_cast<unsigned char>(c);
  return u <= 32 || c == '.' || c == ',' || c == ':' || c == ';' || c == '<' || c == '>' || c == '"' || c == '\\' || c == '\'';
}

struct SystemUser {
  std::string login, real_name;
  bool is_guess = false;  // nobody in the password file
};

SystemUser system_user() {
  SystemUser user;
  const passwd* entry = ::getpwuid(::getuid());
  if (!entry) return {"unknown", "Unknown", true};
  user.login = entry->pw_name;
  for (const char* c = entry->pw_gecos; c && *c && *c != ','; c++) {
    if (*c != '&')
      user.real_name += *c;
    else if (!user.login.empty())
      user.real_name += to_upper(user.login[0]) + user.login.substr(1);
  }
  return user;
}

struct Guess {
  std::string text;
  bool is_bogus = false;
};

// The host name with its domain, where the resolver knows it.
Guess mail_host() {
  char host[256];
  if (::gethostname(host, sizeof host) < 0) return {"(none)", true};
  host[sizeof host - 1] = 0;
  if (std::string_view(host).find('.') != std::string_view::npos) return {host, false};
  addrinfo hints{}, *info = nullptr;
  hints.ai_flags = AI_CANONNAME;
  if (::getaddrinfo(host, nullptr, &hints, &info) == 0) {
    std::string canonical = info && info->ai_canonname ? info->ai_canonname : "";
    if (info) ::freeaddrinfo(info);
    if (canonical.find('.') != std::string::npos) return {canonical, false};
  }
  return {std::string(host) + ".(none)", true};
}

Guess guess_mail() {
  SystemUser user = system_user();
  if (auto mailname = read_file_if_exists("/etc/mailname")) {
    std::string_view line = trim(std::string_view(*mailname).substr(0, mailname->find('\n')));
    if (!line.empty()) return {user.login + "@" + std::string(line), user.is_guess};
  }
  Guess host = mail_host();
  return {user.login + "@" + host.text, host.is_bogus || user.is_guess};
}

std::optional<std::string> configured(Config& config, IdentRole role, const char* what) {
  const char* section = role == IdentRole::author ? "author." : "committer.";
  if (auto value = config.get_string(std::string(section) + what)) return value;
  return config.get_string(std::string("user.") + what);
}

void explain_unknown(IdentRole role) {
  err(role == IdentRole::author ? _("Author identity unknown\n") : _("Committer identity unknown\n"));
  err(_(kWhoAreYou));
}

std::string choose_name(Config& config, IdentRole role, const std::optional<std::string>& given, const std::string& mail,
                        bool strict) {
  std::string name;
  if (given) {
    name = *given;
    if (name.empty()) {
      if (strict) die(_("empty ident name (for <%s>) not allowed"), mail);
      name = system_user().login;
    }
  } else if (auto set = configured(config, role, "name"); set && !set->empty()) {
    name = *set;
  } else {
    if (strict && config.get_bool_or("user.useconfigonly", false)) {
      explain_unknown(role);
      die(_("no name was given and auto-detection is disabled"));
    }
    SystemUser user = system_user();
    name = user.real_name;
    if (strict && user.is_guess) {
      explain_unknown(role);
      die(_("unable to auto-detect name (got '%s')"), name);
    }
    if (name.empty()) {
      if (strict) {
        explain_unknown(role);
        die(_("empty ident name (for <%s>) not allowed"), mail);
      }
      name = user.login;
    }
  }
  bool all_crud = true;
  for (char c : name) all_crud = all_crud && is_crud(c);
  if (strict && all_crud) die(_("name consists only of disallowed characters: %s"), name);
  return name;
}

std::string choose_mail(Config& config, IdentRole role, const std::optional<std::string>& given, bool strict) {
  if (given) return *given;
  if (auto set = configured(config, role, "email"); set && !set->empty()) return *set;
  if (auto mail = get_env("EMAIL"); mail && !mail->empty()) return *mail;
  if (strict && config.get_bool_or("user.useconfigonly", false)) {
    explain_unknown(role);
    die(_("no email was given and auto-detection is disabled"));
  }
  Guess guess = guess_mail();
  if (strict && guess.is_bogus) {
    explain_unknown(role);
    die(_("unable to auto-detect email address (got '%s')"), guess.text);
  }
  return guess.text;
}

std::string role_ident(Config& config, IdentRole role, unsigned flags) {
  bool author = role == IdentRole::author;
  return format_ident(config, role, get_env(author ? "GIT_AUTHOR_NAME" : "GIT_COMMITTER_NAME"),
                      get_env(author ? "GIT_AUTHOR_EMAIL" : "GIT_COMMITTER_EMAIL"),
                      get_env(author ? "GIT_AUTHOR_DATE" : "GIT_COMMITTER_DATE"), flags);
}

}  // namespace

std::string strip_ident_crud(std::string_view text) {
  while (!text.empty() && is_crud(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_crud(text.back())) text.remove_suffix(1);
  std::string out;
  for (char c : text)
    if (c != '\n' && c != '<' && c != '>') out += c;
  return out;
}

std::string format_ident(Config& config, IdentRole role, const std::optional<std::string>& name,
                         const std::optional<std::string>& mail, const std::optional<std::string>& date, unsigned flags) {
  bool strict = flags & kIdentStrict;
  std::string address = choose_mail(config, role, mail, strict);
  if (flags & kIdentNoName) return strip_ident_crud(address);
  std::string line = strip_ident_crud(choose_name(config, role, name, address, strict)) + " <" + strip_ident_crud(address) + ">";
  if (flags & kIdentNoDate) return line;
  if (date && !date->empty()) {
    auto when = parse_date(*date);
    if (!when) die(_("invalid date format: %s"), *date);
    return line + " " + *when;
  }
  Timestamp now = current_time();
  return line + strf(" %u %+05d", now, local_tz_offset(now));
}

std::string author_ident(Config& config, unsigned flags) { return role_ident(config, IdentRole::author, flags); }
std::string committer_ident(Config& config, unsigned flags) { return role_ident(config, IdentRole::committer, flags); }

bool is_ident_given(Config& config, IdentRole role) {
  bool author = role == IdentRole::author;
  bool name = get_env(author ? "GIT_AUTHOR_NAME" : "GIT_COMMITTER_NAME") || configured(config, role, "name");
  bool mail =
      get_env(author ? "GIT_AUTHOR_EMAIL" : "GIT_COMMITTER_EMAIL") || configured(config, role, "email") || get_env("EMAIL");
  return name && mail;
}

std::string default_ident_name(Config& config) {
  if (auto name = config.get_string("user.name"); name && !name->empty()) return *name;
  SystemUser user = system_user();
  return user.real_name.empty() ? user.login : user.real_name;
}
std::string default_ident_mail(Config& config) {
  if (auto mail = config.get_string("user.email"); mail && !mail->empty()) return *mail;
  if (auto mail = get_env("EMAIL"); mail && !mail->empty()) return *mail;
  return guess_mail().text;
}

}  // namespace git
