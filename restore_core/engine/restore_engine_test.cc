// SPDX-License-Identifier: MIT
// Every strategy restores every kind of image, within its bounds.
#include "restore_core/engine/restore_engine.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "restore_core/engine/fake_chunk_source.h"
#include "restore_core/engine/memory_sink.h"
#include "restore_core/engine/slot_pool.h"
#include "restore_core/engine/test_image.h"
#include "restore_core/engine/test_settings.h"

namespace depthfinder {
namespace {

using testing_support::Encoding;
using testing_support::FakeChunkSource;
using testing_support::kStrategies;
using testing_support::kTestChunkSize;
using testing_support::make_test_image;
using testing_support::MemorySink;
using testing_support::settings_of;
using testing_support::TestImage;
using Completion = FakeChunkSource::Completion;

struct Layout {
  const char* name;
  const char* letters;
  std::uint64_t last_bytes;
};
void PrintTo(const Layout& layout, std::ostream* out) { *out << layout.name; }

using Case = std::tuple<const char*, Encoding, Layout, Completion>;

class EveryStrategy : public testing::TestWithParam<Case> {};

TEST_P(EveryStrategy, RestoresTheImageWithinItsBounds) {
  const auto& [strategy, encoding, layout, completion] = GetParam();
  const EngineSettings settings = settings_of(strategy);
  const TestImage image = make_test_image(layout.letters, encoding, layout.last_bytes);
  FakeChunkSource source(image, completion);
  MemorySink sink(image.index.image_bytes);
  sink.permit_writers(2);

  const auto stats = restore_image(image.job(), settings, source, sink, {}, {});

  ASSERT_TRUE(stats) << stats.error().message;
  EXPECT_TRUE(sink.bytes() == image.bytes);
  EXPECT_TRUE(sink.finished());
  const auto depth = static_cast<std::size_t>(settings.depth);
  EXPECT_LE(source.outstanding_max(), depth);
  EXPECT_LE(source.distinct_buffers(), 2 * depth);
  EXPECT_LE(source.buffer_bytes_max(), kTestChunkSize + kBlobOverheadBytes);
  EXPECT_FALSE(source.cancelled()) << "the source may be used for another image";

  const std::size_t fetched = image.index.chunk_count() - image.zero_count() - stats->coalesced;
  EXPECT_TRUE(settings.coalesce || stats->coalesced == 0);
  EXPECT_EQ(source.fetched_positions().size(), fetched);
  EXPECT_EQ(stats->chunk_latency.size(), fetched);
  EXPECT_EQ(stats->requests, fetched);
  EXPECT_EQ(stats->retries, 0U);
  EXPECT_EQ(stats->logical_bytes, image.bytes.size());
  EXPECT_EQ(stats->zero_bytes, image.zero_count() * kTestChunkSize);
  EXPECT_EQ(stats->wire_bytes, source.stats().wire_bytes);
  EXPECT_LE(stats->in_flight_mean, stats->slots_used_mean);
  EXPECT_LE(stats->slots_used_mean,
            settings.decode_on == DecodeOn::lanes ? 2 * settings.depth : settings.depth);
}

INSTANTIATE_TEST_SUITE_P(
    All, EveryStrategy,
    testing::Combine(testing::ValuesIn(kStrategies),
                     testing::Values(Encoding::plain, Encoding::compressed, Encoding::encrypted,
                                     Encoding::encrypted_compressed, Encoding::signed_only),
                     testing::Values(Layout{"data", "abcdefghijklmnop", kTestChunkSize},
                                     Layout{"zeros", "00ab000c00d00000", kTestChunkSize},
                                     Layout{"only_zeros", "00000000", kTestChunkSize},
                                     Layout{"duplicates", "aaaabababbbbcaaa", kTestChunkSize},
                                     Layout{"partial_end", "ab0cd0efa0", 777}, Layout{"one_byte", "a", 1}),
                     testing::Values(Completion::at_once, Completion::in_random_order)),
    [](const auto& instance) {
      return std::string(std::get<0>(instance.param)) + "_" +
             testing_support::encoding_name(std::get<1>(instance.param)) + "_" +
             std::get<2>(instance.param).name +
             (std::get<3>(instance.param) == Completion::at_once ? "_at_once" : "_random");
    });

TEST(RestoreEngine, AnEmptyImageIsDoneAtOnce) {
  const TestImage image = make_test_image("", Encoding::plain);
  FakeChunkSource source(image, Completion::at_once);
  MemorySink sink(0);
  EXPECT_TRUE(restore_image(image.job(), settings_of("spawned"), source, sink, {}, {}));
  EXPECT_TRUE(sink.finished());
}

TEST(RestoreEngine, NewFetchesStartOnlyBetweenWrites) {
  const TestImage image = make_test_image("abcdefghij", Encoding::plain);
  for (const auto* strategy : {"sequential", "buffered", "spawned"}) {
    SCOPED_TRACE(strategy);
    const EngineSettings settings = settings_of(strategy);
    FakeChunkSource source(image, Completion::at_once);
    MemorySink sink(image.index.image_bytes);
    std::vector<std::size_t> fetched_at_write;
    sink.before_write([&](std::size_t) -> Result<void> {
      fetched_at_write.push_back(source.fetched_positions().size());
      return {};
    });
    ASSERT_TRUE(restore_image(image.job(), settings, source, sink, {}, {}));
    for (std::size_t write = 0; write < fetched_at_write.size(); ++write)
      EXPECT_EQ(fetched_at_write[write],
                std::min<std::size_t>(10, static_cast<std::size_t>(settings.depth) + write));
  }
}

TEST(RestoreEngine, TheDepthIsUsedInFull) {
  const TestImage image = make_test_image("abcdefgh", Encoding::plain);
  for (const auto* strategy : {"buffered", "spawned", "threads", "pipelined"}) {
    SCOPED_TRACE(strategy);
    FakeChunkSource source(image, Completion::when_told);
    MemorySink sink(image.index.image_bytes);
    const std::jthread server([&] {
      // Always completes the fetch that was started last, and never before all four are there.
      for (std::size_t next = 4; next <= 8; ++next) {
        source.await_outstanding(4);
        source.complete(next - 1);
      }
      for (std::size_t position = 0; position < 3; ++position) source.complete(position);
    });
    const auto stats = restore_image(image.job(), settings_of(strategy, 4), source, sink, {}, {});
    ASSERT_TRUE(stats) << stats.error().message;
    EXPECT_EQ(source.outstanding_max(), 4U);
    EXPECT_EQ(sink.writes().front().offset, 3 * kTestChunkSize)
        << "finished chunks do not wait for earlier ones";
    EXPECT_TRUE(sink.bytes() == image.bytes);
  }
}

TEST(RestoreEngine, ZerosComeInIndexOrderOrFirst) {
  const TestImage image = make_test_image("a00b0c000", Encoding::compressed);
  const auto writes_with = [&](ZeroOrder order) {
    FakeChunkSource source(image, Completion::at_once);
    MemorySink sink(image.index.image_bytes);
    auto settings = settings_of("sequential");
    settings.zero_order = order;
    EXPECT_TRUE(restore_image(image.job(), settings, source, sink, {}, {}));
    EXPECT_EQ(source.fetched_positions(), (std::vector<std::size_t>{0, 3, 5}));
    std::string writes;
    for (const auto& write : sink.writes())
      writes += fmt::format("{}{}+{} ", write.zeros ? 'z' : 'd', write.offset / kTestChunkSize,
                            write.length / kTestChunkSize);
    return writes;
  };
  EXPECT_EQ(writes_with(ZeroOrder::in_order), "d0+1 z1+1 z2+1 d3+1 z4+1 d5+1 z6+1 z7+1 z8+1 ");
  EXPECT_EQ(writes_with(ZeroOrder::first), "z1+2 z4+1 z6+3 d0+1 d3+1 d5+1 ");
}

TEST(RestoreEngine, StaysWithinTheSinksWindow) {
  const TestImage image = make_test_image("abc0defghijk0lmnop", Encoding::plain, 100);
  for (const auto* strategy : kStrategies) {
    SCOPED_TRACE(strategy);
    FakeChunkSource source(image, Completion::in_random_order);
    MemorySink sink(image.index.image_bytes);
    sink.set_window(3 * kTestChunkSize);  // the sink aborts when it is broken
    const auto stats = restore_image(image.job(), settings_of(strategy, 16), source, sink, {}, {});
    ASSERT_TRUE(stats) << stats.error().message;
    EXPECT_LE(source.outstanding_max(), 3U);
    EXPECT_TRUE(sink.bytes() == image.bytes);
  }
}

TEST(RestoreEngine, AWindowSmallerThanAChunkStillLetsOnePass) {
  const TestImage image = make_test_image("abcd", Encoding::plain);
  FakeChunkSource source(image, Completion::at_once);
  class NarrowSink final : public Sink {
   public:
    Result<void> write_data(std::uint64_t offset, ByteSpan bytes) override {
      EXPECT_EQ(offset, next_);
      next_ += bytes.size();
      return {};
    }
    Result<void> write_zeros(std::uint64_t, std::uint64_t) override { return {}; }
    Result<void> finish() override { return {}; }
    [[nodiscard]] std::optional<std::uint64_t> reorder_window_bytes() const override { return 1; }

   private:
    std::uint64_t next_ = 0;
  } sink;
  EXPECT_TRUE(restore_image(image.job(), settings_of("spawned"), source, sink, {}, {}));
}

TEST(RestoreEngine, ProgressCountsFinishedChunksAndNeverFalls) {
  const TestImage image = make_test_image("a00b0c0defg", Encoding::plain, 100);
  for (const auto* strategy : kStrategies) {
    SCOPED_TRACE(strategy);
    FakeChunkSource source(image, Completion::in_random_order);
    MemorySink sink(image.index.image_bytes);
    ProgressSample last;
    const auto check = [&](const ProgressSample& sample) {
      EXPECT_GT(sample.chunks_done, last.chunks_done);
      EXPECT_GT(sample.bytes_done, last.bytes_done);
      EXPECT_GE(sample.zero_bytes, last.zero_bytes);
      EXPECT_GE(sample.elapsed, last.elapsed);
      last = sample;
    };
    ASSERT_TRUE(restore_image(image.job(), settings_of(strategy), source, sink, check, {}));
    EXPECT_EQ(last.chunks_done, 11U);
    EXPECT_EQ(last.chunks_total, 11U);
    EXPECT_EQ(last.bytes_done, image.bytes.size());
    EXPECT_EQ(last.zero_bytes, 4 * kTestChunkSize);
  }
}

}  // namespace
}  // namespace depthfinder
