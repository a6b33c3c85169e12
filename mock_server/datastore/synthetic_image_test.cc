// SPDX-License-Identifier: MIT
#include "mock_server/datastore/synthetic_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace depthfinder::mock {
namespace {

TEST(SyntheticImage, ReadsEveryKey) {
  const auto image = parse_synthetic_image("size=1GiB,zeros=0.3,duplicates=0.1,compress=1.8,seed=7");
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->size_bytes, 1ULL << 30);
  EXPECT_EQ(image->zeros, 0.3);
  EXPECT_EQ(image->duplicates, 0.1);
  EXPECT_EQ(image->compress, 1.8);
  EXPECT_EQ(image->seed, 7U);
}

TEST(SyntheticImage, EveryKeyIsOptional) {
  const auto image = parse_synthetic_image("");
  ASSERT_TRUE(image);
  EXPECT_EQ(image->size_bytes, SyntheticImage{}.size_bytes);
  EXPECT_EQ(parse_synthetic_image("size=1B")->size_bytes, 1U);
  EXPECT_EQ(parse_synthetic_image("seed=18446744073709551615")->seed, 18446744073709551615U);
}

TEST(SyntheticImage, RefusesWithTheCulpritInTheMessage) {
  const struct {
    const char* text;
    const char* message;
  } kCases[] = {
      {"siez=1GiB", "unknown key 'siez'"},
      {"size", "'size' is not KEY=VALUE"},
      {"size=0", "1 byte to 16 TiB"},
      {"size=17TiB", "1 byte to 16 TiB"},
      {"size=1", "1"},
      {"zeros=-0.1", "zeros=-0.1"},
      {"zeros=1.01", "zeros=1.01"},
      {"zeros=nan", "zeros=nan"},
      {"zeros=", "zeros="},
      {"zeros=0.3x", "zeros=0.3x"},
      {"duplicates=2", "duplicates=2"},
      {"zeros=1,duplicates=0.5", "leaves no chunk"},
      {"compress=0.9", "compress=0.9"},
      {"compress=101", "compress=101"},
      {"compress=inf", "compress=inf"},
      {"seed=-1", "seed"},
      {"seed=1.5", "seed"},
      {"size=1GiB,", "after the last comma"},
      {"size=1GiB,,seed=1", "'' is not KEY=VALUE"},
      {"seed=1,seed=2", "seed is given twice"},
  };
  for (const auto& c : kCases) {
    const auto image = parse_synthetic_image(c.text);
    ASSERT_FALSE(image) << c.text;
    EXPECT_EQ(image.error().kind, ErrorKind::bad_input) << c.text;
    EXPECT_THAT(image.error().message, testing::HasSubstr(c.message));
  }
}

}  // namespace
}  // namespace depthfinder::mock
