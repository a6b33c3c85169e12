// SPDX-License-Identifier: MIT
// What the client makes of a server that misbehaves, dies or falls silent.
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "restore_core/client/foreign_server.h"
#include "restore_core/client/test_restore.h"

namespace depthfinder {
namespace {

using testing::HasSubstr;

std::vector<std::string> fault(const std::string& kind, int after = 0, int count = 1) {
  return {"--fault", kind, "--fault-after", std::to_string(after), "--fault-count", std::to_string(count)};
}

struct Transient {
  const char* kind;
  int connections;
};
void PrintTo(const Transient& transient, std::ostream* out) {
  *out << transient.kind << transient.connections;
}

class TransientFault : public testing::TestWithParam<Transient> {};

TEST_P(TransientFault, IsRetriedUntilEveryChunkIsThere) {
  ForeignServer server(fault(GetParam().kind, 5, 2));
  ReaderOptions options = test_options(GetParam().connections);
  options.stall_timeout = std::chrono::milliseconds(500);  // for the fault "stall"
  auto restore = open_test_image(server.access(), options);
  ASSERT_TRUE(restore) << restore.error().message;
  ChunkBatch batch(*restore, 5);
  const auto outcomes = batch.outcomes();
  EXPECT_EQ(count_good(outcomes), 20u) << first_error(outcomes).message;
  EXPECT_GE(restore->client->chunks().stats().retries, 1u);
}

INSTANTIATE_TEST_SUITE_P(Faults, TransientFault,
                         testing::Values(Transient{"drop", 1}, Transient{"drop", 3}, Transient{"goaway", 1},
                                         Transient{"goaway", 2}, Transient{"status500", 1},
                                         Transient{"reset", 1}, Transient{"stall", 1}, Transient{"stall", 2},
                                         Transient{"pings", 1}, Transient{"drip", 1}));

struct Final {
  const char* fault;
  ErrorKind kind;
  const char* says;
};
void PrintTo(const Final& final_fault, std::ostream* out) { *out << final_fault.fault; }

class FinalFault : public testing::TestWithParam<Final> {};

TEST_P(FinalFault, EndsTheRequestWithItsCause) {
  ForeignServer server(fault(GetParam().fault, 1));
  auto restore = open_test_image(server.access(), test_options());
  ASSERT_TRUE(restore) << restore.error().message;
  ChunkBatch batch(*restore, 1);
  const Error error = first_error(batch.outcomes());
  EXPECT_EQ(error.kind, GetParam().kind) << error.message;
  EXPECT_THAT(error.message, HasSubstr(GetParam().says));
  EXPECT_EQ(restore->client->chunks().stats().retries, 0u);
}

INSTANTIATE_TEST_SUITE_P(Faults, FinalFault,
                         testing::Values(Final{"status400", ErrorKind::not_found,
                                               "No such file or directory"},
                                         Final{"truncate", ErrorKind::corrupt, "length"},
                                         Final{"overlong", ErrorKind::corrupt, "length"},
                                         Final{"garbage", ErrorKind::protocol, "broke HTTP/2"}));

TEST(ReaderFaults, ARefusedChunkLeavesTheSessionUsable) {
  ForeignServer server(fault("status400"));
  auto restore = open_test_image(server.access(), test_options());
  ASSERT_TRUE(restore) << restore.error().message;
  ChunkBatch batch(*restore, 2);
  EXPECT_EQ(count_good(batch.outcomes()), 7u);
}

TEST(ReaderFaults, LogsInAgainWhenTheTicketHasExpired) {
  std::vector<std::string> options = fault("drop");
  options.insert(options.end(), {"--ticket-uses", "1"});
  ForeignServer server(options);
  auto restore = open_test_image(server.access(), test_options());
  ASSERT_TRUE(restore) << restore.error().message;
  ChunkBatch batch(*restore, 1);
  const auto outcomes = batch.outcomes();
  EXPECT_EQ(count_good(outcomes), 4u) << first_error(outcomes).message;
}

TEST(ReaderFaults, LogsInAgainWhenAFreshTicketIsRefused) {
  // As when the server forgets its tickets between the login and the upgrade.
  ForeignServer server({"--stale-logins", "1", "2"});
  auto restore = open_test_image(server.access(), test_options());
  ASSERT_TRUE(restore) << restore.error().message;
  ChunkBatch batch(*restore, 1);
  const auto outcomes = batch.outcomes();
  EXPECT_EQ(count_good(outcomes), 4u) << first_error(outcomes).message;
}

TEST(ReaderFaults, ASessionThatIsRefusedWithEveryTicketIsGivenUp) {
  ForeignServer server({"--stale-logins", "1", "1000"});
  const auto restore = open_test_image(server.access(), test_options());
  ASSERT_FALSE(restore);
  EXPECT_EQ(restore.error().kind, ErrorKind::auth) << restore.error().message;
}

class LastingFault : public testing::TestWithParam<Final> {};

TEST_P(LastingFault, EndsAfterTheAttemptsThereAre) {
  ForeignServer server(fault(GetParam().fault, 0, 1'000'000));
  ReaderOptions options = test_options();
  options.attempts_max = 3;
  options.stall_timeout = std::chrono::milliseconds(200);
  auto restore = open_test_image(server.access(), options);
  ASSERT_TRUE(restore) << restore.error().message;
  ChunkBatch batch(*restore, 2);
  const auto outcomes = batch.outcomes();
  EXPECT_EQ(count_good(outcomes), 0u);
  const Error error = first_error(outcomes);
  EXPECT_EQ(error.kind, GetParam().kind) << error.message;
  EXPECT_THAT(error.message, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(Faults, LastingFault,
                         testing::Values(Final{"drip", ErrorKind::timeout, "bytes and no more for 200 ms"},
                                         Final{"drop", ErrorKind::connection,
                                               "gave up after 3 failures in a row"},
                                         Final{"goaway", ErrorKind::connection, "ENHANCE_YOUR_CALM"},
                                         Final{"stall", ErrorKind::timeout, "200 ms"},
                                         Final{"status500", ErrorKind::connection, "storage is tired"}));

TEST(ReaderFaults, AServerThatDiesIsGivenUp) {
  ForeignServer server(fault("stall", 0, 1'000'000));
  ReaderOptions options = test_options(2);
  options.attempts_max = 3;
  auto restore = open_test_image(server.access(), options);
  ASSERT_TRUE(restore) << restore.error().message;
  ChunkBatch batch(*restore, 2);
  server.wait_for("chunk");
  server.kill();
  const auto outcomes = batch.outcomes();
  EXPECT_EQ(count_good(outcomes), 0u);
  EXPECT_EQ(first_error(outcomes).kind, ErrorKind::connection);
  ChunkBatch later(*restore, 1);
  EXPECT_EQ(first_error(later.outcomes()).kind, ErrorKind::connection);
}

TEST(ReaderFaults, CancelEndsWhatIsStalledAndWhatComesLater) {
  ForeignServer server(fault("stall", 0, 1'000'000));
  auto restore = open_test_image(server.access(), test_options(2));
  ASSERT_TRUE(restore) << restore.error().message;
  ChunkBatch batch(*restore, 2);
  server.wait_for("chunk");
  restore->client->chunks().cancel();
  for (const auto& outcome : batch.outcomes()) EXPECT_EQ(outcome.error().kind, ErrorKind::cancelled);
  ChunkBatch later(*restore, 1);
  for (const auto& outcome : later.outcomes()) EXPECT_EQ(outcome.error().kind, ErrorKind::cancelled);
  restore->client->chunks().cancel();
}

TEST(ReaderFaults, TheStopTokenEndsAStalledRestore) {
  ForeignServer server(fault("stall", 0, 1'000'000));
  std::stop_source stop;
  auto restore = open_test_image(server.access(), test_options(), stop.get_token());
  ASSERT_TRUE(restore) << restore.error().message;
  ChunkBatch batch(*restore, 1);
  server.wait_for("chunk");
  stop.request_stop();
  for (const auto& outcome : batch.outcomes()) EXPECT_EQ(outcome.error().kind, ErrorKind::cancelled);
}

TEST(ReaderFaults, TheStopTokenEndsAConnectThatNobodyAnswers) {
  // A socket that listens and never accepts: TCP connects, the TLS handshake hangs.
  const UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ASSERT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(listen(listener.get(), 8), 0);
  ASSERT_EQ(getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &length), 0);
  ServerAccess access;
  access.repository = {"root@pam", "127.0.0.1", ntohs(address.sin_port), "store"};
  ReaderOptions options = test_options();
  options.connect_timeout = std::chrono::hours(1);  // only the stop can end it
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  const auto client = ReaderClient::connect(access, plain_snapshot(), {}, options, stop.get_token());
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace depthfinder
