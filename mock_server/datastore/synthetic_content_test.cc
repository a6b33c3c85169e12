// SPDX-License-Identifier: MIT
#include "mock_server/datastore/synthetic_content.h"

#include <set>

#include <gtest/gtest.h>

#include "restore_core/format/data_blob.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder::mock {
namespace {

Bytes content_bytes(const SyntheticContent& content, ContentId id, std::size_t length = kDefaultChunkSize) {
  Bytes bytes(length, 0xee);
  content.fill(id, bytes);
  return bytes;
}

TEST(SyntheticContent, CompressesAsAskedFor) {
  for (const double ratio : {1.0, 1.1, 1.3, 1.8, 3.0, 5.0, 10.0, 30.0, 100.0})
    for (const ContentId id : {0U, 1U, 70000U}) {
      const Bytes bytes = content_bytes(SyntheticContent(ratio, 1), id);
      const Bytes blob = encode_blob(bytes, {}).value();
      EXPECT_NEAR(static_cast<double>(bytes.size()) / static_cast<double>(blob.size()) / ratio, 1, 0.05)
          << ratio;
    }
}

TEST(SyntheticContent, HasTheSameBytesOnEveryHost) {
  const struct {
    double compress;
    std::uint64_t seed;
    ContentId id;
    std::size_t length;
    const char* sha256_hex;
  } kCases[] = {
      {1, 1, 0, kDefaultChunkSize, "23ed7f7b50c4b85ddb28bcc8eacaa8ca1707847c8929d5c90eba4f914ed8c385"},
      {1.8, 1, 0, kDefaultChunkSize, "9b6a31147f3b77586dc45f7b43254a64a8ff67ed106427383038a9b3c5ccdd71"},
      {1.8, 2, 41, 1'000'003, "222fe8b4c478c6811baec59e7487a8d6abd3abe32c7ae4f67d1474f065bc2bc2"},
      {10, 1, 3, kDefaultChunkSize, "85a0f415691e92ef0273cbb0d7921c08c50bb8c79b83d14db754920f644fa5d0"},
      {1.8, 1, 0, 1, "2ea970ff63aec5d7a014ca6447ec743d3ba37450b85ebdcbb582b089b0194fa2"},
  };
  for (const auto& c : kCases)
    EXPECT_EQ(to_hex(sha256(content_bytes(SyntheticContent(c.compress, c.seed), c.id, c.length))),
              c.sha256_hex);
}

TEST(SyntheticContent, AShortOneIsAPrefix) {
  const SyntheticContent content(1.8, 9);
  const Bytes whole = content_bytes(content, 5);
  for (const std::size_t length : {1U, 7U, 8U, 9U, 8191U, 16384U, 16385U, 100'001U})
    EXPECT_EQ(content_bytes(content, 5, length),
              Bytes(whole.begin(), whole.begin() + static_cast<long>(length)));
}

TEST(SyntheticContent, NoneIsZeroAndNoTwoAreEqual) {
  for (const double ratio : {1.0, 100.0}) {
    std::set<Bytes> seen;
    for (const std::uint64_t seed : {0U, 1U})
      for (ContentId id = 0; id < 300; ++id) {
        Bytes bytes = content_bytes(SyntheticContent(ratio, seed), id, 64);
        EXPECT_FALSE(is_zero(ByteSpan(bytes).first(1)));
        EXPECT_TRUE(seen.insert(std::move(bytes)).second) << seed << " " << id;
      }
  }
}

TEST(SyntheticContent, FillsZeros) {
  EXPECT_TRUE(is_zero(content_bytes(SyntheticContent(1, 1), kZeroContent, 999)));
}

}  // namespace
}  // namespace depthfinder::mock
