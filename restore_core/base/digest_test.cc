// SPDX-License-Identifier: MIT
#include "restore_core/base/digest.h"

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

TEST(Hex, ReadsEitherCaseAndWritesLower) {
  const auto bytes = from_hex("0aFf");
  ASSERT_TRUE(bytes);
  EXPECT_EQ(to_hex(*bytes), "0aff");
  EXPECT_EQ(to_colon_hex(*bytes), "0a:ff");
}

TEST(Hex, RefusesOddLengthAndOtherCharacters) {
  for (const char* text : {"0", "0g", "0x", " 00"}) EXPECT_FALSE(from_hex(text)) << text;
  EXPECT_FALSE(digest_from_hex(std::string(63, 'a')));
  EXPECT_FALSE(digest_from_hex(std::string(66, 'a')));
  EXPECT_TRUE(digest_from_hex(std::string(64, 'A')));
}

TEST(LittleEndian, RoundTrips) {
  Bytes bytes(12);
  store_le<std::int64_t>(bytes, 2, -2);
  EXPECT_EQ(bytes[2], 0xfe);
  EXPECT_EQ(load_le<std::int64_t>(bytes, 2), -2);
  EXPECT_EQ(load_le<std::uint32_t>(bytes, 0), 0xfffe0000U);
}

}  // namespace
}  // namespace depthfinder
