// SPDX-License-Identifier: MIT
#include "restore_core/client/test_store.h"

#include <array>
#include <cstdlib>
#include <fstream>

#include "restore_core/client/test_restore.h"
#include "restore_core/format/data_blob.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder {
namespace {

constexpr std::uint64_t kTestChunkBytes = 64 << 10;

void write_file(const std::filesystem::path& path, ByteSpan bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  DF_CHECK(file.good());
}

// No two chunks alike, and nothing that zstd could make small.
Bytes chunk_payload(std::uint8_t seed, std::size_t number) {
  Bytes payload;
  Digest block = sha256(Bytes{seed, static_cast<std::uint8_t>(number)});
  while (payload.size() < kTestChunkBytes) {
    payload.insert(payload.end(), block.begin(), block.end());
    block = sha256(block);
  }
  return payload;
}

}  // namespace

TestStore::TestStore() {
  std::string pattern = (std::filesystem::temp_directory_path() / "depthfinder-store-XXXXXX").string();
  DF_CHECK(mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TestStore::~TestStore() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path TestStore::folder() const { return path_ / plain_snapshot().to_string(); }

void TestStore::add_image(const std::string& archive, std::size_t chunks, std::uint8_t seed) {
  FixedIndex index;
  index.chunk_size = kTestChunkBytes;
  index.image_bytes = chunks * kTestChunkBytes;
  for (std::size_t i = 0; i < chunks; ++i) {
    const Bytes payload = chunk_payload(seed, i);
    const std::string name = to_hex(index.digests.emplace_back(sha256(payload)));
    write_file(path_ / ".chunks" / name.substr(0, 4) / name, *encode_blob(payload, {}));
  }
  add_index(archive, index);
}

void TestStore::add_index(const std::string& archive, const FixedIndex& index) {
  files_.push_back({archive, index.image_bytes, index.checksum(), CryptMode::none});
  write_file(folder() / archive, write_fixed_index(index));
}

void TestStore::write_manifest() {
  write_file(folder() / kManifestName, *depthfinder::write_manifest(plain_snapshot(), files_, nullptr));
}

}  // namespace depthfinder
