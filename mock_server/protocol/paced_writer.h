// SPDX-License-Identifier: MIT
// PacedWriter: moves an OutputQueue into a TlsChannel no faster than the shared link allows, slice by slice, and never
// waits itself. It belongs to its connection's thread.
#pragma once

#include <memory>

#include "mock_server/model/link_path.h"
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
  PacedWriter(std::unique_ptr<LinkPath> link, TlsChannel& channel)
      : link_(std::move(link)), channel_(channel) {}

  // Writes until the queue is empty, the socket is full, the link says later, or `budget_bytes` went out or `until` has
  // come ("more").
  WriteProgress write(OutputQueue& queue, const Clock& clock, std::size_t budget_bytes, TimePoint until);

  // There is nothing to send for now: the next slice does not follow the one before. Until this is said, an empty queue is
  // taken for a pause between two frames, which costs the link nothing.
  void rest() { backlogged_ = false; }

  // Sends over another link from the next slice on.
  void use(std::unique_ptr<LinkPath> link) { link_ = std::move(link); }

 private:
  void reserve(OutputQueue& queue, TimePoint now);

  std::unique_ptr<LinkPath> link_;
  TlsChannel& channel_;
  std::size_t granted_bytes_ = 0;  // reserved on the link, not yet written
  TimePoint departure_{};          // of the granted slice
  bool backlogged_ = false;        // the granted slice follows the one before without a pause of ours
};

}  // namespace depthfinder::mock
