// SPDX-License-Identifier: MIT
#include <algorithm>

#include <openssl/rand.h>

#include "restore_core/format/blob_magic.h"
#include "restore_core/format/data_blob.h"
#include "restore_core/format/zstd_frame.h"
#include "restore_core/hash/crc32.h"

namespace depthfinder {
namespace {

// Fills `body`, which has the payload's size, and returns how many bytes of it are used. The frame is kept
// only where it fits, which is where it is not longer.
std::size_t fill_body(ByteSpan payload, MutableByteSpan body, bool compress, bool& compressed) {
  if (compress) {
    if (const auto frame_bytes = compress_zstd(payload, body)) {
      compressed = true;
      return *frame_bytes;
    }
  }
  compressed = false;
  std::copy(payload.begin(), payload.end(), body.begin());
  return payload.size();
}

void encrypt_in_place(const BlobEncoding& encoding, MutableByteSpan blob) {
  const MutableByteSpan iv = blob.subspan(kIvOffset, kIvSize);
  if (encoding.iv)
    std::copy(encoding.iv->begin(), encoding.iv->end(), iv.begin());
  else
    DF_CHECK(RAND_bytes(iv.data(), static_cast<int>(iv.size())) == 1);
  const MutableByteSpan body = blob.subspan(kEncryptedBlobHeaderSize);
  encoding.key->encrypt(body, iv, body, blob.subspan(kTagOffset, kGcmTagSize));
}

}  // namespace

Result<Bytes> encode_blob(ByteSpan payload, const BlobEncoding& encoding) {
  if (payload.size() > kBlobPayloadMax)
    return malformed(ErrorKind::bad_input, "blob-too-large", "a blob holds at most {} bytes, got {}",
                     kBlobPayloadMax, payload.size());
  const bool encrypted = encoding.key != nullptr;
  const std::size_t header_bytes = encrypted ? kEncryptedBlobHeaderSize : kBlobHeaderSize;
  Bytes blob(header_bytes + payload.size());
  bool compressed = false;
  const std::size_t body_bytes =
      fill_body(payload, MutableByteSpan(blob).subspan(header_bytes), encoding.compress, compressed);
  blob.resize(header_bytes + body_bytes);

  const auto kind = std::find_if(kBlobMagics.begin(), kBlobMagics.end(), [&](const BlobMagic& candidate) {
    return candidate.encrypted == encrypted && candidate.compressed == compressed;
  });
  std::copy(kind->magic.begin(), kind->magic.end(), blob.begin());
  if (encrypted) encrypt_in_place(encoding, blob);
  store_le(blob, kCrcOffset, crc32(ByteSpan(blob).subspan(header_bytes)));
  return blob;
}

}  // namespace depthfinder
