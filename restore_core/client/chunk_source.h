// SPDX-License-Identifier: MIT
// ChunkSource: where a restore gets its chunks from. A reader connection is one; a router over several
// connections is one; a fake in a test is one.
#pragma once

#include <cstdint>
#include <functional>

#include "restore_core/base/bytes.h"
#include "restore_core/base/clock.h"
#include "restore_core/base/digest.h"
#include "restore_core/base/result.h"

namespace depthfinder {

// What the transport did, summed over its connections.
struct TransportStats {
  Nanoseconds receive_busy{0};   // CPU time of the transport threads
  Nanoseconds receive_wait{0};   // time they waited for the network with requests in flight
  std::uint64_t wire_bytes = 0;  // bodies received: blobs and files, as on disk
  std::uint64_t requests = 0;
  std::uint64_t retries = 0;  // requests sent again after a transient failure
  // Of chunks, what was not received straight into the caller's buffer but moved there.
  std::uint64_t copied_bytes = 0;
};

// Where a blob goes. Its memory is asked for when the first byte comes, by the thread that receives: what only waits for
// an answer holds none, and what was given back last is warm in the caches. A value; the memory stays the caller's.
class ChunkRoom {
 public:
  ChunkRoom() = default;
  ChunkRoom(MutableByteSpan buffer) : bytes_(buffer.size()), buffer_(buffer) {}
  // `lend` gives `bytes` bytes, and does not throw.
  ChunkRoom(std::size_t bytes, std::function<MutableByteSpan()> lend)
      : bytes_(bytes), lend_(std::move(lend)) {}

  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] MutableByteSpan get() {
    if (lend_ && buffer_.empty()) buffer_ = lend_();
    return buffer_;
  }

 private:
  std::size_t bytes_ = 0;
  MutableByteSpan buffer_;
  std::function<MutableByteSpan()> lend_;
};

class ChunkSource {
 public:
  // The length of the blob that now stands at the start of the room. Runs on a transport thread and must
  // not block.
  using Done = std::function<void(Result<std::size_t>)>;

  virtual ~ChunkSource() = default;

  // Starts fetching one blob; the room's memory must live until `done` has been called, which
  // happens exactly once: perhaps with an error, perhaps before fetch() returns. A blob longer than the
  // room is an error (corrupt, "blob-too-large"). Transient failures have been retried before `done` sees
  // one. Thread-safe.
  virtual void fetch(const Digest& digest, ChunkRoom room, Done done) = 0;

  // Gives up: every outstanding `done` is called with `cancelled` before this returns, and so is that of
  // every later fetch. Thread-safe, may be called again; must not be called from `done`.
  virtual void cancel() = 0;

  [[nodiscard]] virtual TransportStats stats() const = 0;
};

}  // namespace depthfinder
