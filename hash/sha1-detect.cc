// Finds SHA-1 collision attacks by looking at one half of the collision only (Stevens, "Counter-cryptanalysis",
// CRYPTO 2013; Stevens and Shumow, "Speeding up detection of SHA-1 collision attacks ...", USENIX Security 2017).
//
// Every attack that is better than brute force changes a block by one of few known message differences. They come
// from "disturbance vectors": where such a vector has a bit, the attack starts a local collision, a disturbance of
// the state that the five following words cancel again:
//
//   disturb bit b in step i    W[i]    b        cancelled in  W[i+1]  b+5      W[i+2]  b
//                                                             W[i+3..i+5]  b+30
//
// While the vector is zero (from its step K on, for some 15 steps) both halves have the same state. So for each vector
// we take our state there, apply the difference to our words, run the compression back to the start of the block and
// forward to its end, and see whether this other block would end in the same state as ours. If so, it is an attack.
//
// That costs a compression per vector. But the bit that disturbs and the bits that cancel it must have opposite
// signs, so some pairs of message bits differ (or agree) in every block that follows the vector. A dozen such
// conditions say no to nearly every vector for nearly every block. Vectors of one family are shifts of each other, so
// one vector instruction asks the question for eight neighbouring K.
//
// The conditions below are those that held in every one of many pairs of states sampled along each vector, carries
// and overlapping local collisions included, from step 40 (earlier an attack may leave the vector) to step 66 (later it
// may end differently). A condition that were missing would cost time; only a wrong one could hide an attack.
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "hash/hash-internal.h"

namespace git::hash {
namespace {

constexpr unsigned kLanes = 8;
constexpr unsigned kSteps = 80;
// A vector by its steps relative to K: bits(d) for d in [-kBehind, kAhead).
constexpr int kBehind = 65, kAhead = 48;
struct Vector {
  std::array<std::uint32_t, kBehind + kAhead> words{};
  constexpr std::uint32_t at(int d) const {
    return d < -kBehind || d >= kAhead ? 0 : words[static_cast<std::size_t>(d + kBehind)];
  }
  // The six places where word d of the message may differ: by whom, and turned how.
  constexpr std::uint32_t part(int d, int n) const { return n == 0 || n == 2 ? at(d - n) : rotl(at(d - n), n == 1 ? 5 : 30); }
  constexpr std::uint32_t difference(int d) const {
    std::uint32_t bits = 0;
    for (int n = 0; n < 6; n++) bits ^= part(d, n);
    return bits;
  }
};

constexpr Vector make_vector(int type, unsigned bit) {
  Vector v;
  auto word = [&](int d) -> std::uint32_t& { return v.words[static_cast<std::size_t>(d + kBehind)]; };
  if (type == 2) word(1) = word(3) = rotl(1, 31 + bit);
  word(15) = rotl(1, bit);
  for (int d = 16; d < kAhead; d++) word(d) = rotl(word(d - 3) ^ word(d - 8) ^ word(d - 14) ^ word(d - 16), 1);
  for (int d = -1; d >= -kBehind; d--) word(d) = rotl(word(d + 16), 31) ^ word(d + 13) ^ word(d + 8) ^ word(d + 2);
  return v;
}

// Vectors with K in [first, first + 8) whose lane is in `lanes`.
struct Family {
  int type;
  unsigned bit;
  int first;
  unsigned lanes;
};
constexpr Family kFamilies[] = {
    {1, 0, 43, 0xff}, {1, 0, 51, 0x03}, {1, 2, 46, 0x3f}, {2, 0, 45, 0xff}, {2, 0, 53, 0x0f}, {2, 2, 46, 0x39},
};
constexpr std::size_t kFamilyCount = std::size(kFamilies);

// Bit b1 of word K+d1 and bit b2 of word K+d2 must differ, or be equal; for the family's lanes in `lanes`.
struct Condition {
  std::size_t family;
  int d1;
  unsigned b1;
  int d2;
  unsigned b2;
  bool differ;
  unsigned lanes;
};
constexpr Condition kConditions[] = {
    {0, -3, 29, -2, 4, false, 0xff},  {0, -3, 29, -1, 29, true, 0xff},  {0, -3, 29, 0, 4, true, 0xff},
    {0, -3, 29, 1, 29, false, 0xff},  {0, -3, 29, 3, 29, true, 0xff},   {0, -3, 29, 4, 29, true, 0xff},
    {0, 15, 0, 16, 5, true, 0xff},    {0, -4, 4, -4, 29, true, 0xfe},   {0, -4, 4, -3, 29, true, 0xfe},
    {0, -6, 4, -4, 4, true, 0xf8},    {0, 18, 1, 19, 6, true, 0x1f},    {0, 15, 0, 20, 30, true, 0x0f},

    {1, -3, 29, -2, 4, false, 0x03},  {1, -3, 29, -1, 29, true, 0x03},  {1, -3, 29, 0, 4, true, 0x03},
    {1, -3, 29, 1, 29, false, 0x03},  {1, -3, 29, 3, 29, true, 0x03},   {1, -3, 29, 4, 29, true, 0x03},
    {1, -4, 4, -4, 29, true, 0x03},   {1, -4, 4, -3, 29, true, 0x03},   {1, -6, 4, -4, 4, true, 0x03},

    {2, -6, 6, -4, 6, false, 0x3f},   {2, -6, 6, -2, 6, false, 0x3f},   {2, -6, 6, 0, 6, false, 0x3f},
    {2, -6, 6, 1, 1, false, 0x3f},    {2, 15, 2, 16, 7, true, 0x1f},    {2, -7, 1, -6, 6, true, 0x0e},
    {2, 18, 3, 19, 8, true, 0x03},    {2, 15, 2, 20, 0, true, 0x01},

    {3, -4, 4, -2, 29, false, 0xff},  {3, -4, 4, -1, 29, false, 0xff},  {3, -4, 4, 0, 29, false, 0xff},
    {3, 2, 4, 4, 4, true, 0xff},      {3, 2, 4, 4, 29, false, 0xff},    {3, 2, 4, 5, 29, false, 0xff},
    {3, 2, 4, 7, 29, true, 0xff},     {3, 2, 4, 8, 29, true, 0xff},     {3, -6, 29, -5, 29, false, 0xfe},
    {3, -7, 29, -6, 29, false, 0xfc}, {3, 15, 0, 16, 5, true, 0x3f},    {3, -9, 4, -7, 29, false, 0xf0},
    {3, 18, 1, 19, 6, true, 0x07},

    {4, -12, 3, -8, 28, false, 0x0f}, {4, -12, 4, -8, 29, false, 0x0f}, {4, -9, 4, -7, 29, false, 0x0f},
    {4, -9, 4, -6, 29, false, 0x0f},  {4, -9, 4, -5, 29, false, 0x0f},  {4, -4, 4, -2, 29, false, 0x0f},
    {4, -4, 4, -1, 29, false, 0x0f},  {4, -4, 4, 0, 29, false, 0x0f},   {4, 4, 4, 8, 29, false, 0x0f},
    {4, -14, 4, -13, 29, true, 0x0e},

    {5, -5, 1, -4, 6, true, 0x39},    {5, -5, 1, -3, 1, true, 0x39},    {5, 1, 1, 2, 6, true, 0x39},
    {5, 1, 1, 4, 6, true, 0x39},      {5, 1, 1, 5, 1, true, 0x39},      {5, -9, 6, -8, 1, false, 0x38},
    {5, 15, 2, 16, 7, true, 0x19},    {5, -10, 1, -9, 6, true, 0x30},
};

// What each family changes in the words, by step relative to K.
constexpr int kFirstDifference = -57;
using Differences = std::array<std::uint32_t, kSteps + 16>;
constexpr std::array<Differences, kFamilyCount> make_differences() {
  std::array<Differences, kFamilyCount> all{};
  for (std::size_t i = 0; i < kFamilyCount; i++) {
    Vector v = make_vector(kFamilies[i].type, kFamilies[i].bit);
    for (std::size_t at = 0; at < all[i].size(); at++) all[i][at] = v.difference(static_cast<int>(at) + kFirstDifference);
  }
  return all;
}
constexpr std::array<Differences, kFamilyCount> kDifferences = make_differences();

using Lanes = std::uint32_t __attribute__((vector_size(4 * kLanes)));

// Words that lie at any address.
inline void load_lanes(Lanes& lanes, const std::uint32_t* words) { std::memcpy(&lanes, words, sizeof lanes); }

// Would the block that differs from ours by the vector collide with it?
bool collides(const std::uint32_t* words, const Sha1State& before, const Sha1State& after, const Differences& differences,
              int k) {
  const unsigned same_at = k >= 50 ? 65 : 58;
  Sha1State state;
  for (std::size_t i = 0; i < state.size(); i++) state[i] = after[i] - before[i];
  sha1_back(state, words, kSteps, same_at);
  std::uint32_t other[kSteps];
  const std::uint32_t* difference = &differences[static_cast<std::size_t>(-kFirstDifference - k)];
  for (unsigned step = 0; step < kSteps; step++) other[step] = words[step] ^ difference[step];
  Sha1State start = state, end = state;
  sha1_forward(end, other, same_at);
  sha1_back(start, other, same_at, 0);
  for (std::size_t i = 0; i < end.size(); i++)
    if (start[i] + end[i] != after[i]) return false;
  return true;
}

#define ALWAYS_INLINE inline __attribute__((always_inline))

// The lanes of one condition; `low bits` of `pass` are cleared where it does not hold.
template <std::size_t I>
ALWAYS_INLINE void apply_condition(const std::uint32_t* words, Lanes* pass, Lanes* fail) {
  constexpr Condition c = kConditions[I];
  constexpr Family family = kFamilies[c.family];
  Lanes one, two;
  load_lanes(one, words + family.first + c.d1);
  load_lanes(two, words + family.first + c.d2);
  Lanes bits = (one >> c.b1) ^ (two >> c.b2);
  if constexpr ((c.lanes & family.lanes) == family.lanes) {
    if constexpr (c.differ)
      pass[c.family] &= bits;
    else
      fail[c.family] |= bits;
  } else {
    constexpr auto in = [](unsigned lane) -> std::uint32_t { return c.lanes >> lane & 1; };
    constexpr Lanes wanted = {in(0), in(1), in(2), in(3), in(4), in(5), in(6), in(7)};
    fail[c.family] |= (c.differ ? ~bits : bits) & wanted;
  }
}

template <std::size_t... I>
ALWAYS_INLINE std::uint64_t passing_lanes(const std::uint32_t* words, std::index_sequence<I...>) {
  Lanes pass[kFamilyCount], fail[kFamilyCount] = {};
  for (Lanes& lanes : pass) lanes = ~Lanes{};
  (apply_condition<I>(words, pass, fail), ...);
  // Gather the low bits: family f's lane l becomes bit 8*l + f.
  Lanes gathered{};
  for (std::size_t f = 0; f < kFamilyCount; f++) gathered |= (pass[f] & ~fail[f] & 1u) << static_cast<unsigned>(f);
  std::uint64_t bytes = 0;
  for (unsigned lane = 0; lane < kLanes; lane++) bytes |= std::uint64_t{gathered[lane]} << (8 * lane);
  return bytes;
}

using Conditions = std::make_index_sequence<std::size(kConditions)>;
std::uint64_t passing_lanes_plain(const std::uint32_t* words) { return passing_lanes(words, Conditions()); }
#ifdef __x86_64__
__attribute__((target("avx2"))) std::uint64_t passing_lanes_avx2(const std::uint32_t* words) {
  return passing_lanes(words, Conditions());
}
#endif

using PassingLanes = std::uint64_t (*)(const std::uint32_t*);
PassingLanes choose_passing_lanes() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx2")) return passing_lanes_avx2;
#endif
  return passing_lanes_plain;
}
const PassingLanes kPassingLanes = choose_passing_lanes();

}  // namespace

bool sha1_is_collision(const std::uint32_t* words, const Sha1State& before, const Sha1State& after) {
  std::uint64_t passing = kPassingLanes(words);
  for (; passing; passing &= passing - 1) {
    unsigned bit = static_cast<unsigned>(std::countr_zero(passing)), lane = bit / 8, family = bit % 8;
    if (!(kFamilies[family].lanes >> lane & 1)) continue;
    if (collides(words, before, after, kDifferences[family], kFamilies[family].first + static_cast<int>(lane))) return true;
  }
  return false;
}

}  // namespace git::hash
