// SPDX-License-Identifier: MIT
#include "restore_core/engine/write_stage.h"

#include <algorithm>
#include <utility>

#include "restore_core/base/thread_name.h"
#include "restore_core/engine/guarded.h"

namespace depthfinder {
namespace {

// 32 MiB of neighbours at most: more would keep their slots from being fetched into.
constexpr std::size_t kRunChunksMax = 8;

}  // namespace

Result<void> write_chunk(const ImageTarget& image, const Slot& slot) {
  const FixedIndex& index = image.job.index;
  const std::uint64_t offset = index.chunk_offset(slot.chunk.position);
  if (slot.chunk.zero) return image.sink.write_zeros(offset, index.chunk_length(slot.chunk.position));
  return image.sink.write_data(offset, *slot.payload);
}

// Full chunks: the plan refuses others.
Result<void> write_zero_run(const ImageTarget& image, const ZeroRun& run) {
  const FixedIndex& index = image.job.index;
  return image.sink.write_zeros(index.chunk_offset(run.first_position), run.chunk_count * index.chunk_size);
}

void WriteStage::start(int threads, std::vector<const ZeroRun*> zeros) {
  {
    MutexLock lock(mutex_);
    zeros_ = std::move(zeros);
    std::reverse(zeros_.begin(), zeros_.end());
  }
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

void WriteStage::take(Slot& slot) {
  MutexLock lock(mutex_);
  if (closed_) return;
  ready_.emplace(Place{slot.chunk.image, slot.chunk.position}, &slot);
  changed_.notify_one();
}

void WriteStage::run() {
  name_thread("write");
  while (true) {
    Task task = next_task();
    if (task.slots.empty() && task.zeros == nullptr) return;
    const TimePoint begin = clock_.now();
    for (const Slot* slot : task.slots) waited_ns_ += (begin - slot->ready_at).count();
    const Result<void> outcome = guarded([&] { return write(task); });
    busy_ns_ += (clock_.now() - begin).count();
    finish_task(task.image, outcome.has_value());
    for (Slot* slot : task.slots) written_({slot, nullptr, outcome});
    if (task.zeros != nullptr) written_({nullptr, task.zeros, outcome});
  }
}

WriteStage::Task WriteStage::next_task() {
  MutexLock lock(mutex_);
  Task task;
  while (!closed_ && !find_task(task)) changed_.wait(mutex_);
  if (closed_) return {};
  ++writing_[task.image];
  return task;
}

// Payloads come first: they hold slots. Zeros fill the time in which none is ready.
bool WriteStage::find_task(Task& task) {
  for (auto first = ready_.begin(); first != ready_.end(); ++first) {
    if (!image_is_free(first->first.image)) continue;
    take_neighbours(first, task);
    return true;
  }
  for (auto zeros = zeros_.rbegin(); zeros != zeros_.rend(); ++zeros) {
    if (!image_is_free((*zeros)->image)) continue;
    task.image = (*zeros)->image;
    task.zeros = *zeros;
    zeros_.erase(std::next(zeros).base());
    return true;
  }
  return false;
}

bool WriteStage::image_is_free(std::uint32_t image) const {
  return writing_[image] < std::max(1, images_[image].sink.writers_max());
}

void WriteStage::take_neighbours(std::map<Place, Slot*>::iterator first, Task& task) {
  task.image = first->first.image;
  std::size_t position = first->first.position;
  while (first != ready_.end() && first->first == Place{task.image, position} &&
         task.slots.size() < kRunChunksMax) {
    if (first->second->chunk.zero && !task.slots.empty()) return;
    task.slots.push_back(first->second);
    first = ready_.erase(first);
    if (task.slots.back()->chunk.zero) return;
    ++position;
  }
}

Result<void> WriteStage::write(const Task& task) {
  const ImageTarget& image = images_[task.image];
  if (task.zeros != nullptr) return write_zero_run(image, *task.zeros);
  if (task.slots.size() == 1) return write_chunk(image, *task.slots.front());
  std::vector<ByteSpan> pieces;
  for (const Slot* slot : task.slots) pieces.push_back(*slot->payload);
  return image.sink.write_run(image.job.index.chunk_offset(task.slots.front()->chunk.position), pieces);
}

// After a write that failed, none begins any more.
void WriteStage::finish_task(std::uint32_t image, bool succeeded) {
  MutexLock lock(mutex_);
  --writing_[image];
  if (!succeeded) closed_ = true;
  changed_.notify_all();
}

void WriteStage::shut_down() {
  {
    MutexLock lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }
  threads_.clear();  // joins
}

}  // namespace depthfinder
