// Signing and verifying with GnuPG, gpgsm or ssh-keygen (git-config(1), "gpg.format", "gpg.program", "user.signingKey").
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace git {

class Repository;

// The key that signs: user.signingKey, else the committer's "Name <mail>".
std::string signing_key(Repository& repo);
// As a push certificate names it: the key id, or for ssh its fingerprint.
std::string signing_key_id(Repository& repo);
// The armoured signature of `text`; nullopt after error().
std::optional<std::string> sign_buffer(Repository& repo, std::string_view text, const std::string& key);

}  // namespace git
