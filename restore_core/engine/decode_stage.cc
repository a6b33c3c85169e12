// SPDX-License-Identifier: MIT
#include "restore_core/engine/decode_stage.h"

#include <algorithm>
#include <utility>

#include "restore_core/base/thread_name.h"

namespace depthfinder {
namespace {

std::size_t thread_count(const EngineSettings& settings) {
  switch (settings.decode_on) {
    case DecodeOn::consumer:
      return 0;
    case DecodeOn::workers:
    case DecodeOn::lanes:
      return static_cast<std::size_t>(settings.threads);
    case DecodeOn::fetchers:
      return static_cast<std::size_t>(settings.depth);
  }
  return 0;
}

std::optional<LaneHasher> hasher_for(DecodeOn decode_on) {
  if (decode_on != DecodeOn::lanes) return std::nullopt;
  return LaneHasher::measured();
}

}  // namespace

DecodeStage::DecodeStage(const std::vector<ImageTarget>& images, const EngineSettings& settings,
                         FetchStage& fetch, const Clock& clock, SlotHandler ready,
                         std::function<void()> opened)
    : decode_on_(settings.decode_on),
      fetch_(fetch),
      clock_(clock),
      ready_(std::move(ready)),
      opened_(std::move(opened)),
      hasher_(hasher_for(settings.decode_on)),
      active_threads_(thread_count(settings)) {
  for (std::size_t i = 0; i < std::max<std::size_t>(1, thread_count(settings)); ++i)
    decoders_.push_back(std::make_unique<ChunkDecoder>(images));
  set_depth(settings.depth);
}

void DecodeStage::start() {
  if (decode_on_ == DecodeOn::consumer) return;
  for (std::size_t number = 0; number < decoders_.size(); ++number)
    threads_.emplace_back([this, number] { run(number); });
}

void DecodeStage::take(Slot& slot) {
  MutexLock lock(mutex_);
  if (closed_) return;
  arrived_.push_back(&slot);
  // A thread that is not to work would swallow the call.
  if (active_threads_ == threads_.size())
    changed_.notify_one();
  else
    changed_.notify_all();
}

void DecodeStage::decode_here(Slot& slot) { open_and_verify(slot, *decoders_.front()); }

void DecodeStage::set_active_threads(int count) {
  MutexLock lock(mutex_);
  active_threads_ = std::clamp<std::size_t>(static_cast<std::size_t>(count), 1, decoders_.size());
  changed_.notify_all();
}

void DecodeStage::set_depth(int depth) {
  MutexLock lock(mutex_);
  if (hasher_)
    batch_ = lane_batch(static_cast<std::size_t>(hasher_->best_batch()), static_cast<std::size_t>(depth),
                        decoders_.size());
  changed_.notify_all();
}

void DecodeStage::run(std::size_t number) {
  name_thread("decode");
  ChunkDecoder& decoder = *decoders_[number];
  while (true) {
    const Work work = next_work(number);
    if (work.slots.empty()) return;
    const TimePoint begin = clock_.now();
    if (work.turn == DecodeTurn::hash) {
      verify_in_lanes(work.slots, decoder);
    } else if (decode_on_ == DecodeOn::lanes) {
      open(*work.slots.front(), decoder);
      queue_for_lanes(*work.slots.front());
    } else {
      if (decode_on_ == DecodeOn::fetchers) fetch_.fetch_and_wait(*work.slots.front());
      open_and_verify(*work.slots.front(), decoder);
      ready_(*work.slots.front());
    }
    busy_ns_ += (clock_.now() - begin).count();
  }
}

DecodeTurn DecodeStage::turn(std::size_t number) const {
  if (number >= active_threads_) return DecodeTurn::wait;
  const bool overdue = !decoded_.empty() && clock_.now() - first_decoded_at_ >= kLaneWaitMax;
  return next_turn({fetch_.in_flight(), arrived_.size(), decoding_, decoded_.size(), overdue, batch_});
}

DecodeStage::Work DecodeStage::next_work(std::size_t number) {
  MutexLock lock(mutex_);
  // Asked once per look: fetches begin and end without the lock, so that a second answer may be another.
  Work work{turn(number), {}};
  for (; !closed_ && work.turn == DecodeTurn::wait; work.turn = turn(number)) {
    if (decoded_.empty() || number >= active_threads_)
      changed_.wait(mutex_);
    else
      changed_.wait_for(mutex_, kLaneWaitMax);
  }
  if (closed_) return {};
  std::deque<Slot*>& queue = work.turn == DecodeTurn::hash ? decoded_ : arrived_;
  const std::size_t count = work.turn == DecodeTurn::hash ? std::min(batch_, decoded_.size()) : 1;
  const auto end = queue.begin() + static_cast<std::ptrdiff_t>(count);
  work.slots.assign(queue.begin(), end);
  queue.erase(queue.begin(), end);
  if (work.turn == DecodeTurn::decode) ++decoding_;
  return work;
}

void DecodeStage::open(Slot& slot, ChunkDecoder& decoder) {
  const TimePoint now = clock_.now();
  waited_ns_ += (now - slot.arrived_at).count();
  decoder.open(slot, now);
}

void DecodeStage::open_and_verify(Slot& slot, ChunkDecoder& decoder) {
  open(slot, decoder);
  decoder.verify(slot);
  slot.ready_at = clock_.now();
}

// What could not be decoded has nothing to hash, but goes the same way: it may be the last that others wait for.
void DecodeStage::queue_for_lanes(Slot& slot) {
  {
    MutexLock lock(mutex_);
    --decoding_;
    if (decoded_.empty()) first_decoded_at_ = clock_.now();
    decoded_.push_back(&slot);
    // This thread looks for work next; when it is not to work any more, another must.
    if (active_threads_ < threads_.size()) changed_.notify_all();
  }
  opened_();
}

void DecodeStage::verify_in_lanes(const std::vector<Slot*>& slots, ChunkDecoder& decoder) {
  decoder.verify(slots, *hasher_);
  ++hash_batches_;
  hashed_ += slots.size();
  const TimePoint now = clock_.now();
  for (Slot* slot : slots) {
    slot->ready_at = now;
    ready_(*slot);
  }
}

void DecodeStage::shut_down() {
  {
    MutexLock lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }
  threads_.clear();  // joins
}

StageClocks DecodeStage::clocks() const {
  StageClocks sum;
  for (const auto& decoder : decoders_) sum += decoder->clocks();
  return sum;
}

double DecodeStage::hash_batch_mean() const {
  return hash_batches_ == 0 ? 1 : static_cast<double>(hashed_) / static_cast<double>(hash_batches_);
}

}  // namespace depthfinder
