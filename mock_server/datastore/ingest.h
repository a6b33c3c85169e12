// SPDX-License-Identifier: MIT
// Ingest: writes disk images into a datastore directory in PBS's own layout (pbs-protocol B.3, B.4), so that
// a real PBS could serve them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "restore_core/base/digest.h"
#include "restore_core/base/result.h"
#include "restore_core/format/crypt_config.h"
#include "restore_core/format/snapshot_name.h"

namespace depthfinder::mock {

struct IngestImage {
  std::filesystem::path image;  // a file or block device
  std::string archive;          // "drive-scsi1.img.fidx"
};

struct IngestOptions {
  std::filesystem::path image;      // a file or block device
  std::filesystem::path datastore;  // made when it does not exist
  SnapshotName snapshot;
  Namespace ns;
  std::string archive = "drive-scsi0.img.fidx";
  std::vector<IngestImage> more;  // further images of the same snapshot
  const CryptConfig* key = nullptr;
  bool compress = true;
};

struct IngestResult {
  std::uint64_t image_bytes = 0;
  std::uint64_t chunks = 0;
  std::uint64_t zero_chunks = 0;
  std::uint64_t chunks_written = 0;  // that the store did not have
  std::uint64_t bytes_written = 0;
  Digest image_sha256{};
};

using IngestProgress = std::function<void(std::uint64_t bytes_done, std::uint64_t bytes_total)>;

// One result for each image, in their order. A snapshot that exists is refused; the manifest is written last, so an
// interrupted ingest leaves no finished snapshot. Errors: bad_input (also an archive named twice), not_found, io,
// cancelled.
Result<std::vector<IngestResult>> ingest_images(const IngestOptions& options, const IngestProgress& progress,
                                                std::stop_token stop);

// For options without `more`.
Result<IngestResult> ingest_image(const IngestOptions& options, const IngestProgress& progress,
                                  std::stop_token stop);

}  // namespace depthfinder::mock
