// SPDX-License-Identifier: MIT
#include "restore_core/sink/sink.h"

namespace depthfinder {

Result<void> Sink::write_run(std::uint64_t offset, std::span<const ByteSpan> pieces) {
  for (const ByteSpan piece : pieces) {
    DF_TRY(write_data(offset, piece));
    offset += piece.size();
  }
  return {};
}

}  // namespace depthfinder
