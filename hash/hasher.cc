// Feeds blocks to the compression functions: buffering, padding, and the look at every block that tells
// a collision attack.
#include "hash/hasher.h"

#include <cstring>

#include "base/error.h"
#include "hash/hash-internal.h"

namespace git {
namespace {

constexpr std::size_t kBlock = 64;

// The Merkle-Damgard frame: Derived has compress(blocks, count).
template <class Derived, std::size_t Words>
class BlockEngine : public HashEngine {
 public:
  void update(const unsigned char* bytes, std::size_t size) final {
    length_ += size;
    if (fill_) {
      std::size_t n = std::min(size, kBlock - fill_);
      std::memcpy(buffer_ + fill_, bytes, n);
      fill_ += n;
      bytes += n;
      size -= n;
      if (fill_ < kBlock) return;
      derived().compress(buffer_, 1);
      fill_ = 0;
    }
    if (std::size_t count = size / kBlock) {
      derived().compress(bytes, count);
      bytes += count * kBlock;
      size -= count * kBlock;
    }
    if (size) std::memcpy(buffer_, bytes, size);
    fill_ = size;
  }

 protected:
  std::array<std::uint32_t, Words> state_;
  std::uint64_t length_ = 0;
  std::size_t fill_ = 0;
  unsigned char buffer_[kBlock];

  void restart(const std::array<std::uint32_t, Words>& initial) {
    state_ = initial;
    length_ = fill_ = 0;
  }
  void finish_to(unsigned char* digest) {
    std::uint64_t bits = length_ * 8;
    buffer_[fill_++] = 0x80;
    if (fill_ > kBlock - 8) {
      std::memset(buffer_ + fill_, 0, kBlock - fill_);
      derived().compress(buffer_, 1);
      fill_ = 0;
    }
    std::memset(buffer_ + fill_, 0, kBlock - 8 - fill_);
    for (unsigned i = 0; i < 8; i++) buffer_[kBlock - 1 - i] = static_cast<unsigned char>(bits >> (8 * i));
    derived().compress(buffer_, 1);
    for (unsigned i = 0; i < 4 * Words; i++) digest[i] = static_cast<unsigned char>(state_[i / 4] >> (24 - 8 * (i % 4)));
  }

 private:
  Derived& derived() { return static_cast<Derived&>(*this); }
};

template <bool Detect>
class Sha1Engine final : public BlockEngine<Sha1Engine<Detect>, 5> {
 public:
  Sha1Engine() {
    hash::Sha1Compress native = hash::sha1_compress_native();
    compress_ = native ? native : hash::sha1_compress_portable;
    reset();
  }
  std::unique_ptr<HashEngine> clone() const override { return std::make_unique<Sha1Engine>(*this); }
  void reset() override {
    this->restart({0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u, 0xc3d2e1f0u});
    is_attack_ = false;
  }
  bool finish(unsigned char* digest) override {
    this->finish_to(digest);
    return is_attack_;
  }
  void compress(const unsigned char* blocks, std::size_t count) {
    if constexpr (!Detect) {
      compress_(this->state_, blocks, count, nullptr);
    } else {
      alignas(32) std::uint32_t words[96];  // read past the end, in whole vectors, by the detector
      std::memset(words + 80, 0, sizeof words - 80 * sizeof words[0]);
      for (; count; count--, blocks += kBlock) {
        hash::Sha1State before = this->state_;
        compress_(this->state_, blocks, 1, words);
        if (hash::sha1_is_collision(words, before, this->state_)) is_attack_ = true;
      }
    }
  }

 private:
  hash::Sha1Compress compress_;
  bool is_attack_ = false;
};

class Sha256Engine final : public BlockEngine<Sha256Engine, 8> {
 public:
  Sha256Engine() {
    hash::Sha256Compress native = hash::sha256_compress_native();
    compress_ = native ? native : hash::sha256_compress_portable;
    reset();
  }
  std::unique_ptr<HashEngine> clone() const override { return std::make_unique<Sha256Engine>(*this); }
  void reset() override {
    restart({0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au, 0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u});
  }
  bool finish(unsigned char* digest) override {
    finish_to(digest);
    return false;
  }
  void compress(const unsigned char* blocks, std::size_t count) { compress_(state_, blocks, count); }

 private:
  hash::Sha256Compress compress_;
};

std::unique_ptr<HashEngine> make_engine(HashAlgo algo, bool unsafe) {
  if (algo == HashAlgo::sha256) return std::make_unique<Sha256Engine>();
  if (algo != HashAlgo::sha1) BUG("hashing with an unknown algorithm");
  if (unsafe) return std::make_unique<Sha1Engine<false>>();
  return std::make_unique<Sha1Engine<true>>();
}

}  // namespace

Hasher::Hasher(HashAlgo algo, bool unsafe) : algo_(algo), unsafe_(unsafe), engine_(make_engine(algo, unsafe)) {}
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::Hasher(const Hasher& other) : algo_(other.algo_), unsafe_(other.unsafe_), engine_(other.engine_->clone()) {}
Hasher& Hasher::operator=(const Hasher& other) {
  if (this == &other) return *this;
  algo_ = other.algo_;
  unsafe_ = other.unsafe_;
  engine_ = other.engine_->clone();
  return *this;
}
Hasher::~Hasher() = default;

void Hasher::update(std::string_view bytes) {
  engine_->update(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

ObjectId Hasher::finish() {
  unsigned char digest[kMaxRawSize];
  bool is_attack = engine_->finish(digest);
  ObjectId id = ObjectId::from_raw(digest, algo_);
  if (is_attack) die("SHA-1 appears to be part of a collision attack: %s", id);
  return id;
}

void Hasher::reset() { engine_->reset(); }

ObjectId hash_object(HashAlgo algo, std::string_view type_name, std::string_view bytes) {
  Hasher hasher(algo);
  std::string header = strf("%s %u", type_name, bytes.size());
  header.push_back('\0');
  hasher.update(header);
  hasher.update(bytes);
  return hasher.finish();
}

ObjectId hash_bytes(HashAlgo algo, std::string_view bytes, bool unsafe) {
  Hasher hasher(algo, unsafe);
  hasher.update(bytes);
  return hasher.finish();
}

}  // namespace git
