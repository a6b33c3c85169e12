// SPDX-License-Identifier: MIT
// Runs clients that are none of our code against a running server: testdata/foreign_reader_client.py for the protocol,
// testdata/behaviour_client.py for faults, times and control; one check per test.
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "mock_server/protocol/running_server.h"
#include "restore_core/base/file.h"
#include "restore_core/format/data_blob.h"
#include "restore_core/format/fixed_index.h"
#include "restore_core/format/manifest.h"

namespace depthfinder::mock {
namespace {

constexpr std::string_view kArchive = "drive-scsi0.img.fidx";
constexpr std::int64_t kBackupTime = 1795488775;  // 2026-11-24T02:52:55Z, as in the recording
constexpr std::size_t kIndexedChunks = 256;       // the recording's index has 12288 bytes

// The recording's chunks by digest and encoded length.
struct RecordedChunk {
  std::string_view digest;
  std::size_t bytes;
};
constexpr RecordedChunk kRecordedChunks[] = {
    {"13ee1b1e21a7c1fad792e6fc2f79077e51a3a55304c4f1386a84e6da78af2862", 2300631},
    {"44ac784ece98a9b99a57b2daae11449bf3e110b8af095183986adc222fab20ca", 2300161},
    {"177b667d776059d0a90f9e77497feda47648a6c091b919a4912aeedb2df41301", 4194316},
    {"4f7dd1b64f445dd9cbe1433b7f477708c41543dd0a034780825b2c504671c87d", 5000},
};

// A store with the shape of the recording's: every chunk begins with its digest, so that a client knows them apart.
class RecordedDatastore final : public Datastore {
 public:
  RecordedDatastore() {
    FixedIndex index;
    index.image_bytes = kIndexedChunks * kDefaultChunkSize;
    for (std::size_t i = 0; i < kIndexedChunks; ++i)
      index.digests.push_back(
          digest_from_hex(kRecordedChunks[i % std::size(kRecordedChunks)].digest).value());
    index_ = std::make_shared<const Bytes>(write_fixed_index(index));
    manifest_ = std::make_shared<const Bytes>(325, std::uint8_t{'m'});
    for (const RecordedChunk& recorded : kRecordedChunks) {
      const Digest digest = digest_from_hex(recorded.digest).value();
      auto bytes = std::make_shared<Bytes>(recorded.bytes);
      std::copy(digest.begin(), digest.end(), bytes->begin());
      chunks_[digest] = bytes;
    }
  }

  [[nodiscard]] std::string_view name() const override { return "store1"; }
  [[nodiscard]] std::string path() const override {
    return "/fake/datastore/abcd";
  }  // as long as the recording's
  [[nodiscard]] Result<std::vector<SnapshotId>> snapshots() const override { return std::vector{snapshot_}; }
  [[nodiscard]] bool has_snapshot(const SnapshotId& snapshot) const override { return snapshot == snapshot_; }
  [[nodiscard]] Result<std::vector<std::string>> files(const SnapshotId&) const override {
    return std::vector<std::string>{std::string(kArchive), std::string(kManifestName)};
  }
  [[nodiscard]] std::string owner(const SnapshotId&) const override { return "root@pam"; }
  [[nodiscard]] Result<SharedBlob> file(const SnapshotId&, std::string_view name) const override {
    if (name == kArchive) return index_;
    if (name == kManifestName) return manifest_;
    return fail(ErrorKind::not_found, "no file {}", name);
  }
  [[nodiscard]] Result<SharedBlob> chunk(const Digest& digest) const override {
    const auto found = chunks_.find(digest);
    if (found == chunks_.end()) return fail(ErrorKind::not_found, "no chunk {}", to_hex(digest));
    return found->second;
  }

 private:
  const SnapshotId snapshot_{.ns = {}, .name = {.type = BackupType::vm, .id = "100", .time_s = kBackupTime}};
  SharedBlob index_, manifest_;
  std::unordered_map<Digest, SharedBlob, DigestHash> chunks_;
};

struct ForeignCheck {
  const char* script;
  const char* check;
};

class ForeignClientTest : public testing::TestWithParam<ForeignCheck> {
 protected:
  void SetUp() override {
    RunningServerOptions options;
    options.service.auth_failure_delay = Nanoseconds(0);
    auto server = RunningServer::start(options, std::make_shared<const RecordedDatastore>());
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    parameters_ = std::filesystem::path(testing::TempDir()) / fmt::format("foreign_client_{}.json", getpid());
    const Secrets& secrets = server_->secrets();
    const nlohmann::json parameters = {
        {"host", server_->address().host},
        {"port", server_->address().port},
        {"user", secrets.user},
        {"password", secrets.password},
        {"token", fmt::format("{}!{}", secrets.user, secrets.token_name)},
        {"secret", secrets.token_secret},
        {"store", "store1"},
        {"backup_id", "100"},
        {"backup_time", kBackupTime},
        {"backup_time_text", format_utc(kBackupTime)},
        {"path", "/fake/datastore/abcd"},
        {"archive", kArchive},
        {"wire", DEPTHFINDER_SOURCE_DIR "/restore_core/format/testdata/vectors/real-wire.json"}};
    ASSERT_TRUE(write_file_atomically(parameters_, as_bytes(parameters.dump())));
  }
  void TearDown() override { std::filesystem::remove(parameters_); }

  std::unique_ptr<RunningServer> server_;
  std::filesystem::path parameters_;
};

TEST_P(ForeignClientTest, IsServed) {
  // Debian's interpreter, for that one has Debian's h2.
  const std::string command =
      fmt::format("/usr/bin/python3 " DEPTHFINDER_SOURCE_DIR "/mock_server/protocol/testdata/{} {} '{}'",
                  GetParam().script, GetParam().check, parameters_.string());
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  server_->stop();
}

std::vector<ForeignCheck> checks(const char* script, std::initializer_list<const char*> names) {
  std::vector<ForeignCheck> checks;
  for (const char* name : names) checks.push_back({script, name});
  return checks;
}

std::string check_name(const testing::TestParamInfo<ForeignCheck>& instance) { return instance.param.check; }

INSTANTIATE_TEST_SUITE_P(Checks, ForeignClientTest,
                         testing::ValuesIn(checks("foreign_reader_client.py",
                                                  {"wire_http1", "wire_http2", "tls", "login",
                                                   "front_door_limits", "restore", "many_streams", "hostile",
                                                   "unknown_frames", "large_headers", "rapid_resets",
                                                   "abrupt_ends", "many_connections", "metrics"})),
                         check_name);

INSTANTIATE_TEST_SUITE_P(Behaviour, ForeignClientTest,
                         testing::ValuesIn(checks("behaviour_client.py",
                                                  {"status", "missing", "truncate", "flip", "wrong_chunk",
                                                   "reset", "stream_reset", "goaway", "stall", "drip",
                                                   "expired_ticket", "tls_alert", "timelines", "control",
                                                   "connect", "repeats"})),
                         check_name);

}  // namespace
}  // namespace depthfinder::mock
