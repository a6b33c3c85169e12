// SPDX-License-Identifier: MIT
#include "restore_core/engine/chunk_pipeline.h"

#include <utility>

#include "restore_core/base/check.h"
#include "restore_core/engine/guarded.h"

namespace depthfinder {
namespace {

int thread_count(const EngineSettings& settings) {
  switch (settings.decode_on) {
    case DecodeOn::consumer:
      return 0;
    case DecodeOn::workers:
      return settings.threads;
    case DecodeOn::fetchers:
      return settings.depth;
  }
  return 0;
}

// One fetch that a thread waits for.
class Arrival {
 public:
  // Notifies under the lock: the waiter may destroy this as soon as it has the lock.
  void set(Result<std::size_t> blob_bytes) {
    MutexLock lock(mutex_);
    blob_bytes_ = std::move(blob_bytes);
    changed_.notify_one();
  }
  Result<std::size_t> wait() {
    MutexLock lock(mutex_);
    while (!blob_bytes_) changed_.wait(mutex_);
    return *std::exchange(blob_bytes_, std::nullopt);
  }

 private:
  Mutex mutex_;
  ConditionVariable changed_;
  std::optional<Result<std::size_t>> blob_bytes_ DF_GUARDED_BY(mutex_);
};

}  // namespace

ChunkPipeline::ChunkPipeline(const RestoreJob& job, const EngineSettings& settings, ChunkSource& source,
                             const Clock& clock)
    : job_(job), settings_(settings), source_(source), clock_(clock) {
  const int decoders = settings.decode_on == DecodeOn::consumer ? 1 : thread_count(settings);
  for (int i = 0; i < decoders; ++i)
    decoders_.push_back(std::make_unique<ChunkDecoder>(job.crypt_mode, job.key));
}

void ChunkPipeline::start() {
  for (int i = 0; i < thread_count(settings_); ++i) {
    ChunkDecoder& decoder = *decoders_[static_cast<std::size_t>(i)];
    threads_.emplace_back([this, &decoder] { run_worker(decoder); });
  }
}

void ChunkPipeline::issue(Slot& slot) {
  slot.requested_at = clock_.now();
  if (slot.chunk.zero) {
    slot.payload = ByteSpan{};
    slot.ready_at = slot.requested_at;
    finished_.push(&slot);
    return;
  }
  slot.receive.get();
  if (settings_.decode_on == DecodeOn::fetchers)
    work_.push(&slot);
  else
    start_fetch(slot);
}

Slot* ChunkPipeline::take() {
  const auto slot = finished_.pop();
  if (!slot) return nullptr;
  if (settings_.decode_on == DecodeOn::consumer && !(*slot)->chunk.zero) decode(**slot, *decoders_.front());
  return *slot;
}

void ChunkPipeline::start_fetch(Slot& slot) {
  {
    MutexLock lock(mutex_);
    ++outstanding_;
  }
  source_.fetch(job_.index.digests[slot.chunk.position], slot.receive.get(),
                [this, &slot](Result<std::size_t> blob_bytes) { on_arrival(slot, std::move(blob_bytes)); });
}

void ChunkPipeline::on_arrival(Slot& slot, Result<std::size_t> blob_bytes) {
  slot.arrived_at = clock_.now();
  slot.blob_bytes = std::move(blob_bytes);
  (settings_.decode_on == DecodeOn::workers ? work_ : finished_).push(&slot);
  // Last, and notified under the lock: once it reads 0 the pipeline may be destroyed.
  MutexLock lock(mutex_);
  --outstanding_;
  arrived_.notify_all();
}

void ChunkPipeline::fetch_and_wait(Slot& slot) {
  Arrival arrival;
  source_.fetch(job_.index.digests[slot.chunk.position], slot.receive.get(),
                [this, &slot, &arrival](Result<std::size_t> blob_bytes) {
                  slot.arrived_at = clock_.now();
                  arrival.set(std::move(blob_bytes));
                });
  slot.blob_bytes = arrival.wait();
}

void ChunkPipeline::decode(Slot& slot, ChunkDecoder& decoder) {
  slot.payload = guarded([&]() -> Result<ByteSpan> {
    DF_ASSIGN(const std::size_t blob_bytes, std::move(slot.blob_bytes));
    const MutableByteSpan received = slot.receive.get();
    DF_CHECK(blob_bytes <= received.size());
    decoder.add_wait(clock_.now() - slot.arrived_at);
    const std::size_t position = slot.chunk.position;
    const ExpectedChunk expected{job_.index.digests[position], job_.index.chunk_length(position)};
    return decoder.decode(received.first(blob_bytes), expected, slot.decode);
  });
  slot.ready_at = clock_.now();
}

void ChunkPipeline::run_worker(ChunkDecoder& decoder) {
  while (const auto slot = work_.pop()) {
    if (settings_.decode_on == DecodeOn::fetchers) fetch_and_wait(**slot);
    decode(**slot, decoder);
    finished_.push(*slot);
  }
}

void ChunkPipeline::shut_down(Outstanding outstanding) {
  finished_.close();
  work_.close();
  if (outstanding == Outstanding::cancel) source_.cancel();
  threads_.clear();  // joins
  MutexLock lock(mutex_);
  while (outstanding_ > 0) arrived_.wait(mutex_);
}

StageClocks ChunkPipeline::decode_clocks() const {
  StageClocks sum;
  for (const auto& decoder : decoders_) sum += decoder->clocks();
  return sum;
}

}  // namespace depthfinder
