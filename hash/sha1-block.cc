// SHA-1's compression function as FIPS 180-4 has it, for processors without instructions for it, and step
// by step for the collision detector.
#include "hash/hash-internal.h"

namespace git::hash {
namespace {

constexpr std::uint32_t kRoundConstants[4] = {0x5a827999u, 0x6ed9eba1u, 0x8f1bbcdcu, 0xca62c1d6u};

template <unsigned Round>
inline std::uint32_t mix(std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  if constexpr (Round == 0) return d ^ (b & (c ^ d));
  if constexpr (Round == 2) return (b & c) | (d & (b | c));
  return b ^ c ^ d;
}

std::uint32_t mix_of_step(unsigned step, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  switch (step / 20) {
    case 0:
      return mix<0>(b, c, d);
    case 2:
      return mix<2>(b, c, d);
    default:
      return mix<1>(b, c, d);
  }
}

template <unsigned Round>
inline void twenty_steps(std::uint32_t& a, std::uint32_t& b, std::uint32_t& c, std::uint32_t& d, std::uint32_t& e,
                         const std::uint32_t* w) {
  for (unsigned i = Round * 20; i < Round * 20 + 20; i++) {
    std::uint32_t t = rotl(a, 5) + mix<Round>(b, c, d) + e + kRoundConstants[Round] + w[i];
    e = d;
    d = c;
    c = rotl(b, 30);
    b = a;
    a = t;
  }
}

inline std::uint32_t load_be32(const unsigned char* p) {
  return std::uint32_t{p[0]} << 24 | std::uint32_t{p[1]} << 16 | std::uint32_t{p[2]} << 8 | p[3];
}

}  // namespace

void sha1_compress_portable(Sha1State& state, const unsigned char* blocks, std::size_t count, std::uint32_t* expanded) {
  std::uint32_t own[80];
  std::uint32_t* w = expanded ? expanded : own;
  for (; count; count--, blocks += 64) {
    for (unsigned i = 0; i < 16; i++) w[i] = load_be32(blocks + 4 * i);
    for (unsigned i = 16; i < 80; i++) w[i] = rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    auto [a, b, c, d, e] = state;
    twenty_steps<0>(a, b, c, d, e, w);
    twenty_steps<1>(a, b, c, d, e, w);
    twenty_steps<2>(a, b, c, d, e, w);
    twenty_steps<3>(a, b, c, d, e, w);
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
  }
}

void sha1_step(Sha1State& s, unsigned step, std::uint32_t word) {
  std::uint32_t t = rotl(s[0], 5) + mix_of_step(step, s[1], s[2], s[3]) + s[4] + kRoundConstants[step / 20] + word;
  s = {t, s[0], rotl(s[1], 30), s[2], s[3]};
}

void sha1_step_back(Sha1State& s, unsigned step, std::uint32_t word) {
  std::uint32_t a = s[1], b = rotl(s[2], 2), c = s[3], d = s[4];
  std::uint32_t e = s[0] - rotl(a, 5) - mix_of_step(step, b, c, d) - kRoundConstants[step / 20] - word;
  s = {a, b, c, d, e};
}

}  // namespace git::hash
