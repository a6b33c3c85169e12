// SPDX-License-Identifier: MIT
// UringRing: one io_uring that writes extents, several requests at a time. One thread at a time; lent to the writing
// threads by UringWriter. A call waits for its own requests, so that the bytes are free when it returns, and nothing is
// in flight between calls.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <liburing.h>

#include "restore_core/base/result.h"
#include "restore_core/sink/extents.h"
#include "restore_core/sink/target_file.h"

namespace depthfinder {

// What requests are cut into: large enough that a request's own cost vanishes, small enough that a chunk makes several.
inline constexpr std::size_t kUringRequestBytes = 512U << 10;

// The two ways into one target. Whole aligned blocks go past the page cache while `direct_works`; the rest, such as an
// image's last bytes, goes through it. No page goes both ways, so they do not get into each other's way.
struct UringTarget {
  const TargetFile& buffered;
  int direct_fd = -1;  // -1: all goes through the page cache
  std::size_t direct_align_bytes = 4096;
  bool direct_required = false;           // an error where the target refuses direct I/O
  std::atomic<bool> direct_works = true;  // cleared by the first request that the target refuses
};

class UringRing {
 public:
  // As io_uring_queue_init: 0 or a negative errno. Replaced by tests.
  using Setup = std::function<int(unsigned entries, io_uring* ring)>;

  // `target` outlives the ring. The error is an errno.
  static tl::expected<std::unique_ptr<UringRing>, int> open(UringTarget& target, int requests_max,
                                                            const Setup& setup);
  ~UringRing();
  UringRing(const UringRing&) = delete;
  UringRing& operator=(const UringRing&) = delete;

  // Error: io, of the first request that failed.
  Result<void> write(std::span<const Extent> extents);

 private:
  struct Request {
    std::uint64_t offset = 0;
    ByteSpan bytes;  // what is still to be written; the caller's, or a part of `copy`
    bool direct = false;
    struct FreeCopy {
      void operator()(std::uint8_t* memory) const;
    };
    std::unique_ptr<std::uint8_t, FreeCopy>
        copy;  // aligned, for callers whose bytes are not; made once, then kept
  };

  UringRing(UringTarget& target, int requests_max);
  [[nodiscard]] std::optional<Extent> next_piece();  // cuts it off rest_
  void start(Request& request, const Extent& piece);
  void enqueue(Request& request);
  void wait_for_one();
  void complete(Request& request, int result);
  // Through the page cache, by a system call.
  void write_buffered(std::uint64_t offset, ByteSpan bytes);
  [[nodiscard]] bool is_aligned(std::uint64_t value) const { return value % target_.direct_align_bytes == 0; }

  UringTarget& target_;
  io_uring ring_{};
  bool ring_open_ = false;
  std::vector<Request> requests_;
  std::vector<Request*> free_;
  std::vector<Extent> rest_;  // of the current call, the next one last
  Result<void> outcome_;
};

}  // namespace depthfinder
