// SPDX-License-Identifier: MIT
#include "restore_core/sink/extents.h"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace depthfinder {
namespace {

// "D0+65536 Z65536+131072": kind, offset, length.
std::string text_of(const std::vector<Extent>& extents) {
  std::string text;
  for (const Extent& extent : extents)
    text += fmt::format("{}{}{}+{}", text.empty() ? "" : " ", extent.zeros ? 'Z' : 'D', extent.offset,
                        extent.bytes.size());
  return text;
}

std::string split(std::uint64_t offset, const std::vector<Bytes>& pieces) {
  const std::vector<ByteSpan> spans(pieces.begin(), pieces.end());
  return text_of(split_at_zeros(offset, spans));
}

const Bytes kData(kHoleBytes, 1);
const Bytes kZeros(kHoleBytes, 0);

Bytes join(const std::vector<Bytes>& parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

TEST(Extents, AreCutWhereZerosBeginAndEnd) {
  EXPECT_EQ(split(0, {join({kData, kZeros, kZeros, kData})}), "D0+65536 Z65536+131072 D196608+65536");
  EXPECT_EQ(split(0, {join({kData, kData})}), "D0+131072");
  EXPECT_EQ(split(4U << 20, {join({kZeros, kZeros})}), "Z4194304+131072");
}

TEST(Extents, OneByteMakesAWindowData) {
  Bytes piece = join({kZeros, kZeros});
  piece.back() = 1;
  EXPECT_EQ(split(0, {piece}), "Z0+65536 D65536+65536");
}

TEST(Extents, WindowsAreAlignedInTheImage) {
  Bytes piece = join({kData, kZeros, kZeros});
  EXPECT_EQ(split(1000, {piece}), "D1000+130072 Z131072+66536")
      << "the window that holds data and zeros is data";
}

TEST(Extents, NeverReachOverPieces) {
  EXPECT_EQ(split(0, {kData, {}, kData, kZeros}), "D0+65536 D65536+65536 Z131072+65536");
  EXPECT_EQ(split(0, {}), "");
}

TEST(Extents, PointIntoTheirPieces) {
  const Bytes piece = join({kZeros, kData});
  const ByteSpan span(piece);
  const auto extents = data_extents(0, std::span(&span, 1));
  ASSERT_EQ(extents.size(), 1U);
  EXPECT_EQ(extents[0].bytes.data(), piece.data() + kHoleBytes);
}

}  // namespace
}  // namespace depthfinder
