// SPDX-License-Identifier: MIT
#include "restore_core/hash/lane_hasher.h"

#include <algorithm>

#include "restore_core/base/check.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder {

LaneHasher LaneHasher::measured() { return LaneHasher({{sha256_kernel(), 1, 0}}); }

Result<LaneHasher> LaneHasher::only(std::string_view kernel) {
  if (kernel == sha256_kernel()) return LaneHasher({{sha256_kernel(), 1, 0}});
  return fail(ErrorKind::bad_input, "this CPU has no SHA-256 kernel '{}'", kernel);
}

void LaneHasher::hash(std::span<const LaneMessage> messages, std::span<Digest> digests) const {
  DF_CHECK(messages.size() == digests.size());
  std::transform(messages.begin(), messages.end(), digests.begin(), [](const LaneMessage& message) {
    return sha256({message.body, message.suffix});
  });
}

int LaneHasher::best_batch() const { return best_kernel().lanes; }

const LaneKernel& LaneHasher::best_kernel() const {
  return *std::min_element(
      kernels_.begin(), kernels_.end(),
      [](const LaneKernel& left, const LaneKernel& right) { return left.ns_per_byte < right.ns_per_byte; });
}

}  // namespace depthfinder
