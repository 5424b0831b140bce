// Names of objects: to and from hex, and the few that every repository knows.
#include "hash/object-id.h"

#include "base/strings.h"
#include "hash/hasher.h"

namespace git {

std::string_view hash_name(HashAlgo algo) {
  switch (algo) {
    case HashAlgo::sha1:
      return "sha1";
    case HashAlgo::sha256:
      return "sha256";
    case HashAlgo::unknown:
      break;
  }
  return "unknown";
}

HashAlgo hash_by_name(std::string_view name) {
  if (name == "sha1") return HashAlgo::sha1;
  if (name == "sha256") return HashAlgo::sha256;
  return HashAlgo::unknown;
}

std::uint32_t hash_format_id(HashAlgo algo) { return algo == HashAlgo::sha256 ? 0x73323536u : 0x73686131u; }

HashAlgo hash_by_length(std::size_t raw) {
  if (raw == 20) return HashAlgo::sha1;
  if (raw == 32) return HashAlgo::sha256;
  return HashAlgo::unknown;
}

std::optional<ObjectId> ObjectId::from_hex(std::string_view hex, HashAlgo algo) {
  if (hex.size() != hex_size(algo)) return std::nullopt;
  return parse_prefix(hex, algo);
}

std::optional<ObjectId> ObjectId::parse_prefix(std::string_view& text, HashAlgo algo) {
  if (text.size() < hex_size(algo)) return std::nullopt;
  ObjectId id;
  id.algo_ = algo;
  for (std::size_t i = 0; i < raw_size(algo); i++) {
    int high = hex_value(text[2 * i]);
    int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id.bytes_[i] = static_cast<unsigned char>(high << 4 | low);
  }
  text.remove_prefix(hex_size(algo));
  return id;
}

std::string ObjectId::hex() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex(2 * raw_size(algo_), '0');
  for (std::size_t i = 0; i < raw_size(algo_); i++) {
    hex[2 * i] = kDigits[bytes_[i] >> 4];
    hex[2 * i + 1] = kDigits[bytes_[i] & 15];
  }
  return hex;
}

std::string format_arg(const ObjectId& id) { return id.hex(); }

const ObjectId& empty_tree_id(HashAlgo algo) {
  static const ObjectId kSha1 = hash_object(HashAlgo::sha1, "tree", {});
  static const ObjectId kSha256 = hash_object(HashAlgo::sha256, "tree", {});
  return algo == HashAlgo::sha256 ? kSha256 : kSha1;
}

const ObjectId& empty_blob_id(HashAlgo algo) {
  static const ObjectId kSha1 = hash_object(HashAlgo::sha1, "blob", {});
  static const ObjectId kSha256 = hash_object(HashAlgo::sha256, "blob", {});
  return algo == HashAlgo::sha256 ? kSha256 : kSha1;
}

}  // namespace git
