// SPDX-License-Identifier: MIT
#include "mock_server/protocol/output_queue.h"

#include <algorithm>

namespace depthfinder::mock {

namespace {
// One TLS record: a frame header travels with the first bytes of its payload, not in a record and packet of its own.
constexpr std::size_t kGatherBytes = 16 << 10;
}  // namespace

void OutputQueue::append(ByteSpan bytes) {
  if (bytes.empty()) return;
  size_bytes_ += bytes.size();
  appended_bytes_ += bytes.size();
  if (!segments_.empty() && !segments_.back().blob && !(segments_.size() == 1 && handed_out_)) {
    // Not into a head whose bytes front() has handed out.
    Segment& last = segments_.back();
    last.copied.insert(last.copied.end(), bytes.begin(), bytes.end());
    last.length += bytes.size();
    return;
  }
  segments_.push_back(
      {.blob = {}, .copied = Bytes(bytes.begin(), bytes.end()), .offset = 0, .length = bytes.size()});
}

void OutputQueue::append(SharedBlob blob, std::size_t offset, std::size_t length) {
  if (length == 0) return;
  size_bytes_ += length;
  appended_bytes_ += length;
  segments_.push_back({.blob = std::move(blob), .copied = {}, .offset = offset, .length = length});
}

void OutputQueue::gather_head() {
  Bytes gathered;
  gathered.reserve(kGatherBytes);
  while (gathered.size() < kGatherBytes && !segments_.empty()) {
    Segment& segment = segments_.front();
    const ByteSpan taken = segment.bytes().first(std::min(segment.length, kGatherBytes - gathered.size()));
    gathered.insert(gathered.end(), taken.begin(), taken.end());
    segment.offset += taken.size();
    segment.length -= taken.size();
    if (segment.length == 0) segments_.pop_front();
  }
  const std::size_t length = gathered.size();
  segments_.push_front({.blob = {}, .copied = std::move(gathered), .offset = 0, .length = length});
}

ByteSpan OutputQueue::front(std::size_t max_bytes) {
  if (segments_.empty()) return {};
  // Only a head that nothing was taken from: the rest of a partly written one must stay what it was.
  const Segment& head = segments_.front();
  if (segments_.size() > 1 && !head.blob && !handed_out_ && head.length < kGatherBytes) gather_head();
  handed_out_ = true;
  const ByteSpan bytes = segments_.front().bytes();
  return bytes.first(std::min(bytes.size(), max_bytes));
}

void OutputQueue::consume(std::size_t count) {
  size_bytes_ -= count;
  handed_out_ = handed_out_ && count == 0;
  while (count > 0) {
    Segment& head = segments_.front();
    const std::size_t taken = std::min(count, head.length);
    head.offset += taken;
    head.length -= taken;
    count -= taken;
    if (head.length == 0) segments_.pop_front();
  }
}

}  // namespace depthfinder::mock
