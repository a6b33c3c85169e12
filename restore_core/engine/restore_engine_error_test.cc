// SPDX-License-Identifier: MIT
// What the engine does when something is wrong: it says what and where, stops everything, and writes nothing more.
#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "restore_core/engine/fake_chunk_source.h"
#include "restore_core/engine/memory_sink.h"
#include "restore_core/engine/plan.h"
#include "restore_core/engine/restore_engine.h"
#include "restore_core/engine/test_image.h"
#include "restore_core/format/data_blob.h"

namespace depthfinder {
namespace {

using testing_support::Encoding;
using testing_support::FakeChunkSource;
using testing_support::kTestChunkSize;
using testing_support::make_test_image;
using testing_support::MemorySink;
using testing_support::TestImage;
using Completion = FakeChunkSource::Completion;

class EngineErrors : public testing::TestWithParam<const char*> {
 protected:
  static EngineSettings settings() {
    const bool sequential = std::string_view(GetParam()) == "sequential";
    const auto depth = sequential ? std::nullopt : std::optional<int>(4);
    return engine_settings(GetParam(), {.depth = depth, .threads = 3}).value();
  }

  // Restores with a source that a test has prepared; the error must be of this kind.
  static Error expect_error(const TestImage& image, FakeChunkSource& source, MemorySink& sink, ErrorKind kind,
                            std::stop_token stop = {}) {
    const auto stats = restore_image(image.job(), settings(), source, sink, {}, std::move(stop));
    EXPECT_FALSE(stats);
    EXPECT_FALSE(sink.finished());
    EXPECT_TRUE(source.cancelled());
    if (stats) return {};
    EXPECT_EQ(stats.error().kind, kind) << stats.error().message;
    return stats.error();
  }

  static std::string place(const TestImage& image, std::size_t position) {
    return fmt::format("chunk {} of {} at offset {} (digest {}): ", position, image.index.chunk_count(),
                       position * kTestChunkSize, to_hex(image.index.digests[position]));
  }
};

void expect_starts_with(const std::string& text, const std::string& start) {
  EXPECT_EQ(text.substr(0, start.size()), start);
}

TEST_P(EngineErrors, BadDataIsFetchedOnceMore) {
  for (const auto encoding : {Encoding::plain, Encoding::compressed, Encoding::encrypted}) {
    const TestImage image = make_test_image("abcdefgh", encoding);
    FakeChunkSource source(image, Completion::in_random_order);
    source.damage(2, 1);
    source.damage(5, 1);
    MemorySink sink(image.index.image_bytes);
    const auto stats = restore_image(image.job(), settings(), source, sink, {}, {});
    ASSERT_TRUE(stats) << stats.error().message;
    EXPECT_EQ(stats->retries, 2U);
    EXPECT_EQ(stats->requests, 10U);
    EXPECT_EQ(stats->chunk_latency.size(), 8U);
    EXPECT_TRUE(sink.bytes() == image.bytes);
  }
}

TEST_P(EngineErrors, BadDataTwiceIsFatal) {
  const TestImage image = make_test_image("abcdefgh", Encoding::plain);
  FakeChunkSource source(image, Completion::in_random_order);
  source.damage(2, 2);
  MemorySink sink(image.index.image_bytes);
  const Error error = expect_error(image, source, sink, ErrorKind::corrupt);
  expect_starts_with(error.message, place(image, 2));
  EXPECT_EQ(error.reason, "blob-crc");
  for (const auto& write : sink.writes()) EXPECT_NE(write.offset, 2 * kTestChunkSize);
}

TEST_P(EngineErrors, AnotherChunksBlobIsRefused) {
  TestImage image = make_test_image("abcdefgh", Encoding::encrypted_compressed);
  image.blobs[image.index.digests[3]] = image.blobs[image.index.digests[4]];
  FakeChunkSource source(image, Completion::in_random_order);
  MemorySink sink(image.index.image_bytes);
  const Error error = expect_error(image, source, sink, ErrorKind::corrupt);
  expect_starts_with(error.message, place(image, 3));
  EXPECT_EQ(error.reason, "chunk-digest");
}

TEST_P(EngineErrors, APayloadOfAnotherLengthIsRefused) {
  struct LengthRow {
    Encoding encoding;
    std::uint64_t image_bytes_less;  // than the last chunk really has
    std::string_view reason;
  };
  for (const LengthRow& row : {LengthRow{Encoding::plain, 1, "chunk-length"},
                               LengthRow{Encoding::compressed, 1, "blob-too-large"}}) {
    TestImage image = make_test_image("abcdefgh", row.encoding);
    image.index.image_bytes -= row.image_bytes_less;
    FakeChunkSource source(image, Completion::in_random_order);
    MemorySink sink(image.index.image_bytes);
    const Error error = expect_error(image, source, sink, ErrorKind::corrupt);
    expect_starts_with(error.message, place(image, 7));
    EXPECT_EQ(error.reason, row.reason);
  }
}

TEST_P(EngineErrors, APlainChunkInAnEncryptedImageIsRefused) {
  TestImage image = make_test_image("abcdefgh", Encoding::encrypted);
  image.blobs[image.index.digests[1]] = make_test_image("b", Encoding::plain).blobs.begin()->second;
  FakeChunkSource source(image, Completion::in_random_order);
  MemorySink sink(image.index.image_bytes);
  EXPECT_EQ(expect_error(image, source, sink, ErrorKind::corrupt).reason, "chunk-crypt-mode");
}

TEST_P(EngineErrors, AMissingChunkIsFatalAtOnce) {
  TestImage image = make_test_image("abcdefgh", Encoding::plain);
  image.blobs.erase(image.index.digests[6]);
  FakeChunkSource source(image, Completion::in_random_order);
  MemorySink sink(image.index.image_bytes);
  const Error error = expect_error(image, source, sink, ErrorKind::not_found);
  EXPECT_EQ(error.message,
            place(image, 6) + "no such chunk; verify the snapshot on the server, or restore another one");
  EXPECT_EQ(std::ranges::count(source.fetched_positions(), 6U), 1);
}

TEST_P(EngineErrors, NothingIsWrittenAfterTheFirstError) {
  const TestImage image = make_test_image("abcdefgh00000000", Encoding::plain);
  FakeChunkSource source(image, Completion::in_random_order);
  MemorySink sink(image.index.image_bytes);
  sink.before_write([](std::size_t writes) -> Result<void> {
    if (writes == 3) return fail(ErrorKind::io, "the disk is full");
    return {};
  });
  auto one_by_one = settings();
  one_by_one.zero_order = ZeroOrder::in_order;
  const auto stats = restore_image(image.job(), one_by_one, source, sink, {}, {});
  ASSERT_FALSE(stats);
  EXPECT_EQ(stats.error().kind, ErrorKind::io);
  EXPECT_NE(stats.error().message.find("): the disk is full"), std::string::npos) << stats.error().message;
  EXPECT_EQ(sink.writes().size(), 3U);
  EXPECT_FALSE(sink.finished());
  EXPECT_TRUE(source.cancelled());
}

// Neighbours and zeros are written several chunks at a time; the sink knows where it failed.
TEST_P(EngineErrors, AFailedWriteIsOfTheChunkAtItsOffset) {
  for (const char* letters : {"abcdefgh", "abcd0000"}) {
    const TestImage image = make_test_image(letters, Encoding::plain);
    FakeChunkSource source(image, Completion::in_random_order);
    MemorySink sink(image.index.image_bytes);
    sink.before_write([](std::size_t) -> Result<void> {
      Error error{ErrorKind::io, "the disk is full"};
      error.offset = 6 * kTestChunkSize + 17;
      return tl::make_unexpected(error.with_context("writing"));
    });
    const Error error = expect_error(image, source, sink, ErrorKind::io);
    EXPECT_EQ(error.message, place(image, 6) + "writing: the disk is full");
  }
}

TEST_P(EngineErrors, AnExceptionBecomesAnError) {
  const TestImage image = make_test_image("abcdefgh", Encoding::plain);
  FakeChunkSource source(image, Completion::in_random_order);
  MemorySink sink(image.index.image_bytes);
  sink.before_write([](std::size_t writes) -> Result<void> {
    if (writes == 2) throw std::bad_alloc();
    return {};
  });
  const Error error = expect_error(image, source, sink, ErrorKind::io);
  EXPECT_NE(error.message.find("out of memory"), std::string::npos) << error.message;
}

TEST_P(EngineErrors, StoppingEndsFetchesThatNeverWould) {
  const TestImage image = make_test_image("abcdefgh", Encoding::plain);
  FakeChunkSource source(image, Completion::when_told);
  MemorySink sink(image.index.image_bytes);
  std::stop_source stop;
  const std::jthread user([&] {
    source.await_outstanding(static_cast<std::size_t>(settings().depth));
    stop.request_stop();
  });
  const Error error = expect_error(image, source, sink, ErrorKind::cancelled, stop.get_token());
  EXPECT_EQ(error.message, "restore cancelled after 0 of 8 chunks; the target is incomplete");
  EXPECT_TRUE(sink.writes().empty());
}

TEST_P(EngineErrors, StoppingFromTheProgressCallback) {
  const TestImage image = make_test_image("abcdefgh", Encoding::plain);
  FakeChunkSource source(image, Completion::in_random_order);
  MemorySink sink(image.index.image_bytes);
  std::stop_source stop;
  const auto stop_after_three = [&](const ProgressSample& sample) {
    if (sample.chunks_done == 3) stop.request_stop();
  };
  const auto stats = restore_image(image.job(), settings(), source, sink, stop_after_three, stop.get_token());
  ASSERT_FALSE(stats);
  EXPECT_EQ(stats.error().kind, ErrorKind::cancelled);
  // Writers may have taken what was ready before the consumer counted the third.
  const std::size_t writes_max = settings().writers == 0 ? 3 : 3 + static_cast<std::size_t>(settings().depth);
  EXPECT_GE(sink.writes().size(), 3U);
  EXPECT_LE(sink.writes().size(), writes_max);
  EXPECT_FALSE(sink.finished());
}

TEST_P(EngineErrors, StoppedBeforeItBegan) {
  const TestImage image = make_test_image("ab00", Encoding::plain);
  FakeChunkSource source(image, Completion::in_random_order);
  MemorySink sink(image.index.image_bytes);
  std::stop_source stop;
  stop.request_stop();
  expect_error(image, source, sink, ErrorKind::cancelled, stop.get_token());
  EXPECT_TRUE(sink.writes().empty());
}

INSTANTIATE_TEST_SUITE_P(All, EngineErrors,
                         testing::Values("sequential", "buffered", "spawned", "threads", "pipelined"),
                         [](const auto& instance) { return std::string(instance.param); });

// What is refused before anything is fetched or written.
void expect_refused(const RestoreJob& job, const EngineSettings& settings, const TestImage& image,
                    ErrorKind kind, std::string_view part) {
  FakeChunkSource source(image, Completion::at_once);
  MemorySink sink(image.index.image_bytes);
  const auto stats = restore_image(job, settings, source, sink, {}, {});
  ASSERT_FALSE(stats) << part;
  EXPECT_EQ(stats.error().kind, kind);
  EXPECT_NE(stats.error().message.find(part), std::string::npos) << stats.error().message;
  EXPECT_TRUE(source.fetched_positions().empty());
  EXPECT_TRUE(sink.writes().empty());
}

TEST(EngineRefuses, AbsurdSettings) {
  const TestImage image = make_test_image("ab", Encoding::plain);
  expect_refused(image.job(), {.depth = 0}, image, ErrorKind::bad_input, "depth 0");
  expect_refused(image.job(), {.depth = -4}, image, ErrorKind::bad_input, "depth -4");
  expect_refused(image.job(), {.depth = kDepthMax + 1}, image, ErrorKind::bad_input, "depth 1025");
  expect_refused(image.job(), {.threads = 0}, image, ErrorKind::bad_input, "threads 0");
  expect_refused(image.job(), {.threads = kThreadsMax + 1}, image, ErrorKind::bad_input, "threads 257");
}

TEST(EngineRefuses, AnEncryptedImageWithoutItsKey) {
  const TestImage image = make_test_image("ab", Encoding::encrypted);
  expect_refused({image.index, CryptMode::encrypt, nullptr}, {}, image, ErrorKind::bad_input, "key file");
}

TEST(EngineRefuses, AShortLastChunkThatNamesTheZeroDigest) {
  for (const auto encoding : {Encoding::plain, Encoding::encrypted}) {
    TestImage image = make_test_image("0ab", encoding, 100);
    image.index.digests.back() = image.index.digests.front();
    expect_refused(image.job(), {}, image, ErrorKind::corrupt, "the last chunk has 100 bytes");
  }
}

TEST(EngineRefuses, AnIndexThatContradictsItself) {
  TestImage image = make_test_image("abc", Encoding::plain);
  image.index.digests.pop_back();
  expect_refused(image.job(), {}, image, ErrorKind::corrupt,
                 "the index has 2 chunks, but 49152 bytes make 3");
  image.index.chunk_size = 0;
  expect_refused(image.job(), {}, image, ErrorKind::corrupt, "chunks of 0 bytes");
  image.index.chunk_size = kChunkPayloadMax * 2;
  expect_refused(image.job(), {}, image, ErrorKind::corrupt, "chunks of 33554432 bytes");
}

TEST(Plan, LongRunsOfZerosAreCutSoThatAStopIsHeard) {
  FixedIndex index;
  index.digests.assign(40, zero_chunk_digest(kDefaultChunkSize, CryptMode::none, nullptr));
  index.image_bytes = 40 * kDefaultChunkSize;
  EXPECT_EQ(to_hex(index.digests[0]), "bb9f8df61474d25e71fa00722318cd387396ca1736605e1248821cc0de3d3af8");
  const auto plan = make_plan(index, index.digests[0], ZeroOrder::first);
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->chunks.empty());
  ASSERT_EQ(plan->zeros_first.size(), 3U);
  EXPECT_EQ(plan->zeros_first[0].chunk_count, 16U);
  EXPECT_EQ(plan->zeros_first[2].first_position, 32U);
  EXPECT_EQ(plan->zeros_first[2].chunk_count, 8U);
}

}  // namespace
}  // namespace depthfinder
