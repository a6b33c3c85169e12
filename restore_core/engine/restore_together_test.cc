// SPDX-License-Identifier: MIT
// Several images in one restore, and one chunk in several places.
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "restore_core/engine/fake_chunk_source.h"
#include "restore_core/engine/memory_sink.h"
#include "restore_core/engine/restore_engine.h"
#include "restore_core/engine/test_image.h"
#include "restore_core/engine/test_settings.h"

namespace depthfinder {
namespace {

using testing_support::Encoding;
using testing_support::FakeChunkSource;
using testing_support::kTestChunkSize;
using testing_support::make_test_image;
using testing_support::MemorySink;
using testing_support::settings_of;
using testing_support::TestImage;
using Completion = FakeChunkSource::Completion;

// Images of one snapshot, and a source that has the chunks of all of them.
struct Together {
  explicit Together(std::vector<std::string> letters, Encoding encoding = Encoding::compressed)
      : names(std::move(letters)) {
    std::string all;
    for (const std::string& image : names) {
      images.push_back(make_test_image(image, encoding));
      all += image;
    }
    server = make_test_image(all, encoding);
    for (const TestImage& image : images) {
      sinks.push_back(std::make_unique<MemorySink>(image.index.image_bytes));
      sinks.back()->permit_writers(2);
    }
    for (std::size_t i = 0; i < images.size(); ++i) targets.push_back({images[i].job(), *sinks[i], names[i]});
  }

  std::vector<std::string> names;
  std::vector<TestImage> images;
  TestImage server;
  std::vector<std::unique_ptr<MemorySink>> sinks;
  std::vector<ImageTarget> targets;
};

TEST(RestoreTogether, EveryStrategyRestoresAllImagesWithinOneDepth) {
  for (const auto* strategy : testing_support::kStrategies) {
    SCOPED_TRACE(strategy);
    Together together({"abc0defg", "0000", "hija0", ""});
    FakeChunkSource source(together.server, Completion::in_random_order);
    ProgressSample last;
    const auto stats = restore_images(together.targets, settings_of(strategy), source,
                                      [&](const ProgressSample& now) { last = now; }, {});
    ASSERT_TRUE(stats) << stats.error().message;
    for (std::size_t i = 0; i < together.images.size(); ++i) {
      EXPECT_TRUE(together.sinks[i]->bytes() == together.images[i].bytes) << i;
      EXPECT_TRUE(together.sinks[i]->finished());
      EXPECT_EQ(stats->images[i].logical_bytes, together.images[i].bytes.size());
      EXPECT_EQ(stats->images[i].zero_bytes, together.images[i].zero_count() * kTestChunkSize);
    }
    EXPECT_LE(source.outstanding_max(), 4U);
    EXPECT_EQ(last.chunks_done, 17U);
    EXPECT_EQ(last.chunks_total, 17U);
    EXPECT_EQ(stats->logical_bytes, 17 * kTestChunkSize);
  }
}

TEST(RestoreTogether, TheErrorNamesTheImage) {
  Together together({"abcd", "efgh"});
  FakeChunkSource source(together.server, Completion::in_random_order);
  source.damage(6, 2);  // 'g'
  const auto stats = restore_images(together.targets, settings_of("pipelined"), source, {}, {});
  ASSERT_FALSE(stats);
  EXPECT_EQ(stats.error().kind, ErrorKind::corrupt);
  EXPECT_EQ(stats.error().message.rfind("efgh: chunk 2 of 4 at offset 32768", 0), 0U)
      << stats.error().message;
  EXPECT_FALSE(together.sinks[0]->finished());
}

TEST(RestoreTogether, AChunkInFlightIsNotFetchedAgain) {
  Together together({"aXaaYa", "aaZ"});
  FakeChunkSource source(together.server, Completion::when_told);
  const std::jthread server([&] {
    source.await_outstanding(4);  // a, X, Y, Z: all that there is
    for (const std::size_t position : {0U, 1U, 4U, 8U}) source.complete(position);
  });
  const auto stats = restore_images(together.targets, settings_of("pipelined"), source, {}, {});
  ASSERT_TRUE(stats) << stats.error().message;
  EXPECT_EQ(stats->requests, 4U);
  EXPECT_EQ(stats->coalesced, 5U);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_TRUE(together.sinks[i]->bytes() == together.images[i].bytes);
}

TEST(RestoreTogether, BadDataOfASharedFetchIsFetchedOnceMoreForAll) {
  Together together({"abab", "ba"});
  FakeChunkSource source(together.server, Completion::in_random_order);
  source.damage(0, 1);
  const auto stats = restore_images(together.targets, settings_of("pipelined"), source, {}, {});
  ASSERT_TRUE(stats) << stats.error().message;
  EXPECT_EQ(stats->retries, 1U);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_TRUE(together.sinks[i]->bytes() == together.images[i].bytes);
}

TEST(RestoreTogether, TheChunkCacheSavesFetches) {
  for (const auto* strategy : {"sequential", "buffered", "spawned", "threads"}) {
    SCOPED_TRACE(strategy);
    Together together({"abababcab"});
    EngineSettings settings = settings_of(strategy);
    settings.depth = 1;
    settings.chunk_cache = 8;
    FakeChunkSource source(together.server, Completion::at_once);
    const auto stats = restore_images(together.targets, settings, source, {}, {});
    ASSERT_TRUE(stats) << stats.error().message;
    EXPECT_EQ(stats->requests, 3U);
    EXPECT_EQ(stats->cache_hits, 6U);
    EXPECT_TRUE(together.sinks[0]->bytes() == together.images[0].bytes);
  }
}

// The index says that a short last chunk has the digest of a whole one.
TEST(RestoreTogether, OneDigestWithTwoLengthsIsFoundOut) {
  for (const auto* strategy : {"spawned", "pipelined"}) {
    SCOPED_TRACE(strategy);
    Together together({"aba"});
    together.images[0].index.image_bytes -= 100;
    EngineSettings settings = settings_of(strategy);
    settings.chunk_cache = settings.coalesce ? 0 : 8;
    settings.depth = settings.coalesce ? 4 : 1;
    FakeChunkSource source(together.server, Completion::at_once);
    const auto stats = restore_images(together.targets, settings, source, {}, {});
    ASSERT_FALSE(stats);
    EXPECT_EQ(stats.error().kind, ErrorKind::corrupt);
    EXPECT_EQ(stats.error().message.rfind("chunk 2 of 3", 0), 0U) << stats.error().message;
  }
}

}  // namespace
}  // namespace depthfinder
