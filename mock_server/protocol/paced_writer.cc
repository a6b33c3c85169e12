// SPDX-License-Identifier: MIT
#include "mock_server/protocol/paced_writer.h"

namespace depthfinder::mock {

void PacedWriter::reserve(OutputQueue& queue, TimePoint now) {
  granted_bytes_ = queue.front(link_->slice_bytes()).size();
  departure_ = link_->reserve(now, backlogged_ ? departure_ : now, granted_bytes_);
  backlogged_ = true;
}

WriteProgress PacedWriter::write(OutputQueue& queue, const Clock& clock, std::size_t budget_bytes,
                                 TimePoint until) {
  using State = WriteProgress::State;
  WriteProgress progress;
  while (!queue.empty()) {
    if (progress.bytes >= budget_bytes || (progress.bytes > 0 && clock.now() >= until)) {
      progress.state = State::more;
      return progress;
    }
    if (granted_bytes_ == 0) reserve(queue, clock.now());
    if (link_->limited() && departure_ > clock.now()) {
      progress.state = State::paced;
      progress.resume_at = departure_;
      return progress;
    }
    const IoResult result = channel_.try_write(queue.front(granted_bytes_));
    if (result.state != IoState::done) {
      // The client does not keep up: what the link could have carried meanwhile is lost.
      backlogged_ = false;
      progress.state = result.state == IoState::want_write  ? State::want_write
                       : result.state == IoState::want_read ? State::want_read
                                                            : State::closed;
      return progress;
    }
    queue.consume(result.bytes);
    granted_bytes_ -= result.bytes;
    progress.bytes += result.bytes;
  }
  return progress;
}

}  // namespace depthfinder::mock
