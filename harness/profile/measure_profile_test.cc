// SPDX-License-Identifier: MIT
#include "harness/profile/measure_profile.h"

#include <set>

#include <gmock/gmock.h>

#include "harness/profile/chunk_ring.h"
#include "harness/profile/floor.h"
#include "harness/profile/profile_json.h"
#include "harness/profile/tls_loopback.h"
#include "restore_core/hash/lane_hasher.h"

namespace depthfinder {
namespace {

using testing::ElementsAreArray;
using testing::UnorderedElementsAreArray;

std::vector<std::string> names_of_kernels(const std::vector<StageCost>& stages) {
  std::vector<std::string> names;
  for (const StageCost& stage : stages)
    if (stage.kind == StageKind::sha256) names.push_back(stage.kernel);
  return names;
}

TEST(MeasureProfile, MeasuresEveryStage) {
  std::set<std::string> announced;
  const auto profile = measure_profile(ProfileEffort::smoke, {}, [&](std::string_view stage, double done) {
    announced.emplace(stage);
    EXPECT_GE(done, 0);
    EXPECT_LT(done, 1);
  });
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_TRUE(check_profile(*profile));  // every kind there, finite, above 0
  EXPECT_EQ(profile->rounds, 1);
  EXPECT_EQ(announced.size(), std::size(kStageKinds));

  std::vector<std::string> kernels;
  const LaneHasher hasher = LaneHasher::measured();
  for (const LaneKernel& kernel : hasher.kernels()) kernels.push_back(kernel.name);
  EXPECT_THAT(names_of_kernels(profile->stages), UnorderedElementsAreArray(kernels));
  std::vector<double> ratios;
  for (const StageCost& stage : profile->stages)
    if (stage.compression_ratio) ratios.push_back(*stage.compression_ratio);
  EXPECT_THAT(ratios, testing::ElementsAre(testing::DoubleNear(1.3, 0.1), testing::DoubleNear(1.8, 0.1),
                                           testing::DoubleNear(3, 0.2)));
  for (const FloorCase& each : floor_cases(*profile)) EXPECT_GT(each.ns_per_byte, 0) << each.name;
  EXPECT_TRUE(parse_profile(profile_json(*profile), "own"));
}

// Nothing is left in Google Benchmark's list, so a second one measures each stage once as well.
TEST(MeasureProfile, CanBeRunAgain) {
  const auto first = measure_profile(ProfileEffort::smoke, {});
  const auto second = measure_profile(ProfileEffort::smoke, {});
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->stages.size(), second->stages.size());
}

TEST(MeasureProfile, IsCancelled) {
  std::stop_source source;
  int stages = 0;
  const auto profile =
      measure_profile(ProfileEffort::smoke, source.get_token(), [&](std::string_view, double) {
        ++stages;
        source.request_stop();
      });
  ASSERT_FALSE(profile);
  EXPECT_EQ(profile.error().kind, ErrorKind::cancelled);
  EXPECT_EQ(stages, 1);
}

TEST(TlsLoopback, ReceivesTheBytesThatWereSent) {
  Bytes content(100'003);  // no multiple of a record, nor of what is received at once
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<std::uint8_t>(i * 31 + i / 251);
  auto loopback = TlsLoopback::open(content);
  ASSERT_TRUE(loopback) << loopback.error().message;
  EXPECT_EQ((*loopback)->cipher(), "TLSv1.3 TLS_AES_256_GCM_SHA384");

  Bytes received(1 << 20);
  std::size_t offset = 0;
  for (int round = 0; round < 3; ++round) {
    (*loopback)->ask_for(received.size());
    ASSERT_TRUE((*loopback)->receive(received));
    for (std::size_t i = 0; i < received.size(); ++i, ++offset)
      ASSERT_EQ(received[i], content[offset % content.size()]) << offset;
  }
}

TEST(TlsLoopback, EndsWithWhatWasAskedForUnread) {
  auto loopback = TlsLoopback::open(Bytes(1 << 20, 1));
  ASSERT_TRUE(loopback) << loopback.error().message;
  (*loopback)->ask_for(1ULL << 40);
}

TEST(TlsLoopback, EndsUnused) { EXPECT_TRUE(TlsLoopback::open(Bytes(1, 1))); }

TEST(ChunkRing, HandsOutAllChunksBeforeOneComesAgain) {
  constexpr std::size_t kChunks = 3;
  auto ring = ChunkRing::make(kChunks, 1);
  ASSERT_TRUE(ring);
  EXPECT_EQ(ring->bytes(), kChunks * kProfileChunkBytes);
  std::vector<const std::uint8_t*> first, second;
  for (std::size_t i = 0; i < kChunks; ++i) first.push_back(ring->take().data());
  ring->read_through(2 * ring->bytes());  // more than there is: harmless, and turns nothing
  for (std::size_t i = 0; i < kChunks; ++i) second.push_back(ring->take().data());
  EXPECT_THAT(second, ElementsAreArray(first));
  EXPECT_EQ(std::set(first.begin(), first.end()).size(), kChunks);
  EXPECT_FALSE(is_zero(ring->take()));
}

}  // namespace
}  // namespace depthfinder
