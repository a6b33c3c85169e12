// SPDX-License-Identifier: MIT
#include "restore_core/format/zstd_frame.h"

#include <zstd.h>
#include <zstd_errors.h>

#include "restore_core/base/handle.h"
#include "restore_core/format/data_blob.h"

namespace depthfinder {
namespace {

constexpr int kCompressionLevel = 1;
constexpr std::uint64_t kWindowBytesMax =
    1ULL << 27;  // libzstd's own limit for streams, and more than writers use

// Contexts are kept per thread: a restore decodes thousands of chunks per second, and making a context
// allocates (and gives back to the kernel) some 100 KiB for decompression, 1 MiB for compression, every time.
ZSTD_DCtx* decompression_context() {
  thread_local const Handle<ZSTD_DCtx, ZSTD_freeDCtx> context(ZSTD_createDCtx());
  DF_CHECK(context != nullptr);
  return context.get();
}

ZSTD_CCtx* compression_context() {
  thread_local const Handle<ZSTD_CCtx, ZSTD_freeCCtx> context(ZSTD_createCCtx());
  DF_CHECK(context != nullptr);
  return context.get();
}

// The window that a frame's header declares (RFC 8878, 3.1.1.1.2); 0 where a single segment has no window of
// its own. Decoding into one buffer needs no window memory, but a frame must not pass here and fail in a
// streaming reader.
std::uint64_t declared_window_bytes(ByteSpan frame) {
  constexpr std::size_t kDescriptorOffset = 4;
  constexpr std::size_t kWindowOffset = 5;
  constexpr std::uint8_t kSingleSegment = 0x20;
  if (frame.size() <= kWindowOffset || (frame[kDescriptorOffset] & kSingleSegment) != 0) return 0;
  const std::uint64_t base = 1ULL << (10 + (frame[kWindowOffset] >> 3));
  return base + base / 8 * (frame[kWindowOffset] & 7U);
}

// One whole frame and nothing after it: the decoder itself would also take skippable and concatenated frames.
Result<void> check_single_frame(ByteSpan frame) {
  if (frame.size() < sizeof(std::uint32_t) || load_le<std::uint32_t>(frame, 0) != ZSTD_MAGICNUMBER)
    return malformed(ErrorKind::corrupt, "blob-zstd", "the compressed data ({} bytes) is no zstd frame",
                     frame.size());
  if (const std::uint64_t window = declared_window_bytes(frame); window > kWindowBytesMax)
    return malformed(ErrorKind::corrupt, "blob-zstd",
                     "the zstd frame wants a window of {} bytes, at most {} are allowed", window,
                     kWindowBytesMax);
  const std::size_t frame_bytes = ZSTD_findFrameCompressedSize(frame.data(), frame.size());
  if (ZSTD_isError(frame_bytes) != 0)
    return malformed(ErrorKind::corrupt, "blob-zstd", "the zstd frame ({} bytes) is broken: {}", frame.size(),
                     ZSTD_getErrorName(frame_bytes));
  if (frame_bytes != frame.size())
    return malformed(ErrorKind::corrupt, "blob-zstd", "{} bytes follow the zstd frame",
                     frame.size() - frame_bytes);
  return {};
}

}  // namespace

Result<std::size_t> decompress_zstd(ByteSpan frame, MutableByteSpan out) {
  DF_TRY(check_single_frame(frame));
  const std::size_t written =
      ZSTD_decompressDCtx(decompression_context(), out.data(), out.size(), frame.data(), frame.size());
  if (ZSTD_isError(written) == 0) return written;
  if (ZSTD_getErrorCode(written) == ZSTD_error_dstSize_tooSmall)
    return malformed(ErrorKind::corrupt, "blob-too-large",
                     "the data expands to more than the {} bytes allowed", out.size());
  return malformed(ErrorKind::corrupt, "blob-zstd", "the zstd frame ({} bytes) is broken: {}", frame.size(),
                   ZSTD_getErrorName(written));
}

std::optional<std::size_t> compress_zstd(ByteSpan payload, MutableByteSpan out) {
  const std::size_t written = ZSTD_compressCCtx(compression_context(), out.data(), out.size(), payload.data(),
                                                payload.size(), kCompressionLevel);
  if (ZSTD_isError(written) == 0) return written;
  DF_CHECK(ZSTD_getErrorCode(written) == ZSTD_error_dstSize_tooSmall);
  return std::nullopt;
}

}  // namespace depthfinder
