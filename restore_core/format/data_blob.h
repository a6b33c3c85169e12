// SPDX-License-Identifier: MIT
// Data blobs, the container of chunks and of *.blob files (pbs-protocol A). Reading is in the steps a restore
// has, so that each can be timed: parse, CRC, decrypt, decompress, digest. No step trusts a length: the
// output is bounded by the buffer the caller gives.
#pragma once

#include <cstdint>
#include <optional>

#include "restore_core/base/bytes.h"
#include "restore_core/base/digest.h"
#include "restore_core/base/result.h"
#include "restore_core/format/crypt_config.h"

namespace depthfinder {

inline constexpr std::uint64_t kBlobPayloadMax = 128ULL << 20;  // what a writer will encode
inline constexpr std::uint64_t kChunkPayloadMax = 16ULL << 20;  // decoded chunk
inline constexpr std::size_t kBlobHeaderSize = 12;              // magic, CRC
inline constexpr std::size_t kEncryptedBlobHeaderSize = 44;     // magic, CRC, IV, tag

// A parsed blob; the spans point into the bytes it was parsed from.
struct BlobView {
  bool encrypted = false;
  bool compressed = false;
  std::uint32_t stored_crc = 0;
  ByteSpan iv;   // 16 bytes, or empty
  ByteSpan tag;  // 16 bytes, or empty
  ByteSpan body;
};

// Errors: corrupt, reasons "blob-too-short", "blob-magic".
Result<BlobView> parse_blob(ByteSpan bytes);

// CRC over the body. Error: corrupt, "blob-crc".
Result<void> check_blob_crc(const BlobView& blob);

// Decrypts the body into `out`, which is at least as long, and returns the plain (perhaps compressed) bytes;
// an unencrypted body is returned as it is and `out` not touched. `out` may be the body's own memory (then
// decryption is in place). Errors: bad_input "blob-missing-key", corrupt "blob-gcm-tag", corrupt
// "blob-too-large" (does not fit).
Result<ByteSpan> decrypt_blob_body(const BlobView& blob, const CryptConfig* key, MutableByteSpan out);

// Decompresses one zstd frame into `out` and returns its length. Trailing bytes, truncation and a bad frame
// checksum are errors, and so is more output than `out` holds. Errors: corrupt, "blob-zstd",
// "blob-too-large".
Result<std::size_t> decompress_zstd(ByteSpan frame, MutableByteSpan out);

// All steps for a blob that is no chunk (manifest, configuration): CRC, decrypt, decompress into at most
// `max_bytes`, allocating as the output grows. Errors as above.
Result<Bytes> decode_blob(ByteSpan bytes, const CryptConfig* key, std::uint64_t max_bytes = kBlobPayloadMax);

// Does the blob's kind fit the crypt mode of its archive (C.3)? Error: corrupt, "chunk-crypt-mode".
Result<void> check_chunk_crypt_mode(const BlobView& blob, CryptMode mode);

// Compares the payload's digest, keyed when the blob was encrypted. Error: corrupt, "chunk-digest".
Result<void> check_chunk_digest(ByteSpan payload, bool encrypted, const CryptConfig* key,
                                const Digest& expected);

// Compares a digest that was computed with the index's. Error: corrupt, "chunk-digest".
Result<void> check_digest(const Digest& computed, const Digest& expected);

// All steps for a chunk: the payload must have exactly `expected_bytes`. Errors as above, and corrupt
// "chunk-length".
Result<Bytes> decode_chunk(ByteSpan bytes, CryptMode mode, const CryptConfig* key, const Digest& expected,
                           std::uint64_t expected_bytes);

struct BlobEncoding {
  bool compress = true;              // zstd level 1, kept only where it is not longer
  const CryptConfig* key = nullptr;  // encrypts when given
  std::optional<std::array<std::uint8_t, 16>>
      iv;  // random when absent; set it only to make bytes reproducible
};

// Error: bad_input, "blob-too-large" (payload over 128 MiB).
Result<Bytes> encode_blob(ByteSpan payload, const BlobEncoding& encoding);

}  // namespace depthfinder
