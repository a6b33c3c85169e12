// SPDX-License-Identifier: MIT
#include "restore_core/client/test_restore.h"

#include <algorithm>
#include <latch>

#include "restore_core/format/data_blob.h"

namespace depthfinder {

struct ChunkBatch::State {
  State(const ImageToRestore& opened, std::size_t fetches)
      : image(opened), lengths(fetches), pending(static_cast<std::ptrdiff_t>(fetches)) {
    // A blob is at most as long as its chunk plus the longest header.
    for (std::size_t i = 0; i < fetches; ++i)
      buffers.emplace_back(image.index.chunk_size + kEncryptedBlobHeaderSize);
  }
  [[nodiscard]] Result<void> check(std::size_t fetch) const;

  const ImageToRestore& image;
  std::vector<Bytes> buffers;
  std::vector<Result<std::size_t>> lengths;
  std::latch pending;
};

Result<void> ChunkBatch::State::check(std::size_t fetch) const {
  DF_ASSIGN(const std::size_t length, lengths[fetch]);
  const std::size_t position = fetch % image.index.chunk_count();
  const ByteSpan blob = ByteSpan(buffers[fetch]).first(length);
  DF_TRY(decode_chunk(blob, image.crypt_mode, nullptr, image.index.digests[position],
                      image.index.chunk_length(position)));
  return {};
}

ChunkBatch::ChunkBatch(TestRestore& restore, int rounds) {
  const std::size_t chunks = restore.image.index.chunk_count();
  state_ = std::make_unique<State>(restore.image, chunks * static_cast<std::size_t>(rounds));
  for (std::size_t i = 0; i < state_->buffers.size(); ++i)
    restore.client->chunks().fetch(restore.image.index.digests[i % chunks],
                                   MutableByteSpan(state_->buffers[i]),
                                   [state = state_.get(), i](Result<std::size_t> length) {
                                     state->lengths[i] = std::move(length);
                                     state->pending.count_down();
                                   });
}

ChunkBatch::~ChunkBatch() { state_->pending.wait(); }

std::vector<Result<void>> ChunkBatch::outcomes() {
  state_->pending.wait();
  std::vector<Result<void>> outcomes;
  for (std::size_t i = 0; i < state_->lengths.size(); ++i) outcomes.push_back(state_->check(i));
  return outcomes;
}

SnapshotName plain_snapshot() { return *parse_snapshot_name("vm/900/2026-11-24T03:39:11Z"); }

ReaderOptions test_options(int connections) {
  ReaderOptions options;
  options.connections = connections;
  options.backoff_first = std::chrono::milliseconds(1);
  return options;
}

Result<TestRestore> open_test_image(const ServerAccess& access, const ReaderOptions& options,
                                    std::stop_token stop) {
  DF_ASSIGN(auto client, ReaderClient::connect(access, plain_snapshot(), {}, options, std::move(stop)));
  DF_ASSIGN(const Manifest manifest, client->manifest(nullptr));
  DF_ASSIGN(ImageToRestore image, client->open_image(manifest, kImageArchive));
  return TestRestore{std::move(client), std::move(image)};
}

Error first_error(const std::vector<Result<void>>& outcomes) {
  const auto bad =
      std::find_if(outcomes.begin(), outcomes.end(), [](const auto& outcome) { return !outcome; });
  return bad == outcomes.end() ? Error{} : bad->error();
}

std::size_t count_good(const std::vector<Result<void>>& outcomes) {
  return static_cast<std::size_t>(std::count_if(outcomes.begin(), outcomes.end(),
                                                [](const auto& outcome) { return outcome.has_value(); }));
}

}  // namespace depthfinder
