// SPDX-License-Identifier: MIT
// The engine, in the order things happen. A strategy is a setting of it; they differ in who decodes (6), who writes (8)
// and when the zeros come (3).
//
//   1  refuse absurd settings, a missing key and an index that contradicts itself
//   2  plan: which positions of each index are zero chunks (their digest says so) and which must be fetched; where a
//        target holds old data, its chunks are read and hashed first, and those that are right are no part of the plan
//   3  zeros apart from the chunks, adjacent ones in one call: by the writers while no chunk is ready, or before all
//      else where there are no writers or the sink has a window
//   4  until every chunk is written:
//   5    refill: while the depth and the sink's window permit, take a slot for the next chunk and issue it: a zero
//        chunk and one in the cache are finished at once, one whose digest is in flight waits for that, all others are
//        fetched into the slot's own buffer
//   6    meanwhile, elsewhere: the blob arrives and is decoded and verified, by the consumer when it takes it, by T
//        worker threads as blobs arrive (in lanes: several at once), or by the thread of `depth` many that waited
//   7    take what is finished next, whichever it is; where its data was bad, fetch it once more and take another
//   8    write it, or have a writer write it; count it; give its slot back; where the depth is automatic, let the
//        tuner look at the window that has passed
//   9  let the sinks make everything durable
//  10  on the first error, or when asked to stop: cancel the fetches, join the threads, wait for every fetch
//      to end; only then do the buffers go
//
// The calling thread is the consumer: it alone refills and takes. Where it writes too, a slow write keeps new fetches
// from starting, as in the program this stands for. What has been started goes on. Not guaranteed: any order
// of the writes; that a chunk named twice is fetched once; that nothing was written when the restore fails
// (what was written before is verified data); a limit to the time one write of the sink takes.
#include "restore_core/engine/restore_engine.h"

#include <algorithm>
#include <utility>

#include "restore_core/engine/guarded.h"
#include "restore_core/engine/restore.h"
#include "restore_core/engine/restore_setup.h"
#include "restore_core/engine/target_scan.h"

namespace depthfinder {

Restore::Restore(const std::vector<ImageTarget>& images, const EngineSettings& settings, ChunkSource& source,
                 const ProgressCallback& progress, std::stop_token stop, std::vector<RestorePlan> plans,
                 const AutoSettings& automatic)
    : images_(images),
      settings_(settings),
      source_(source),
      progress_(progress),
      stop_(std::move(stop)),
      cache_(make_cache(images, settings.chunk_cache)),
      tuner_(make_tuner(settings, automatic)),
      slots_(slot_layout(images, settings)),
      arrived_([this](Slot& slot) {
        if (settings_.decode_on == DecodeOn::consumer)
          finished_.push({&slot});
        else
          decode_.take(slot);
      }),
      fetch_(images, source, clock_),
      decode_(
          images, settings, fetch_, clock_, [this](Slot& slot) { hand_on_decoded(slot); },
          [this] {
            --undecoded_;
            finished_.push({});  // there is room for another fetch
          }),
      write_(images, clock_,
             [this](WriteStage::Written written) {
               finished_.push({written.slot, written.zeros, true, std::move(written.outcome)});
             }),
      depth_(static_cast<std::size_t>(settings.depth)),
      tally_(images) {
  follow(std::move(plans));
}

void Restore::follow(std::vector<RestorePlan> plans) {
  zero_runs_left_ = 0;
  for (const RestorePlan& plan : plans) zero_runs_left_ += plan.zeros_first.size();
  order_ = ChunkOrder(std::move(plans));
}

Result<RestoreStats> Restore::run() {
  tally_.begin(clock_.now(), source_.stats());
  Result<void> outcome = {};
  {
    const std::stop_callback wake_consumer(stop_, [this] { finished_.close(); });
    outcome = guarded([this] { return restore_chunks(); });
  }
  const TimePoint last_write = clock_.now();
  shut_down(!outcome);
  if (stop_.stop_requested()) return tl::make_unexpected(cancelled(tally_.progress()));
  DF_TRY(std::move(outcome));
  for (const ImageTarget& image : images_) DF_TRY(guarded([&] { return image.sink.finish(); }));
  return statistics(last_write);
}

Result<void> Restore::restore_chunks() {
  if (stop_.stop_requested()) return tl::make_unexpected(cancelled(tally_.progress()));
  DF_TRY(leave_what_targets_hold());
  start();
  DF_TRY(write_zeros_here());
  while (!order_.done() || slots_.taken_count() > 0 || zero_runs_left_ > 0) {
    refill();
    auto finished = finished_.pop();
    if (!finished) return tl::make_unexpected(cancelled(tally_.progress()));
    DF_TRY(settle(*finished));
  }
  return {};
}

Result<void> Restore::leave_what_targets_hold() {
  if (!any_old_data(images_)) return {};
  const auto count_held = [this](const ScannedRun& run) {
    tally_.reused(run.image, run.chunks_held, run.bytes_held, run.zero_bytes_held, clock_.now());
    if (progress_) progress_(tally_.progress());
  };
  DF_ASSIGN(const std::vector<HeldChunks> held, scan_targets(images_, settings_, count_held, stop_));
  DF_ASSIGN(std::vector<RestorePlan> plans, make_plans(images_, settings_.zero_order, held));
  follow(std::move(plans));
  tally_.begin_fetching(clock_.now());
  return {};
}

void Restore::start() {
  apply_tuning();
  if (tuner_) tuner_->begin(clock_.now(), totals());
  decode_.start();
  if (settings_.writers == 0) return;
  std::vector<const ZeroRun*> zeros;
  for (const RestorePlan& plan : order_.plans())
    for (const ZeroRun& run : plan.zeros_first)
      if (!zeros_come_first(run.image)) zeros.push_back(&run);
  write_.start(settings_.writers, std::move(zeros));
}

// Where no writer does it later, or later is too late: a sink's window begins at the first missing byte.
bool Restore::zeros_come_first(std::uint32_t image) const {
  return settings_.writers == 0 || images_[image].sink.reorder_window_bytes();
}

Result<void> Restore::write_zeros_here() {
  for (const RestorePlan& plan : order_.plans()) {
    for (const ZeroRun& run : plan.zeros_first) {
      if (!zeros_come_first(run.image)) continue;
      if (stop_.stop_requested()) return tl::make_unexpected(cancelled(tally_.progress()));
      const TimePoint begin = clock_.now();
      const auto written = write_zero_run(images_[run.image], run);
      tally_.wrote_here(clock_.now() - begin, Nanoseconds(0));
      DF_TRY(settle_zeros({nullptr, &run, true, written}));
    }
  }
  return {};
}

void Restore::refill() {
  for (; !again_.empty() && may_fetch(); again_.pop_back()) issue(*again_.back());
  while (!order_.done()) {
    const PlannedChunk chunk = order_.next();
    if (!window_permits(images_[chunk.image], chunk, slots_)) return;
    if (!join_fetch_in_flight(chunk)) {
      if (!may_fetch() || slots_.taken_count() >= slots_at(depth_, settings_)) return;
      const TimePoint now = clock_.now();
      Slot& slot = slots_.take(chunk, now);
      issue(slot);
      tally_.used(now, slots_.taken_count(), depth_in_use());
    }
    order_.advance();
  }
}

// What the depth counts: slots; where chunks wait for the lanes, those that are not decoded yet.
std::size_t Restore::depth_in_use() const {
  return settings_.decode_on == DecodeOn::lanes ? undecoded_.load() : slots_.taken_count();
}

// Equal digests are equal chunks, but a keyed one counts only under its own key's rules, and an index that gives one
// digest two lengths is found out by fetching both.
bool Restore::join_fetch_in_flight(const PlannedChunk& chunk) {
  if (!settings_.coalesce || chunk.zero) return false;
  const auto found = in_flight_.find(digest_of(images_[chunk.image], chunk));
  if (found == in_flight_.end()) return false;
  const PlannedChunk& other = found->second->chunk;
  if (images_[other.image].job.crypt_mode != images_[chunk.image].job.crypt_mode) return false;
  if (chunk_length(images_[other.image], other) != chunk_length(images_[chunk.image], chunk)) return false;
  found->second->also_at.push_back(chunk);
  tally_.coalesced();
  return true;
}

void Restore::issue(Slot& slot) {
  slot.requested_at = clock_.now();
  const Digest& digest = digest_of(images_[slot.chunk.image], slot.chunk);
  if (cache_) slot.cached = cache_->find(digest);
  if (slot.cached && slot.cached->size() != chunk_length(images_[slot.chunk.image], slot.chunk))
    slot.cached.reset();
  if (slot.chunk.zero || slot.cached) {
    if (slot.cached) tally_.cache_hit();
    slot.payload = slot.cached ? ByteSpan(*slot.cached) : ByteSpan();
    slot.ready_at = slot.requested_at;
    hand_on_decoded(slot);
    return;
  }
  if (settings_.coalesce) in_flight_.try_emplace(digest, &slot);
  slot.fetch_uncounted = true;
  ++undecoded_;
  slot.receive.get();
  if (settings_.decode_on == DecodeOn::fetchers)
    decode_.take(slot);
  else
    fetch_.start(slot, arrived_);
}

void Restore::keep_in_cache(const Slot& slot) {
  if (cache_ && slot.payload && !slot.chunk.zero && !slot.cached)
    cache_->offer(digest_of(images_[slot.chunk.image], slot.chunk), *slot.payload);
}

// On whatever thread decoded it: on to a writer, or to the consumer, which looks after everything else.
void Restore::hand_on_decoded(Slot& slot) {
  keep_in_cache(slot);
  if (settings_.writers > 0 && slot.payload)
    write_.take(slot);
  else
    finished_.push({&slot});
}

Result<void> Restore::settle(Finished& finished) {
  if (finished.zeros != nullptr) return settle_zeros(finished);
  if (finished.slot == nullptr) return {};
  Slot& slot = *finished.slot;
  if (finished.written) return settle_written(slot, finished.outcome);
  if (settings_.decode_on == DecodeOn::consumer && slot.fetch_uncounted) {
    decode_.decode_here(slot);
    keep_in_cache(slot);
  }
  if (slot.payload) return write(slot);
  const Error& error = slot.payload.error();
  if (error.kind != ErrorKind::corrupt || slot.refetched)
    return tl::make_unexpected(located(images_, error, slot.chunk.image, slot.chunk.position));
  tally_.fetched(slot);
  slot.refetched = true;
  tally_.refetched();
  again_.push_back(&slot);
  return {};
}

Result<void> Restore::settle_zeros(const Finished& finished) {
  const ZeroRun& run = *finished.zeros;
  if (!finished.outcome)
    return tl::make_unexpected(located(images_, finished.outcome.error(), run.image, run.first_position));
  --zero_runs_left_;
  count_written(run.image, run.chunk_count, run.chunk_count * images_[run.image].job.index.chunk_size, true);
  return {};
}

Result<void> Restore::write(Slot& slot) {
  if (settings_.writers > 0) {
    write_.take(slot);
    return {};
  }
  const TimePoint begin = clock_.now();
  const auto written = write_chunk(images_[slot.chunk.image], slot);
  tally_.wrote_here(clock_.now() - begin, begin - slot.ready_at);
  return settle_written(slot, written);
}

Result<void> Restore::settle_written(Slot& slot, const Result<void>& outcome) {
  const PlannedChunk chunk = slot.chunk;
  if (!outcome) return tl::make_unexpected(located(images_, outcome.error(), chunk.image, chunk.position));
  const std::uint64_t bytes = images_[chunk.image].job.index.chunk_length(chunk.position);
  const bool fetched = slot.fetch_uncounted;
  if (fetched) tally_.fetched(slot);
  count_written(chunk.image, 1, bytes, chunk.zero);
  if (slot.also_at.empty()) {
    release(slot);
  } else {  // the same bytes at the next place
    slot.chunk = slot.also_at.back();
    slot.also_at.pop_back();
    slot.ready_at = clock_.now();
    hand_on_decoded(slot);
  }
  if (fetched) tune(bytes);
  return {};
}

void Restore::release(Slot& slot) {
  const auto found = in_flight_.find(digest_of(images_[slot.chunk.image], slot.chunk));
  if (found != in_flight_.end() && found->second == &slot) in_flight_.erase(found);
  slots_.release(slot);
  tally_.used(clock_.now(), slots_.taken_count(), depth_in_use());
}

StageTotals Restore::totals() {
  StageTotals totals;
  totals.decode = decode_.work();
  totals.write = {write_.work().busy + tally_.write_clock().busy,
                  write_.work().waited + tally_.write_clock().wait};
  totals.depth_time = tally_.depth_time(clock_.now());
  totals.errors = source_.stats().retries + tally_.refetches();
  totals.chunks_left = order_.left();
  return totals;
}

void Restore::tune(std::uint64_t bytes) {
  if (tuner_ && tuner_->chunk_done(bytes, clock_.now(), [this] { return totals(); })) apply_tuning();
}

void Restore::apply_tuning() {
  const int depth = settings_.depth_auto ? tuner_->depth() : settings_.depth;
  const int threads = settings_.threads_auto ? tuner_->threads() : settings_.threads;
  depth_ = static_cast<std::size_t>(depth);
  decode_.set_depth(depth);
  if (settings_.threads_auto) decode_.set_active_threads(threads);
  tally_.permitted(clock_.now(), depth, threads);
}

void Restore::count_written(std::uint32_t image, std::uint64_t chunks, std::uint64_t bytes, bool zero) {
  tally_.written(image, chunks, bytes, zero, clock_.now());
  if (progress_) progress_(tally_.progress());
}

void Restore::shut_down(bool cancel) {
  finished_.close();
  if (cancel) {
    source_.cancel();
    write_.shut_down();  // at once: while the decoders are joined, nothing more is written
  }
  decode_.shut_down();
  write_.shut_down();
  fetch_.wait_until_idle();
}

RestoreStats Restore::statistics(TimePoint last_write) {
  RestoreStats stats = tally_.finish(source_.stats(), last_write, clock_.now());
  if (tuner_) stats.depth_trace = tuner_->take_trace();
  stats.lane_kernel = decode_.lane_kernel();
  stats.hash_batch_mean = decode_.hash_batch_mean();
  stats.stages += decode_.clocks();
  stats.stages.write.busy += write_.work().busy;
  stats.stages.write.wait += write_.work().waited;
  return stats;
}

Result<RestoreStats> restore_images(const std::vector<ImageTarget>& images, const EngineSettings& settings,
                                    ChunkSource& source, const ProgressCallback& progress,
                                    std::stop_token stop, const AutoSettings& automatic) {
  DF_TRY(check_settings(settings));
  for (const ImageTarget& image : images) DF_TRY(check_job(image.job));
  return guarded([&]() -> Result<RestoreStats> {
    DF_ASSIGN(std::vector<RestorePlan> plans, make_plans(images, settings.zero_order));
    return Restore(images, settings, source, progress, stop, std::move(plans), automatic).run();
  });
}

Result<RestoreStats> restore_image(const RestoreJob& job, const EngineSettings& settings, ChunkSource& source,
                                   Sink& sink, const ProgressCallback& progress, std::stop_token stop) {
  return restore_images({{job, sink, {}}}, settings, source, progress, std::move(stop));
}

}  // namespace depthfinder
