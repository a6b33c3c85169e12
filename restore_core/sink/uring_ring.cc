// SPDX-License-Identifier: MIT
#include "restore_core/sink/uring_ring.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "restore_core/base/check.h"

namespace depthfinder {
namespace {

bool knows_write(io_uring& ring) {
  const Handle<io_uring_probe, ::io_uring_free_probe> probe(::io_uring_get_probe_ring(&ring));
  return probe && ::io_uring_opcode_supported(probe.get(), IORING_OP_WRITE) != 0;
}

}  // namespace

void UringRing::Request::FreeCopy::operator()(std::uint8_t* memory) const { std::free(memory); }

tl::expected<std::unique_ptr<UringRing>, int> UringRing::open(UringTarget& target, int requests_max,
                                                              const Setup& setup) {
  std::unique_ptr<UringRing> ring(new UringRing(target, requests_max));
  const int result = setup(static_cast<unsigned>(requests_max), &ring->ring_);
  if (result < 0) return tl::make_unexpected(-result);
  ring->ring_open_ = true;
  if (!knows_write(ring->ring_)) return tl::make_unexpected(EOPNOTSUPP);
  return ring;
}

UringRing::UringRing(UringTarget& target, int requests_max)
    : target_(target), requests_(static_cast<std::size_t>(requests_max)) {
  for (Request& request : requests_) free_.push_back(&request);
}

UringRing::~UringRing() {
  if (ring_open_) ::io_uring_queue_exit(&ring_);
}

Result<void> UringRing::write(std::span<const Extent> extents) {
  outcome_ = {};
  rest_.assign(extents.rbegin(), extents.rend());
  for (;;) {
    while (outcome_ && !free_.empty()) {
      const std::optional<Extent> piece = next_piece();
      if (!piece) break;
      Request& request = *free_.back();
      free_.pop_back();
      start(request, *piece);
    }
    if (free_.size() == requests_.size()) return outcome_;
    wait_for_one();
  }
}

// Direct pieces are whole aligned blocks; what lies before the first and behind the last of an extent is not.
std::optional<Extent> UringRing::next_piece() {
  while (!rest_.empty() && rest_.back().bytes.empty()) rest_.pop_back();
  if (rest_.empty()) return std::nullopt;
  Extent& from = rest_.back();
  std::size_t length = std::min(from.bytes.size(), kUringRequestBytes);
  if (target_.direct_fd >= 0) {
    const std::size_t align = target_.direct_align_bytes;
    const auto past_border = static_cast<std::size_t>(from.offset % align);
    if (past_border > 0)
      length = std::min(length, align - past_border);
    else if (length >= align)
      length -= length % align;
  }
  const Extent piece{from.offset, from.bytes.first(length)};
  from = {from.offset + length, from.bytes.subspan(length)};
  return piece;
}

void UringRing::start(Request& request, const Extent& piece) {
  request.offset = piece.offset;
  request.bytes = piece.bytes;
  request.direct = target_.direct_fd >= 0 && target_.direct_works && is_aligned(piece.offset) &&
                   is_aligned(piece.bytes.size());
  if (request.direct && !is_aligned(reinterpret_cast<std::uintptr_t>(piece.bytes.data()))) {
    if (!request.copy)
      request.copy.reset(
          static_cast<std::uint8_t*>(std::aligned_alloc(target_.direct_align_bytes, kUringRequestBytes)));
    DF_CHECK(request.copy != nullptr);
    std::memcpy(request.copy.get(), piece.bytes.data(), piece.bytes.size());
    request.bytes = ByteSpan(request.copy.get(), piece.bytes.size());
  }
  enqueue(request);
}

void UringRing::enqueue(Request& request) {
  io_uring_sqe* entry = ::io_uring_get_sqe(&ring_);
  DF_CHECK(entry != nullptr);  // there is an entry for each request
  const int fd = request.direct ? target_.direct_fd : target_.buffered.fd();
  ::io_uring_prep_write(entry, fd, request.bytes.data(), static_cast<unsigned>(request.bytes.size()),
                        request.offset);
  ::io_uring_sqe_set_data(entry, &request);
}

void UringRing::wait_for_one() {
  const int submitted = ::io_uring_submit_and_wait(&ring_, 1);
  // Busy or interrupted: what was submitted still completes. Anything else is a ring that we broke.
  DF_CHECK(submitted >= 0 || submitted == -EINTR || submitted == -EAGAIN || submitted == -EBUSY);
  io_uring_cqe* completion = nullptr;
  while (::io_uring_peek_cqe(&ring_, &completion) == 0) {
    Request& request = *static_cast<Request*>(::io_uring_cqe_get_data(completion));
    const int result = completion->res;
    ::io_uring_cqe_seen(&ring_, completion);
    complete(request, result);
  }
}

void UringRing::complete(Request& request, int result) {
  const bool again = result == -EINTR || result == -EAGAIN;
  if (result > 0) {
    request.offset += static_cast<std::uint64_t>(result);
    request.bytes = request.bytes.subspan(static_cast<std::size_t>(result));
  }
  if (outcome_ && !request.bytes.empty() && (result > 0 || again)) {
    // A short direct write may end anywhere.
    if (request.direct && !is_aligned(request.offset)) request.direct = false;
    enqueue(request);
    return;
  }
  free_.push_back(&request);
  if (request.bytes.empty() || !outcome_) return;
  if (request.direct && result == -EINVAL && !target_.direct_required) {
    target_.direct_works = false;
    write_buffered(request.offset, request.bytes);
    return;
  }
  outcome_ = tl::make_unexpected(target_.buffered.range_error("write", request.offset, request.bytes.size(),
                                                              result < 0 ? -result : EIO));
}

void UringRing::write_buffered(std::uint64_t offset, ByteSpan bytes) {
  outcome_ = target_.buffered.write_at(offset, bytes);
}

}  // namespace depthfinder
