// SPDX-License-Identifier: MIT
#include "mock_server/model/chunk_cache.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mock_server/model/model_test_support.h"

namespace depthfinder::mock {
namespace {

// Asks for chunks named by letters, each of 100 bytes: "h" for a hit, "." for a miss.
std::string ask(ChunkCache& cache, const std::string& chunks) {
  std::string answers;
  for (const char chunk : chunks)
    answers += cache.hit(test_digest(static_cast<std::uint64_t>(chunk)), 100, 0.5) ? 'h' : '.';
  return answers;
}

CacheSpec sized(std::uint64_t bytes, bool warm) {
  CacheSpec spec;
  spec.size_bytes = bytes;
  spec.warm = warm;
  return spec;
}

TEST(ChunkCacheTest, TheLeastRecentlyUsedGoes) {
  struct Row {
    std::uint64_t size_bytes;
    bool warm;
    std::string chunks, answers;
  };
  const std::vector<Row> rows = {
      {300, false, "aabbaab", ".h.hhhh"},
      {300, false, "abcabc", "...hhh"},
      {300, false, "abcdabcd", "........"},  // one too many, in a circle: none stays
      {300, false, "abcadb", "...h.."},      // a was used, so d drives b out
      {300, false, "abcadac", "...h.hh"},
      {399, false, "abcda", "....."},  // a fourth does not fit
      {400, false, "abcda", "....h"},
      {99, false, "aaa", "..."},  // larger than the cache
      {300, true, "abcabc", "hhhhhh"},
      {300, true, "abcda", "hhh.."},      // full with a, b, c; d drives a out
      {300, true, "aabbccd", "hhhhhh."},  // counted once each
      {300, true, "abcdbcd", "hhh.hhh"},
      {300, true, "abcdeab", "hhh...."},  // never warm again
      {99, true, "aa", ".."},
  };
  for (const Row& row : rows) {
    ChunkCache cache(sized(row.size_bytes, row.warm));
    EXPECT_EQ(ask(cache, row.chunks), row.answers) << row.size_bytes << " " << row.chunks;
  }
}

TEST(ChunkCacheTest, SizesAreTheChunksOwn) {
  ChunkCache cache(sized(1000, false));
  EXPECT_FALSE(cache.hit(test_digest(1), 600, 0));
  EXPECT_FALSE(cache.hit(test_digest(2), 300, 0));
  EXPECT_FALSE(cache.hit(test_digest(3), 100, 0));
  EXPECT_TRUE(cache.hit(test_digest(1), 600, 0));
  EXPECT_FALSE(cache.hit(test_digest(4), 400, 0));  // drives out both 300 and 100
  EXPECT_TRUE(cache.hit(test_digest(1), 600, 0));
  EXPECT_FALSE(cache.hit(test_digest(5), 1001, 0));  // does not go in, and drives nothing out
  EXPECT_TRUE(cache.hit(test_digest(4), 400, 0));
}

TEST(ChunkCacheTest, AShareIsDecidedByTheDrawAlone) {
  CacheSpec spec;
  spec.hit_share = 0.25;
  ChunkCache cache(spec);
  const Digest digest = test_digest(1);
  EXPECT_TRUE(cache.hit(digest, 100, 0.0));
  EXPECT_TRUE(cache.hit(digest, 100, 0.2499));
  EXPECT_FALSE(cache.hit(digest, 100, 0.25));
  EXPECT_FALSE(cache.hit(digest, 100, 0.999));
  spec.hit_share = 0;
  EXPECT_FALSE(ChunkCache(spec).hit(digest, 100, 0.0));
  spec.hit_share = 1;
  EXPECT_TRUE(ChunkCache(spec).hit(digest, 100, 0.9999999));
}

}  // namespace
}  // namespace depthfinder::mock
