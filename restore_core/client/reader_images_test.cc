// SPDX-License-Identifier: MIT
// Several connections and several images of one snapshot: how they are opened, and that all chunks can be fetched over
// every connection, also after one was lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "restore_core/client/foreign_server.h"
#include "restore_core/client/test_restore.h"
#include "restore_core/client/test_store.h"

namespace depthfinder {
namespace {

constexpr std::string_view kFirst = "drive-scsi0.img.fidx";
constexpr std::string_view kSecond = "drive-scsi1.img.fidx";

class ReaderImages : public testing::TestWithParam<int> {
 protected:
  ReaderImages() {
    store_.add_image(std::string(kFirst), 6, 1);
    store_.add_image(std::string(kSecond), 5, 2);
    store_.write_manifest();
  }

  // Its chunks become part of `restore`'s image.
  static void open_second(TestRestore& restore) {
    const auto manifest = restore.client->manifest(nullptr);
    ASSERT_TRUE(manifest) << manifest.error().message;
    const auto second = restore.client->open_image(*manifest, kSecond);
    ASSERT_TRUE(second) << second.error().message;
    FixedIndex& index = restore.image.index;
    index.digests.insert(index.digests.end(), second->index.digests.begin(), second->index.digests.end());
    index.image_bytes += second->index.image_bytes;
  }

  TestStore store_;
};

TEST_P(ReaderImages, ChunksOfAllAreFetchedAlsoAfterAReconnect) {
  ForeignServer server({"--fault", "drop", "--fault-after", "7", "--fault-count", "2"}, store_.path());
  auto restore = open_test_image(server.access(), test_options(GetParam()));
  ASSERT_TRUE(restore) << restore.error().message;
  open_second(*restore);
  ChunkBatch batch(*restore, 4);
  const auto outcomes = batch.outcomes();
  EXPECT_EQ(count_good(outcomes), 44u) << first_error(outcomes).message;
  EXPECT_GE(restore->client->chunks().stats().retries, 1u);
}

TEST_P(ReaderImages, OneMayBeOpenedAfterAConnectionWasLost) {
  ForeignServer server({"--fault", "drop", "--fault-after", "3"}, store_.path());
  auto restore = open_test_image(server.access(), test_options(GetParam()));
  ASSERT_TRUE(restore) << restore.error().message;
  ChunkBatch first(*restore, 2);
  EXPECT_EQ(count_good(first.outcomes()), 12u);
  open_second(*restore);
  ChunkBatch both(*restore, 2);
  const auto outcomes = both.outcomes();
  EXPECT_EQ(count_good(outcomes), 22u) << first_error(outcomes).message;
}

INSTANTIATE_TEST_SUITE_P(Connections, ReaderImages, testing::Values(1, 3));

TEST(ReaderConnections, AreOpenedAtTheSameTimeAfterOneLogin) {
  ForeignServer server({"--upgrades-at-once", "3"});  // it answers none before all three have asked
  const auto restore = open_test_image(server.access(), test_options(3));
  ASSERT_TRUE(restore) << restore.error().message;
  for (int i = 0; i < 3; ++i) server.wait_for("session");
  int logins = 0;
  for (const auto& event : server.events())
    if (event.at("event") == "request" && event.at("target") == "//api2/json/access/ticket") ++logins;
  EXPECT_EQ(logins, 1);
}

TEST(ReaderConnections, TheFirstErrorCancelsThoseThatStillWait) {
  // The third is refused; the two before it would wait for it for ever.
  ForeignServer server({"--upgrades-at-once", "3", "--ticket-uses", "2", "--stale-logins", "2", "99"});
  const auto restore = open_test_image(server.access(), test_options(3));
  ASSERT_FALSE(restore);
  EXPECT_EQ(restore.error().kind, ErrorKind::auth) << restore.error().message;
  EXPECT_THAT(restore.error().message, testing::HasSubstr("authentication failed - ticket"));
}

struct Announced {
  std::uint64_t window_bytes;
  std::uint64_t frame_bytes_max;
};
void PrintTo(const Announced& announced, std::ostream* out) {
  *out << announced.window_bytes << "/" << announced.frame_bytes_max;
}

class ReaderHttp2Settings : public testing::TestWithParam<Announced> {};

TEST_P(ReaderHttp2Settings, AreAnnouncedAndEnoughForARestore) {
  ForeignServer server;  // keeps to the windows, and to the frame size
  ReaderOptions options = test_options();
  options.http2_window_bytes = GetParam().window_bytes;
  options.http2_frame_bytes_max = GetParam().frame_bytes_max;
  auto restore = open_test_image(server.access(), options);
  ASSERT_TRUE(restore) << restore.error().message;
  const auto settings = server.wait_for("settings");
  EXPECT_EQ(settings["4"], GetParam().window_bytes);
  EXPECT_EQ(settings["5"], GetParam().frame_bytes_max);
  ChunkBatch batch(*restore, 3);
  const auto outcomes = batch.outcomes();
  EXPECT_EQ(count_good(outcomes), 12u) << first_error(outcomes).message;
  const TransportStats stats = restore->client->chunks().stats();
  EXPECT_EQ(stats.copied_bytes, 0u);
  // One update gives back a window's bytes at most.
  const std::uint64_t updates_min = stats.wire_bytes / GetParam().window_bytes;
  for (std::uint64_t i = 1; i < updates_min; ++i) server.wait_for("window");
}

INSTANTIATE_TEST_SUITE_P(Sizes, ReaderHttp2Settings,
                         testing::Values(Announced{65535, 16384}, Announced{1 << 20, 65536},
                                         Announced{2147483647, 16777215}));

TEST(ReaderHttp2Settings, OutsideTheirRangeAreRefused) {
  const auto refused = [](std::uint64_t window_bytes, std::uint64_t frame_bytes_max) {
    ReaderOptions options = test_options();
    options.http2_window_bytes = window_bytes;
    options.http2_frame_bytes_max = frame_bytes_max;
    const auto client = ReaderClient::connect({}, plain_snapshot(), {}, options, {});
    return !client && client.error().kind == ErrorKind::bad_input;
  };
  EXPECT_TRUE(refused(65534, 16384));
  EXPECT_TRUE(refused(2147483648, 16384));
  EXPECT_TRUE(refused(65535, 16383));
  EXPECT_TRUE(refused(65535, 16777216));
}

}  // namespace
}  // namespace depthfinder
