// The programs' words are for people; what counts are GnuPG's status lines, of which exactly one may say how a signature is.
#include "gpg-verify.h"

#include "base/date.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/run-command.h"
#include "base/strings.h"
#include "base/tempfile.h"
#include "config.h"
#include "object/object.h"
#include "odb.h"
#include "repository.h"

namespace git {
namespace {

std::string program_of(Config& config, const std::string& format) {
  if (auto program = config.get_path("gpg." + format + ".program")) return *program;
  if (format == "openpgp")
    if (auto program = config.get_path("gpg.program")) return *program;
  return format == "openpgp" ? "gpg" : format == "x509" ? "gpgsm" : "ssh-keygen";
}

std::string format_of_signature(std::string_view signature) {
  if (starts_with(signature, "-----BEGIN SSH SIGNATURE-----")) return "ssh";
  if (starts_with(signature, "-----BEGIN SIGNED MESSAGE-----")) return "x509";
  return "openpgp";
}

std::optional<SignatureTrust> parse_trust(std::string_view word) {
  for (auto trust : {SignatureTrust::undefined, SignatureTrust::never, SignatureTrust::marginal, SignatureTrust::fully,
                     SignatureTrust::ultimate})
    if (iequals(word, trust_name(trust))) return trust;
  return std::nullopt;
}

// ---- GnuPG ----
struct StatusWord {
  char result;
  const char* word;
  bool has_signer;
};
constexpr StatusWord kStatusWords[] = {{'G', "GOODSIG ", true}, {'B', "BADSIG ", true},    {'E', "ERRSIG ", false},
                                       {'X', "EXPSIG ", true},  {'Y', "EXPKEYSIG ", true}, {'R', "REVKEYSIG ", true}};

void parse_gpg_status(SignatureCheck& check) {
  int seen = 0;
  for (std::string_view line : split_lines(check.status)) {
    if (!skip_prefix(line, "[GNUPG:] ")) continue;
    for (const StatusWord& known : kStatusWords) {
      std::string_view rest = line;
      if (!skip_prefix(rest, known.word)) continue;
      if (++seen > 1) {  // two verdicts are none
        check.result = 'E';
        check.key = check.signer = check.fingerprint = check.primary_fingerprint = "";
        return;
      }
      check.result = known.result;
      std::size_t space = rest.find(' ');
      check.key = rest.substr(0, space);
      if (known.has_signer && space != std::string_view::npos) check.signer = rest.substr(space + 1);
    }
    std::string_view rest = line;
    if (skip_prefix(rest, "TRUST_")) {
      if (auto trust = parse_trust(rest.substr(0, rest.find(' ')))) check.trust = *trust;
    } else if (skip_prefix(rest, "VALIDSIG ")) {
      std::vector<std::string_view> words = split(rest, ' ');
      check.fingerprint = words[0];
      check.primary_fingerprint = words.size() > 9 ? std::string(words[9]) : "";
    }
  }
}

bool run_gpg(Repository& repo, const std::string& format, std::string_view payload, const std::string& signature_file,
             SignatureCheck& check) {
  ChildProcess child;
  child.args = {program_of(repo.config(), format)};
  if (format == "openpgp") child.args.push_back("--keyid-format=long");
  child.args.insert(child.args.end(), {"--status-fd=1", "--verify", signature_file, "-"});
  CommandOutput result = pipe_command(child, payload, true);
  check.output = result.err;
  check.status = result.out;
  parse_gpg_status(check);
  return result.code == 0 && check.status.find("\n[GNUPG:] GOODSIG ") != std::string::npos;
}

// ---- ssh ----
void parse_ssh_output(SignatureCheck& check) {
  std::string_view line = check.output;
  line = line.substr(0, line.find('\n'));
  check.result = 'B';
  check.trust = SignatureTrust::never;
  if (skip_prefix(line, "Good \"git\" signature for ")) {
    std::size_t with = line.rfind(" with ");
    if (with == std::string_view::npos) return;
    check.signer = line.substr(0, with);
    line.remove_prefix(with + 6);
    check.result = 'G';
    check.trust = SignatureTrust::fully;
  } else if (skip_prefix(line, "Good \"git\" signature with ")) {
    check.result = 'G';
    check.trust = SignatureTrust::undefined;
  } else {
    return;
  }
  std::size_t key = line.find("key ");
  if (key == std::string_view::npos) {
    check.result = 'B';
    return;
  }
  check.fingerprint = check.key = line.substr(key + 4);
}

bool run_ssh(Repository& repo, std::string_view payload, const std::string& signature_file, std::int64_t time,
             SignatureCheck& check) {
  Config& config = repo.config();
  std::optional<std::string> allowed = config.get_path("gpg.ssh.allowedsignersfile");
  if (!allowed) {
    error("gpg.ssh.allowedSignersFile needs to be configured and exist for ssh signature verification");
    return false;
  }
  std::string program = program_of(config, "ssh"),
              verify_time = "-Overify-time=" + show_date(static_cast<Timestamp>(time), 0, [] {
                              DateFormat format;
                              format.mode = DateMode::strftime;
                              format.strftime_format = "%Y%m%d%H%M%S";
                              format.local = true;
                              return format;
                            }());
  ChildProcess find;
  find.args = {program, "-Y", "find-principals", "-f", *allowed, "-s", signature_file, verify_time};
  CommandOutput found = pipe_command(find, "", true);
  bool good = false;
  if (found.code != 0 || found.out.empty()) {
    ChildProcess child;
    child.args = {program, "-Y", "check-novalidate", "-n", "git", "-s", signature_file, verify_time};
    CommandOutput result = pipe_command(child, payload, true);
    check.output = result.out + found.err + result.err;
  } else {
    for (std::string_view principal : split_lines(found.out)) {
      principal = rtrim(principal);
      ChildProcess child;
      child.args = {program, "-Y",           "verify",   "-n", "git", "-f", *allowed, "-I", std::string(principal),
                    "-s",    signature_file, verify_time};
      if (auto revoked = config.get_path("gpg.ssh.revocationfile")) child.args.insert(child.args.end(), {"-r", *revoked});
      CommandOutput result = pipe_command(child, payload, true);
      check.output = result.out + result.err;
      good = result.code == 0 && starts_with(result.out, "Good");
      if (good) break;
    }
  }
  check.status = check.output;
  parse_ssh_output(check);
  return good;
}

std::int64_t payload_time(std::string_view payload) {
  for (std::string_view line : split_lines(payload)) {
    if (line.empty()) break;
    std::string_view ident = line;
    if (!skip_prefix(ident, "committer ") && !skip_prefix(ident, "tagger ") && !skip_prefix(ident, "pusher ")) continue;
    if (std::optional<IdentLine> parts = split_ident_line(ident)) return static_cast<std::int64_t>(ident_time(*parts));
  }
  return static_cast<std::int64_t>(current_time());
}

}  // namespace

std::string_view trust_name(SignatureTrust trust) {
  switch (trust) {
    case SignatureTrust::never:
      return "never";
    case SignatureTrust::marginal:
      return "marginal";
    case SignatureTrust::fully:
      return "fully";
    case SignatureTrust::ultimate:
      return "ultimate";
    case SignatureTrust::undefined:
      break;
  }
  return "undefined";
}

bool check_signature(Repository& repo, std::string_view payload, std::string_view signature, SignatureCheck& check) {
  check = {};
  Result<Tempfile> file = Tempfile::in_tmpdir(".git_vtag_tmpXXXXXX");
  if (!file || !file->write(signature) || !file->close()) {
    error("could not create temporary file: %s", file ? file->path() : file.error().message);
    return false;
  }
  std::string format = format_of_signature(signature);
  bool good = format == "ssh" ? run_ssh(repo, payload, file->path(), payload_time(payload), check)
                              : run_gpg(repo, format, payload, file->path(), check);
  if (check.result == 'N') return false;
  if (check.result == 'G' && (check.trust == SignatureTrust::undefined || check.trust == SignatureTrust::never))
    check.result = 'U';
  if (check.result != 'G' && check.result != 'U') good = false;
  if (auto wanted = repo.config().get_string("gpg.mintrustlevel")) {
    std::optional<SignatureTrust> least = parse_trust(*wanted);
    if (!least) die("invalid value for '%s': '%s'", "gpg.mintrustlevel", *wanted);
    if (check.trust < *least) good = false;
  }
  return good;
}

std::optional<SignedText> split_signed_tag(std::string_view text) {
  std::size_t found = std::string_view::npos;
  for (std::size_t at = 0; at < text.size();) {
    std::string_view line = text.substr(at, text.find('\n', at) - at);
    for (std::string_view mark : {"-----BEGIN PGP SIGNATURE-----", "-----BEGIN PGP MESSAGE-----",
                                  "-----BEGIN SIGNED MESSAGE-----", "-----BEGIN SSH SIGNATURE-----"})
      if (starts_with(line, mark)) found = at;
    at += line.size() + 1;
  }
  if (found == std::string_view::npos) return std::nullopt;
  // Signatures in other algorithms' headers are not part of what this one signs.
  SignedText result{"", std::string(text.substr(found))};
  std::string_view rest = text.substr(0, found);
  bool skips = false;
  while (!rest.empty() && rest.front() != '\n') {
    std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end == std::string_view::npos ? end : end + 1);
    rest.remove_prefix(line.size());
    if (line.front() != ' ') skips = starts_with(line, "gpgsig ") || starts_with(line, "gpgsig-sha256 ");
    if (!skips) result.payload += line;
  }
  result.payload += rest;
  return result;
}

std::optional<SignedText> split_signed_commit(std::string_view text, HashAlgo algo) {
  SignedText result;
  std::string_view wanted = algo == HashAlgo::sha256 ? "gpgsig-sha256 " : "gpgsig ";
  bool in_wanted = false, in_other = false;
  while (!text.empty() && text.front() != '\n') {
    std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end == std::string_view::npos ? end : end + 1);
    text.remove_prefix(line.size());
    if (line.front() != ' ') in_wanted = in_other = false;
    if (starts_with(line, wanted)) {
      in_wanted = true;
      result.signature += line.substr(wanted.size());
    } else if (starts_with(line, "gpgsig ") || starts_with(line, "gpgsig-sha256 ")) {
      in_other = true;
    } else if (line.front() == ' ' && in_wanted) {
      result.signature += line.substr(1);
    } else if (!in_other) {
      result.payload += line;
    }
  }
  if (result.signature.empty()) return std::nullopt;
  result.payload += text;
  return result;
}

namespace {

void print_check(const SignatureCheck& check, std::string_view payload, const VerifyOptions& options) {
  if (options.verbose) out(payload);
  if (!options.omit_status) {
    flush_out();
    err(options.raw ? check.status : check.output);
  }
}

}  // namespace

bool verify_tag(Repository& repo, const ObjectId& oid, const std::string& name, const VerifyOptions& options) {
  ObjectType type = repo.odb().type_of(oid);
  std::string shown = name.empty() ? oid.hex() : name;
  if (type != ObjectType::tag) return error("%s: cannot verify a non-tag object of type %s.", shown, type_name(type)) == 0;
  Result<ObjectData> object = repo.odb().read(oid);
  if (!object) return error("%s: unable to read file.", shown) == 0;
  std::optional<SignedText> parts = split_signed_tag(object->data);
  if (!parts) {
    if (options.verbose) {
      out(object->data);
      flush_out();
    }
    return error("no signature found") == 0;
  }
  SignatureCheck check;
  bool good = check_signature(repo, parts->payload, parts->signature, check);
  print_check(check, parts->payload, options);
  return good;
}

bool verify_commit(Repository& repo, const ObjectId& oid, const VerifyOptions& options) {
  Result<ObjectData> object = repo.odb().read(oid);
  if (!object) return error("%s: unable to read file.", oid) == 0;
  if (object->type != ObjectType::commit)
    return error("%s: cannot verify a non-commit object of type %s.", oid, type_name(object->type)) == 0;
  std::optional<SignedText> parts = split_signed_commit(object->data, repo.algo());
  SignatureCheck check;
  bool good = parts && check_signature(repo, parts->payload, parts->signature, check);
  print_check(check, parts ? std::string_view(parts->payload) : std::string_view(object->data), options);
  return good;
}

std::function<std::string(std::string_view commit, RefAtom::Signature what)> signature_reader(Repository& repo) {
  // Fields of one commit are asked for one after another; the answer is kept between them.
  struct Last {
    std::string commit;
    SignatureCheck check;
  };
  auto last = std::make_shared<Last>();
  return [&repo, last](std::string_view commit, RefAtom::Signature what) -> std::string {
    if (last->commit != commit) {
      last->commit = commit;
      last->check = {};
      if (std::optional<SignedText> parts = split_signed_commit(commit, repo.algo()))
        static_cast<void>(check_signature(repo, parts->payload, parts->signature, last->check));
    }
    const SignatureCheck& check = last->check;
    using Signature = RefAtom::Signature;
    switch (what) {
      case Signature::bare:
        return check.output;
      case Signature::grade:
        return std::string(1, check.result);
      case Signature::signer:
        return check.signer;
      case Signature::key:
        return check.key;
      case Signature::fingerprint:
        return check.fingerprint;
      case Signature::primary_fingerprint:
        return check.primary_fingerprint;
      case Signature::trust_level:
        return std::string(trust_name(check.trust));
    }
    return "";
  };
}

}  // namespace git
