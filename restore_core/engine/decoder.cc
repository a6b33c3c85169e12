// SPDX-License-Identifier: MIT
#include "restore_core/engine/decoder.h"

#include "restore_core/base/check.h"
#include "restore_core/format/data_blob.h"

namespace depthfinder {
namespace {

// Adds the CPU time that the calling thread spends within its scope.
class CpuTimer {
 public:
  explicit CpuTimer(StageClock& clock) : clock_(clock), begin_(thread_cpu_time()) {}
  ~CpuTimer() { clock_.busy += thread_cpu_time() - begin_; }
  CpuTimer(const CpuTimer&) = delete;
  CpuTimer& operator=(const CpuTimer&) = delete;

 private:
  StageClock& clock_;
  Nanoseconds begin_;
};

// The part of `bytes` that a parsed view of them names, writable.
MutableByteSpan writable(MutableByteSpan bytes, ByteSpan part) {
  return bytes.subspan(static_cast<std::size_t>(part.data() - bytes.data()), part.size());
}

Result<BlobView> check_blob(ByteSpan bytes, CryptMode mode, StageClock& clock) {
  const CpuTimer timer(clock);
  DF_ASSIGN(const BlobView blob, parse_blob(bytes));
  DF_TRY(check_blob_crc(blob));
  DF_TRY(check_chunk_crypt_mode(blob, mode));
  return blob;
}

Result<ByteSpan> decrypt(MutableByteSpan bytes, const BlobView& blob, const CryptConfig* key,
                         StageClock& clock) {
  if (!blob.encrypted) return blob.body;
  const CpuTimer timer(clock);
  return decrypt_blob_body(blob, key, writable(bytes, blob.body));
}

// The output is bounded by what the index wants, whatever the frame says.
Result<ByteSpan> decompress(ByteSpan plain, const BlobView& blob, std::uint64_t bytes_max, LazyBuffer& buffer,
                            StageClock& clock) {
  if (!blob.compressed) return plain;
  const MutableByteSpan memory = buffer.get();
  DF_CHECK(bytes_max <= memory.size());
  const CpuTimer timer(clock);
  const auto out = memory.first(static_cast<std::size_t>(bytes_max));
  DF_ASSIGN(const std::size_t length, decompress_zstd(plain, out));
  return ByteSpan(out).first(length);
}

Result<void> check_length(ByteSpan payload, std::uint64_t expected_bytes) {
  if (payload.size() == expected_bytes) return {};
  return malformed(ErrorKind::corrupt, "chunk-length", "the chunk has {} bytes, the index wants {}",
                   payload.size(), expected_bytes);
}

}  // namespace

Result<ByteSpan> ChunkDecoder::decode(MutableByteSpan bytes, const ExpectedChunk& expected,
                                      LazyBuffer& buffer) {
  DF_ASSIGN(const BlobView blob, check_blob(bytes, mode_, clocks_.crc));
  DF_ASSIGN(const ByteSpan plain, decrypt(bytes, blob, key_, clocks_.decrypt));
  DF_ASSIGN(const ByteSpan payload, decompress(plain, blob, expected.bytes, buffer, clocks_.decompress));
  DF_TRY(check_length(payload, expected.bytes));
  const CpuTimer timer(clocks_.hash);
  DF_TRY(check_chunk_digest(payload, blob.encrypted, key_, expected.digest));
  return payload;
}

}  // namespace depthfinder
