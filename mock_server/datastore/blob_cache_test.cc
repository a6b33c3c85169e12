// SPDX-License-Identifier: MIT
#include "mock_server/datastore/blob_cache.h"

#include <gtest/gtest.h>

namespace depthfinder::mock {
namespace {

Digest digest_of(int number) {
  Digest digest{};
  digest[0] = static_cast<std::uint8_t>(number);
  return digest;
}
SharedBlob blob_of(std::size_t bytes) { return std::make_shared<const Bytes>(bytes); }

TEST(BlobCache, KeepsWhatCameFirst) {
  BlobCache cache(30);
  for (const int i : {1, 2, 3, 4}) cache.insert(digest_of(i), blob_of(10));
  for (const int i : {1, 2, 3}) EXPECT_NE(cache.find(digest_of(i)), nullptr) << i;
  EXPECT_EQ(cache.find(digest_of(4)), nullptr);
  EXPECT_EQ(cache.bytes(), 30U);
}

TEST(BlobCache, CountsABlobOnceAndRefusesWhatDoesNotFit) {
  BlobCache cache(30);
  const SharedBlob first = blob_of(20);
  cache.insert(digest_of(1), first);
  cache.insert(digest_of(1), blob_of(20));
  cache.insert(digest_of(2), blob_of(31));
  EXPECT_EQ(cache.find(digest_of(1)), first);
  EXPECT_EQ(cache.find(digest_of(2)), nullptr);
  EXPECT_EQ(cache.bytes(), 20U);
}

TEST(BlobCache, OfNoBytesKeepsNothing) {
  BlobCache cache(0);
  cache.insert(digest_of(1), blob_of(1));
  EXPECT_EQ(cache.find(digest_of(1)), nullptr);
}

}  // namespace
}  // namespace depthfinder::mock
