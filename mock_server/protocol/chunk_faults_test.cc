// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "mock_server/protocol/body_pace.h"
#include "mock_server/protocol/chunk_damage.h"

namespace depthfinder::mock {
namespace {

using namespace std::chrono_literals;
using Then = BodyLimit::Then;

SharedBlob blob_of(std::size_t bytes) {
  Bytes content(bytes);
  for (std::size_t i = 0; i < bytes; ++i) content[i] = static_cast<std::uint8_t>(i);
  return std::make_shared<const Bytes>(std::move(content));
}

// Where `a` and `b`, of one length, differ, and by which bits.
std::vector<std::pair<std::size_t, int>> differences(const Bytes& a, const Bytes& b) {
  std::vector<std::pair<std::size_t, int>> result;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i]) result.emplace_back(i, a[i] ^ b[i]);
  return result;
}

using Differences = std::vector<std::pair<std::size_t, int>>;

TEST(ChunkDamage, LeavesTheBlobItWasGiven) {
  const SharedBlob blob = blob_of(100);
  const Bytes before = *blob;
  EXPECT_EQ(truncated(blob)->size(), 50U);
  EXPECT_EQ(differences(*with_flipped_payload(blob), before), (Differences{{56, 1}}));
  EXPECT_EQ(differences(*with_flipped_crc(blob), before), (Differences{{8, 1}}));
  EXPECT_EQ(differences(*with_flipped_last_bit(blob), before), (Differences{{99, 1}}));
  EXPECT_EQ(*blob, before);
}

TEST(ChunkDamage, BearsBlobsOfAnyLength) {
  for (std::size_t bytes = 0; bytes < 20; ++bytes) {
    const SharedBlob blob = blob_of(bytes);
    EXPECT_EQ(truncated(blob)->size(), bytes / 2);
    EXPECT_EQ(with_flipped_payload(blob)->size(), bytes);
    EXPECT_EQ(differences(*with_flipped_last_bit(blob), *blob).size(), bytes > 0 ? 1U : 0U) << bytes;
    EXPECT_EQ(differences(*with_flipped_payload(blob), *blob).size(), bytes > 8 ? 1U : 0U) << bytes;
    EXPECT_EQ(differences(*with_flipped_crc(blob), *blob).size(), bytes > 8 ? 1U : 0U) << bytes;
  }
}

FaultSpec fault_of(FaultKind kind) {
  FaultSpec fault;
  fault.kind = kind;
  return fault;
}

TEST(BodyPace, FollowsTheKindOfFault) {
  struct Case {
    const char* name;
    FaultSpec fault;
    Nanoseconds elapsed;
    std::size_t bytes;
    Then then;
    std::optional<Nanoseconds> changes_in;
  };
  FaultSpec stall = fault_of(FaultKind::stall);
  stall.duration = 2s;
  FaultSpec drip = fault_of(FaultKind::drip);
  drip.rate_bytes_per_s = 1000;
  const Case cases[] = {
      {"nothing to the pace", fault_of(FaultKind::flip_crc), 0s, SIZE_MAX, Then::wait, {}},
      {"reset at half", fault_of(FaultKind::connection_reset), 0s, 500, Then::cut_connection, {}},
      {"stream reset at half", fault_of(FaultKind::stream_reset), 0s, 500, Then::reset_stream, {}},
      {"stall begins", stall, 0s, 500, Then::wait, 2s},
      {"stall goes on", stall, 1500ms, 500, Then::wait, 500ms},
      {"stall is over", stall, 2s, SIZE_MAX, Then::wait, {}},
      {"drip begins", drip, 0s, 0, Then::wait, 10ms},
      {"drip goes on", drip, 300ms, 300, Then::wait, 10ms},
      {"drip is over", drip, 1s, SIZE_MAX, Then::wait, {}},
  };
  for (const Case& test : cases) {
    const BodyPace pace = body_pace(test.fault, 1000, test.elapsed);
    EXPECT_EQ(pace.limit.bytes, test.bytes) << test.name;
    EXPECT_EQ(pace.limit.then, test.then) << test.name;
    EXPECT_EQ(pace.changes_in, test.changes_in) << test.name;
  }
}

}  // namespace
}  // namespace depthfinder::mock
