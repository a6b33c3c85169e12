// SPDX-License-Identifier: MIT
#include "restore_core/engine/decoder.h"

#include "restore_core/base/check.h"
#include "restore_core/engine/guarded.h"
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
Result<ByteSpan> decompress(ByteSpan plain, const BlobView& blob, std::uint64_t bytes_max,
                            ChunkBuffer& buffer, StageClock& clock) {
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

// What an encrypted chunk's digest covers beside its payload.
ByteSpan digest_suffix(const RestoreJob& job, bool keyed) {
  return keyed ? ByteSpan(job.key->id_key()) : ByteSpan();
}

}  // namespace

Result<ByteSpan> ChunkDecoder::open_blob(MutableByteSpan bytes, Slot& slot) {
  const RestoreJob& job = images_[slot.chunk.image].job;
  const std::uint64_t expected_bytes = job.index.chunk_length(slot.chunk.position);
  DF_ASSIGN(const BlobView blob, check_blob(bytes, job.crypt_mode, clocks_.crc));
  DF_ASSIGN(const ByteSpan plain, decrypt(bytes, blob, job.key, clocks_.decrypt));
  DF_ASSIGN(const ByteSpan payload, decompress(plain, blob, expected_bytes, slot.decode, clocks_.decompress));
  DF_TRY(check_length(payload, expected_bytes));
  slot.keyed = blob.encrypted;
  slot.compressed_bytes = blob.compressed ? plain.size() : 0;
  if (blob.compressed) slot.receive.recycle();
  return payload;
}

void ChunkDecoder::open(Slot& slot, TimePoint now) {
  slot.payload = guarded([&]() -> Result<ByteSpan> {
    DF_ASSIGN(const std::size_t blob_bytes, std::move(slot.blob_bytes));
    const MutableByteSpan received = slot.receive.get();
    DF_CHECK(blob_bytes <= received.size());
    clocks_.crc.wait += now - slot.arrived_at;
    return open_blob(received.first(blob_bytes), slot);
  });
}

void ChunkDecoder::verify(Slot& slot) {
  if (!slot.payload) return;
  const CpuTimer timer(clocks_.hash);
  const ImageTarget& image = images_[slot.chunk.image];
  const auto checked =
      check_chunk_digest(*slot.payload, slot.keyed, image.job.key, digest_of(image, slot.chunk));
  if (!checked) slot.payload = pass_on(checked.error());
}

void ChunkDecoder::verify(std::span<Slot* const> slots, const LaneHasher& hasher) {
  const CpuTimer timer(clocks_.hash);
  std::vector<Slot*> whole;
  std::vector<LaneMessage> messages;
  for (Slot* slot : slots) {
    if (!slot->payload) continue;
    whole.push_back(slot);
    messages.push_back({*slot->payload, digest_suffix(images_[slot->chunk.image].job, slot->keyed)});
  }
  std::vector<Digest> digests(messages.size());
  hasher.hash(messages, digests);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    Slot& slot = *whole[i];
    const auto checked = check_digest(digests[i], digest_of(images_[slot.chunk.image], slot.chunk));
    if (!checked) slot.payload = pass_on(checked.error());
  }
}

}  // namespace depthfinder
