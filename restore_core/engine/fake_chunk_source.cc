// SPDX-License-Identifier: MIT
#include "restore_core/engine/fake_chunk_source.h"

#include <algorithm>
#include <utility>

#include "restore_core/base/check.h"

namespace depthfinder::testing_support {
namespace {

Error cancelled_error() { return Error{ErrorKind::cancelled, "the source was cancelled"}; }

}  // namespace

FakeChunkSource::FakeChunkSource(const TestImage& image, Completion completion, std::uint64_t seed)
    : image_(image), completion_(completion), random_(seed) {
  if (completion == Completion::in_random_order) thread_ = std::jthread([this] { run(); });
}

FakeChunkSource::~FakeChunkSource() {
  {
    MutexLock lock(mutex_);
    closing_ = true;
    DF_CHECK(outstanding_.empty());  // the engine waits for every fetch
    changed_.notify_all();
  }
}

void FakeChunkSource::fetch(const Digest& digest, ChunkRoom room, Done done) {
  Fetch fetch{position_of(digest), digest, std::move(room), {}, std::move(done)};
  bool at_once = false;
  {
    MutexLock lock(mutex_);
    if (!cancelled_) admit(fetch);
    at_once = completion_ == Completion::at_once || cancelled_;
    if (!at_once) outstanding_.push_back(std::move(fetch));
    if (at_once) ++answering_;
    outstanding_max_ = std::max(outstanding_max_, outstanding_.size() + (at_once ? 1 : 0));
    changed_.notify_all();
  }
  if (at_once) answer(std::move(fetch));
}

void FakeChunkSource::admit(Fetch& fetch) {
  fetched_.push_back(fetch.position);
  ++stats_.requests;
  if (random_.below(2) == 0) take_buffer(fetch);  // its first byte comes early
}

void FakeChunkSource::take_buffer(Fetch& fetch) {
  if (!fetch.buffer.empty()) return;
  fetch.buffer = fetch.room.get();
  DF_CHECK(fetch.buffer.size() == fetch.room.bytes());
  for (const auto& other : outstanding_) DF_CHECK(other.buffer.data() != fetch.buffer.data());
  buffers_.insert(fetch.buffer.data());
  buffer_bytes_max_ = std::max(buffer_bytes_max_, fetch.buffer.size());
}

void FakeChunkSource::answer(Fetch fetch) {
  fetch.done(deliver(fetch));
  MutexLock lock(mutex_);
  --answering_;
  changed_.notify_all();
}

Result<std::size_t> FakeChunkSource::deliver(Fetch& fetch) {
  MutexLock lock(mutex_);
  if (cancelled_) return tl::make_unexpected(cancelled_error());
  if (const auto refused = refused_.find(fetch.position); refused != refused_.end())
    return tl::make_unexpected(refused->second);
  const auto found = image_.blobs.find(fetch.digest);
  if (found == image_.blobs.end()) return fail(ErrorKind::not_found, "no such chunk");
  const Bytes& blob = found->second;
  take_buffer(fetch);
  DF_CHECK(blob.size() <= fetch.buffer.size());
  std::copy(blob.begin(), blob.end(), fetch.buffer.begin());
  stats_.wire_bytes += blob.size();
  if (damaged_[fetch.position] > 0) {
    --damaged_[fetch.position];
    fetch.buffer[blob.size() - 1] ^= 0x10;
  }
  return blob.size();
}

std::optional<FakeChunkSource::Fetch> FakeChunkSource::next_random() {
  MutexLock lock(mutex_);
  while (outstanding_.empty() && !closing_) changed_.wait(mutex_);
  if (outstanding_.empty()) return std::nullopt;
  std::swap(outstanding_[random_.below(outstanding_.size())], outstanding_.back());
  Fetch fetch = std::move(outstanding_.back());
  outstanding_.pop_back();
  ++answering_;
  return fetch;
}

void FakeChunkSource::run() {
  while (auto fetch = next_random()) {
    std::this_thread::yield();
    answer(std::move(*fetch));
  }
}

void FakeChunkSource::cancel() {
  std::vector<Fetch> waiting;
  {
    MutexLock lock(mutex_);
    cancelled_ = true;
    waiting.swap(outstanding_);
    answering_ += waiting.size();
  }
  for (auto& fetch : waiting) answer(std::move(fetch));
  MutexLock lock(mutex_);
  while (answering_ > 0) changed_.wait(mutex_);
}

TransportStats FakeChunkSource::stats() const {
  MutexLock lock(mutex_);
  return stats_;
}

void FakeChunkSource::damage(std::size_t position, int times) {
  MutexLock lock(mutex_);
  damaged_[position] = times;
}

void FakeChunkSource::refuse(std::size_t position, Error error) {
  MutexLock lock(mutex_);
  refused_.insert_or_assign(position, std::move(error));
}

void FakeChunkSource::await_outstanding(std::size_t count) {
  MutexLock lock(mutex_);
  while (outstanding_.size() < count) changed_.wait(mutex_);
}

void FakeChunkSource::complete(std::size_t position) {
  std::optional<Fetch> fetch;
  {
    MutexLock lock(mutex_);
    const auto found = std::find_if(outstanding_.begin(), outstanding_.end(),
                                    [&](const Fetch& candidate) { return candidate.position == position; });
    DF_CHECK(found != outstanding_.end());
    fetch = std::move(*found);
    outstanding_.erase(found);
    ++answering_;
  }
  answer(std::move(*fetch));
}

std::size_t FakeChunkSource::outstanding_max() const {
  MutexLock lock(mutex_);
  return outstanding_max_;
}

std::vector<std::size_t> FakeChunkSource::fetched_positions() const {
  MutexLock lock(mutex_);
  return fetched_;
}

std::size_t FakeChunkSource::distinct_buffers() const {
  MutexLock lock(mutex_);
  return buffers_.size();
}

std::size_t FakeChunkSource::buffer_bytes_max() const {
  MutexLock lock(mutex_);
  return buffer_bytes_max_;
}

bool FakeChunkSource::cancelled() const {
  MutexLock lock(mutex_);
  return cancelled_;
}

std::size_t FakeChunkSource::position_of(const Digest& digest) const {
  const auto& digests = image_.index.digests;
  return static_cast<std::size_t>(std::find(digests.begin(), digests.end(), digest) - digests.begin());
}

}  // namespace depthfinder::testing_support
