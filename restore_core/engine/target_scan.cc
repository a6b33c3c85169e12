// SPDX-License-Identifier: MIT
#include "restore_core/engine/target_scan.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>

#include "restore_core/base/queue.h"
#include "restore_core/base/thread_name.h"
#include "restore_core/engine/chunk_buffer.h"
#include "restore_core/engine/guarded.h"
#include "restore_core/engine/restore_setup.h"
#include "restore_core/hash/lane_hasher.h"

namespace depthfinder {
namespace {

// What a thread says: a run is done, or there is nothing more for it.
struct Report {
  ScannedRun run;
  Result<void> outcome = {};
  bool thread_ended = false;
};

// Sets it at the end of the scope, however that is left.
class SetAtEnd {
 public:
  explicit SetAtEnd(std::atomic<bool>& flag) : flag_(flag) {}
  ~SetAtEnd() { flag_ = true; }
  SetAtEnd(const SetAtEnd&) = delete;
  SetAtEnd& operator=(const SetAtEnd&) = delete;

 private:
  std::atomic<bool>& flag_;
};

class TargetScan {
 public:
  TargetScan(const std::vector<ImageTarget>& images, const EngineSettings& settings,
             const std::stop_token& stop);

  Result<std::vector<HeldChunks>> run(const ScanCallback& scanned);

 private:
  void work();
  std::optional<ScannedRun> next_run();
  Result<void> look_at(ScannedRun& run, std::vector<ChunkBuffer>& buffers);
  // The chunk's bytes, where only a digest can tell; nothing where the answer is known and noted.
  Result<std::optional<ByteSpan>> read_chunk(ScannedRun& run, std::size_t position, ChunkBuffer& buffer);
  void note_held(ScannedRun& run, std::size_t position, bool zero);
  [[nodiscard]] bool ends_early() const { return ends_ || stop_.stop_requested(); }

  const std::vector<ImageTarget>& images_;
  const std::stop_token stop_;
  const LaneHasher hasher_ = LaneHasher::measured();
  std::size_t thread_count_, batch_;
  BufferPool pool_;
  std::vector<Digest> zero_digests_;
  std::vector<HeldChunks> held_;  // threads set flags of different chunks
  Queue<Report> reports_;
  std::atomic<bool> ends_ = false;
  Mutex mutex_;
  ScannedRun next_ DF_GUARDED_BY(mutex_);
};

std::size_t scan_threads(const EngineSettings& settings) {
  return static_cast<std::size_t>(std::clamp(settings.threads, 1, 2 * settings.depth));
}

// All threads together keep to twice the depth.
std::size_t scan_batch(const EngineSettings& settings, int best_batch) {
  const std::size_t share = 2 * static_cast<std::size_t>(settings.depth) / scan_threads(settings);
  return std::clamp<std::size_t>(static_cast<std::size_t>(best_batch), 1, share);
}

std::size_t chunk_bytes_max(const std::vector<ImageTarget>& images) {
  std::uint64_t bytes = 1;
  for (const ImageTarget& image : images) bytes = std::max(bytes, image.job.index.chunk_size);
  return static_cast<std::size_t>(bytes);
}

TargetScan::TargetScan(const std::vector<ImageTarget>& images, const EngineSettings& settings,
                       const std::stop_token& stop)
    : images_(images),
      stop_(stop),
      thread_count_(scan_threads(settings)),
      batch_(scan_batch(settings, hasher_.best_batch())),
      pool_(thread_count_ * batch_, chunk_bytes_max(images)),
      held_(images.size()) {
  for (std::size_t i = 0; i < images.size(); ++i) {
    const RestoreJob& job = images[i].job;
    zero_digests_.push_back(zero_chunk_digest(job.index.chunk_size, job.crypt_mode, job.key));
    if (images[i].sink.holds_old_data()) held_[i].assign(job.index.chunk_count(), 0);
  }
}

Result<std::vector<HeldChunks>> TargetScan::run(const ScanCallback& scanned) {
  Result<void> outcome = {};
  {
    std::vector<std::jthread> threads;
    const SetAtEnd threads_end(ends_);  // before they are joined
    for (std::size_t i = 0; i < thread_count_; ++i) threads.emplace_back([this] { work(); });
    for (std::size_t ended = 0; ended < thread_count_;) {
      Report report = *reports_.pop();  // nobody closes it
      ended += report.thread_ended ? 1 : 0;
      if (!report.outcome && outcome) outcome = std::move(report.outcome);
      if (outcome && report.run.chunks_held > 0) scanned(report.run);
    }
  }
  if (stop_.stop_requested()) return fail(ErrorKind::cancelled, "cancelled while looking at the target");
  DF_TRY(std::move(outcome));
  return std::move(held_);
}

void TargetScan::work() {
  name_thread("scan");
  std::vector<ChunkBuffer> buffers;
  for (std::size_t i = 0; i < batch_; ++i) buffers.emplace_back(&pool_, 0, chunk_bytes_max(images_));
  while (!ends_early()) {
    std::optional<ScannedRun> run = next_run();
    if (!run) break;
    Result<void> outcome = guarded([&] { return look_at(*run, buffers); });
    if (!outcome) ends_ = true;
    reports_.push({*run, std::move(outcome)});
  }
  reports_.push({{}, {}, true});
}

std::optional<ScannedRun> TargetScan::next_run() {
  MutexLock lock(mutex_);
  while (next_.image < images_.size() && next_.first_position >= held_[next_.image].size())
    next_ = {next_.image + 1};
  if (next_.image >= images_.size()) return std::nullopt;
  ScannedRun run = next_;
  run.chunk_count = std::min(batch_, held_[run.image].size() - run.first_position);
  next_.first_position += run.chunk_count;
  return run;
}

Result<void> TargetScan::look_at(ScannedRun& run, std::vector<ChunkBuffer>& buffers) {
  const ImageTarget& image = images_[run.image];
  const bool keyed = image.job.crypt_mode == CryptMode::encrypt;
  const ByteSpan suffix = keyed ? ByteSpan(image.job.key->id_key()) : ByteSpan();
  std::vector<std::size_t> positions;
  std::vector<LaneMessage> messages;
  for (std::size_t i = 0; i < run.chunk_count && !ends_early(); ++i) {
    const std::size_t position = run.first_position + i;
    auto bytes = read_chunk(run, position, buffers[i]);
    if (!bytes) return tl::make_unexpected(located(images_, bytes.error(), run.image, position));
    if (!*bytes) continue;
    positions.push_back(position);
    messages.push_back({**bytes, suffix});
  }
  std::vector<Digest> digests(messages.size());
  hasher_.hash(messages, digests);
  for (std::size_t i = 0; i < positions.size(); ++i)
    if (digests[i] == image.job.index.digests[positions[i]]) note_held(run, positions[i], false);
  return {};
}

Result<std::optional<ByteSpan>> TargetScan::read_chunk(ScannedRun& run, std::size_t position,
                                                       ChunkBuffer& buffer) {
  const ImageTarget& image = images_[run.image];
  const FixedIndex& index = image.job.index;
  const std::uint64_t offset = index.chunk_offset(position);
  const std::uint64_t length = index.chunk_length(position);
  const bool want_zeros = index.digests[position] == zero_digests_[run.image];
  if (length == index.chunk_size && image.sink.is_hole(offset, length)) {
    if (want_zeros) note_held(run, position, true);
    return std::nullopt;
  }
  const MutableByteSpan bytes = buffer.get().first(static_cast<std::size_t>(length));
  DF_TRY(image.sink.read(offset, bytes));
  if (!want_zeros) return ByteSpan(bytes);
  if (is_zero(bytes)) note_held(run, position, true);
  return std::nullopt;
}

void TargetScan::note_held(ScannedRun& run, std::size_t position, bool zero) {
  const std::uint64_t bytes = images_[run.image].job.index.chunk_length(position);
  held_[run.image][position] = 1;
  ++run.chunks_held;
  run.bytes_held += bytes;
  if (zero) run.zero_bytes_held += bytes;
}

}  // namespace

bool any_old_data(const std::vector<ImageTarget>& images) {
  return std::any_of(images.begin(), images.end(),
                     [](const ImageTarget& image) { return image.sink.holds_old_data(); });
}

Result<std::vector<HeldChunks>> scan_targets(const std::vector<ImageTarget>& images,
                                             const EngineSettings& settings, const ScanCallback& scanned,
                                             const std::stop_token& stop) {
  return TargetScan(images, settings, stop).run(scanned);
}

}  // namespace depthfinder
