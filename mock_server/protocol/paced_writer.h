// SPDX-License-Identifier: MIT
// PacedWriter: moves an OutputQueue into a TlsChannel no faster than the shared link allows, slice by slice, and never
// waits itself. It belongs to its connection's thread.
#pragma once

#include "mock_server/model/shared_link.h"
#include "mock_server/protocol/output_queue.h"
#include "mock_server/protocol/tls_channel.h"

namespace depthfinder::mock {

struct WriteProgress {
  enum class State { drained, more, paced, want_read, want_write, closed };
  State state = State::drained;
  std::size_t bytes = 0;  // written by this call
  TimePoint resume_at{};  // when paced
};

class PacedWriter {
 public:
  PacedWriter(SharedLink& link, TlsChannel& channel)
      : link_(link), channel_(channel), slice_bytes_(link.slice_bytes()) {}

  // Writes until the queue is empty, the socket is full, the link says later, or `budget_bytes` went out ("more").
  WriteProgress write(OutputQueue& queue, const Clock& clock, std::size_t budget_bytes);

 private:
  void reserve(OutputQueue& queue, TimePoint now);

  SharedLink& link_;
  TlsChannel& channel_;
  const std::uint64_t slice_bytes_;
  std::size_t granted_bytes_ = 0;  // reserved on the link, not yet written
  TimePoint departure_{};          // of the granted slice
  bool backlogged_ = false;        // the granted slice follows the one before without a pause of ours
};

}  // namespace depthfinder::mock
