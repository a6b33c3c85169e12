// SPDX-License-Identifier: MIT
// The stages that a blob goes through before it is hashed: CRC, decryption, decompression.
#include <algorithm>
#include <array>

#include <benchmark/benchmark.h>

#include "harness/profile/stage.h"
#include "mock_server/datastore/synthetic_content.h"
#include "restore_core/base/random.h"
#include "restore_core/format/data_blob.h"
#include "restore_core/hash/crc32.h"

namespace depthfinder {
namespace {

// About the lowest that is worth compressing, disk images of mixed files, and text or sparse databases.
constexpr double kRatios[] = {1.3, 1.8, 3.0};

class CrcStage final : public Stage {
 public:
  explicit CrcStage(const StageMaterial& material)
      : Stage({.kind = StageKind::crc32, .note = "ISA-L"}), material_(material) {}

  Result<void> step() override {
    std::uint32_t crc = crc32(material_.ring.take());
    benchmark::DoNotOptimize(crc);
    return {};
  }

 private:
  StageMaterial material_;
};

class DecryptStage final : public Stage {
 public:
  explicit DecryptStage(const StageMaterial& material)
      : Stage({.kind = StageKind::aes_256_gcm, .note = "in place"}),
        material_(material),
        key_(make_key(material)) {
    const ByteSpan plain = material.ring.take();
    cipher_.resize(plain.size());
    key_.encrypt(plain, iv_, cipher_, tag_);
  }

  Result<void> prepare(std::size_t steps) override {
    chunks_ = cold_copies(material_, cipher_, steps);
    return {};
  }

  Result<void> step() override {
    const MutableByteSpan chunk = chunks_.back();
    chunks_.pop_back();
    return key_.decrypt(chunk, iv_, tag_, chunk);
  }

 private:
  static CryptConfig make_key(const StageMaterial& material) {
    std::array<std::uint8_t, 32> bytes{};
    Random random(material.seed);
    std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<std::uint8_t>(random.next()); });
    return CryptConfig(bytes);
  }

  StageMaterial material_;
  CryptConfig key_;
  Bytes cipher_;
  std::array<std::uint8_t, kIvSize> iv_{};
  std::array<std::uint8_t, kGcmTagSize> tag_{};
  std::vector<MutableByteSpan> chunks_;
};

class DecompressStage final : public Stage {
 public:
  DecompressStage(const StageMaterial& material, Bytes blob)
      : Stage({.kind = StageKind::zstd, .compression_ratio = ratio_of(blob), .note = "level 1"}),
        material_(material),
        blob_(std::move(blob)) {}

  Result<void> prepare(std::size_t steps) override {
    frames_ = cold_copies(material_, ByteSpan(blob_).subspan(kBlobHeaderSize), steps);
    return {};
  }

  Result<void> step() override {
    const ByteSpan frame = frames_.back();
    frames_.pop_back();
    DF_ASSIGN(const std::size_t length, decompress_zstd(frame, material_.ring.take()));
    if (length != kProfileChunkBytes)
      return fail(ErrorKind::corrupt, "zstd gave {} bytes of a chunk", length);
    return {};
  }

 private:
  static double ratio_of(const Bytes& blob) {
    return static_cast<double>(kProfileChunkBytes) / static_cast<double>(blob.size() - kBlobHeaderSize);
  }

  StageMaterial material_;
  Bytes blob_;
  std::vector<MutableByteSpan> frames_;
};

}  // namespace

Result<void> add_decode_stages(const StageMaterial& material, StageList& stages) {
  stages.push_back(std::make_unique<CrcStage>(material));
  stages.push_back(std::make_unique<DecryptStage>(material));
  for (const double ratio : kRatios) {
    constexpr mock::ContentId kContent = 1;
    const MutableByteSpan payload = material.ring.take();
    mock::SyntheticContent(ratio, material.seed).fill(kContent, payload);
    DF_ASSIGN(Bytes blob, encode_blob(payload, {}));
    stages.push_back(std::make_unique<DecompressStage>(material, std::move(blob)));
  }
  return {};
}

std::vector<MutableByteSpan> cold_copies(const StageMaterial& material, ByteSpan input, std::size_t steps) {
  std::vector<MutableByteSpan> copies;
  for (std::size_t i = 0; i < steps; ++i) {
    copies.push_back(material.ring.take().first(input.size()));
    std::copy(input.begin(), input.end(), copies.back().begin());
  }
  material.ring.read_through(material.evict_bytes);
  std::reverse(copies.begin(),
               copies.end());  // the first one made, and coldest, is taken first, from the back
  return copies;
}

}  // namespace depthfinder
