// SPDX-License-Identifier: MIT
#include "restore_core/client/chunk_router.h"

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

// Answers when the test says so.
class HeldSource final : public ChunkSource {
 public:
  void fetch(const Digest&, ChunkRoom, Done done) override { held.push_back(std::move(done)); }
  void cancel() override { ++cancels; }
  [[nodiscard]] TransportStats stats() const override { return {Nanoseconds(1), Nanoseconds(2), 3, 4, 5, 6}; }
  void answer_one() {
    const Done done = std::move(held.back());
    held.pop_back();
    done(std::size_t{7});
  }

  std::vector<Done> held;
  int cancels = 0;
};

TEST(ChunkRouter, GoesWhereTheLeastIsOutstanding) {
  HeldSource first;
  HeldSource second;
  ChunkRouter router({&first, &second});
  int answered = 0;
  const auto fetch = [&] {
    router.fetch({}, ChunkRoom(),
                 [&](const Result<std::size_t>& length) { answered += *length == 7 ? 1 : 0; });
  };
  for (int i = 0; i < 5; ++i) fetch();
  EXPECT_EQ(first.held.size(), 3u);
  EXPECT_EQ(second.held.size(), 2u);
  first.answer_one();
  first.answer_one();
  fetch();
  EXPECT_EQ(first.held.size(), 2u);
  EXPECT_EQ(second.held.size(), 2u);
  EXPECT_EQ(answered, 2);
}

TEST(ChunkRouter, SumsAndCancelsAll) {
  HeldSource first;
  HeldSource second;
  ChunkRouter router({&first, &second});
  const TransportStats stats = router.stats();
  EXPECT_EQ(stats.receive_busy, Nanoseconds(2));
  EXPECT_EQ(stats.receive_wait, Nanoseconds(4));
  EXPECT_EQ(stats.wire_bytes, 6u);
  EXPECT_EQ(stats.requests, 8u);
  EXPECT_EQ(stats.retries, 10u);
  EXPECT_EQ(stats.copied_bytes, 12u);
  router.cancel();
  EXPECT_EQ(first.cancels + second.cancels, 2);
}

}  // namespace
}  // namespace depthfinder
