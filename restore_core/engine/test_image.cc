// SPDX-License-Identifier: MIT
#include "restore_core/engine/test_image.h"

#include <algorithm>

#include "restore_core/base/check.h"
#include "restore_core/base/random.h"
#include "restore_core/format/data_blob.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder::testing_support {
namespace {

bool is_encrypted(Encoding encoding) {
  return encoding == Encoding::encrypted || encoding == Encoding::encrypted_compressed;
}
bool is_compressed(Encoding encoding) {
  return encoding == Encoding::compressed || encoding == Encoding::encrypted_compressed;
}

// Every fourth byte is random: compressible, and no two letters alike.
Bytes content_of(char letter, std::uint64_t length) {
  Bytes content(length, static_cast<std::uint8_t>(letter));
  if (letter == '0') std::fill(content.begin(), content.end(), std::uint8_t{0});
  Random random(static_cast<std::uint64_t>(letter));
  for (std::size_t i = 0; letter != '0' && i < length; i += 4)
    content[i] = static_cast<std::uint8_t>(random.next());
  return content;
}

}  // namespace

std::string encoding_name(Encoding encoding) {
  switch (encoding) {
    case Encoding::plain:
      return "plain";
    case Encoding::compressed:
      return "compressed";
    case Encoding::encrypted:
      return "encrypted";
    case Encoding::encrypted_compressed:
      return "encrypted_compressed";
    case Encoding::signed_only:
      return "signed_only";
  }
  return {};
}

std::size_t TestImage::zero_count() const {
  return static_cast<std::size_t>(
      std::count_if(index.digests.begin(), index.digests.end(),
                    [this](const Digest& digest) { return !blobs.contains(digest); }));
}

TestImage make_test_image(std::string_view letters, Encoding encoding, std::uint64_t last_bytes) {
  TestImage image;
  image.index.chunk_size = kTestChunkSize;
  if (is_encrypted(encoding)) image.crypt_mode = CryptMode::encrypt;
  if (encoding == Encoding::signed_only) image.crypt_mode = CryptMode::sign_only;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const Bytes content = content_of(letters[i], i + 1 == letters.size() ? last_bytes : kTestChunkSize);
    const Digest digest = is_encrypted(encoding) ? image.key.keyed_digest(content) : sha256(content);
    image.index.digests.push_back(digest);
    image.bytes.insert(image.bytes.end(), content.begin(), content.end());
    if (letters[i] == '0' && content.size() == kTestChunkSize) continue;
    auto blob = encode_blob(content, {.compress = is_compressed(encoding),
                                      .key = is_encrypted(encoding) ? &image.key : nullptr,
                                      .iv = std::array<std::uint8_t, 16>{9}});
    DF_CHECK(blob.has_value());
    image.blobs.emplace(digest, std::move(*blob));
  }
  image.index.image_bytes = image.bytes.size();
  return image;
}

}  // namespace depthfinder::testing_support
