// GnuPG says on its status channel whether it really made a signature: its exit code alone is no proof.
#include "gpg-interface.h"

#include "base/error.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/tempfile.h"
#include "config.h"
#include "config/ident.h"
#include "repository.h"

namespace git {

namespace {

std::string format_of(Config& config) {
  std::string format = config.get_string_or("gpg.format", "openpgp");
  if (format != "openpgp" && format != "x509" && format != "ssh") die(_("invalid value for '%s': '%s'"), "gpg.format", format);
  return format;
}

std::string program_of(Config& config, const std::string& format) {
  if (auto program = config.get_path("gpg." + format + ".program")) return *program;
  if (format == "openpgp")
    if (auto program = config.get_path("gpg.program")) return *program;
  return format == "openpgp" ? "gpg" : format == "x509" ? "gpgsm" : "ssh-keygen";
}

std::optional<std::string> sign_with_gpg(Config& config, const std::string& format, std::string_view text,
                                         const std::string& key) {
  ChildProcess child;
  child.args = {program_of(config, format), "--status-fd=2", "-bsau", key};
  CommandOutput result = pipe_command(child, text, true);
  bool was_created = result.err.find("[GNUPG:] SIG_CREATED ") != std::string::npos;
  if (result.code == 0 && was_created) return replace_all(result.out, "\r\n", "\n");
  error(_("gpg failed to sign the data:\n%s"), result.err.empty() ? std::string(_("(no gpg output)")) : result.err);
  return std::nullopt;
}

bool is_literal_ssh_key(std::string_view key) { return starts_with(key, "ssh-") || starts_with(key, "key::"); }

std::optional<std::string> sign_with_ssh(Config& config, std::string_view text, const std::string& key) {
  if (key.empty()) {
    error("%s", _("user.signingKey needs to be set for ssh signing"));
    return std::nullopt;
  }
  Tempfile key_file;
  std::string path = key;
  ChildProcess child;
  child.args = {program_of(config, "ssh"), "-Y", "sign", "-n", "git"};
  if (is_literal_ssh_key(key)) {
    std::string_view literal = key;
    skip_prefix(literal, "key::");
    auto made = Tempfile::in_tmpdir(".git_signing_key_tmpXXXXXX");
    if (!made) {
      error("%s", made.error().message);
      return std::nullopt;
    }
    key_file = std::move(*made);
    key_file.write(std::string(literal) + "\n");
    key_file.close();
    path = key_file.path();
    child.args.push_back("-U");
  } else if (auto expanded = expand_user_path(key)) {
    path = *expanded;
  }
  auto made = Tempfile::in_tmpdir(".git_signing_buffer_tmpXXXXXX");
  if (!made) {
    error("%s", made.error().message);
    return std::nullopt;
  }
  Tempfile buffer = std::move(*made);
  buffer.write(text);
  buffer.close();
  child.args.insert(child.args.begin() + 3, {"-f", path});
  child.args.push_back(buffer.path());
  CommandOutput result = pipe_command(child, "", true);
  std::string signature_path = buffer.path() + ".sig";
  auto signature = read_file(signature_path);
  remove_file(signature_path);
  if (result.code != 0 || !signature) {
    error("%s", rtrim(result.err));
    return std::nullopt;
  }
  return replace_all(*signature, "\r\n", "\n");
}

}  // namespace

std::string signing_key(Repository& repo) {
  Config& config = repo.config();
  if (auto key = config.get_string("user.signingkey")) return *key;
  if (format_of(config) == "ssh") {
    auto command = config.get_string("gpg.ssh.defaultkeycommand");
    if (!command) return {};
    ChildProcess child;
    child.use_shell = true;
    child.args = {*command};
    CommandOutput result = pipe_command(child, "");
    for (std::string_view line : split_lines(result.out))
      if (is_literal_ssh_key(line)) return std::string(line);
    return {};
  }
  return committer_ident(config, kIdentStrict | kIdentNoDate);
}

std::string signing_key_id(Repository& repo) {
  if (format_of(repo.config()) != "ssh") return signing_key(repo);
  std::string key = signing_key(repo);
  ChildProcess child;
  child.args = {program_of(repo.config(), "ssh"), "-lf", is_literal_ssh_key(key) ? "-" : expand_user_path(key).value_or(key)};
  CommandOutput result = pipe_command(child, is_literal_ssh_key(key) ? key : "");
  auto words = split(result.out, ' ');
  return words.size() > 1 ? std::string(words[1]) : key;
}

std::optional<std::string> sign_buffer(Repository& repo, std::string_view text, const std::string& key) {
  std::string format = format_of(repo.config());
  if (format == "ssh") return sign_with_ssh(repo.config(), text, key);
  return sign_with_gpg(repo.config(), format, text, key);
}

}  // namespace git
