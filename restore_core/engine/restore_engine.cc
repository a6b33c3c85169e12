// SPDX-License-Identifier: MIT
// The engine, in the order things happen. A strategy is a setting of it; only step 6 differs between them.
//
//   1  refuse absurd settings, a missing key and an index that contradicts itself
//   2  plan: which positions of the index are zero chunks (their digest says so) and which must be fetched
//   3  with zero order `first`: write all zeros, adjacent ones in one call
//   4  until every chunk is written:
//   5    refill: while a slot is free and the sink's window permits, take a slot for the next position and
//   issue it;
//        a zero chunk is finished at once, all others are fetched into the slot's own buffer
//   6    meanwhile, elsewhere: the blob arrives and is decoded and verified, by the consumer when it takes
//   it, by T
//        worker threads as blobs arrive, or by the thread of `depth` many that waited for it
//   7    take the next finished slot, whichever it is; where its data was bad, fetch it once more and take
//   another 8    write it, count it, give its slot back 9  let the sink make everything durable
//  10  on the first error, or when asked to stop: cancel the fetches, join the threads, wait for every fetch
//  to end;
//      only then do the buffers go
//
// The calling thread is the consumer: it alone refills, takes and writes, so a slow write keeps new fetches
// from starting, as in the program this stands for. What has been started goes on. Not guaranteed: any order
// of the writes; that a chunk named twice is fetched once; that nothing was written when the restore fails
// (what was written before is verified data); a limit to the time one write of the sink takes.
#include "restore_core/engine/restore_engine.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "restore_core/engine/chunk_pipeline.h"
#include "restore_core/engine/guarded.h"
#include "restore_core/engine/plan.h"
#include "restore_core/engine/slot_pool.h"
#include "restore_core/format/data_blob.h"

namespace depthfinder {
namespace {

Result<void> check_job(const RestoreJob& job) {
  if (job.crypt_mode == CryptMode::encrypt && job.key == nullptr)
    return fail(ErrorKind::bad_input, "the image is encrypted; give the key file it was made with");
  const FixedIndex& index = job.index;
  if (index.chunk_size == 0 || index.chunk_size > kChunkPayloadMax)
    return malformed(ErrorKind::corrupt, "index-chunk-size",
                     "the index has chunks of {} bytes; 1 to {} are possible", index.chunk_size,
                     kChunkPayloadMax);
  const std::uint64_t chunks =
      index.image_bytes / index.chunk_size + (index.image_bytes % index.chunk_size != 0);
  if (chunks != index.chunk_count())
    return malformed(ErrorKind::corrupt, "index-table-size", "the index has {} chunks, but {} bytes make {}",
                     index.chunk_count(), index.image_bytes, chunks);
  return {};
}

// One restore; lives on the consumer's stack.
class Restore {
 public:
  Restore(const RestoreJob& job, const EngineSettings& settings, ChunkSource& source, Sink& sink,
          const ProgressCallback& progress, std::stop_token stop, RestorePlan plan)
      : index_(job.index),
        source_(source),
        sink_(sink),
        progress_(progress),
        stop_(std::move(stop)),
        plan_(std::move(plan)),
        slots_(settings.depth, job.index.chunk_size),
        pipeline_(job, settings, source, clock_) {
    stats_.logical_bytes = index_.image_bytes;
    done_.chunks_total = index_.chunk_count();
    done_.bytes_total = index_.image_bytes;
  }

  Result<RestoreStats> run();

 private:
  Result<void> restore_chunks();
  Result<void> write_zeros_first();
  void refill();
  bool window_permits(std::size_t position) const;
  Result<Slot*> take_finished();
  Result<void> write(const Slot& slot);
  void release(Slot& slot);

  template <typename Write>
  Result<void> write_timed(Write&& write);
  void count_fetch(const Slot& slot);
  void count_written(std::uint64_t chunks, std::uint64_t bytes, bool zero);
  void complete_stats(const TransportStats& before, TimePoint last_write);
  Error located(const Error& error, std::size_t position) const;
  Error cancelled() const;

  const FixedIndex& index_;
  ChunkSource& source_;
  Sink& sink_;
  const ProgressCallback& progress_;
  std::stop_token stop_;
  RestorePlan plan_;
  SteadyClock clock_;
  SlotPool slots_;
  ChunkPipeline pipeline_;  // after the slots: it must end before they do

  std::size_t next_planned_ = 0;
  TimePoint begin_;
  ProgressSample done_;
  RestoreStats stats_;
  std::uint64_t refetches_ = 0;
  Nanoseconds fetch_time_{0};  // summed over all fetches
  Nanoseconds slot_time_{0};   // summed over all slots taken
};

Result<RestoreStats> Restore::run() {
  begin_ = clock_.now();
  const TransportStats before = source_.stats();
  Result<void> outcome = {};
  {
    const std::stop_callback wake_consumer(stop_, [this] { pipeline_.wake(); });
    outcome = guarded([this] { return restore_chunks(); });
  }
  const TimePoint last_write = clock_.now();
  pipeline_.shut_down(outcome ? ChunkPipeline::Outstanding::none : ChunkPipeline::Outstanding::cancel);
  if (stop_.stop_requested()) return tl::make_unexpected(cancelled());
  DF_TRY(std::move(outcome));
  DF_TRY(guarded([this] { return sink_.finish(); }));
  complete_stats(before, last_write);
  return std::move(stats_);
}

Result<void> Restore::restore_chunks() {
  pipeline_.start();
  DF_TRY(write_zeros_first());
  for (std::size_t left = plan_.chunks.size(); left > 0; --left) {
    refill();
    DF_ASSIGN(Slot* const slot, take_finished());
    DF_TRY(write(*slot));
    release(*slot);
  }
  return {};
}

Result<void> Restore::write_zeros_first() {
  for (const ZeroRun& run : plan_.zeros_first) {
    if (stop_.stop_requested()) return tl::make_unexpected(cancelled());
    const std::uint64_t offset = index_.chunk_offset(run.first_position);
    const std::uint64_t length = run.chunk_count * index_.chunk_size;  // full chunks: the plan refuses others
    const auto written = write_timed([&] { return sink_.write_zeros(offset, length); });
    if (!written) return tl::make_unexpected(located(written.error(), run.first_position));
    count_written(run.chunk_count, length, true);
  }
  return {};
}

void Restore::refill() {
  while (next_planned_ < plan_.chunks.size() && slots_.has_free()) {
    const PlannedChunk& next = plan_.chunks[next_planned_];
    if (!window_permits(next.position)) return;
    ++next_planned_;
    pipeline_.issue(slots_.take(next, clock_.now()));
  }
}

bool Restore::window_permits(std::size_t position) const {
  const auto window_bytes = sink_.reorder_window_bytes();
  const auto first_unfinished = slots_.first_position_taken();
  if (!window_bytes || !first_unfinished) return true;
  const std::uint64_t end = index_.chunk_offset(position) + index_.chunk_length(position);
  return end - index_.chunk_offset(*first_unfinished) <= *window_bytes;
}

Result<Slot*> Restore::take_finished() {
  while (Slot* const slot = pipeline_.take()) {
    if (!slot->chunk.zero) count_fetch(*slot);
    if (slot->payload) return slot;
    const Error& error = slot->payload.error();
    if (error.kind != ErrorKind::corrupt || slot->refetched)
      return tl::make_unexpected(located(error, slot->chunk.position));
    slot->refetched = true;
    ++refetches_;
    pipeline_.issue(*slot);
  }
  return tl::make_unexpected(cancelled());
}

Result<void> Restore::write(const Slot& slot) {
  const std::size_t position = slot.chunk.position;
  const std::uint64_t offset = index_.chunk_offset(position);
  const std::uint64_t length = index_.chunk_length(position);
  stats_.stages.write.wait += clock_.now() - slot.ready_at;
  const auto written = write_timed([&] {
    return slot.chunk.zero ? sink_.write_zeros(offset, length) : sink_.write_data(offset, *slot.payload);
  });
  if (!written) return tl::make_unexpected(located(written.error(), position));
  count_written(1, length, slot.chunk.zero);
  return {};
}

void Restore::release(Slot& slot) {
  slot_time_ += clock_.now() - slot.taken_at;
  slots_.release(slot);
}

template <typename Write>
Result<void> Restore::write_timed(Write&& write) {
  const TimePoint begin = clock_.now();
  Result<void> written = write();
  stats_.stages.write.busy += clock_.now() - begin;
  return written;
}

void Restore::count_fetch(const Slot& slot) {
  const Nanoseconds latency = slot.arrived_at - slot.requested_at;
  fetch_time_ += latency;
  if (slot.payload) stats_.chunk_latency.push_back(latency);
}

void Restore::count_written(std::uint64_t chunks, std::uint64_t bytes, bool zero) {
  done_.chunks_done += chunks;
  done_.bytes_done += bytes;
  if (zero) done_.zero_bytes += bytes;
  done_.elapsed = clock_.now() - begin_;
  if (progress_) progress_(done_);
}

void Restore::complete_stats(const TransportStats& before, TimePoint last_write) {
  const TransportStats after = source_.stats();
  stats_.zero_bytes = done_.zero_bytes;
  stats_.wire_bytes = after.wire_bytes - before.wire_bytes;
  stats_.requests = after.requests - before.requests;
  stats_.retries = after.retries - before.retries + refetches_;
  stats_.duration = clock_.now() - begin_;
  // The mean of what overlaps in time is the sum of its durations by the time it took (Little's law, exact
  // here).
  const double active_s = std::max(to_seconds(last_write - begin_), 1e-9);
  stats_.in_flight_mean = to_seconds(fetch_time_) / active_s;
  stats_.slots_used_mean = to_seconds(slot_time_) / active_s;
  stats_.stages += pipeline_.decode_clocks();
  stats_.stages.receive.busy += after.receive_busy - before.receive_busy;
  stats_.stages.receive.wait += after.receive_wait - before.receive_wait;
}

Error Restore::located(const Error& error, std::size_t position) const {
  return error.with_context(fmt::format("chunk {} of {} at offset {} (digest {})", position,
                                        index_.chunk_count(), index_.chunk_offset(position),
                                        to_hex(index_.digests[position])));
}

Error Restore::cancelled() const {
  return Error{ErrorKind::cancelled,
               fmt::format("restore cancelled after {} of {} chunks; the target is incomplete",
                           done_.chunks_done, done_.chunks_total)};
}

}  // namespace

Result<RestoreStats> restore_image(const RestoreJob& job, const EngineSettings& settings, ChunkSource& source,
                                   Sink& sink, const ProgressCallback& progress, std::stop_token stop) {
  DF_TRY(check_settings(settings));
  DF_TRY(check_job(job));
  return guarded([&]() -> Result<RestoreStats> {
    const Digest zero_digest = zero_chunk_digest(job.index.chunk_size, job.crypt_mode, job.key);
    DF_ASSIGN(RestorePlan plan, make_plan(job.index, zero_digest, settings.zero_order));
    return Restore(job, settings, source, sink, progress, stop, std::move(plan)).run();
  });
}

}  // namespace depthfinder
