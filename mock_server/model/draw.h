// SPDX-License-Identifier: MIT
// Draw: what a random number is for. Every draw of the models comes from a generator of its own, seeded by the server's
// seed, the purpose and the request's ordinal, so that no model disturbs another's sequence and threads change nothing.
#pragma once

#include <cstdint>

#include "restore_core/base/random.h"

namespace depthfinder::mock {

enum class Draw : std::uint64_t { storage = 1, cache, first_byte, jitter, other_jitter, fault };

inline Random random_for(std::uint64_t seed, Draw purpose, std::uint64_t ordinal) {
  return Random(mix_seed(seed, static_cast<std::uint64_t>(purpose), ordinal));
}

}  // namespace depthfinder::mock
