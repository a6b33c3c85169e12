// SPDX-License-Identifier: MIT
// Runs testdata/malformed_sessions.py, a client that breaks the protocol in every way, against a server in a process of
// its own, so that its descriptors and memory can be counted and its end seen: status 0 on SIGTERM, whatever clients did.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mock_server/protocol/running_server.h"
#include "restore_core/base/file.h"
#include "restore_core/format/fixed_index.h"
#include "restore_core/format/manifest.h"

namespace depthfinder::mock {
namespace {

constexpr std::string_view kArchive = "drive-scsi0.img.fidx";
constexpr std::int64_t kBackupTime = 1795488775;  // 2026-11-24T02:52:55Z
constexpr std::size_t kChunkBytes[] = {13, 5000, 16384, 70000, 1 << 20, (4 << 20) + 12};
constexpr std::uint8_t kMissing =
    0xee;  // the first byte of a digest that the index names and the store lacks
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kBoundedMemory = false;  // the sanitizers keep what was freed
#else
constexpr bool kBoundedMemory = true;
#endif

Digest digest_of(std::uint8_t first) {
  Digest digest{};
  for (std::size_t i = 0; i < digest.size(); ++i) digest[i] = static_cast<std::uint8_t>(first + i);
  return digest;
}

// Blocks of 32 bytes, each its number (four bytes, little endian) and the digest's rest: a byte in a wrong place shows.
Bytes blob_of(const Digest& digest, std::size_t size_bytes) {
  Bytes blob(size_bytes);
  for (std::size_t i = 0; i < size_bytes; ++i)
    blob[i] = i % 32 < 4 ? static_cast<std::uint8_t>((i / 32) >> (8 * (i % 32))) : digest[i % 32];
  return blob;
}

class SmallDatastore final : public Datastore {
 public:
  SmallDatastore() {
    FixedIndex index;
    for (std::size_t i = 0; i < std::size(kChunkBytes); ++i) {
      const Digest digest = digest_of(static_cast<std::uint8_t>(i));
      index.digests.push_back(digest);
      chunks_[digest] = std::make_shared<const Bytes>(blob_of(digest, kChunkBytes[i]));
    }
    index.digests.push_back(digest_of(kMissing));
    index.image_bytes = index.digests.size() * kDefaultChunkSize;
    index_ = std::make_shared<const Bytes>(write_fixed_index(index));
    manifest_ = std::make_shared<const Bytes>(325, std::uint8_t{'m'});
  }

  [[nodiscard]] std::string_view name() const override { return "store1"; }
  [[nodiscard]] std::string path() const override { return "/no/such/datastore"; }
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

nlohmann::json client_parameters(const RunningServer& server) {
  const Secrets& secrets = server.secrets();
  nlohmann::json chunks = nlohmann::json::array();
  for (std::size_t i = 0; i < std::size(kChunkBytes); ++i)
    chunks.push_back(
        {{"digest", to_hex(digest_of(static_cast<std::uint8_t>(i)))}, {"size_bytes", kChunkBytes[i]}});
  return {{"host", server.address().host},
          {"port", server.address().port},
          {"pid", getpid()},
          {"token", fmt::format("{}!{}", secrets.user, secrets.token_name)},
          {"secret", secrets.token_secret},
          {"store", "store1"},
          {"path", "/no/such/datastore"},
          {"backup_id", "100"},
          {"backup_time", kBackupTime},
          {"backup_time_text", "2026-11-24T02:52:55Z"},
          {"archive", kArchive},
          {"chunks", chunks},
          {"missing_digest", to_hex(digest_of(kMissing))},
          {"bounded_memory", kBoundedMemory}};
}

// The child: serves until SIGTERM. Its status is 0 when all went well, sanitizers' findings at exit included.
[[noreturn]] void serve_until_terminated(const std::filesystem::path& parameters, int ready) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t terminated;
  sigemptyset(&terminated);
  sigaddset(&terminated, SIGTERM);
  sigprocmask(SIG_BLOCK, &terminated, nullptr);  // before the server's threads inherit the mask
  {
    RunningServerOptions options;
    options.service.auth_failure_delay = Nanoseconds(0);
    const auto server = RunningServer::start(options, std::make_shared<const SmallDatastore>());
    if (!server || !write_file_atomically(parameters, as_bytes(client_parameters(**server).dump()))) _exit(1);
    if (::write(ready, "x", 1) != 1) _exit(1);
    ::close(ready);
    int signal = 0;
    sigwait(&terminated, &signal);
    (*server)->stop();
  }
  std::exit(0);
}

class MalformedSessionsTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    parameters_ =
        std::filesystem::path(testing::TempDir()) / fmt::format("malformed_sessions_{}.json", getpid());
    int ready[2];
    ASSERT_EQ(pipe(ready), 0);
    std::fflush(nullptr);  // or the child writes it again
    server_ = fork();
    ASSERT_GE(server_, 0);
    if (server_ == 0) serve_until_terminated(parameters_, ready[1]);
    ::close(ready[1]);
    char byte = 0;
    const ssize_t count = ::read(ready[0], &byte, 1);
    ::close(ready[0]);
    ASSERT_EQ(count, 1) << "the server did not start";
  }
  void TearDown() override { std::filesystem::remove(parameters_); }

  pid_t server_ = -1;
  std::filesystem::path parameters_;
};

TEST_P(MalformedSessionsTest, AreAnsweredAsSpecified) {
  // Debian's interpreter, for that one has Debian's hpack.
  const std::string command = fmt::format("/usr/bin/python3 " DEPTHFINDER_SOURCE_DIR
                                          "/mock_server/protocol/testdata/malformed_sessions.py {} '{}'",
                                          GetParam(), parameters_.string());
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  kill(server_, SIGTERM);
  int status = -1;
  ASSERT_EQ(waitpid(server_, &status, 0), server_);
  EXPECT_TRUE(WIFEXITED(status)) << "ended by signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

INSTANTIATE_TEST_SUITE_P(Checks, MalformedSessionsTest,
                         testing::Values("upgrades", "requests", "frames", "windows", "floods", "early_ends",
                                         "thousand"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace depthfinder::mock
