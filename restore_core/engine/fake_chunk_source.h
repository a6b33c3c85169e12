// SPDX-License-Identifier: MIT
// FakeChunkSource: a ChunkSource in memory that a test steers: when fetches complete, in which order, and with what
// fault. Stricter than a real one: it aborts when two outstanding fetches share memory, and counts everything.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "restore_core/base/mutex.h"
#include "restore_core/base/random.h"
#include "restore_core/client/chunk_source.h"
#include "restore_core/engine/test_image.h"

namespace depthfinder::testing_support {

class FakeChunkSource final : public ChunkSource {
 public:
  enum class Completion {
    at_once,          // within fetch()
    in_random_order,  // on a thread of the source's own
    when_told,        // by complete(), or never: until cancelled
  };

  FakeChunkSource(const TestImage& image, Completion completion, std::uint64_t seed = 1);
  ~FakeChunkSource() override;

  void fetch(const Digest& digest, ChunkRoom room, Done done) override;
  void cancel() override;
  [[nodiscard]] TransportStats stats() const override;

  // The next `times` fetches of the chunk at `position` bring a flipped bit, or this error.
  void damage(std::size_t position, int times);
  void refuse(std::size_t position, Error error);

  // For Completion::when_told: waits until `count` fetches are outstanding; completes the one of this position.
  void await_outstanding(std::size_t count);
  void complete(std::size_t position);

  [[nodiscard]] std::size_t outstanding_max() const;
  [[nodiscard]] std::vector<std::size_t> fetched_positions()
      const;  // first position of the digest, in order of fetches
  [[nodiscard]] std::size_t distinct_buffers() const;
  [[nodiscard]] std::size_t buffer_bytes_max() const;
  [[nodiscard]] bool cancelled() const;

 private:
  struct Fetch {
    std::size_t position;
    Digest digest;
    ChunkRoom room;
    MutableByteSpan buffer;  // of the room, once it has been asked for
    Done done;
  };

  void admit(Fetch& fetch) DF_REQUIRES(mutex_);
  void take_buffer(Fetch& fetch) DF_REQUIRES(mutex_);
  void answer(Fetch fetch);
  Result<std::size_t> deliver(Fetch& fetch);
  std::optional<Fetch> next_random();
  void run();
  [[nodiscard]] std::size_t position_of(const Digest& digest) const;

  const TestImage& image_;
  Completion completion_;
  mutable Mutex mutex_;
  ConditionVariable changed_;
  std::vector<Fetch> outstanding_ DF_GUARDED_BY(mutex_);
  std::size_t answering_ DF_GUARDED_BY(mutex_) =
      0;  // taken out of `outstanding_`, their `done` not yet returned
  std::size_t outstanding_max_ DF_GUARDED_BY(mutex_) = 0;
  std::vector<std::size_t> fetched_ DF_GUARDED_BY(mutex_);
  std::set<const std::uint8_t*> buffers_ DF_GUARDED_BY(mutex_);
  std::size_t buffer_bytes_max_ DF_GUARDED_BY(mutex_) = 0;
  std::map<std::size_t, int> damaged_ DF_GUARDED_BY(mutex_);
  std::map<std::size_t, Error> refused_ DF_GUARDED_BY(mutex_);
  TransportStats stats_ DF_GUARDED_BY(mutex_);
  bool cancelled_ DF_GUARDED_BY(mutex_) = false;
  bool closing_ DF_GUARDED_BY(mutex_) = false;
  Random random_ DF_GUARDED_BY(mutex_);
  std::jthread thread_;
};

}  // namespace depthfinder::testing_support
