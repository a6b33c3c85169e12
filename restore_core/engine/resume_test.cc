// SPDX-License-Identifier: MIT
// Restores onto targets that hold something already: what is right stays, only the rest is fetched.
#include <algorithm>
#include <string>
#include <tuple>
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
using testing_support::kStrategies;
using testing_support::kTestChunkSize;
using testing_support::make_test_image;
using testing_support::MemorySink;
using testing_support::settings_of;
using testing_support::TestImage;
using Completion = FakeChunkSource::Completion;

// What the target holds: "=" the image's chunk, "x" that with its last byte changed, "0" zeros.
Bytes old_data(const TestImage& image, std::string_view state) {
  Bytes bytes = image.bytes;
  for (std::size_t i = 0; i < state.size(); ++i) {
    const std::size_t begin = i * kTestChunkSize;
    const std::size_t end = std::min<std::size_t>(begin + kTestChunkSize, bytes.size());
    if (state[i] == '0')
      std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(begin),
                bytes.begin() + static_cast<std::ptrdiff_t>(end), std::uint8_t{0});
    if (state[i] == 'x') bytes[end - 1] ^= 1;
  }
  return bytes;
}

struct ResumeLayout {
  const char* name;
  const char* letters;
  std::uint64_t last_bytes;
  const char* state;    // of the target's chunks
  std::size_t missing;  // chunks to be fetched, where none is fetched for two places
  std::size_t written;  // chunks to be written, zeros too
};
void PrintTo(const ResumeLayout& layout, std::ostream* out) { *out << layout.name; }

constexpr ResumeLayout kResumeLayouts[] = {
    {"whole", "abcdefgh", kTestChunkSize, "========", 0, 0},
    {"one_byte", "abcdefgh", kTestChunkSize, "===x====", 1, 1},
    {"nothing_right", "abcdefgh", kTestChunkSize, "xxxxxxxx", 8, 8},
    {"interrupted", "abcd0fgh0j", kTestChunkSize, "===0=0=0=0", 4, 4},
    {"empty", "ab00cd00", kTestChunkSize, "00000000", 4, 4},
    {"zeros_damaged", "a000b00c", kTestChunkSize, "=xx===x=", 0, 3},
    {"only_zeros", "0000000", kTestChunkSize, "0x00x00", 0, 2},
    {"partial_end", "abc", 777, "==x", 1, 1},
    {"partial_end_held", "abc", 777, "x==", 1, 1},
    {"partial_end_of_zeros", "ab0", 777, "=0=", 1, 1},
    {"partial_end_of_zeros_damaged", "ab0", 777, "==x", 1, 1},
    {"duplicates", "aaaabaab", kTestChunkSize, "=x=xx==x", 4, 4},
    {"single_byte", "a", 1, "0", 1, 1},
};

using ResumeCase = std::tuple<const char*, Encoding, ResumeLayout, bool>;
class ResumeOnto : public testing::TestWithParam<ResumeCase> {};

TEST_P(ResumeOnto, OnlyWhatDiffersIsFetchedAndWritten) {
  const auto& [strategy, encoding, layout, holes] = GetParam();
  const TestImage image = make_test_image(layout.letters, encoding, layout.last_bytes);
  const Bytes before = old_data(image, layout.state);
  FakeChunkSource source(image, Completion::in_random_order);
  MemorySink sink(image.index.image_bytes);
  sink.permit_writers(2);
  sink.hold(before, holes);
  ProgressSample last;
  const auto check = [&](const ProgressSample& sample) {
    EXPECT_GT(sample.chunks_done, last.chunks_done);
    EXPECT_GT(sample.bytes_done, last.bytes_done);
    EXPECT_GE(sample.zero_bytes, last.zero_bytes);
    EXPECT_GE(sample.elapsed, last.elapsed);
    last = sample;
  };

  const auto stats = restore_image(image.job(), settings_of(strategy), source, sink, check, {});

  ASSERT_TRUE(stats) << stats.error().message;
  EXPECT_TRUE(sink.bytes() == image.bytes);
  EXPECT_TRUE(sink.finished());
  EXPECT_EQ(source.fetched_positions().size() + stats->coalesced, layout.missing);
  EXPECT_EQ(stats->requests + stats->coalesced, layout.missing);
  std::uint64_t written_bytes = 0;
  for (const MemorySink::Write& write : sink.writes()) written_bytes += write.length;
  EXPECT_EQ(written_bytes + stats->reused_bytes, image.bytes.size());
  EXPECT_EQ((written_bytes + kTestChunkSize - 1) / kTestChunkSize, layout.written);
  EXPECT_EQ(stats->logical_bytes, image.bytes.size());
  EXPECT_EQ(stats->zero_bytes, image.zero_count() * kTestChunkSize);
  EXPECT_EQ(last.chunks_done, image.index.chunk_count());
  EXPECT_EQ(last.bytes_done, image.bytes.size());
  EXPECT_EQ(last.zero_bytes, stats->zero_bytes);
  EXPECT_TRUE(holes || sink.read_bytes() == image.bytes.size());
}

INSTANTIATE_TEST_SUITE_P(Resume, ResumeOnto,
                         testing::Combine(testing::ValuesIn(kStrategies),
                                          testing::Values(Encoding::plain, Encoding::encrypted_compressed,
                                                          Encoding::signed_only),
                                          testing::ValuesIn(kResumeLayouts), testing::Bool()),
                         [](const auto& instance) {
                           return std::string(std::get<0>(instance.param)) + "_" +
                                  testing_support::encoding_name(std::get<1>(instance.param)) + "_" +
                                  std::get<2>(instance.param).name +
                                  (std::get<3>(instance.param) ? "_holes" : "_read");
                         });

TEST(Resume, HolesAreNotRead) {
  const TestImage image = make_test_image("ab00cd00", Encoding::plain, kTestChunkSize);
  FakeChunkSource source(image, Completion::at_once);
  MemorySink sink(image.index.image_bytes);
  sink.hold(old_data(image, "=00000=0"), true);
  const auto stats = restore_image(image.job(), settings_of("pipelined"), source, sink, {}, {});
  ASSERT_TRUE(stats) << stats.error().message;
  EXPECT_EQ(sink.read_bytes(), kTestChunkSize);
  EXPECT_EQ(stats->reused_bytes, 5 * kTestChunkSize);
}

// Its digest is right for another place only.
TEST(Resume, AChunkCountsOnlyWhereItBelongs) {
  const TestImage image = make_test_image("abcd", Encoding::plain);
  const TestImage shifted = make_test_image("dabc", Encoding::plain);
  FakeChunkSource source(image, Completion::at_once);
  MemorySink sink(image.index.image_bytes);
  sink.hold(shifted.bytes);
  ASSERT_TRUE(restore_image(image.job(), settings_of("spawned"), source, sink, {}, {}));
  EXPECT_EQ(source.fetched_positions().size(), 4U);
  EXPECT_TRUE(sink.bytes() == image.bytes);
}

TEST(Resume, WithoutTheKeyNothingIsLookedAt) {
  const TestImage image = make_test_image("abcd", Encoding::encrypted);
  FakeChunkSource source(image, Completion::at_once);
  MemorySink sink(image.index.image_bytes);
  sink.hold(image.bytes);
  const auto stats =
      restore_image({image.index, CryptMode::encrypt, nullptr}, settings_of("spawned"), source, sink, {}, {});
  ASSERT_FALSE(stats);
  EXPECT_EQ(stats.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(sink.read_bytes(), 0U);
}

TEST(Resume, ATargetThatCannotBeReadIsAnErrorThatNamesTheChunk) {
  const TestImage image = make_test_image("abcdefgh", Encoding::plain);
  for (const auto* strategy : kStrategies) {
    SCOPED_TRACE(strategy);
    FakeChunkSource source(image, Completion::at_once);
    MemorySink sink(image.index.image_bytes);
    sink.hold(old_data(image, "xxxxxxxx"));
    sink.before_read([](std::uint64_t offset) -> Result<void> {
      if (offset == 5 * kTestChunkSize) return fail(ErrorKind::io, "the storage reports a fault");
      return {};
    });
    const auto stats = restore_image(image.job(), settings_of(strategy), source, sink, {}, {});
    ASSERT_FALSE(stats);
    EXPECT_EQ(stats.error().kind, ErrorKind::io);
    EXPECT_NE(stats.error().message.find("chunk 5 of 8"), std::string::npos) << stats.error().message;
    EXPECT_TRUE(sink.writes().empty());
    EXPECT_TRUE(source.fetched_positions().empty());
    EXPECT_FALSE(sink.finished());
  }
}

TEST(Resume, ALookThatIsCancelledWritesNothing) {
  const TestImage image = make_test_image("abcdefgh", Encoding::plain);
  FakeChunkSource source(image, Completion::at_once);
  MemorySink sink(image.index.image_bytes);
  sink.hold(old_data(image, "xxxxxxxx"));
  std::stop_source stop;
  sink.before_read([&](std::uint64_t offset) -> Result<void> {
    if (offset == 2 * kTestChunkSize) stop.request_stop();
    return {};
  });
  const auto stats = restore_image(image.job(), settings_of("spawned"), source, sink, {}, stop.get_token());
  ASSERT_FALSE(stats);
  EXPECT_EQ(stats.error().kind, ErrorKind::cancelled);
  EXPECT_TRUE(sink.writes().empty());
  EXPECT_TRUE(source.fetched_positions().empty());
}

// One that was begun, one that was not, one that is whole.
TEST(Resume, SeveralImagesTogether) {
  const TestImage first = make_test_image("abc0de", Encoding::plain, 100);
  const TestImage second = make_test_image("fg", Encoding::plain);
  const TestImage third = make_test_image("h0i", Encoding::plain);
  for (const auto* strategy : kStrategies) {
    SCOPED_TRACE(strategy);
    TestImage all = make_test_image("", Encoding::plain);
    for (const TestImage* image : {&first, &second, &third})
      all.blobs.insert(image->blobs.begin(), image->blobs.end());
    FakeChunkSource source(all, Completion::at_once);
    MemorySink first_sink(first.bytes.size()), second_sink(second.bytes.size()),
        third_sink(third.bytes.size());
    first_sink.hold(old_data(first, "==00=x"));
    third_sink.hold(third.bytes);
    const auto stats = restore_images(
        {{first.job(), first_sink, "a"}, {second.job(), second_sink, "b"}, {third.job(), third_sink, "c"}},
        settings_of(strategy), source, {}, {});
    ASSERT_TRUE(stats) << stats.error().message;
    EXPECT_TRUE(first_sink.bytes() == first.bytes);
    EXPECT_TRUE(second_sink.bytes() == second.bytes);
    EXPECT_TRUE(third_sink.bytes() == third.bytes);
    EXPECT_EQ(stats->requests, 4U);
    EXPECT_EQ(stats->reused_bytes, (4 + 3) * kTestChunkSize);
    EXPECT_TRUE(third_sink.writes().empty());
  }
}

}  // namespace
}  // namespace depthfinder
