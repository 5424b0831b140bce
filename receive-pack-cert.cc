// Signed pushes.  Our nonce is "<time>-<HMAC of directory and time>": a certificate that carries it was made for this
// repository and just now, so that an old one can't be played again.  Over HTTP the request arrives at another process than the
// one that gave the nonce, which therefore recomputes it and looks at its age.
#include <cstdlib>

#include "base/date.h"
#include "base/error.h"
#include "base/strings.h"
#include "config.h"
#include "gpg-verify.h"
#include "hash/hasher.h"
#include "odb.h"
#include "receive-pack-internal.h"
#include "repository.h"
#include "wire/push-cert.h"

namespace git {
namespace {

// RFC 2104
std::string hmac_hex(HashAlgo algo, std::string_view key, std::string_view text) {
  constexpr std::size_t kBlock = 64;  // of SHA-1 and SHA-256 both
  std::string block(kBlock, '\0');
  ObjectId hashed;
  if (key.size() > kBlock) {
    hashed = hash_bytes(algo, key);
    key = hashed.raw();
  }
  block.replace(0, key.size(), key);
  std::string inner, outer;
  for (char c : block) {
    inner += static_cast<char>(c ^ 0x36);
    outer += static_cast<char>(c ^ 0x5c);
  }
  ObjectId digest = hash_bytes(algo, inner + std::string(text));
  return hash_bytes(algo, outer + std::string(digest.raw())).hex();
}

// As much time for a wrong nonce as for a right one.
bool is_same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); i++) difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

}  // namespace

std::string ReceivePack::nonce_at(std::int64_t time) const {
  std::string stamp = std::to_string(time);
  return stamp + "-" + hmac_hex(repo_.algo(), config_.nonce_seed, options_.service_dir + ":" + stamp);
}

void ReceivePack::make_nonce() {
  if (!config_.nonce_seed.empty()) nonce_ = nonce_at(static_cast<std::int64_t>(current_time()));
}

// OK, BAD, MISSING, UNSOLICITED, or SLOP with `slop` seconds.
std::string ReceivePack::nonce_status(const std::string& nonce, std::int64_t& slop) const {
  if (nonce.empty()) return "MISSING";
  if (nonce_.empty()) return "UNSOLICITED";
  if (is_same(nonce, nonce_)) return "OK";
  if (!options_.is_stateless) return "BAD";
  std::size_t dash = nonce.find('-');
  auto stamp = parse_int(std::string_view(nonce).substr(0, dash));
  if (dash == std::string::npos || !stamp || !is_same(nonce, nonce_at(*stamp))) return "BAD";
  slop = parse_int(std::string_view(nonce_).substr(0, nonce_.find('-'))).value_or(0) - *stamp;
  return config_.nonce_slop && std::llabs(slop) <= config_.nonce_slop ? "OK" : "SLOP";
}

// Stores and checks the certificate; what hooks are told of it goes to cert_env_.
void ReceivePack::prepare_certificate() {
  const std::string& text = machine_.request().certificate;
  if (text.empty()) return;
  Result<ObjectId> oid = repo_.odb().write(ObjectType::blob, text);
  if (!oid) return;
  SignatureCheck check;
  std::string nonce;
  if (auto parts = split_signed_tag(text)) {
    check_signature(repo_, parts->payload, parts->signature, check);
    if (auto cert = parse_push_certificate(parts->payload, repo_.algo())) nonce = cert->nonce;
  }
  std::int64_t slop = 0;
  std::string status = nonce_status(nonce, slop);
  cert_env_ = {"GIT_PUSH_CERT=" + oid->hex(), "GIT_PUSH_CERT_SIGNER=" + check.signer, "GIT_PUSH_CERT_KEY=" + check.key,
               strf("GIT_PUSH_CERT_STATUS=%c", check.result)};
  if (nonce_.empty()) return;
  // An acceptable nonce of an earlier request is the one that counts.
  cert_env_.push_back("GIT_PUSH_CERT_NONCE=" + (status == "OK" ? nonce : nonce_));
  cert_env_.push_back("GIT_PUSH_CERT_NONCE_STATUS=" + status);
  if (status == "SLOP") cert_env_.push_back(strf("GIT_PUSH_CERT_NONCE_SLOP=%d", slop));
}

// The options behind the certificate are not signed: they must be those inside of it.
bool ReceivePack::has_consistent_options() const {
  const std::string& text = machine_.request().certificate;
  if (text.empty()) return true;
  auto parts = split_signed_tag(text);
  auto cert = parse_push_certificate(parts ? std::string_view(parts->payload) : std::string_view(text), repo_.algo());
  return cert && cert->push_options == machine_.request().options;
}

}  // namespace git
