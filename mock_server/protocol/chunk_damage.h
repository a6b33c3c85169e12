// SPDX-License-Identifier: MIT
// What a fault does to a blob on its way out. Pure: the blob in the cache stays as it is.
#pragma once

#include "mock_server/datastore/datastore.h"

namespace depthfinder::mock {

// The first half of it.
[[nodiscard]] SharedBlob truncated(const SharedBlob& blob);
// One bit in the middle of its body flipped; of the CRC where it has no body.
[[nodiscard]] SharedBlob with_flipped_payload(const SharedBlob& blob);
// One bit of its CRC flipped. Blobs too short to have one come back as they are.
[[nodiscard]] SharedBlob with_flipped_crc(const SharedBlob& blob);

// The last bit of a file flipped: of an index it is a digest's, of a manifest the CRC covers it.
[[nodiscard]] SharedBlob with_flipped_last_bit(const SharedBlob& blob);

}  // namespace depthfinder::mock
