// SPDX-License-Identifier: MIT
#include "restore_core/sink/digest_sink.h"

#include <gtest/gtest.h>

#include "restore_core/sink/null_sink.h"

namespace depthfinder {
namespace {

constexpr std::uint64_t kWindow = 4096;

// SHA-256 of "abcdefghi" by sha256sum.
constexpr std::string_view kAbcdefghi = "19cc02f26df43cc571bc9ed7b0c4d29224a3ec229529221725ef76d021c8326f";
// SHA-256 of "abc", 100000 zero bytes, "ghi", by Python's hashlib.
constexpr std::string_view kAbcZerosGhi = "54023bf0120a3dbadcbd96b01be6c5d3a801c32a5e5481f753947821fbe5f10d";

TEST(DigestSink, HashesInOrderWhateverTheOrderOfWrites) {
  const std::vector<std::vector<std::uint64_t>> orders{{0, 3, 6}, {0, 6, 3}, {3, 0, 6},
                                                       {3, 6, 0}, {6, 0, 3}, {6, 3, 0}};
  for (const auto& order : orders) {
    DigestSink sink(std::make_unique<NullSink>(), 9, kWindow);
    for (const auto offset : order)
      ASSERT_TRUE(sink.write_data(offset, as_bytes("abcdefghi").subspan(offset, 3)));
    ASSERT_TRUE(sink.finish());
    EXPECT_EQ(to_hex(sink.digest()), kAbcdefghi);
  }
}

TEST(DigestSink, ZerosMayComeFarAheadAndCostNoMemory) {
  DigestSink sink(std::make_unique<NullSink>(), 100006, kWindow);
  ASSERT_TRUE(sink.write_zeros(3, 100000));
  EXPECT_EQ(sink.held_bytes(), 0U);
  ASSERT_TRUE(sink.write_data(0, as_bytes("abc")));
  ASSERT_TRUE(sink.write_data(100003, as_bytes("ghi")));
  ASSERT_TRUE(sink.finish());
  EXPECT_EQ(to_hex(sink.digest()), kAbcZerosGhi);
}

TEST(DigestSink, HoldsOnlyWhatCameEarly) {
  DigestSink sink(std::make_unique<NullSink>(), 9, kWindow);
  ASSERT_TRUE(sink.write_data(6, as_bytes("ghi")));
  ASSERT_TRUE(sink.write_data(3, as_bytes("def")));
  EXPECT_EQ(sink.held_bytes(), 6U);
  ASSERT_TRUE(sink.write_data(0, as_bytes("abc")));
  EXPECT_EQ(sink.held_bytes(), 0U);
}

TEST(DigestSink, TheSmallerWindowCounts) {
  DigestSink wide(std::make_unique<DigestSink>(std::make_unique<NullSink>(), 9, 10), 9, 20);
  EXPECT_EQ(wide.reorder_window_bytes(), 10U);
  DigestSink narrow(std::make_unique<DigestSink>(std::make_unique<NullSink>(), 9, 20), 9, 10);
  EXPECT_EQ(narrow.reorder_window_bytes(), 10U);
}

}  // namespace
}  // namespace depthfinder
