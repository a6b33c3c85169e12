// SPDX-License-Identifier: MIT
// What the mock must carry: 2000 requests open at once over 50 connections, every one answered with the right bytes,
// and memory within its blob cache and a bound. The server is the program itself, as a process.
#include <algorithm>
#include <atomic>
#include <latch>
#include <map>

#include <gtest/gtest.h>

#include "harness/bench/server_process.h"
#include "restore_core/client/reader_client.h"
#include "restore_core/format/data_blob.h"

namespace depthfinder {
namespace {

constexpr int kConnections = 50;
constexpr std::size_t kRequests = 2000;
constexpr std::size_t kBlobBytesMax = 128 << 10;  // of a chunk that shrinks to a fortieth
constexpr std::uint64_t kBesideCacheMax = 64
                                          << 20;  // bytes of the server's memory that are not its blob cache

struct Opened {
  std::unique_ptr<ReaderClient> client;
  ImageToRestore image;
};

Result<Opened> open_image(const nlohmann::json& ready) {
  ServerAccess access;
  DF_ASSIGN(access.repository, parse_repository(ready.at("repository").get<std::string>()));
  DF_ASSIGN(const Digest fingerprint, parse_fingerprint(ready.at("fingerprint").get<std::string>()));
  access.fingerprint = fingerprint;
  access.password = ready.at("password").get_ref<const std::string&>();
  const std::string name = ready.at("snapshots").at(0).at("snapshot");
  DF_ASSIGN(const SnapshotName snapshot, parse_snapshot_name(name));
  ReaderOptions options;
  options.connections = kConnections;
  options.attempts_max = 1;  // a failure is to be seen, not repaired
  Opened opened;
  DF_ASSIGN(opened.client, ReaderClient::connect(access, snapshot, {}, options, {}));
  DF_ASSIGN(const Manifest manifest, opened.client->manifest(nullptr));
  DF_ASSIGN(opened.image, opened.client->open_image(manifest, "drive-scsi0.img.fidx"));
  return opened;
}

// Requests of the image's chunks in turn, all started before any is looked at.
class Requests {
 public:
  explicit Requests(const Opened& opened)
      : opened_(opened),
        buffers_(kRequests, Bytes(kBlobBytesMax)),
        lengths_(kRequests),
        pending_(kRequests) {}

  void run() {
    for (std::size_t i = 0; i < kRequests; ++i) {
      const std::size_t open = open_.fetch_add(1) + 1;
      open_max_ = std::max(open_max_, open);
      opened_.client->chunks().fetch(digest_of(i), MutableByteSpan(buffers_[i]),
                                     [this, i](Result<std::size_t> length) {
                                       lengths_[i] = std::move(length);
                                       open_.fetch_sub(1);
                                       pending_.count_down();
                                     });
    }
    pending_.wait();
  }

  [[nodiscard]] std::size_t open_max() const { return open_max_; }

  // Decodes and hashes the first blob of each digest; the others must be the same bytes.
  void expect_right() const {
    std::map<Digest, ByteSpan> first_of;
    for (std::size_t i = 0; i < kRequests; ++i) {
      ASSERT_TRUE(lengths_[i]) << "request " << i << ": " << lengths_[i].error().message;
      const ByteSpan blob = ByteSpan(buffers_[i]).first(*lengths_[i]);
      const auto [first, is_new] = first_of.try_emplace(digest_of(i), blob);
      if (is_new) {
        const auto chunk = decode_chunk(blob, opened_.image.crypt_mode, nullptr, digest_of(i),
                                        opened_.image.index.chunk_length(i % chunk_count()));
        ASSERT_TRUE(chunk) << "request " << i << ": " << chunk.error().message;
      }
      ASSERT_TRUE(std::equal(blob.begin(), blob.end(), first->second.begin(), first->second.end()))
          << "request " << i;
    }
  }

  [[nodiscard]] std::uint64_t distinct_blob_bytes() const {
    std::map<Digest, std::size_t> lengths;
    for (std::size_t i = 0; i < kRequests; ++i) lengths[digest_of(i)] = lengths_[i].value_or(0);
    std::uint64_t sum = 0;
    for (const auto& [digest, length] : lengths) sum += length;
    return sum;
  }

 private:
  [[nodiscard]] std::size_t chunk_count() const { return opened_.image.index.chunk_count(); }
  [[nodiscard]] const Digest& digest_of(std::size_t request) const {
    return opened_.image.index.digests[request % chunk_count()];
  }

  const Opened& opened_;
  std::vector<Bytes> buffers_;
  std::vector<Result<std::size_t>> lengths_;
  std::latch pending_;
  std::atomic<std::size_t> open_{0};
  std::size_t open_max_ = 0;
};

TEST(MockCapacity, Holds2000StreamsOver50Connections) {
  // The latency is there to hold every request open until the last has been sent.
  auto server = bench::ServerProcess::start(
      DEPTHFINDER_PROGRAM, {"serve", "--synthetic", "size=128MiB,compress=100", "--latency", "300ms"});
  ASSERT_TRUE(server) << server.error().message;
  const auto opened = open_image(server->ready());
  ASSERT_TRUE(opened) << opened.error().message;
  Requests requests(*opened);
  requests.run();
  requests.expect_right();
  EXPECT_EQ(requests.open_max(), kRequests);
  EXPECT_EQ(opened->client->chunks().stats().retries, 0u);
  const auto peak_bytes = server->status_bytes("VmHWM");
  ASSERT_TRUE(peak_bytes) << peak_bytes.error().message;
  RecordProperty("server_peak_bytes", std::to_string(*peak_bytes));
  RecordProperty("blob_cache_bytes", std::to_string(requests.distinct_blob_bytes()));
  EXPECT_LT(*peak_bytes, requests.distinct_blob_bytes() + kBesideCacheMax);
  const auto end = server->stop();
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(end->exit_status, 0) << end->errors;
}

}  // namespace
}  // namespace depthfinder
