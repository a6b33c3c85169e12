// SPDX-License-Identifier: MIT
// TransientBlobs: lends chunks to requests so that those that no cache keeps take bounded memory: each counts against
// one budget from its making until the last request lets go of it. Any thread; the datastore outlives it and the blobs.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "mock_server/datastore/datastore.h"

namespace depthfinder::mock {

class TransientBlobs {
 public:
  // Two chunks of 4 MiB: making one takes as much again, and all that the
  // server holds besides its cache is to stay below 64 MiB.
  static constexpr std::uint64_t kBytesMax = 9 << 20;

  explicit TransientBlobs(const Datastore& datastore) : datastore_(datastore) {}

  // Nothing when the budget is used up: ask again later. Errors: those of Datastore::chunk().
  [[nodiscard]] std::optional<Result<SharedBlob>> borrow(const Digest& digest);

 private:
  // Outlives this object for as long as a blob is out.
  using Used = std::atomic<std::uint64_t>;

  const Datastore& datastore_;
  const std::shared_ptr<Used> used_ = std::make_shared<Used>(0);
};

}  // namespace depthfinder::mock
