// SPDX-License-Identifier: MIT
// The client against a server that is not our code and serves what real programs wrote.
#include "restore_core/client/reader_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "restore_core/client/api_client.h"
#include "restore_core/client/foreign_server.h"
#include "restore_core/client/test_restore.h"

namespace depthfinder {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Error connect_error(const ServerAccess& access, const SnapshotName& snapshot = plain_snapshot()) {
  const auto client = ReaderClient::connect(access, snapshot, {}, test_options(), {});
  EXPECT_FALSE(client.has_value()) << "the connection was accepted";
  return client ? Error{} : client.error();
}

class ReaderClientByConnections : public testing::TestWithParam<int> {};

TEST_P(ReaderClientByConnections, FetchesEveryChunkWhole) {
  ForeignServer server;
  auto restore = open_test_image(server.access(), test_options(GetParam()));
  ASSERT_TRUE(restore) << restore.error().message;
  EXPECT_EQ(restore->image.index.image_bytes, 13383689u);
  ChunkBatch batch(*restore, 10);
  const auto outcomes = batch.outcomes();
  EXPECT_EQ(outcomes.size(), 40u);
  EXPECT_EQ(count_good(outcomes), 40u) << first_error(outcomes).message;
  const TransportStats stats = restore->client->chunks().stats();
  // Each connection downloads the index, the first one the manifest as well.
  EXPECT_EQ(stats.requests, 40u + static_cast<unsigned>(GetParam()) + 1u);
  EXPECT_EQ(stats.retries, 0u);
  EXPECT_GT(stats.wire_bytes, 10u * 400'000u);
  EXPECT_GT(stats.receive_busy.count(), 0);
  EXPECT_GT(stats.receive_wait.count(), 0);
}

INSTANTIATE_TEST_SUITE_P(Connections, ReaderClientByConnections, testing::Values(1, 2, 3));

TEST(ReaderClient, WritesTheSettingsAndHeadersOfTheRealClient) {
  ForeignServer server;
  const auto restore = open_test_image(server.access(), test_options());
  ASSERT_TRUE(restore) << restore.error().message;
  EXPECT_EQ(server.wait_for("handshake")["alpn"], nullptr);
  const auto login = server.wait_for("request");
  EXPECT_EQ(login["target"], "//api2/json/access/ticket");
  EXPECT_EQ(login["headers"]["content-type"], "application/json");
  const auto upgrade = server.wait_for("request");
  EXPECT_EQ(upgrade["target"],
            "//api2/json/reader?backup-id=900&backup-time=1795491551&backup-type=vm&debug=true&store=store");
  EXPECT_EQ(upgrade["headers"]["cookie"], "PBSAuthCookie=PBS:root@pam:66471A2B::c2ln%20bmF0dXJl0");
  // INITIAL_WINDOW_SIZE and MAX_FRAME_SIZE, nothing else that differs from the protocol's defaults.
  const auto settings = server.wait_for("settings");
  EXPECT_EQ(settings["4"], 2147483646);
  EXPECT_EQ(settings["5"], 4194304);
  EXPECT_EQ(settings.size(), 3u);
  EXPECT_EQ(server.wait_for("window")["delta"], 2147418111);
}

TEST(ReaderClient, TakesTokensAndPrefixedCookies) {
  ForeignServer with_token;
  EXPECT_TRUE(open_test_image(with_token.token_access(), test_options()));
  ForeignServer with_cookie({"--set-cookie"});
  EXPECT_TRUE(open_test_image(with_cookie.access(), test_options()));
}

TEST(ReaderClient, SendsNothingToAServerWithAnotherCertificate) {
  ForeignServer server;
  ServerAccess access = server.access();
  (*access.fingerprint)[0] ^= 1;
  const Error error = connect_error(access);
  EXPECT_EQ(error.kind, ErrorKind::auth);
  EXPECT_THAT(error.message, AllOf(HasSubstr("fingerprint"), HasSubstr(to_colon_hex(*access.fingerprint))));
  server.wait_for("tls-error");
  EXPECT_EQ(server.count("request"), 0);
}

TEST(ReaderClient, NamesTheFingerprintOfACertificateThatNobodyVouchesFor) {
  ForeignServer server;
  ServerAccess access = server.access();
  access.fingerprint.reset();
  const Error error = connect_error(access);
  EXPECT_EQ(error.kind, ErrorKind::auth);
  EXPECT_THAT(error.message, AllOf(HasSubstr(to_colon_hex(*server.access().fingerprint)),
                                   HasSubstr("--fingerprint"), HasSubstr("PBS_FINGERPRINT")));
  server.wait_for("tls-error");
  EXPECT_EQ(server.count("request"), 0);
}

TEST(ReaderClient, SaysWhoWasRefused) {
  ForeignServer server;
  ServerAccess user = server.access();
  user.password = "wrong-password";
  const Error user_error = connect_error(user);
  EXPECT_EQ(user_error.kind, ErrorKind::auth);
  EXPECT_THAT(user_error.message, AllOf(HasSubstr("root@pam"), HasSubstr("permission check failed."),
                                        Not(HasSubstr("wrong-password"))));
  ServerAccess token = server.token_access();
  token.password = "wrong-secret";
  const Error token_error = connect_error(token);
  EXPECT_EQ(token_error.kind, ErrorKind::auth);
  EXPECT_THAT(token_error.message, AllOf(HasSubstr("user@pbs!tok"), HasSubstr("authentication failed"),
                                         Not(HasSubstr("wrong-secret"))));
}

TEST(ReaderClient, RefusesAUserWithASecondFactor) {
  ForeignServer server({"--tfa"});
  const Error error = connect_error(server.access());
  EXPECT_EQ(error.kind, ErrorKind::auth);
  EXPECT_THAT(error.message, HasSubstr("second factor"));
}

TEST(ReaderClient, SaysWhatIsNotThere) {
  ForeignServer server;
  const Error snapshot = connect_error(server.access(), *parse_snapshot_name("vm/999/2026-11-24T03:39:11Z"));
  EXPECT_EQ(snapshot.kind, ErrorKind::not_found);
  EXPECT_THAT(snapshot.message, HasSubstr("snapshot vm/999/2026-11-24T03:39:11Z does not exist."));
  ServerAccess access = server.access();
  access.repository.store = "elsewhere";
  const Error store = connect_error(access);
  EXPECT_EQ(store.kind, ErrorKind::not_found);
  EXPECT_THAT(store.message, HasSubstr("no such datastore 'elsewhere'"));
}

TEST(ReaderClient, FailsAtOnceWhereNobodyListens) {
  ServerAccess access;
  {
    ForeignServer server;
    access = server.access();
  }
  const Error refused = connect_error(access);
  EXPECT_EQ(refused.kind, ErrorKind::connection);
  EXPECT_THAT(refused.message, AllOf(HasSubstr(access.repository.authority()), HasSubstr("refused")));
  access.repository.host = "no-such-host.invalid";
  const Error unknown = connect_error(access);
  EXPECT_EQ(unknown.kind, ErrorKind::connection);
  EXPECT_THAT(unknown.message, HasSubstr("cannot resolve the host name 'no-such-host.invalid'"));
}

TEST(ReaderClient, RefusesWhatIsNoImageOrNotThere) {
  ForeignServer server;
  const auto client = ReaderClient::connect(server.access(), plain_snapshot(), {}, test_options(), {});
  ASSERT_TRUE(client) << client.error().message;
  const auto manifest = (*client)->manifest(nullptr);
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ((*client)->open_image(*manifest, "root.pxar.didx").error().kind, ErrorKind::bad_input);
  EXPECT_EQ((*client)->open_image(*manifest, "drive-none.img.fidx").error().kind, ErrorKind::not_found);
  EXPECT_EQ((*client)->download("nothing.conf.blob", 1000).error().kind, ErrorKind::not_found);
  const auto too_large = (*client)->download(kManifestName, 10);
  EXPECT_EQ(too_large.error().reason, "blob-too-large");
  // The session is as good as before.
  EXPECT_TRUE((*client)->open_image(*manifest, kImageArchive));
}

TEST(ReaderClient, AChunkOfNoIndexIsRefusedAndABlobLongerThanItsBufferToo) {
  ForeignServer server;
  auto restore = open_test_image(server.access(), test_options());
  ASSERT_TRUE(restore) << restore.error().message;
  restore->image.index.digests = {Digest{}};
  ChunkBatch foreign(*restore, 1);
  const Error refused = first_error(foreign.outcomes());
  EXPECT_EQ(refused.kind, ErrorKind::auth);
  EXPECT_THAT(refused.message, HasSubstr("not allowed"));

  auto again = open_test_image(server.access(), test_options());
  ASSERT_TRUE(again) << again.error().message;
  again->image.index.chunk_size = 16;  // sizes the buffers
  ChunkBatch batch(*again, 1);
  EXPECT_EQ(first_error(batch.outcomes()).reason, "blob-too-large");
}

TEST(ReaderClient, QueuesBeyondTheServersLimitOfStreams) {
  ForeignServer server({"--streams-max", "2"});
  auto restore = open_test_image(server.access(), test_options());
  ASSERT_TRUE(restore) << restore.error().message;
  ChunkBatch batch(*restore, 8);
  EXPECT_EQ(count_good(batch.outcomes()), 32u);
}

TEST(ApiClient, ReadsVersionAndSnapshots) {
  ForeignServer server;
  const auto running = version(server.access(), {});
  ASSERT_TRUE(running) << running.error().message;
  EXPECT_EQ(running->version, "3.2");
  const auto all = snapshots(server.token_access(), {}, {}, {});
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->size(), 8u);
  const auto newest = newest_snapshot(server.access(), {}, BackupType::vm, "900", {});
  ASSERT_TRUE(newest) << newest.error().message;
  EXPECT_EQ(*newest, plain_snapshot());
  EXPECT_EQ(newest_snapshot(server.access(), {}, BackupType::vm, "1", {}).error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace depthfinder
