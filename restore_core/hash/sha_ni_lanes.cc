// SPDX-License-Identifier: MIT
#include "restore_core/hash/sha_ni_lanes.h"

#ifdef __x86_64__
#include <cpuid.h>
#include <immintrin.h>

#include "restore_core/hash/sha256_rounds.h"

#define DF_SHA_NI __attribute__((target("sha,sse4.1,ssse3")))
#define DF_SHA_NI_INLINE __attribute__((target("sha,sse4.1,ssse3"), always_inline)) inline
#endif

namespace depthfinder {

#ifdef __x86_64__
namespace {

constexpr int kStreams = 2;
constexpr std::size_t kPrefetchBytes = 8 * kSha256BlockBytes;

bool cpu_has_sha_ni() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0 || ((ebx >> 29) & 1U) == 0) return false;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && ((ecx >> 9) & 1U) != 0 && ((ecx >> 19) & 1U) != 0;
}

// The state as the instructions want it: a, b, e, f and c, d, g, h, from the highest word down.
struct Halves {
  __m128i abef;
  __m128i cdgh;
};

DF_SHA_NI_INLINE Halves load_state(const Sha256Words& words) {
  const __m128i abcd = _mm_loadu_si128(reinterpret_cast<const __m128i*>(words.data()));
  const __m128i efgh = _mm_loadu_si128(reinterpret_cast<const __m128i*>(words.data() + 4));
  const __m128i badc = _mm_shuffle_epi32(abcd, 0xB1);
  const __m128i hgfe = _mm_shuffle_epi32(efgh, 0x1B);
  return {_mm_alignr_epi8(badc, hgfe, 8), _mm_blend_epi16(hgfe, badc, 0xF0)};
}

DF_SHA_NI_INLINE void store_state(const Halves& state, Sha256Words& words) {
  const __m128i abef = _mm_shuffle_epi32(state.abef, 0x1B);
  const __m128i cdgh = _mm_shuffle_epi32(state.cdgh, 0xB1);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(words.data()), _mm_blend_epi16(abef, cdgh, 0xF0));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(words.data() + 4), _mm_alignr_epi8(cdgh, abef, 8));
}

DF_SHA_NI_INLINE void load_block(const std::uint8_t* data, __m128i* w) {
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i)
    w[i] = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(data) + i), swap);
}

DF_SHA_NI_INLINE void four_rounds(Halves& s, __m128i words, __m128i constants) {
  const __m128i sum = _mm_add_epi32(words, constants);
  s.cdgh = _mm_sha256rnds2_epu32(s.cdgh, s.abef, sum);
  s.abef = _mm_sha256rnds2_epu32(s.abef, s.cdgh, _mm_shuffle_epi32(sum, 0x0E));
}

// The four words that follow these sixteen, the oldest of which is w[i].
DF_SHA_NI_INLINE __m128i next_words(const __m128i* w, int i) {
  const __m128i newest = w[(i + 3) % 4];
  const __m128i with_sigma0 = _mm_sha256msg1_epu32(w[i], w[(i + 1) % 4]);
  return _mm_sha256msg2_epu32(_mm_add_epi32(with_sigma0, _mm_alignr_epi8(newest, w[(i + 2) % 4], 4)), newest);
}

DF_SHA_NI void compress(Sha256Words* const* states, const std::uint8_t* const* data, std::size_t blocks) {
  Halves state[kStreams];
  for (int n = 0; n < kStreams; ++n) state[n] = load_state(*states[n]);
  for (std::size_t offset = 0; offset < blocks * kSha256BlockBytes; offset += kSha256BlockBytes) {
    Halves s[kStreams];
    __m128i w[kStreams][4];
#pragma GCC unroll 4
    for (int n = 0; n < kStreams; ++n) {
      _mm_prefetch(reinterpret_cast<const char*>(data[n] + offset + kPrefetchBytes), _MM_HINT_T0);
      s[n] = state[n];
      load_block(data[n] + offset, w[n]);
    }
#pragma GCC unroll 16
    for (int group = 0; group < 16; ++group) {
      const __m128i constants = _mm_load_si128(reinterpret_cast<const __m128i*>(kSha256Rounds) + group);
#pragma GCC unroll 4
      for (int n = 0; n < kStreams; ++n) {
        four_rounds(s[n], w[n][group % 4], constants);
        if (group < 12) w[n][group % 4] = next_words(w[n], group % 4);
      }
    }
#pragma GCC unroll 4
    for (int n = 0; n < kStreams; ++n) {
      state[n].abef = _mm_add_epi32(state[n].abef, s[n].abef);
      state[n].cdgh = _mm_add_epi32(state[n].cdgh, s[n].cdgh);
    }
  }
  for (int n = 0; n < kStreams; ++n) store_state(state[n], *states[n]);
}

}  // namespace

std::optional<LaneKernel> sha_ni_kernel() {
  if (!cpu_has_sha_ni()) return std::nullopt;
  return LaneKernel{"sha-ni-x2", kStreams, 0, compress};
}
#else
std::optional<LaneKernel> sha_ni_kernel() { return std::nullopt; }
#endif

}  // namespace depthfinder
