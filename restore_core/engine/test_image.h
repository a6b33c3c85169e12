// SPDX-License-Identifier: MIT
// TestImage: a small image with its index and its chunks as blobs, for the engine's tests.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "restore_core/base/bytes.h"
#include "restore_core/base/digest.h"
#include "restore_core/engine/restore_engine.h"
#include "restore_core/format/crypt_config.h"
#include "restore_core/format/fixed_index.h"

namespace depthfinder::testing_support {

inline constexpr std::uint64_t kTestChunkSize = 16U << 10;

enum class Encoding { plain, compressed, encrypted, encrypted_compressed, signed_only };
std::string encoding_name(Encoding encoding);

struct TestImage {
  FixedIndex index;
  Bytes bytes;
  std::unordered_map<Digest, Bytes, DigestHash> blobs;  // of all chunks but the zero ones
  CryptMode crypt_mode = CryptMode::none;
  CryptConfig key{std::array<std::uint8_t, 32>{1, 2, 3}};

  [[nodiscard]] RestoreJob job() const { return {index, crypt_mode, &key}; }
  [[nodiscard]] std::size_t zero_count() const;
};

// One chunk per letter: '0' a zero chunk, any other letter a content of its own, so that a letter that comes twice is a
// duplicate. `last_bytes` cuts the last chunk short.
TestImage make_test_image(std::string_view letters, Encoding encoding,
                          std::uint64_t last_bytes = kTestChunkSize);

}  // namespace depthfinder::testing_support
