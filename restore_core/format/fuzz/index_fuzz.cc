// SPDX-License-Identifier: MIT
// Fixed and dynamic indexes, with the stored checksum made right on request.
#include <algorithm>

#include "restore_core/format/dynamic_index.h"
#include "restore_core/format/fixed_index.h"
#include "restore_core/hash/sha256.h"

using namespace depthfinder;

namespace {

constexpr std::size_t kChecksumAt = 32;

void repair_checksum(Bytes& index) {
  if (index.size() < kIndexHeaderSize) return;
  const Digest checksum = sha256(ByteSpan(index).subspan(kIndexHeaderSize));
  std::copy(checksum.begin(), checksum.end(), index.begin() + kChecksumAt);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Bytes bytes(data + 1, data + size);
  if (data[0] % 2 != 0) repair_checksum(bytes);
  if (const auto fixed = parse_fixed_index(bytes)) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < fixed->chunk_count(); ++i) sum += fixed->chunk_length(i);
    if (sum != fixed->image_bytes) __builtin_trap();
    static_cast<void>(check_index_against_manifest(*fixed, fixed->checksum(), fixed->image_bytes));
  }
  static_cast<void>(parse_dynamic_index(bytes));
  return 0;
}
