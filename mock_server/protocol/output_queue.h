// SPDX-License-Identifier: MIT
// OutputQueue: bytes on their way to a connection: small ones copied, slices of blobs shared, so that a chunk is never
// copied on its way to TLS. It belongs to its connection's thread.
#pragma once

#include <cstdint>
#include <deque>

#include "mock_server/datastore/datastore.h"
#include "restore_core/base/bytes.h"

namespace depthfinder::mock {

class OutputQueue {
 public:
  void append(ByteSpan bytes);
  void append(SharedBlob blob, std::size_t offset, std::size_t length);

  [[nodiscard]] bool empty() const { return size_bytes_ == 0; }
  [[nodiscard]] std::size_t size_bytes() const { return size_bytes_; }
  // Since the queue was made.
  [[nodiscard]] std::uint64_t appended_bytes() const { return appended_bytes_; }
  [[nodiscard]] std::uint64_t consumed_bytes() const { return appended_bytes_ - size_bytes_; }

  // The next bytes, at most `max_bytes` and at least one while there are any. The same call gives the same bytes
  // until consume() takes from them, so that a TLS write can be repeated.
  [[nodiscard]] ByteSpan front(std::size_t max_bytes);
  void consume(std::size_t count);

 private:
  struct Segment {
    SharedBlob blob = {};  // or null: `copied`
    Bytes copied = {};
    std::size_t offset = 0, length = 0;

    [[nodiscard]] ByteSpan bytes() const { return ByteSpan(blob ? *blob : copied).subspan(offset, length); }
  };

  void gather_head();

  std::deque<Segment> segments_;
  std::size_t size_bytes_ = 0;
  std::uint64_t appended_bytes_ = 0;
  bool handed_out_ = false;  // front() gave bytes that consume() has not taken from yet
};

}  // namespace depthfinder::mock
