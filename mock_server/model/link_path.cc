// SPDX-License-Identifier: MIT
#include "mock_server/model/link_path.h"

#include <algorithm>

namespace depthfinder::mock {

TimePoint LinkPath::reserve(TimePoint now, TimePoint wanted_since, std::uint64_t bytes) {
  const TimePoint crossed_shared = shared_.reserve(now, wanted_since, bytes);
  if (!own_.limited()) return crossed_shared;
  const TimePoint crossed_own = own_.reserve(now, wanted_since, bytes);
  // A link without a limit answers `now`, which would hide that the other one lets a late sender catch up.
  return shared_.limited() ? std::max(crossed_shared, crossed_own) : crossed_own;
}

std::uint64_t LinkPath::slice_bytes() const { return std::min(shared_.slice_bytes(), own_.slice_bytes()); }

}  // namespace depthfinder::mock
