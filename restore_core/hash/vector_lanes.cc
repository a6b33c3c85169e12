// SPDX-License-Identifier: MIT
#include "restore_core/hash/vector_lanes.h"

#include <cstring>

#include "restore_core/hash/sha256_rounds.h"

// Highway compiles this file once per target. Left out: targets that add nothing for 32-bit integers.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "restore_core/hash/vector_lanes.cc"
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace depthfinder {
namespace HWY_NAMESPACE {

// The emulated targets are only the fallback that Highway insists on: OpenSSL is faster than lanes made of scalars.
#if HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128

namespace hn = hwy::HWY_NAMESPACE;
using Tag = hn::ScalableTag<std::uint32_t>;
using Vector = hn::Vec<Tag>;
constexpr std::size_t kLanes = HWY_LANES(std::uint32_t);
constexpr std::size_t kWords = 16;  // of a block

// How far ahead of the block that is hashed each lane's bytes are asked for. A block of all lanes takes about as long as a
// miss, and the hardware's own prefetchers neither follow 16 streams nor cross a page.
constexpr std::size_t kPrefetchBytes = 4 * kSha256BlockBytes;
// While a block is loaded, or before its last rounds: with AVX-512 the load has shuffles enough to wait for (1.3 % faster),
// with AVX2 it has not (2.5 % slower).
constexpr bool kPrefetchInLoad = HWY_TARGET != HWY_AVX3;

#define DF_LAMBDA HWY_ATTR __attribute__((always_inline))

// step(0), step(1), ... with constants for arguments. Arrays of vectors live in registers only where every index is a
// constant before the optimizer looks at arrays, which for g++ no loop is, unrolled or not.
template <typename Step, std::size_t... kIndex>
HWY_INLINE void unrolled(Step step, std::index_sequence<kIndex...>) {
  (step(std::integral_constant<std::size_t, kIndex>()), ...);
}
template <std::size_t kCount, typename Step>
HWY_INLINE void unrolled(Step step) {
  unrolled(step, std::make_index_sequence<kCount>());
}

HWY_INLINE Vector big_endian(Vector words) {
  alignas(16) static constexpr std::uint8_t kSwap[16] = {3,  2,  1, 0, 7,  6,  5,  4,
                                                         11, 10, 9, 8, 15, 14, 13, 12};
  const hn::Repartition<std::uint8_t, Tag> bytes;
  return hn::BitCast(Tag(), hn::TableLookupBytes(hn::BitCast(bytes, words), hn::LoadDup128(bytes, kSwap)));
}

// Within each 128-bit block: row i, column j becomes row j, column i.
HWY_INLINE void transpose_blocks(Vector& r0, Vector& r1, Vector& r2, Vector& r3) {
  const hn::Repartition<std::uint64_t, Tag> pairs;
  const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(Tag(), r0, r1));
  const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(Tag(), r2, r3));
  const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(Tag(), r0, r1));
  const auto high23 = hn::BitCast(pairs, hn::InterleaveUpper(Tag(), r2, r3));
  r0 = hn::BitCast(Tag(), hn::InterleaveLower(pairs, low01, low23));
  r1 = hn::BitCast(Tag(), hn::InterleaveUpper(pairs, low01, low23));
  r2 = hn::BitCast(Tag(), hn::InterleaveLower(pairs, high01, high23));
  r3 = hn::BitCast(Tag(), hn::InterleaveUpper(pairs, high01, high23));
}

// Rows are lanes, columns are words; afterwards the other way round. `rows` has as many rows as a vector has lanes.
HWY_INLINE void transpose(Vector* HWY_RESTRICT rows) {
  unrolled<kLanes / 4>([&](auto group) DF_LAMBDA {
    Vector* four = rows + 4 * group;
    transpose_blocks(four[0], four[1], four[2], four[3]);
  });
#if HWY_TARGET == HWY_AVX2
  unrolled<4>([&](auto r) DF_LAMBDA {
    const Vector low = rows[r], high = rows[r + 4];
    rows[r] = hn::ConcatLowerLower(Tag(), high, low);
    rows[r + 4] = hn::ConcatUpperUpper(Tag(), high, low);
  });
#elif HWY_TARGET == HWY_AVX3
  unrolled<4>([&](auto r) DF_LAMBDA {
    const Vector a = rows[r], b = rows[r + 4], c = rows[r + 8], d = rows[r + 12];
    const Vector even_ab = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(b), a);
    const Vector even_cd = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(d), c);
    const Vector odd_ab = hn::OddEvenBlocks(b, hn::SwapAdjacentBlocks(a));
    const Vector odd_cd = hn::OddEvenBlocks(d, hn::SwapAdjacentBlocks(c));
    rows[r] = hn::ConcatLowerLower(Tag(), even_cd, even_ab);
    rows[r + 4] = hn::ConcatLowerLower(Tag(), odd_cd, odd_ab);
    rows[r + 8] = hn::ConcatUpperUpper(Tag(), even_cd, even_ab);
    rows[r + 12] = hn::ConcatUpperUpper(Tag(), odd_cd, odd_ab);
  });
#endif
}

HWY_INLINE void prefetch(const std::uint8_t* const* data, std::size_t offset) {
  unrolled<kLanes>([&](auto lane) DF_LAMBDA { __builtin_prefetch(data[lane] + offset + kPrefetchBytes); });
}

HWY_INLINE void load_words(const std::uint8_t* const* data, std::size_t offset, Vector* HWY_RESTRICT words) {
  const hn::Repartition<std::uint8_t, Tag> bytes;
  if constexpr (kPrefetchInLoad) prefetch(data, offset);
  unrolled<kWords / kLanes>([&](auto part) DF_LAMBDA {
    Vector* rows = words + part * kLanes;
    unrolled<kLanes>([&](auto lane) DF_LAMBDA {
      const std::uint8_t* const at = data[lane] + offset + part * sizeof(Vector);
      rows[lane] = hn::BitCast(Tag(), hn::LoadU(bytes, at));
    });
    transpose(rows);
  });
  unrolled<kWords>([&](auto word) DF_LAMBDA { words[word] = big_endian(words[word]); });
}

HWY_INLINE Vector choose(Vector e, Vector f, Vector g) {
#if HWY_TARGET == HWY_AVX3
  return hn::IfVecThenElse(e, f, g);  // one vpternlogd
#else
  return hn::Xor(g, hn::And(e, hn::Xor(f, g)));
#endif
}

// `b_xor_c` is the last round's a ^ b.
HWY_INLINE Vector majority(Vector a, Vector b, Vector c, Vector& b_xor_c) {
#if HWY_TARGET == HWY_AVX3
  (void)b_xor_c;
  return Vector{_mm512_ternarylogic_epi32(a.raw, b.raw, c.raw, 0xE8)};  // Highway has no word for it
#else
  (void)c;
  const Vector a_xor_b = hn::Xor(a, b);
  const Vector result = hn::Xor(b, hn::And(a_xor_b, b_xor_c));
  b_xor_c = a_xor_b;
  return result;
#endif
}

HWY_INLINE Vector big_sigma0(Vector a) {
  return hn::Xor3(hn::RotateRight<2>(a), hn::RotateRight<13>(a), hn::RotateRight<22>(a));
}
HWY_INLINE Vector big_sigma1(Vector e) {
  return hn::Xor3(hn::RotateRight<6>(e), hn::RotateRight<11>(e), hn::RotateRight<25>(e));
}
HWY_INLINE Vector small_sigma0(Vector w) {
  return hn::Xor3(hn::RotateRight<7>(w), hn::RotateRight<18>(w), hn::ShiftRight<3>(w));
}
HWY_INLINE Vector small_sigma1(Vector w) {
  return hn::Xor3(hn::RotateRight<17>(w), hn::RotateRight<19>(w), hn::ShiftRight<10>(w));
}

// The eight working variables stay where they are and change roles: in round t, role r is s[(r - t) mod 8].
template <std::size_t kRound>
HWY_INLINE void one_round(Vector* HWY_RESTRICT s, Vector word_and_constant, Vector& b_xor_c) {
  const auto role = [](std::size_t r) { return (r + 64 - kRound) % 8; };
  Vector& d = s[role(3)];
  Vector& h = s[role(7)];
  const Vector a = s[role(0)], b = s[role(1)], c = s[role(2)], e = s[role(4)], f = s[role(5)], g = s[role(6)];
  // Additions are as few as can be, not as parallel: there are enough lanes to fill the units.
  h = hn::Add(h, word_and_constant);
  h = hn::Add(h, choose(e, f, g));
  h = hn::Add(h, big_sigma1(e));
  d = hn::Add(d, h);
  h = hn::Add(h, majority(a, b, c, b_xor_c));
  h = hn::Add(h, big_sigma0(a));
}

template <std::size_t kRound>
HWY_INLINE void next_word(Vector* HWY_RESTRICT w) {
  w[kRound] = hn::Add(hn::Add(w[kRound], small_sigma0(w[(kRound + 1) % 16])),
                      hn::Add(w[(kRound + 9) % 16], small_sigma1(w[(kRound + 14) % 16])));
}

// Words are made sixteen rounds before they are needed, so that no round waits for its word.
template <bool kExpand>
HWY_INLINE void sixteen_rounds(Vector* HWY_RESTRICT s, Vector* HWY_RESTRICT w, const std::uint32_t* constants,
                               Vector& b_xor_c) {
  unrolled<16>([&](auto round) DF_LAMBDA {
    const Vector word_and_constant = hn::Add(w[round], hn::Set(Tag(), constants[round]));
    if constexpr (kExpand) next_word<round>(w);
    one_round<round>(s, word_and_constant, b_xor_c);
  });
}

void compress(Sha256Words* const* states, const std::uint8_t* const* data, std::size_t blocks) {
  const Tag tag;
  alignas(64) std::uint32_t columns[8][kLanes];
  for (std::size_t lane = 0; lane < kLanes; ++lane)
    for (std::size_t word = 0; word < 8; ++word) columns[word][lane] = (*states[lane])[word];

  Vector state[8], s[8], w[kWords];
  unrolled<8>([&](auto word) DF_LAMBDA { state[word] = hn::Load(tag, columns[word]); });
  for (std::size_t block = 0; block < blocks; ++block) {
    const std::size_t offset = block * kSha256BlockBytes;
    load_words(data, offset, w);
    unrolled<8>([&](auto word) DF_LAMBDA { s[word] = state[word]; });
    Vector b_xor_c = hn::Xor(s[1], s[2]);
    for (std::size_t round = 0; round < 48; round += 16)
      sixteen_rounds<true>(s, w, kSha256Rounds + round, b_xor_c);
    if constexpr (!kPrefetchInLoad) prefetch(data, offset);
    sixteen_rounds<false>(s, w, kSha256Rounds + 48, b_xor_c);
    unrolled<8>([&](auto word) DF_LAMBDA { state[word] = hn::Add(state[word], s[word]); });
  }

  unrolled<8>([&](auto word) DF_LAMBDA { hn::Store(state[word], tag, columns[word]); });
  for (std::size_t lane = 0; lane < kLanes; ++lane)
    for (std::size_t word = 0; word < 8; ++word) (*states[lane])[word] = columns[word][lane];
}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace depthfinder
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace depthfinder {

std::optional<LaneKernel> vector_kernel(VectorTarget target) {
  [[maybe_unused]] const auto has = [](std::int64_t bit) { return (hwy::SupportedTargets() & bit) != 0; };
  switch (target) {
#if HWY_TARGETS & HWY_SSE4
    case VectorTarget::sse4:
      if (has(HWY_SSE4)) return LaneKernel{"lanes-sse4-x4", 4, 0, N_SSE4::compress};
      break;
#endif
#if HWY_TARGETS & HWY_AVX2
    case VectorTarget::avx2:
      if (has(HWY_AVX2)) return LaneKernel{"lanes-avx2-x8", 8, 0, N_AVX2::compress};
      break;
#endif
#if HWY_TARGETS & HWY_AVX3
    case VectorTarget::avx512:
      if (has(HWY_AVX3)) return LaneKernel{"lanes-avx512-x16", 16, 0, N_AVX3::compress};
      break;
#endif
#if HWY_TARGETS & HWY_NEON
    case VectorTarget::neon:
      if (has(HWY_NEON)) return LaneKernel{"lanes-neon-x4", 4, 0, N_NEON::compress};
      break;
#endif
    default:
      break;
  }
  return std::nullopt;
}

}  // namespace depthfinder
#endif
