// SPDX-License-Identifier: MIT
#include "mock_server/protocol/chunk_damage.h"

namespace depthfinder::mock {

namespace {

// pbs-protocol A.1
constexpr std::size_t kCrcOffset = 8;
constexpr std::size_t kBlobHeaderBytes = 12;

SharedBlob with_flipped_bit(const SharedBlob& blob, std::size_t offset) {
  if (offset >= blob->size()) return blob;
  Bytes bytes = *blob;
  bytes[offset] ^= 1;
  return std::make_shared<const Bytes>(std::move(bytes));
}

}  // namespace

SharedBlob truncated(const SharedBlob& blob) {
  return std::make_shared<const Bytes>(blob->begin(),
                                       blob->begin() + static_cast<std::ptrdiff_t>(blob->size() / 2));
}

SharedBlob with_flipped_payload(const SharedBlob& blob) {
  if (blob->size() <= kBlobHeaderBytes) return with_flipped_crc(blob);
  return with_flipped_bit(blob, kBlobHeaderBytes + (blob->size() - kBlobHeaderBytes) / 2);
}

SharedBlob with_flipped_crc(const SharedBlob& blob) { return with_flipped_bit(blob, kCrcOffset); }

SharedBlob with_flipped_last_bit(const SharedBlob& blob) {
  return blob->empty() ? blob : with_flipped_bit(blob, blob->size() - 1);
}

}  // namespace depthfinder::mock
