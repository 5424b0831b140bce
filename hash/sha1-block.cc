// SHA-1's compression function as FIPS 180-4 has it, for processors without instructions for it, and
// from and to any late step for the collision detector.
#include <algorithm>

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

namespace {

template <unsigned Round>
void steps_forward(Sha1State& state, const std::uint32_t* w, unsigned from, unsigned to) {
  auto [a, b, c, d, e] = state;
  for (unsigned i = from; i < to; i++) {
    std::uint32_t t = rotl(a, 5) + mix<Round>(b, c, d) + e + kRoundConstants[Round] + w[i];
    e = d;
    d = c;
    c = rotl(b, 30);
    b = a;
    a = t;
  }
  state = {a, b, c, d, e};
}

template <unsigned Round>
void steps_back(Sha1State& state, const std::uint32_t* w, unsigned from, unsigned to) {
  auto [a, b, c, d, e] = state;
  for (unsigned i = from; i-- > to;) {
    std::uint32_t last = a;
    a = b;
    b = rotl(c, 2);
    c = d;
    d = e;
    e = last - rotl(a, 5) - mix<Round>(b, c, d) - kRoundConstants[Round] - w[i];
  }
  state = {a, b, c, d, e};
}

}  // namespace

void sha1_forward(Sha1State& state, const std::uint32_t* words, unsigned from) {
  steps_forward<2>(state, words, from, 60);
  steps_forward<3>(state, words, std::max(from, 60u), 80);
}

void sha1_back(Sha1State& state, const std::uint32_t* words, unsigned from, unsigned to) {
  auto low = [to](unsigned first) { return std::max(to, first); };
  if (from > 60) steps_back<3>(state, words, from, low(60));
  if (from > 40 && to < 60) steps_back<2>(state, words, std::min(from, 60u), low(40));
  if (to < 40) steps_back<1>(state, words, 40, low(20));
  if (to < 20) steps_back<0>(state, words, 20, to);
}

}  // namespace git::hash
