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
// signs: W[i] bit b and W[i+1] bit b+5 differ in every block that follows the vector, and so on. Those conditions say no
// to nearly every vector for nearly every block. Vectors of one family are shifts of each other, so one vector
// instruction asks the question for eight neighbouring K.
//
// INVARIANT: a condition is used only where the bit stands alone, that is, no other local collision touches it
// or its neighbours; elsewhere differences may combine and the signs are free.
#include <array>
#include <cstring>

#include "hash/hash-internal.h"

namespace git::hash {
namespace {

constexpr unsigned kLanes = 8;
constexpr unsigned kSteps = 80;
constexpr int kFirstStep = 37;  // before, an attack may leave the vector's path
constexpr int kLastStep = 66;   // behind, it may end differently

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
  // Where exactly one local collision has its part and none touches a neighbouring bit.
  constexpr std::uint32_t lonely(int d) const {
    std::uint32_t once = 0, twice = 0;
    for (int n = 0; n < 6; n++) {
      twice |= once & part(d, n);
      once |= part(d, n);
    }
    return once & ~twice & ~(once << 1) & ~(once >> 1);
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

// Word d1 bit b1 and word d2 bit b2 (relative to K) must differ, or be equal. `skip` has the lanes it is not for.
struct Condition {
  int d1 = 0, d2 = 0;
  unsigned b1 = 0, b2 = 0;
  std::uint32_t flip = 0;
  alignas(32) std::array<std::uint32_t, kLanes> skip{};
};
struct Filter {
  std::size_t count = 0;
  std::array<Condition, 64> conditions{};
};

constexpr unsigned lanes_of(const Family& family, int d_low, int d_high) {
  unsigned lanes = 0;
  for (int lane = 0; lane < static_cast<int>(kLanes); lane++) {
    int k = family.first + lane;
    if ((family.lanes >> lane & 1) && k + d_low >= kFirstStep && k + d_high <= kLastStep) lanes |= 1u << lane;
  }
  return lanes;
}

constexpr Filter make_filter(const Family& family) {
  Vector v = make_vector(family.type, family.bit);
  Filter filter;
  auto add = [&](int disturbance, int d1, unsigned b1, int d2, unsigned b2, bool differ) {
    b1 %= 32;
    b2 %= 32;
    if (b1 == 31 || b2 == 31 || !(v.lonely(d1) >> b1 & 1) || !(v.lonely(d2) >> b2 & 1)) return;
    unsigned lanes = lanes_of(family, disturbance, disturbance + 5);
    if (!lanes || filter.count == filter.conditions.size()) return;
    Condition c{d1, d2, b1, b2, differ ? 0u : ~0u, {}};
    for (unsigned lane = 0; lane < kLanes; lane++) c.skip[lane] = lanes >> lane & 1 ? 0 : ~0u;
    filter.conditions[filter.count++] = c;
  };
  for (int d = -30; d < 24; d++) {
    std::uint32_t word = v.at(d);
    for (unsigned b = 0; b < 32; b++) {
      if (!(word >> b & 1) || (word & (rotl(1, b + 1) | rotl(1, b + 31)))) continue;
      add(d, d, b, d + 1, b + 5, true);
      add(d, d, b, d + 5, b + 30, true);
      if (b == 31 || !(v.lonely(d) >> b & 1)) add(d, d + 1, b + 5, d + 5, b + 30, false);
    }
  }
  return filter;
}

constexpr std::array<Filter, kFamilyCount> make_filters() {
  std::array<Filter, kFamilyCount> filters;
  for (std::size_t i = 0; i < kFamilyCount; i++) filters[i] = make_filter(kFamilies[i]);
  return filters;
}
constexpr std::array<Filter, kFamilyCount> kFilters = make_filters();

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
using UnalignedLanes = std::uint32_t __attribute__((vector_size(4 * kLanes), aligned(4), may_alias));

inline const UnalignedLanes& lanes_at(const std::uint32_t* p) { return *reinterpret_cast<const UnalignedLanes*>(p); }

// Would the block that differs from ours by the vector collide with it?
bool collides(const std::uint32_t* words, const Sha1State& before, const Sha1State& after, const Differences& differences,
              int k) {
  const unsigned same_at = k >= 50 ? 65 : 58;
  Sha1State state = before;
  for (unsigned step = 0; step < same_at; step++) sha1_step(state, step, words[step]);
  std::uint32_t other[kSteps];
  for (unsigned step = 0; step < kSteps; step++)
    other[step] = words[step] ^ differences[step + static_cast<unsigned>(-kFirstDifference - k)];
  Sha1State start = state, end = state;
  for (unsigned step = same_at; step-- > 0;) sha1_step_back(start, step, other[step]);
  for (unsigned step = same_at; step < kSteps; step++) sha1_step(end, step, other[step]);
  for (std::size_t i = 0; i < end.size(); i++)
    if (start[i] + end[i] != after[i]) return false;
  return true;
}

unsigned passing_lanes(const std::uint32_t* words, const Family& family, const Filter& filter) {
  Lanes pass = ~Lanes{};
  for (std::size_t i = 0; i < filter.count; i++) {
    const Condition& c = filter.conditions[i];
    Lanes one = lanes_at(words + family.first + c.d1) >> c.b1;
    Lanes two = lanes_at(words + family.first + c.d2) >> c.b2;
    pass &= (one ^ two ^ c.flip) | lanes_at(c.skip.data());
  }
  unsigned lanes = 0;
  for (unsigned lane = 0; lane < kLanes; lane++) lanes |= (pass[lane] & 1) << lane;
  return lanes & family.lanes;
}

}  // namespace

bool sha1_is_collision(const std::uint32_t* words, const Sha1State& before, const Sha1State& after) {
  for (std::size_t i = 0; i < kFamilyCount; i++) {
    unsigned lanes = passing_lanes(words, kFamilies[i], kFilters[i]);
    if (!lanes) continue;
    for (int lane = 0; lane < static_cast<int>(kLanes); lane++)
      if ((lanes >> lane & 1) && collides(words, before, after, kDifferences[i], kFamilies[i].first + lane)) return true;
  }
  return false;
}

}  // namespace git::hash
