// SPDX-License-Identifier: MIT
#include "restore_core/client/reader_client.h"

#include <algorithm>
#include <vector>

#include "restore_core/base/check.h"
#include "restore_core/client/chunk_router.h"
#include "restore_core/client/pending_calls.h"
#include "restore_core/client/reader_connection.h"

namespace depthfinder {
namespace {

constexpr std::uint64_t kManifestBytesMax = 128 << 20;
constexpr std::uint64_t kIndexReserveBytesMax = 256
                                                << 20;  // the index of 32 TiB; a manifest may claim anything
constexpr std::uint64_t kWindowBytesMin = 65535;        // RFC 9113, 6.5.2 and 6.9.1
constexpr std::uint64_t kWindowBytesMax = (1U << 31) - 1;
// Some 150 KB at a gigabyte a second; small beside a round trip.
constexpr std::chrono::microseconds kGather{200};
constexpr std::uint64_t kFrameBytesMin = 16384;
constexpr std::uint64_t kFrameBytesMax = (1U << 24) - 1;

using Connections = std::vector<std::unique_ptr<ReaderConnection>>;

std::vector<ChunkSource*> sources_of(const Connections& connections) {
  std::vector<ChunkSource*> sources;
  for (const auto& connection : connections) sources.push_back(connection.get());
  return sources;
}

// Member order is life time: the connections end before the authenticator, the stop callback before the
// connections.
class NetworkReaderClient final : public ReaderClient {
 public:
  NetworkReaderClient(const SnapshotName& snapshot, std::unique_ptr<Wakeup> wakeup,
                      std::unique_ptr<Authenticator> authenticator, Connections connections,
                      std::stop_token stop)
      : snapshot_(snapshot),
        wakeup_(std::move(wakeup)),
        authenticator_(std::move(authenticator)),
        connections_(std::move(connections)),
        router_(sources_of(connections_)),
        on_stop_(std::move(stop), RequestCancel{this}) {}

  // What is outstanding reports to the router, so it ends before the router does.
  ~NetworkReaderClient() override { router_.cancel(); }

  Result<void> open();

  Result<Manifest> manifest(const CryptConfig* key, SignatureRule rule) override {
    auto manifest = with_second_look([&]() -> Result<Manifest> {
      DF_ASSIGN(const Bytes blob, download(kManifestName, kManifestBytesMax));
      return read_manifest(blob, key, snapshot_, rule);
    });
    if (!manifest) return pass_on(manifest.error(), kManifestName);
    return manifest;
  }

  Result<ImageToRestore> open_image(const Manifest& manifest, std::string_view archive) override;

  Result<Bytes> download(std::string_view file_name, std::uint64_t max_bytes) override;

  ChunkSource& chunks() override { return router_; }

  std::vector<LatencySample> take_latency_samples() override;

 private:
  struct RequestCancel {
    NetworkReaderClient* client;
    void operator()() const {
      client->wakeup_->cancel();
      for (const auto& connection : client->connections_) connection->request_cancel();
    }
  };

  // Where what was read is damaged, once more, as with a chunk.
  template <typename Read>
  static auto with_second_look(const Read& read) -> decltype(read()) {
    auto first = read();
    return first || first.error().kind != ErrorKind::corrupt ? std::move(first) : read();
  }
  Result<FixedIndex> read_index(std::string_view archive, const ManifestFile& file);
  Result<Bytes> download_index(std::string_view archive, std::uint64_t image_bytes);
  Result<void> first_error(PendingCalls& calls);

  const SnapshotName snapshot_;
  const std::unique_ptr<Wakeup> wakeup_;  // of the thread that logs in
  const std::unique_ptr<Authenticator> authenticator_;
  const Connections connections_;
  ChunkRouter router_;
  std::stop_callback<RequestCancel> on_stop_;
};

std::uint64_t index_bytes(std::uint64_t image_bytes, std::uint64_t chunk_bytes) {
  return kIndexHeaderSize + (image_bytes / chunk_bytes + 1) * sizeof(Digest);
}

// Every index that a PBS has made has chunks of 4 MiB, so this is enough; one with smaller chunks makes the vector grow.
std::uint64_t index_bytes_expected(std::uint64_t image_bytes) {
  return std::min(index_bytes(image_bytes, kDefaultChunkSize), kIndexReserveBytesMax);
}

// From the size in the manifest: the smallest chunks are 4096 bytes.
std::uint64_t index_bytes_max(std::uint64_t image_bytes) {
  return std::min(index_bytes(image_bytes, 4096), kIndexBytesMax);
}

// The login comes first and once: connections that all logged in at the same time would also all try a wrong password.
Result<void> NetworkReaderClient::open() {
  DF_TRY(authenticator_->credentials(*wakeup_));
  PendingCalls calls(connections_.size());
  for (const auto& connection : connections_)
    connection->open([&calls](const Result<void>& outcome) { calls.end(outcome); });
  return first_error(calls);
}

// Waits for the calls. When one fails, the rest are cancelled and have ended before this returns.
Result<void> NetworkReaderClient::first_error(PendingCalls& calls) {
  auto outcome = calls.wait();
  if (!calls.all_ended()) router_.cancel();
  return outcome;
}

Result<Bytes> NetworkReaderClient::download(std::string_view file_name, std::uint64_t max_bytes) {
  Bytes bytes;
  PendingCalls call(1);
  connections_.front()->download(
      file_name, ResponseBody::growing(bytes, max_bytes), false,
      [&call](const Result<std::size_t>& length) { call.end(length.map([](std::size_t) {})); });
  DF_TRY(call.wait());
  return bytes;
}

// The first connection keeps the bytes, the others only compare.
Result<Bytes> NetworkReaderClient::download_index(std::string_view archive, std::uint64_t image_bytes) {
  Bytes bytes;
  bytes.reserve(index_bytes_expected(image_bytes));
  std::vector<Sha256> others(connections_.size() - 1);
  PendingCalls calls(connections_.size());
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    const std::uint64_t bytes_max = index_bytes_max(image_bytes);
    connections_[i]->download(
        archive,
        i == 0 ? ResponseBody::growing(bytes, bytes_max) : ResponseBody::hashed(others[i - 1], bytes_max),
        true, [&calls](const Result<std::size_t>& length) { calls.end(length.map([](std::size_t) {})); });
  }
  DF_TRY(first_error(calls));
  const Digest digest = sha256(bytes);
  for (Sha256& other : others)
    if (other.finish() != digest)
      return fail(ErrorKind::corrupt, "'{}' is not the same over two connections: did the snapshot change?",
                  archive);
  return bytes;
}

Result<FixedIndex> NetworkReaderClient::read_index(std::string_view archive, const ManifestFile& file) {
  DF_ASSIGN(const Bytes bytes, download_index(archive, file.size_bytes));
  DF_ASSIGN(FixedIndex index, parse_fixed_index(bytes));
  DF_TRY(check_index_against_manifest(index, file.csum, file.size_bytes));
  return index;
}

Result<ImageToRestore> NetworkReaderClient::open_image(const Manifest& manifest, std::string_view archive) {
  DF_ASSIGN(const ArchiveKind kind, archive_kind(archive));
  if (kind != ArchiveKind::fixed_index)
    return fail(ErrorKind::bad_input,
                "'{}' is no disk image: only archives that end in .img.fidx can be restored here", archive);
  DF_ASSIGN(const ManifestFile file, manifest.find(archive));
  auto index = with_second_look([&] { return read_index(archive, file); });
  if (!index) return pass_on(index.error(), archive);
  return ImageToRestore{*std::move(index), file.crypt_mode};
}

std::vector<LatencySample> NetworkReaderClient::take_latency_samples() {
  std::vector<RequestAttempt> all;
  for (const auto& connection : connections_) {
    const std::vector<RequestAttempt> attempts = connection->take_attempts();
    all.insert(all.end(), attempts.begin(), attempts.end());
  }
  return latency_samples(std::move(all));
}

Result<void> check_options(const ReaderOptions& options) {
  if (options.connections < 1 || options.attempts_max < 1)
    return fail(ErrorKind::bad_input, "at least one connection and one attempt are needed, not {} and {}",
                options.connections, options.attempts_max);
  if (options.http2_window_bytes < kWindowBytesMin || options.http2_window_bytes > kWindowBytesMax)
    return fail(ErrorKind::bad_input, "an HTTP/2 window is of {} to {} bytes, not {}", kWindowBytesMin,
                kWindowBytesMax, options.http2_window_bytes);
  if (options.http2_frame_bytes_max < kFrameBytesMin || options.http2_frame_bytes_max > kFrameBytesMax)
    return fail(ErrorKind::bad_input, "the largest HTTP/2 frame is of {} to {} bytes, not {}", kFrameBytesMin,
                kFrameBytesMax, options.http2_frame_bytes_max);
  return {};
}

}  // namespace

Result<std::unique_ptr<ReaderClient>> ReaderClient::connect(const ServerAccess& access,
                                                            const SnapshotName& snapshot, const Namespace& ns,
                                                            const ReaderOptions& options,
                                                            std::stop_token stop) {
  DF_TRY(check_options(options));
  DF_ASSIGN(auto wakeup, Wakeup::create());
  auto authenticator =
      std::make_unique<Authenticator>(access, options.connect_timeout, options.answer_timeout);
  const ConnectionSettings settings{{access.without_password(), snapshot, ns},
                                    {options.connect_timeout, options.answer_timeout, options.stall_timeout,
                                     options.record_latency ? std::chrono::microseconds(0) : kGather},
                                    {.attempts_max = options.attempts_max,
                                     .patience = options.retry_for,
                                     .backoff_first = options.backoff_first},
                                    {static_cast<std::uint32_t>(options.http2_window_bytes),
                                     static_cast<std::uint32_t>(options.http2_frame_bytes_max)},
                                    options.record_latency};
  Connections connections;
  for (int i = 0; i < options.connections; ++i) {
    DF_ASSIGN(auto connection, ReaderConnection::create(settings, *authenticator));
    connections.push_back(std::move(connection));
  }
  auto client = std::make_unique<NetworkReaderClient>(snapshot, std::move(wakeup), std::move(authenticator),
                                                      std::move(connections), std::move(stop));
  DF_TRY(client->open());
  return client;
}

}  // namespace depthfinder
