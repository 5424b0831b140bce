// Who is asked, in which order: configuration (a default user name), each helper until user name and password (or a
// token) are known, then the user.
#include "credential.h"

#include <memory>

#include "base/fd.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/trace2.h"
#include "config.h"
#include "config/urlmatch.h"
#include "net/channel.h"
#include "prompt.h"

namespace git {
namespace {

// "credential.<pattern>.helper" for this credential? A whole URL matches as in http.<url>.*; anything less is compared
// part by part.
bool pattern_fits(const Credential& c, const Result<NormalUrl>& url, const ConfigEntry& entry, std::string_view pattern) {
  auto normal = normalize_url(pattern, true);
  if (normal && url) return match_url(*url, *normal).has_value();
  Result<Credential> want = parse_credential_url(pattern, true);
  if (!want) {
    warning(_("skipping credential lookup for key: %s"), entry.key);
    return false;
  }
  want->password.reset();
  return c.matches(*want, false);
}

}  // namespace

void Credential::apply_config(const Config& config) {
  if (!host) die(_("refusing to work with credential missing host field"));
  if (!protocol) die(_("refusing to work with credential missing protocol field"));
  if (is_configured_) return;
  is_configured_ = true;
  Result<NormalUrl> url = normalize_url(describe(true));
  bool has_own_username = username.has_value() && !username->empty();
  for (const ConfigEntry& entry : config.entries()) {
    std::string_view key = entry.key;
    if (!skip_prefix(key, "credential.")) continue;
    std::size_t dot = key.rfind('.');
    std::string_view name = dot == std::string_view::npos ? key : key.substr(dot + 1);
    if (dot != std::string_view::npos && !pattern_fits(*this, url, entry, key.substr(0, dot))) continue;
    if (name == "helper") {
      if (!entry.value) die_missing_config_value(entry);
      if (entry.value->empty())
        helpers_.clear();
      else
        helpers_.push_back(*entry.value);
    } else if (name == "username") {
      if (!entry.value) die_missing_config_value(entry);
      if (!has_own_username) username = *entry.value;
    } else if (name == "usehttppath") {
      use_http_path_ = parse_config_bool(entry.key, entry.value).take_or_die();
    } else if (name == "sanitizeprompt") {
      sanitize_prompt_ = parse_config_bool(entry.key, entry.value).take_or_die();
    } else if (name == "protectprotocol") {
      protect_protocol_ = parse_config_bool(entry.key, entry.value).take_or_die();
    } else if (name == "interactive") {
      // "never", "auto" and "always" are what helpers understand; here a word that isn't false means yes.
      is_interactive_ = parse_maybe_bool(entry.value).value_or(!entry.value || *entry.value != "never");
    }
  }
  if (!use_http_path_ && (*protocol == "http" || *protocol == "https")) path.reset();
}

void Credential::run_helper(const std::string& helper, const char* operation, bool wants_answer) {
  std::string input = format(CredentialStep::helper).take_or_die();
  std::string command = helper;
  if (helper[0] == '!')
    command = helper.substr(1);
  else if (!is_absolute_path(helper))
    command = "git credential-" + helper;
  ChildProcess child;
  child.args = {command + " " + operation};
  child.use_shell = true;
  child.in = ChildProcess::kPipe;
  child.out = wants_answer ? ChildProcess::kPipe : ChildProcess::kNull;
  if (!child.start()) return;
  {
    IgnoreSigpipe guard;
    write_in_full(child.in_fd(), input);
  }
  child.close_in();
  if (wants_answer) {
    LineReader reader(child.out_fd());
    Result<void> done = read_lines([&](std::string& line) { return reader.next(line); }, CredentialStep::helper);
    if (!done) warning("%s", done.error().message);
    child.close_out();
  }
  child.finish();
}

void Credential::ask_user(const Config& config) {
  if (!is_interactive_) {
    trace2::data("credential", "interactive/skipped", std::int64_t{1});
    return;
  }
  trace2::Region region("credential", "interactive");
  auto ask = [&](const char* what, unsigned flags) {
    std::string place = describe(sanitize_prompt_);
    std::string prompt = place.empty() ? strf("%s: ", what) : strf(_("%s for '%s': "), what, place);
    return git_prompt(config, prompt, flags);
  };
  if (!username) username = ask("Username", kPromptAskpass | kPromptEcho);
  if (!password) password = ask("Password", kPromptAskpass);
}

void Credential::fill(const Config& config, bool all_capabilities) {
  if ((username && password) || credential) return;
  next_state();
  is_multistage = false;
  apply_config(config);
  if (all_capabilities) set_all_capabilities(CredentialStep::initial);
  for (const std::string& helper : helpers_) {
    run_helper(helper, "get", true);
    if (is_expired()) {
      password.reset();
      password_expiry_utc = kNever;
    }
    if ((username && password) || credential) return;
    if (quit) die(_("credential helper '%s' told us to quit"), helper);
  }
  ask_user(config);
  if (!username && !password && !credential) die(_("unable to get password from user"));
}

void Credential::approve(const Config& config) {
  if (is_approved_) return;
  bool is_complete = (username && password) || (authtype && credential);
  if (!is_complete || is_expired()) return;
  next_state();
  apply_config(config);
  for (const std::string& helper : helpers_) run_helper(helper, "store", false);
  is_approved_ = true;
}

void Credential::reject(const Config& config) {
  next_state();
  apply_config(config);
  for (const std::string& helper : helpers_) run_helper(helper, "erase", false);
  username.reset();
  oauth_refresh_token.reset();
  password_expiry_utc = kNever;
  clear_secrets();
  is_approved_ = false;
}

}  // namespace git
