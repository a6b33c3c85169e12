// SPDX-License-Identifier: MIT
#include "mock_server/protocol/service.h"

namespace depthfinder::mock {

std::shared_ptr<Behaviour> Service::behaviour() {
  MutexLock lock(mutex_);
  return behaviour_;
}

void Service::behave(ServerSpec spec) {
  auto fresh = std::make_shared<Behaviour>(std::move(spec));
  {
    MutexLock lock(mutex_);
    behaviour_ = std::move(fresh);
  }
  reset();
}

void Service::reset() {
  metrics.reset();
  timelines.clear();
  behaviour()->reset();
  MutexLock lock(mutex_);
  chunks_asked_ = 0;
  files_asked_.clear();
}

Service::ChunkTurn Service::next_chunk(TimePoint arrival) {
  MutexLock lock(mutex_);
  if (++chunks_asked_ == 1) first_chunk_at_ = arrival;
  return {chunks_asked_, arrival - first_chunk_at_};
}

Service::ChunkTurn Service::next_file(FaultOn file, TimePoint arrival) {
  MutexLock lock(mutex_);
  return {++files_asked_[file], chunks_asked_ == 0 ? Nanoseconds(0) : arrival - first_chunk_at_};
}

std::string Service::metrics_json() { return metrics.json(*behaviour()); }

}  // namespace depthfinder::mock
