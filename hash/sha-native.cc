// SHA-1 and SHA-256 with the x86 SHA extensions.  The instructions do four steps at a time and expand the
// message on the way, so the expanded words that the collision detector looks at cost only a store.
#include "hash/hash-internal.h"

#ifdef __x86_64__
#include <cpuid.h>
#include <immintrin.h>

#include <utility>

namespace git::hash {
namespace {

bool cpu_has_sha() {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSE4_1) || !(c & bit_SSSE3)) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & (1u << 29));
}

#define SHA_TARGET __attribute__((target("sha,sse4.1,ssse3")))

inline __m128i* as_m128(void* p) { return static_cast<__m128i*>(p); }
inline const __m128i* as_m128(const void* p) { return static_cast<const __m128i*>(p); }

struct Sha1Vectors {
  __m128i abcd, previous, e;
  __m128i m[4];
};

// Steps 4*Group to 4*Group+3.
template <int Group, bool Expand>
SHA_TARGET inline __attribute__((always_inline)) void sha1_group(Sha1Vectors& v, const unsigned char* block,
                                                                 std::uint32_t* expanded) {
  __m128i& word = v.m[Group % 4];
  if constexpr (Group < 4) {
    const __m128i reverse = _mm_set_epi64x(0x0001020304050607LL, 0x08090a0b0c0d0e0fLL);
    word = _mm_shuffle_epi8(_mm_loadu_si128(as_m128(block + 16 * Group)), reverse);
  } else {
    __m128i t = _mm_xor_si128(_mm_sha1msg1_epu32(word, v.m[(Group + 1) % 4]), v.m[(Group + 2) % 4]);
    word = _mm_sha1msg2_epu32(t, v.m[(Group + 3) % 4]);
  }
  if constexpr (Expand) _mm_storeu_si128(as_m128(expanded + 4 * Group), _mm_shuffle_epi32(word, 0x1b));
  __m128i e = Group == 0 ? _mm_add_epi32(v.e, word) : _mm_sha1nexte_epu32(v.previous, word);
  v.previous = v.abcd;
  v.abcd = _mm_sha1rnds4_epu32(v.abcd, e, Group / 5);
}

template <bool Expand, int... Groups>
SHA_TARGET inline __attribute__((always_inline)) void sha1_groups(Sha1Vectors& v, const unsigned char* block,
                                                                  std::uint32_t* expanded,
                                                                  std::integer_sequence<int, Groups...>) {
  (sha1_group<Groups, Expand>(v, block, expanded), ...);
}

template <bool Expand>
SHA_TARGET void sha1_blocks(Sha1State& state, const unsigned char* blocks, std::size_t count, std::uint32_t* expanded) {
  Sha1Vectors v;
  v.abcd = _mm_shuffle_epi32(_mm_loadu_si128(as_m128(state.data())), 0x1b);
  v.e = _mm_set_epi32(static_cast<int>(state[4]), 0, 0, 0);
  for (; count; count--, blocks += 64) {
    const __m128i abcd = v.abcd, e = v.e;
    sha1_groups<Expand>(v, blocks, expanded, std::make_integer_sequence<int, 20>());
    v.e = _mm_sha1nexte_epu32(v.previous, e);
    v.abcd = _mm_add_epi32(v.abcd, abcd);
  }
  _mm_storeu_si128(as_m128(state.data()), _mm_shuffle_epi32(v.abcd, 0x1b));
  state[4] = static_cast<std::uint32_t>(_mm_extract_epi32(v.e, 3));
}

void sha1_compress_ni(Sha1State& state, const unsigned char* blocks, std::size_t count, std::uint32_t* expanded) {
  if (expanded)
    sha1_blocks<true>(state, blocks, count, expanded);
  else
    sha1_blocks<false>(state, blocks, count, nullptr);
}

struct Sha256Vectors {
  __m128i abef, cdgh;
  __m128i m[4];
};

template <int Group>
SHA_TARGET inline __attribute__((always_inline)) void sha256_group(Sha256Vectors& v, const unsigned char* block) {
  __m128i& word = v.m[Group % 4];
  if constexpr (Group < 4) {
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    word = _mm_shuffle_epi8(_mm_loadu_si128(as_m128(block + 16 * Group)), swap);
  } else {
    const __m128i& last = v.m[(Group + 3) % 4];
    __m128i t = _mm_add_epi32(_mm_sha256msg1_epu32(word, v.m[(Group + 1) % 4]), _mm_alignr_epi8(last, v.m[(Group + 2) % 4], 4));
    word = _mm_sha256msg2_epu32(t, last);
  }
  __m128i k = _mm_add_epi32(word, _mm_loadu_si128(as_m128(kSha256Constants.data() + 4 * Group)));
  v.cdgh = _mm_sha256rnds2_epu32(v.cdgh, v.abef, k);
  v.abef = _mm_sha256rnds2_epu32(v.abef, v.cdgh, _mm_shuffle_epi32(k, 0x0e));
}

template <int... Groups>
SHA_TARGET inline __attribute__((always_inline)) void sha256_groups(Sha256Vectors& v, const unsigned char* block,
                                                                    std::integer_sequence<int, Groups...>) {
  (sha256_group<Groups>(v, block), ...);
}

SHA_TARGET void sha256_compress_ni(Sha256State& s, const unsigned char* blocks, std::size_t count) {
  auto lane = [](std::uint32_t x) { return static_cast<int>(x); };
  Sha256Vectors v;
  v.abef = _mm_set_epi32(lane(s[0]), lane(s[1]), lane(s[4]), lane(s[5]));
  v.cdgh = _mm_set_epi32(lane(s[2]), lane(s[3]), lane(s[6]), lane(s[7]));
  for (; count; count--, blocks += 64) {
    const __m128i abef = v.abef, cdgh = v.cdgh;
    sha256_groups(v, blocks, std::make_integer_sequence<int, 16>());
    v.abef = _mm_add_epi32(v.abef, abef);
    v.cdgh = _mm_add_epi32(v.cdgh, cdgh);
  }
  alignas(16) std::uint32_t low[4], high[4];
  _mm_store_si128(as_m128(low), v.abef);
  _mm_store_si128(as_m128(high), v.cdgh);
  s = {low[3], low[2], high[3], high[2], low[1], low[0], high[1], high[0]};
}

}  // namespace

Sha1Compress sha1_compress_native() {
  static const bool has = cpu_has_sha();
  return has ? sha1_compress_ni : nullptr;
}

Sha256Compress sha256_compress_native() {
  static const bool has = cpu_has_sha();
  return has ? sha256_compress_ni : nullptr;
}

}  // namespace git::hash

#else

namespace git::hash {
Sha1Compress sha1_compress_native() { return nullptr; }
Sha256Compress sha256_compress_native() { return nullptr; }
}  // namespace git::hash

#endif
