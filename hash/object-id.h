// Object names and the two algorithms that make them (Documentation/technical/hash-function-transition).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace git {

enum class HashAlgo : std::uint8_t { unknown = 0, sha1 = 1, sha256 = 2 };

inline constexpr std::size_t kMaxRawSize = 32;
inline constexpr std::size_t kMaxHexSize = 64;
constexpr std::size_t raw_size(HashAlgo algo) { return algo == HashAlgo::sha256 ? 32 : 20; }
constexpr std::size_t hex_size(HashAlgo algo) { return 2 * raw_size(algo); }
std::string_view hash_name(HashAlgo algo);     // "sha1", "sha256"
HashAlgo hash_by_name(std::string_view name);  // unknown where it is none
std::uint32_t hash_format_id(HashAlgo algo);   // 'sha1' / 's256', as in idx v3, midx, bitmaps
HashAlgo hash_by_length(std::size_t raw);      // unknown where neither fits

class ObjectId {
 public:
  ObjectId() = default;  // null, of unknown algorithm
  // REQUIRES: raw.size() == raw_size(algo)
  static ObjectId from_raw(std::string_view raw, HashAlgo algo) {
    ObjectId id;
    id.algo_ = algo;
    std::memcpy(id.bytes_.data(), raw.data(), raw_size(algo));
    return id;
  }
  static ObjectId from_raw(const unsigned char* raw, HashAlgo algo) {
    return from_raw(std::string_view(reinterpret_cast<const char*>(raw), raw_size(algo)), algo);
  }
  static ObjectId null(HashAlgo algo) {
    ObjectId id;
    id.algo_ = algo;
    return id;
  }
  // Exactly hex_size(algo) hex digits, nothing else.
  static std::optional<ObjectId> from_hex(std::string_view hex, HashAlgo algo);
  // Takes a name off the front of `text`; what follows it is up to the caller.
  static std::optional<ObjectId> parse_prefix(std::string_view& text, HashAlgo algo);

  HashAlgo algo() const { return algo_; }
  bool is_null() const {
    for (unsigned char b : bytes_)
      if (b) return false;
    return true;
  }
  std::string_view raw() const { return {reinterpret_cast<const char*>(bytes_.data()), raw_size(algo_)}; }
  const unsigned char* data() const { return bytes_.data(); }
  std::string hex() const;
  std::string hex(std::size_t digits) const { return hex().substr(0, digits); }

  friend bool operator==(const ObjectId& a, const ObjectId& b) { return a.bytes_ == b.bytes_; }
  friend std::strong_ordering operator<=>(const ObjectId& a, const ObjectId& b) {
    int c = std::memcmp(a.bytes_.data(), b.bytes_.data(), kMaxRawSize);
    return c <=> 0;
  }

 private:
  std::array<unsigned char, kMaxRawSize> bytes_{};  // padded with zeros
  HashAlgo algo_ = HashAlgo::unknown;
};

std::string format_arg(const ObjectId& id);  // hex, for strf("%s")

struct ObjectIdHash {
  std::size_t operator()(const ObjectId& id) const {
    std::size_t h;
    std::memcpy(&h, id.data(), sizeof h);
    return h;
  }
};

const ObjectId& empty_tree_id(HashAlgo algo);
const ObjectId& empty_blob_id(HashAlgo algo);

}  // namespace git
