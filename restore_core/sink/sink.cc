// SPDX-License-Identifier: MIT
#include "restore_core/sink/sink.h"

#include "restore_core/base/check.h"

namespace depthfinder {

Result<void> Sink::write_run(std::uint64_t offset, std::span<const ByteSpan> pieces) {
  for (const ByteSpan piece : pieces) {
    DF_TRY(write_data(offset, piece));
    offset += piece.size();
  }
  return {};
}

// Who asks has looked at holds_old_data().
Result<void> Sink::read(std::uint64_t, MutableByteSpan) {
  DF_CHECK(!"this sink reads nothing back");
  return {};
}

bool Sink::is_hole(std::uint64_t, std::uint64_t) const { return false; }

}  // namespace depthfinder
