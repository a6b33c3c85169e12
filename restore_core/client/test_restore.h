// SPDX-License-Identifier: MIT
// Test support: a client with an image open, and fetching many chunks of it at once with every check a restore makes.
#pragma once

#include <memory>
#include <vector>

#include "restore_core/client/reader_client.h"

namespace depthfinder {

inline constexpr std::string_view kImageArchive = "drive-scsi0.img.fidx";

SnapshotName plain_snapshot();  // vm/900 of the real store

struct TestRestore {
  std::unique_ptr<ReaderClient> client;
  ImageToRestore image;
};

// Short backoffs; everything else as by default.
ReaderOptions test_options(int connections = 1);

// Connects to the plain snapshot and opens its image.
Result<TestRestore> open_test_image(const ServerAccess& access, const ReaderOptions& options,
                                    std::stop_token stop = {});

// Fetches started and not yet waited for. Each has a buffer of its own.
class ChunkBatch {
 public:
  // Starts fetching every chunk of the image `rounds` times.
  ChunkBatch(TestRestore& restore, int rounds);
  ~ChunkBatch();

  // Waits for all and checks each blob that came: CRC, length, digest. One outcome per fetch, in order.
  std::vector<Result<void>> outcomes();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The first error among them, or an Error with an empty message.
Error first_error(const std::vector<Result<void>>& outcomes);
std::size_t count_good(const std::vector<Result<void>>& outcomes);

}  // namespace depthfinder
