// SPDX-License-Identifier: MIT
// ReaderClient: everything between a repository string and an image's chunks. It logs in, opens reader
// sessions (pbs-protocol E, F), reads and checks the manifest and the index, and is then the ChunkSource of
// the images opened. Each connection has one transport thread, which alone touches its HTTP/2 session, reconnects
// after transient failures with backoff, registers the indexes again and repeats the requests that were in
// flight.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string_view>
#include <vector>

#include "restore_core/base/result.h"
#include "restore_core/client/chunk_source.h"
#include "restore_core/client/latency_sample.h"
#include "restore_core/client/server_access.h"
#include "restore_core/format/crypt_config.h"
#include "restore_core/format/fixed_index.h"
#include "restore_core/format/manifest.h"
#include "restore_core/format/snapshot_name.h"

namespace depthfinder {

struct ReaderOptions {
  int connections = 1;
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds answer_timeout{120'000};  // of a login, or of the request for a session
  std::chrono::milliseconds stall_timeout{30'000};    // see SessionTimeouts::stall
  // When a connection gives up: that many failures in a row without an answer, over at least that time.
  int attempts_max = 5;
  std::chrono::milliseconds retry_for{0};
  std::chrono::milliseconds backoff_first{100};  // doubles each time
  // Announced to the server: how much of a body, and of all bodies of a connection, may be on its way (65535 to 2^31 - 1)
  // and the largest DATA frame (16384 to 2^24 - 1). As the real client does.
  std::uint64_t http2_window_bytes = 2147483646;
  std::uint64_t http2_frame_bytes_max = 4194304;
  bool record_latency = false;  // of the chunk requests; see take_latency_samples()
};

struct ImageToRestore {
  FixedIndex index;
  CryptMode crypt_mode = CryptMode::none;
};

class ReaderClient {
 public:
  // Logs in (ticket, or nothing for a token) and opens a reader session on every connection, all at the same time; the
  // first error ends it.
  // Errors: auth, connection, timeout, protocol, not_found (the snapshot), cancelled, bad_input (the options).
  static Result<std::unique_ptr<ReaderClient>> connect(const ServerAccess& access,
                                                       const SnapshotName& snapshot, const Namespace& ns,
                                                       const ReaderOptions& options, std::stop_token stop);
  virtual ~ReaderClient() = default;

  // Downloads and checks the manifest; see read_manifest().
  virtual Result<Manifest> manifest(const CryptConfig* key, SignatureRule rule) = 0;
  Result<Manifest> manifest(const CryptConfig* key) {
    return manifest(key, SignatureRule::checked_where_there_is_one);
  }

  // Downloads an index on every connection at the same time (which registers its chunks there) and checks it against
  // the manifest. May be called for several archives. When it fails on one connection while others are still at it, the
  // client is cancelled. Takes at most 64 bytes a chunk of 4 MiB, and holds 32 of them afterwards, in what it returns.
  virtual Result<ImageToRestore> open_image(const Manifest& manifest, std::string_view archive) = 0;

  // A whole file of the snapshot, at most `max_bytes`.
  virtual Result<Bytes> download(std::string_view file_name, std::uint64_t max_bytes) = 0;

  // The chunks of all images opened, on every connection; lives as long as the client.
  virtual ChunkSource& chunks() = 0;

  // Every chunk request that was answered whole, from its last sending, over all connections in order of
  // sending; none where nothing was recorded. Cancels the client first, so nothing can be fetched afterwards.
  virtual std::vector<LatencySample> take_latency_samples() = 0;
};

}  // namespace depthfinder
