// SPDX-License-Identifier: MIT
#include "restore_core/format/data_blob.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "restore_core/base/random.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder {
namespace {

CryptConfig key_of(std::uint8_t byte) {
  std::array<std::uint8_t, 32> key{};
  key.fill(byte);
  return CryptConfig(key);
}

// One of the four kinds: whether it is compressed depends on the payload too.
struct Kind {
  bool compress;
  bool encrypt;
};
constexpr Kind kKinds[] = {{false, false}, {true, false}, {false, true}, {true, true}};

// A chunk as it lies in a store, and all that a reader knows about it.
struct StoredChunk {
  CryptConfig key = key_of(7);
  CryptMode mode = CryptMode::none;
  Digest digest{};
  std::uint64_t bytes = 0;
  Bytes blob;

  [[nodiscard]] Result<Bytes> decode(ByteSpan encoded) const {
    return decode_chunk(encoded, mode, &key, digest, bytes);
  }
};

StoredChunk store_chunk(const Bytes& payload, Kind kind) {
  StoredChunk chunk;
  chunk.mode = kind.encrypt ? CryptMode::encrypt : CryptMode::none;
  chunk.digest = kind.encrypt ? chunk.key.keyed_digest(payload) : sha256(payload);
  chunk.bytes = payload.size();
  chunk.blob = encode_blob(payload, {kind.compress, kind.encrypt ? &chunk.key : nullptr, {}}).value();
  return chunk;
}

// Half random, half constant, so that compression has something to gain.
Bytes mixed_payload(std::size_t bytes, std::uint64_t seed) {
  Random random(seed);
  Bytes payload(bytes, 'x');
  for (std::size_t i = 0; i < bytes / 2; ++i) payload[i] = static_cast<std::uint8_t>(random.next());
  return payload;
}

RC_GTEST_PROP(DataBlobProperty, DecodesToWhatWasEncoded, ()) {
  const auto size = *rc::gen::inRange<std::size_t>(0, 20000);
  const Bytes payload = mixed_payload(size, *rc::gen::arbitrary<std::uint64_t>());
  for (const Kind kind : kKinds) {
    const StoredChunk chunk = store_chunk(payload, kind);
    const auto as_blob = decode_blob(chunk.blob, &chunk.key);
    RC_ASSERT(as_blob.has_value());
    RC_ASSERT(*as_blob == payload);
    const auto as_chunk = chunk.decode(chunk.blob);
    RC_ASSERT(as_chunk.has_value());
    RC_ASSERT(*as_chunk == payload);
    RC_ASSERT(parse_blob(chunk.blob)->encrypted == kind.encrypt);
  }
}

RC_GTEST_PROP(DataBlobProperty, DecodesWhateverBytesThereAre, (const Bytes& payload)) {
  for (const Kind kind : kKinds) {
    const StoredChunk chunk = store_chunk(payload, kind);
    RC_ASSERT(chunk.decode(chunk.blob).value() == payload);
  }
}

RC_GTEST_PROP(DataBlobProperty, ABodyIsNeverLongerThanThePayload, (const Bytes& payload)) {
  RC_ASSERT(parse_blob(store_chunk(payload, {true, false}).blob)->body.size() <= payload.size());
}

// Every bit of a chunk is covered by some check: magic, CRC, IV and tag, digest. Exhaustive over one chunk per kind.
TEST(DataBlob, NoFlippedBitPasses) {
  for (const Kind kind : kKinds) {
    StoredChunk chunk = store_chunk(mixed_payload(300, 1), kind);
    ASSERT_EQ(parse_blob(chunk.blob)->compressed, kind.compress);
    for (std::size_t bit = 0; bit < chunk.blob.size() * 8; ++bit) {
      const auto flip = static_cast<std::uint8_t>(1U << (bit % 8));
      chunk.blob[bit / 8] ^= flip;
      ASSERT_FALSE(chunk.decode(chunk.blob)) << "bit " << bit << " of kind " << kind.compress << kind.encrypt;
      chunk.blob[bit / 8] ^= flip;
    }
    ASSERT_TRUE(chunk.decode(chunk.blob));
  }
}

TEST(DataBlob, NoTruncationAndNoTrailingBytePasses) {
  for (const Kind kind : kKinds) {
    const StoredChunk chunk = store_chunk(mixed_payload(300, 2), kind);
    for (std::size_t length = 0; length < chunk.blob.size(); ++length)
      ASSERT_FALSE(chunk.decode(ByteSpan(chunk.blob).first(length))) << length;
    Bytes longer = chunk.blob;
    longer.push_back(0);
    ASSERT_FALSE(chunk.decode(longer));
  }
}

TEST(DataBlob, DecryptsInPlace) {
  const Bytes payload = mixed_payload(1000, 3);
  StoredChunk chunk = store_chunk(payload, {false, true});
  const BlobView view = parse_blob(chunk.blob).value();
  const auto plain =
      decrypt_blob_body(view, &chunk.key, MutableByteSpan(chunk.blob).subspan(kEncryptedBlobHeaderSize));
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(Bytes(plain->begin(), plain->end()), payload);
}

TEST(DataBlob, AGivenIvMakesTheBytesReproducible) {
  const CryptConfig key = key_of(9);
  const Bytes payload = mixed_payload(100, 4);
  const std::array<std::uint8_t, 16> iv = {1, 2, 3};
  EXPECT_EQ(encode_blob(payload, {true, &key, iv}).value(), encode_blob(payload, {true, &key, iv}).value());
  EXPECT_NE(encode_blob(payload, {true, &key, {}}).value(), encode_blob(payload, {true, &key, {}}).value());
}

TEST(DataBlob, OutputLimitsHold) {
  const Bytes payload = mixed_payload(1000, 5);
  for (const Kind kind : kKinds) {
    const StoredChunk chunk = store_chunk(payload, kind);
    EXPECT_TRUE(decode_blob(chunk.blob, &chunk.key, 1000));
    EXPECT_EQ(decode_blob(chunk.blob, &chunk.key, 999).error().reason, "blob-too-large");
    EXPECT_EQ(decode_chunk(chunk.blob, chunk.mode, &chunk.key, chunk.digest, 999).error().reason,
              "blob-too-large");
    EXPECT_EQ(decode_chunk(chunk.blob, chunk.mode, &chunk.key, chunk.digest, 1001).error().reason,
              "chunk-length");
  }
}

TEST(DataBlob, PayloadAboveTheLimitIsNotEncoded) {
  const Bytes payload(kBlobPayloadMax + 1);
  const auto blob = encode_blob(payload, {false, nullptr, {}});
  ASSERT_FALSE(blob);
  EXPECT_EQ(blob.error().reason, "blob-too-large");
}

TEST(DataBlob, OnlyOneOrdinaryZstdFrameIsTaken) {
  const StoredChunk chunk = store_chunk(mixed_payload(1000, 6), {true, false});
  const ByteSpan frame = parse_blob(chunk.blob)->body;
  Bytes out(4000);
  ASSERT_EQ(decompress_zstd(frame, out).value(), 1000U);
  Bytes twice(frame.begin(), frame.end());
  twice.insert(twice.end(), frame.begin(), frame.end());
  EXPECT_EQ(decompress_zstd(twice, out).error().reason, "blob-zstd");
  const Bytes skippable = {0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 'x'};
  EXPECT_EQ(decompress_zstd(skippable, out).error().reason, "blob-zstd");
  // An empty frame whose header declares a window of 2^28 bytes, twice what is allowed, then one of 2^27.
  EXPECT_EQ(decompress_zstd(Bytes{0x28, 0xb5, 0x2f, 0xfd, 0x00, 18 << 3, 1, 0, 0}, out).error().reason,
            "blob-zstd");
  EXPECT_EQ(decompress_zstd(Bytes{0x28, 0xb5, 0x2f, 0xfd, 0x00, 17 << 3, 1, 0, 0}, out).value(), 0U);
}

}  // namespace
}  // namespace depthfinder
