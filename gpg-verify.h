// Checking signatures of tags, commits and push certificates (git-verify-tag(1), git-config(1) "gpg.*").
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "hash/object-id.h"
#include "show/ref-atom.h"

namespace git {

class Repository;

enum class SignatureTrust : std::uint8_t { undefined, never, marginal, fully, ultimate };
std::string_view trust_name(SignatureTrust trust);

struct SignatureCheck {
  char result = 'N';  // G good, B bad, U good of unknown validity, X expired, Y key expired, R revoked, E can't check, N none
  SignatureTrust trust = SignatureTrust::undefined;
  std::string output;  // for people
  std::string status;  // for machines (--raw)
  std::string signer, key, fingerprint, primary_fingerprint;
};

// False where it is not good enough (gpg.minTrustLevel counts, too).
bool check_signature(Repository& repo, std::string_view payload, std::string_view signature, SignatureCheck& check);

struct SignedText {
  std::string payload, signature;
};
// A tag's text up to the line that opens a signature; nullopt where there is none.
std::optional<SignedText> split_signed_tag(std::string_view text);
// A commit without its "gpgsig" header.
std::optional<SignedText> split_signed_commit(std::string_view text, HashAlgo algo);

struct VerifyOptions {
  bool verbose = false;      // the payload goes to stdout
  bool raw = false;          // status lines instead of text
  bool omit_status = false;  // nothing about the signature
};
bool verify_tag(Repository& repo, const ObjectId& oid, const std::string& name, const VerifyOptions& options);
bool verify_commit(Repository& repo, const ObjectId& oid, const VerifyOptions& options);

// What %(signature:...) of for-each-ref formats needs.
std::function<std::string(std::string_view commit, RefAtom::Signature what)> signature_reader(Repository& repo);

}  // namespace git
