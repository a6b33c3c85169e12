// SPDX-License-Identifier: MIT
#include "mock_server/model/spinning_disk.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "mock_server/model/time_sampler.h"
#include "restore_core/base/check.h"
#include "restore_core/base/random.h"

namespace depthfinder::mock {

namespace {

std::uint64_t distance(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : b - a; }

}  // namespace

Nanoseconds disk_service_time(const DiskSpec& spec, std::uint64_t bytes, std::uint64_t gap,
                              std::size_t queued) {
  const auto sharing = static_cast<double>(queued);
  const double settle_ns = in_nanoseconds(spec.settle);
  double moving_ns = 0;
  if (gap > 0) {
    const double stroke_share =
        std::min(1.0, static_cast<double>(gap) / static_cast<double>(spec.span_chunks));
    const double seek_ns = settle_ns + (in_nanoseconds(spec.stroke) - settle_ns) * std::sqrt(stroke_share);
    moving_ns = spec.reads * (seek_ns + in_nanoseconds(spec.rotation) / (2 * sharing));
  } else if (queued > 1) {
    moving_ns = spec.reads / sharing * (settle_ns + in_nanoseconds(spec.rotation) / 2);
  }
  return transfer_time(bytes, spec.rate_bytes_per_s) + bounded_time(moving_ns);
}

SpinningDisk::SpinningDisk(const DiskSpec& spec) : spec_(spec), disks_(static_cast<std::size_t>(spec.disks)) {
  DF_CHECK(spec.disks > 0 && spec.span_chunks > 0);
}

SpinningDisk::Location SpinningDisk::locate(const RequestInfo& request) const {
  const std::uint64_t disks = disks_.size();
  if (spec_.layout == DiskSpec::Layout::sequential)
    return {static_cast<std::size_t>(request.place % disks), request.place / disks};
  const std::uint64_t hash = DigestHash{}(request.digest);
  return {static_cast<std::size_t>(mix_seed(hash, 1) % disks), mix_seed(hash, 2) % spec_.span_chunks};
}

std::uint64_t SpinningDisk::gap_to_nearest(const Disk& disk, std::uint64_t place) {
  if (disk.queued.empty()) return distance(place, disk.head);
  std::uint64_t nearest = std::numeric_limits<std::uint64_t>::max();
  for (const Queued& other : disk.queued) nearest = std::min(nearest, distance(place, other.place));
  return nearest > 0 ? nearest - 1 : 0;
}

ServiceTimes SpinningDisk::serve(const RequestInfo& request, TimePoint arrival) {
  const Location location = locate(request);
  Disk& disk = disks_[location.disk];
  std::erase_if(disk.queued, [&](const Queued& other) { return other.ready <= arrival; });
  const std::uint64_t gap = gap_to_nearest(disk, location.place);
  const Nanoseconds service = disk_service_time(spec_, request.bytes, gap, disk.queued.size() + 1);
  const TimePoint start = std::max(arrival, disk.free_at);
  disk.free_at = start + service;
  disk.head = location.place + 1;
  disk.queued.push_back({location.place, disk.free_at});
  return {start, disk.free_at};
}

}  // namespace depthfinder::mock
