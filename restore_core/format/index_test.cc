// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "restore_core/base/random.h"
#include "restore_core/format/fixed_index.h"

namespace depthfinder {
namespace {

FixedIndex make_index(std::uint64_t image_bytes, std::uint64_t chunk_size, std::uint64_t seed) {
  Random random(seed);
  FixedIndex index;
  index.image_bytes = image_bytes;
  index.chunk_size = chunk_size;
  index.ctime_s = static_cast<std::int64_t>(random.below(1ULL << 40));
  for (auto& byte : index.uuid) byte = static_cast<std::uint8_t>(random.next());
  index.digests.resize((image_bytes + chunk_size - 1) / chunk_size);
  for (Digest& digest : index.digests)
    for (auto& byte : digest) byte = static_cast<std::uint8_t>(random.next());
  return index;
}

RC_GTEST_PROP(FixedIndexProperty, ParsesToWhatWasWritten, ()) {
  const std::uint64_t chunk_size = 1ULL << *rc::gen::inRange(12, 25);
  const auto image_bytes = *rc::gen::inRange<std::uint64_t>(1, 200 * chunk_size);
  const FixedIndex index = make_index(image_bytes, chunk_size, *rc::gen::arbitrary<std::uint64_t>());
  const auto parsed = parse_fixed_index(write_fixed_index(index));
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(parsed->uuid == index.uuid);
  RC_ASSERT(parsed->ctime_s == index.ctime_s);
  RC_ASSERT(parsed->image_bytes == image_bytes);
  RC_ASSERT(parsed->chunk_size == chunk_size);
  RC_ASSERT(parsed->digests == index.digests);
  RC_ASSERT(check_index_against_manifest(*parsed, index.checksum(), image_bytes).has_value());

  std::uint64_t total_bytes = 0;
  for (std::size_t i = 0; i < parsed->chunk_count(); ++i) {
    RC_ASSERT(parsed->chunk_offset(i) == total_bytes);
    total_bytes += parsed->chunk_length(i);
  }
  RC_ASSERT(total_bytes == image_bytes);
}

Result<FixedIndex> read_index(ByteSpan bytes, const FixedIndex& original) {
  DF_ASSIGN(FixedIndex index, parse_fixed_index(bytes));
  DF_TRY(check_index_against_manifest(index, original.checksum(), original.image_bytes));
  return index;
}

// All but uuid, creation time and reserved bytes counts.
TEST(FixedIndex, NoFlippedBitThatCountsPasses) {
  const FixedIndex index = make_index(1'000'000, 65536, 1);
  Bytes bytes = write_fixed_index(index);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const std::size_t at = bit / 8;
    const bool counts = at < 8 || (at >= 32 && at < 80) || at >= kIndexHeaderSize;
    if (!counts && at % 64 != 0) continue;  // a sample of the rest will do
    const auto flip = static_cast<std::uint8_t>(1U << (bit % 8));
    bytes[at] ^= flip;
    ASSERT_EQ(read_index(bytes, index).has_value(), !counts) << "bit " << bit;
    bytes[at] ^= flip;
  }
}

TEST(FixedIndex, NoTruncationPasses) {
  const FixedIndex index = make_index(1'000'000, 65536, 2);
  const Bytes bytes = write_fixed_index(index);
  for (std::size_t length = 0; length < bytes.size(); ++length)
    ASSERT_FALSE(read_index(ByteSpan(bytes).first(length), index)) << length;
}

TEST(FixedIndexDeathTest, AChunkThatIsNotThereIsAMistake) {
  const FixedIndex index = make_index(10, 4096, 3);
  EXPECT_DEATH((void)index.chunk_length(1), "position");
}

}  // namespace
}  // namespace depthfinder
