// SPDX-License-Identifier: MIT
// Blobs and zstd frames. A random change never passes the CRC, so the first byte chooses whether it is made right.
#include <algorithm>

#include "restore_core/format/data_blob.h"
#include "restore_core/hash/crc32.h"

using namespace depthfinder;

namespace {

constexpr std::uint64_t kPayloadMax = 1 << 20;

void repair_crc(Bytes& blob) {
  const auto view = parse_blob(blob);
  if (!view) return;
  const std::uint32_t crc = crc32(view->body);
  for (std::size_t i = 0; i < 4; ++i) blob[8 + i] = static_cast<std::uint8_t>(crc >> (8 * i));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Bytes blob(data + 1, data + size);
  if (data[0] % 2 != 0) repair_crc(blob);
  static const CryptConfig key{std::array<std::uint8_t, 32>{1, 2, 3}};
  for (const CryptConfig* with : {static_cast<const CryptConfig*>(nullptr), &key})
    static_cast<void>(decode_blob(blob, with, kPayloadMax));
  for (const CryptMode mode : {CryptMode::none, CryptMode::encrypt, CryptMode::sign_only})
    static_cast<void>(decode_chunk(blob, mode, &key, Digest{}, 4096));
  Bytes out(4096);
  static_cast<void>(decompress_zstd(blob, out));
  return 0;
}
