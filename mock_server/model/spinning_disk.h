// SPDX-License-Identifier: MIT
// SpinningDisk: disks on which chunks lie in index order or anywhere, each one reading one chunk at a time, first come
// first served; how long a chunk takes depends on where the others lie that wait with it (README.md in this folder).
// A virtual clock without randomness. Its owner locks.
#pragma once

#include <cstdint>
#include <vector>

#include "mock_server/model/request_info.h"
#include "mock_server/model/service_times.h"
#include "scenarios/server_spec.h"

namespace depthfinder::mock {

// The time a disk takes for one chunk: `gap` chunks lie between it and its nearest neighbour among the `queued` chunks
// that wait or are being read there, itself included (alone: between it and the resting head).
[[nodiscard]] Nanoseconds disk_service_time(const DiskSpec& spec, std::uint64_t bytes, std::uint64_t gap,
                                            std::size_t queued);

class SpinningDisk {
 public:
  // At least one disk, at least one chunk of span.
  explicit SpinningDisk(const DiskSpec& spec);

  // Chunks of one disk are read in the order of these calls.
  [[nodiscard]] ServiceTimes serve(const RequestInfo& request, TimePoint arrival);

 private:
  struct Queued {
    std::uint64_t place;
    TimePoint ready;
  };
  struct Disk {
    std::vector<Queued> queued;
    std::uint64_t head = 0;  // the place that would be read without a seek
    TimePoint free_at = TimePoint::min();
  };
  struct Location {
    std::size_t disk;
    std::uint64_t place;  // in chunks from the disk's beginning
  };

  [[nodiscard]] Location locate(const RequestInfo& request) const;
  [[nodiscard]] static std::uint64_t gap_to_nearest(const Disk& disk, std::uint64_t place);

  const DiskSpec spec_;
  std::vector<Disk> disks_;
};

}  // namespace depthfinder::mock
