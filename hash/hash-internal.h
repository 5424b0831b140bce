// The compression functions and what drives them.  Each comes in a portable form and in one that uses the
// processor's SHA instructions; which one runs is asked of the processor once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace git {

// One algorithm's running state.
class HashEngine {
 public:
  virtual ~HashEngine() = default;
  virtual std::unique_ptr<HashEngine> clone() const = 0;
  virtual void reset() = 0;
  virtual void update(const unsigned char* bytes, std::size_t size) = 0;
  // Writes raw_size bytes; true where the bytes hashed are part of a collision attack.
  virtual bool finish(unsigned char* digest) = 0;
};

namespace hash {

using Sha1State = std::array<std::uint32_t, 5>;
using Sha256State = std::array<std::uint32_t, 8>;

constexpr std::uint32_t rotl(std::uint32_t x, unsigned n) { return n % 32 ? x << (n % 32) | x >> (32 - n % 32) : x; }

// Compresses `count` blocks of 64 bytes. Where `expanded` is given, count is 1 and it gets the 80 message words.
using Sha1Compress = void (*)(Sha1State& state, const unsigned char* blocks, std::size_t count, std::uint32_t* expanded);
using Sha256Compress = void (*)(Sha256State& state, const unsigned char* blocks, std::size_t count);

void sha1_compress_portable(Sha1State& state, const unsigned char* blocks, std::size_t count, std::uint32_t* expanded);
void sha256_compress_portable(Sha256State& state, const unsigned char* blocks, std::size_t count);
extern const std::array<std::uint32_t, 64> kSha256Constants;
// nullptr where this processor has no such instructions.
Sha1Compress sha1_compress_native();
Sha256Compress sha256_compress_native();

// SHA-1's steps from `from` to the end, and back from `from` to `to`. REQUIRES: from >= 40.
void sha1_forward(Sha1State& state, const std::uint32_t* words, unsigned from);
void sha1_back(Sha1State& state, const std::uint32_t* words, unsigned from, unsigned to);

// Is the block with these expanded words, which led from `before` to `after`, the second half of a collision?
bool sha1_is_collision(const std::uint32_t* words, const Sha1State& before, const Sha1State& after);

}  // namespace hash
}  // namespace git
