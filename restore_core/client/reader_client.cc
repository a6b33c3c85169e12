// SPDX-License-Identifier: MIT
#include "restore_core/client/reader_client.h"

#include <limits>
#include <vector>

#include "restore_core/base/check.h"
#include "restore_core/client/chunk_router.h"
#include "restore_core/client/reader_connection.h"

namespace depthfinder {
namespace {

constexpr std::uint64_t kManifestBytesMax = 128 << 20;

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
  NetworkReaderClient(const SnapshotName& snapshot, std::unique_ptr<Authenticator> authenticator,
                      Connections connections, std::stop_token stop)
      : snapshot_(snapshot),
        authenticator_(std::move(authenticator)),
        connections_(std::move(connections)),
        router_(sources_of(connections_)),
        on_stop_(std::move(stop), RequestCancel{this}) {}

  // What is outstanding reports to the router, so it ends before the router does.
  ~NetworkReaderClient() override { router_.cancel(); }

  Result<void> open_first() { return connections_.front()->open(); }

  Result<Manifest> manifest(const CryptConfig* key) override {
    DF_ASSIGN(const Bytes blob, download(kManifestName, kManifestBytesMax));
    return read_manifest(blob, key, snapshot_);
  }

  Result<ImageToRestore> open_image(const Manifest& manifest, std::string_view archive) override;

  Result<Bytes> download(std::string_view file_name, std::uint64_t max_bytes) override {
    return connections_.front()->download(file_name, max_bytes, false);
  }

  ChunkSource& chunks() override { return router_; }

  std::vector<LatencySample> take_latency_samples() override;

 private:
  struct RequestCancel {
    NetworkReaderClient* client;
    void operator()() const {
      for (const auto& connection : client->connections_) connection->request_cancel();
    }
  };

  const SnapshotName snapshot_;
  const std::unique_ptr<Authenticator> authenticator_;
  const Connections connections_;
  ChunkRouter router_;
  std::stop_callback<RequestCancel> on_stop_;
};

// What the image's index weighs, from the size in the manifest: the smallest chunks are 4096 bytes.
std::uint64_t index_bytes_max(std::uint64_t image_bytes) {
  constexpr std::uint64_t kSmallestChunkBytes = 4096;
  return kIndexHeaderSize + (image_bytes / kSmallestChunkBytes + 1) * sizeof(Digest);
}

Result<ImageToRestore> NetworkReaderClient::open_image(const Manifest& manifest, std::string_view archive) {
  DF_ASSIGN(const ArchiveKind kind, archive_kind(archive));
  if (kind != ArchiveKind::fixed_index)
    return fail(ErrorKind::bad_input,
                "'{}' is no disk image: only archives that end in .img.fidx can be restored here", archive);
  DF_ASSIGN(const ManifestFile file, manifest.find(archive));
  const std::uint64_t bytes_max = index_bytes_max(file.size_bytes);
  DF_ASSIGN(const Bytes bytes, connections_.front()->download(archive, bytes_max, true));
  DF_ASSIGN(FixedIndex index, parse_fixed_index(bytes));
  DF_TRY(check_index_against_manifest(index, file.csum, file.size_bytes));
  for (std::size_t i = 1; i < connections_.size(); ++i) {
    DF_ASSIGN(const Bytes again, connections_[i]->download(archive, bytes_max, true));
    if (again != bytes)
      return fail(ErrorKind::corrupt, "'{}' is not the same over two connections: did the snapshot change?",
                  archive);
  }
  return ImageToRestore{std::move(index), file.crypt_mode};
}

std::vector<LatencySample> NetworkReaderClient::take_latency_samples() {
  std::vector<RequestAttempt> all;
  for (const auto& connection : connections_) {
    const std::vector<RequestAttempt> attempts = connection->take_attempts();
    all.insert(all.end(), attempts.begin(), attempts.end());
  }
  return latency_samples(std::move(all));
}

}  // namespace

Result<std::unique_ptr<ReaderClient>> ReaderClient::connect(const ServerAccess& access,
                                                            const SnapshotName& snapshot, const Namespace& ns,
                                                            const ReaderOptions& options,
                                                            std::stop_token stop) {
  if (options.connections < 1 || options.attempts_max < 1)
    return fail(ErrorKind::bad_input, "at least one connection and one attempt are needed, not {} and {}",
                options.connections, options.attempts_max);
  auto authenticator = std::make_unique<Authenticator>(access, options.connect_timeout);
  const ConnectionSettings settings{{access, snapshot, ns},
                                    {options.connect_timeout, options.stall_timeout},
                                    {options.attempts_max, options.backoff_first},
                                    {},
                                    options.record_latency};
  Connections connections;
  for (int i = 0; i < options.connections; ++i) {
    DF_ASSIGN(auto connection, ReaderConnection::create(settings, *authenticator));
    connections.push_back(std::move(connection));
  }
  auto client = std::make_unique<NetworkReaderClient>(snapshot, std::move(authenticator),
                                                      std::move(connections), std::move(stop));
  DF_TRY(client->open_first());
  return client;
}

}  // namespace depthfinder
