// SPDX-License-Identifier: MIT
#include "restore_core/format/data_blob.h"

#include <algorithm>
#include <new>

#include "restore_core/format/blob_magic.h"
#include "restore_core/hash/crc32.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder {
namespace {

constexpr std::uint64_t kFirstOutputBytes = 64ULL << 10;
constexpr std::uint64_t kOutputGrowth = 4;

// The size follows the data, so running out of memory is the data's fault.
Result<Bytes> allocate(std::uint64_t bytes) {
  try {
    return Bytes(bytes);
  } catch (const std::bad_alloc&) {
    return malformed(ErrorKind::corrupt, "blob-too-large",
                     "the data expands to more than memory holds ({} bytes)", bytes);
  }
}

// Decompresses into a buffer that starts small and grows only while the data really fills it, so that a small
// bomb costs small memory until it has proved its size. Starting over, rather than streaming, needs no window
// memory; it at most doubles the work, and a third more, for blobs that are no chunks.
Result<Bytes> decompress_growing(ByteSpan frame, std::uint64_t max_bytes) {
  std::uint64_t capacity = std::min(max_bytes, std::max<std::uint64_t>(kFirstOutputBytes, 4 * frame.size()));
  for (;;) {
    DF_ASSIGN(Bytes out, allocate(capacity));
    const auto written = decompress_zstd(frame, out);
    if (written) {
      out.resize(*written);
      return out;
    }
    if (written.error().reason != "blob-too-large" || capacity == max_bytes) return pass_on(written.error());
    capacity = std::min(max_bytes, capacity * kOutputGrowth);
  }
}

tl::unexpected<Error> too_large(std::uint64_t bytes, std::uint64_t max_bytes) {
  return malformed(ErrorKind::corrupt, "blob-too-large", "the blob holds {} bytes, at most {} are allowed",
                   bytes, max_bytes);
}

// Decrypts and decompresses a chunk whose payload should have exactly the size of `out`.
Result<std::size_t> decode_into(const BlobView& blob, const CryptConfig* key, MutableByteSpan out) {
  if (!blob.compressed) {
    if (blob.body.size() > out.size()) return too_large(blob.body.size(), out.size());
    DF_ASSIGN(const ByteSpan plain, decrypt_blob_body(blob, key, out));
    if (!blob.encrypted) std::copy(plain.begin(), plain.end(), out.begin());
    return plain.size();
  }
  Bytes scratch(blob.encrypted ? blob.body.size() : 0);
  DF_ASSIGN(const ByteSpan frame, decrypt_blob_body(blob, key, scratch));
  return decompress_zstd(frame, out);
}

}  // namespace

Result<BlobView> parse_blob(ByteSpan bytes) {
  if (bytes.size() < kBlobHeaderSize)
    return malformed(ErrorKind::corrupt, "blob-too-short", "a blob has at least {} bytes, got {}",
                     kBlobHeaderSize, bytes.size());
  const auto known = std::find_if(kBlobMagics.begin(), kBlobMagics.end(), [&](const BlobMagic& candidate) {
    return std::equal(candidate.magic.begin(), candidate.magic.end(), bytes.begin());
  });
  if (known == kBlobMagics.end())
    return malformed(ErrorKind::corrupt, "blob-magic", "no data blob: it starts with {}",
                     to_hex(bytes.first(8)));

  BlobView blob;
  blob.encrypted = known->encrypted;
  blob.compressed = known->compressed;
  blob.stored_crc = load_le<std::uint32_t>(bytes, kCrcOffset);
  if (!blob.encrypted) {
    blob.body = bytes.subspan(kBlobHeaderSize);
    return blob;
  }
  if (bytes.size() < kEncryptedBlobHeaderSize)
    return malformed(ErrorKind::corrupt, "blob-too-short", "an encrypted blob has at least {} bytes, got {}",
                     kEncryptedBlobHeaderSize, bytes.size());
  blob.iv = bytes.subspan(kIvOffset, kIvSize);
  blob.tag = bytes.subspan(kTagOffset, kGcmTagSize);
  blob.body = bytes.subspan(kEncryptedBlobHeaderSize);
  return blob;
}

Result<void> check_blob_crc(const BlobView& blob) {
  const std::uint32_t computed = crc32(blob.body);
  if (computed == blob.stored_crc) return {};
  return malformed(ErrorKind::corrupt, "blob-crc",
                   "the blob is damaged: its {} bytes have the CRC {:08x}, not {:08x}", blob.body.size(),
                   computed, blob.stored_crc);
}

Result<ByteSpan> decrypt_blob_body(const BlobView& blob, const CryptConfig* key, MutableByteSpan out) {
  if (!blob.encrypted) return blob.body;
  if (key == nullptr)
    return malformed(ErrorKind::bad_input, "blob-missing-key",
                     "the data is encrypted: give the key file it was made with");
  if (blob.body.size() > out.size()) return too_large(blob.body.size(), out.size());
  const MutableByteSpan plain = out.first(blob.body.size());
  DF_TRY(key->decrypt(blob.body, blob.iv, blob.tag, plain));
  return ByteSpan(plain);
}

Result<Bytes> decode_blob(ByteSpan bytes, const CryptConfig* key, std::uint64_t max_bytes) {
  DF_ASSIGN(const BlobView blob, parse_blob(bytes));
  DF_TRY(check_blob_crc(blob));
  if (!blob.compressed && blob.body.size() > max_bytes) return too_large(blob.body.size(), max_bytes);
  Bytes decrypted(blob.encrypted ? blob.body.size() : 0);
  DF_ASSIGN(const ByteSpan body, decrypt_blob_body(blob, key, decrypted));
  if (blob.compressed) return decompress_growing(body, max_bytes);
  if (blob.encrypted) return decrypted;
  return Bytes(body.begin(), body.end());
}

Result<void> check_chunk_crypt_mode(const BlobView& blob, CryptMode mode) {
  const bool wants_encrypted = mode == CryptMode::encrypt;
  if (blob.encrypted == wants_encrypted) return {};
  return malformed(ErrorKind::corrupt, "chunk-crypt-mode",
                   "the chunk is {}, but the manifest lists its archive with crypt mode '{}'",
                   blob.encrypted ? "encrypted" : "not encrypted", crypt_mode_name(mode));
}

Result<void> check_chunk_digest(ByteSpan payload, bool encrypted, const CryptConfig* key,
                                const Digest& expected) {
  if (encrypted && key == nullptr)
    return malformed(ErrorKind::bad_input, "blob-missing-key",
                     "an encrypted chunk's digest cannot be checked without its key");
  return check_digest(encrypted ? key->keyed_digest(payload) : sha256(payload), expected);
}

Result<void> check_digest(const Digest& computed, const Digest& expected) {
  if (computed == expected) return {};
  return malformed(ErrorKind::corrupt, "chunk-digest",
                   "the chunk's content has the digest {}, the index wants {}", to_hex(computed),
                   to_hex(expected));
}

Result<Bytes> decode_chunk(ByteSpan bytes, CryptMode mode, const CryptConfig* key, const Digest& expected,
                           std::uint64_t expected_bytes) {
  DF_CHECK(expected_bytes <= kChunkPayloadMax);  // parsing an index has refused longer chunks
  DF_ASSIGN(const BlobView blob, parse_blob(bytes));
  DF_TRY(check_blob_crc(blob));
  DF_TRY(check_chunk_crypt_mode(blob, mode));
  Bytes payload(expected_bytes);
  DF_ASSIGN(const std::size_t payload_bytes, decode_into(blob, key, payload));
  payload.resize(payload_bytes);
  DF_TRY(check_chunk_digest(payload, blob.encrypted, key, expected));
  if (payload.size() != expected_bytes)
    return malformed(ErrorKind::corrupt, "chunk-length", "the chunk holds {} bytes, the index wants {}",
                     payload.size(), expected_bytes);
  return payload;
}

}  // namespace depthfinder
