// SPDX-License-Identifier: MIT
// LinkPath: the way of one connection's bytes: a link of its own (the cap per connection) and the link that all
// connections share. A slice crosses both at once, as through a wire and not through a store, and has left when it has
// crossed both; so neither link carries more than its rate. Its connection's thread owns it; the shared link outlives
// it.
#pragma once

#include <cstdint>

#include "mock_server/model/shared_link.h"

namespace depthfinder::mock {

class LinkPath {
 public:
  // 0 bytes per second of its own: no cap.
  LinkPath(SharedLink& shared, double own_bytes_per_s) : shared_(shared), own_(own_bytes_per_s) {}

  // As SharedLink::reserve().
  [[nodiscard]] TimePoint reserve(TimePoint now, TimePoint wanted_since, std::uint64_t bytes);

  [[nodiscard]] bool limited() const { return shared_.limited() || own_.limited(); }
  [[nodiscard]] std::uint64_t slice_bytes() const;

 private:
  SharedLink& shared_;
  SharedLink own_;
};

}  // namespace depthfinder::mock
