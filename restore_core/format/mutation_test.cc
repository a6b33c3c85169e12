// SPDX-License-Identifier: MIT
// Every parser against seeded mutations of its good vectors: no crash (under the sanitizers: no bad access either),
// and an error always says something.
#include <gtest/gtest.h>

#include "restore_core/base/random.h"
#include "restore_core/format/data_blob.h"
#include "restore_core/format/dynamic_index.h"
#include "restore_core/format/fixed_index.h"
#include "restore_core/format/key_file.h"
#include "restore_core/format/manifest.h"
#include "restore_core/format/repository.h"
#include "restore_core/format/test_vectors.h"
#include "restore_core/hash/crc32.h"

namespace depthfinder {
namespace {

constexpr std::uint64_t kSeed = 20240517;
constexpr int kMutationsPerVector = 200;

// What parsers stumble over: edges of integers, and the syntax of JSON and names.
constexpr std::uint64_t kEdges[] = {0,          1,          0x7f,       0x80,       0xff, 0xffff,
                                    0x7fffffff, 0x80000000, 0xffffffff, 1ULL << 63, ~0ULL};
constexpr std::string_view kSyntax[] = {"\"", "\\",   "{",       "}", "[",  "]", ",", ":",    "null",
                                        "-1", "1e99", "\\ud800", "/", "..", "@", "!", "\xff", " "};

void mutate_once(Bytes& bytes, Random& random) {
  const std::size_t at = random.below(bytes.size() + 1);
  const auto position = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  switch (random.below(5)) {
    case 0:
      if (at < bytes.size()) bytes[at] ^= static_cast<std::uint8_t>(1U << random.below(8));
      return;
    case 1:
      bytes.resize(at);
      return;
    case 2: {
      const std::string_view text = kSyntax[random.below(std::size(kSyntax))];
      bytes.insert(position, text.begin(), text.end());
      return;
    }
    case 3:
      if (bytes.size() - at >= sizeof(std::uint64_t))
        store_le(bytes, at, kEdges[random.below(std::size(kEdges))]);
      return;
    default:
      bytes.erase(position, position + static_cast<std::ptrdiff_t>(
                                           random.below(std::min<std::size_t>(16, bytes.size() - at) + 1)));
  }
}

Bytes mutate(const Bytes& original, Random& random) {
  Bytes bytes = original;
  for (std::uint64_t count = 1 + random.below(4); count > 0; --count) mutate_once(bytes, random);
  return bytes;
}

template <typename T>
void expect_sane(const Result<T>& result) {
  if (!result) {
    EXPECT_FALSE(result.error().message.empty());
  }
}

// Calls `parse` with mutations of every original.
template <typename Parse>
void try_mutations(const std::vector<Bytes>& originals, const Parse& parse) {
  ASSERT_FALSE(originals.empty());
  Random random(kSeed);
  for (const Bytes& original : originals)
    for (int i = 0; i < kMutationsPerVector; ++i) parse(mutate(original, random));
}

std::vector<Bytes> good_files(std::string_view kind) {
  std::vector<Bytes> files;
  for (const TestVector& vector : vectors_of_kind(kind))
    if (vector.expect().at("result") == "accept") files.push_back(vector.file());
  return files;
}

std::vector<Bytes> good_texts(std::string_view kind) {
  std::vector<Bytes> texts;
  for (const TestVector& vector : vectors_of_kind(kind)) {
    const std::string text = vector.text();
    texts.emplace_back(text.begin(), text.end());
  }
  return texts;
}

// Gets mutations past the CRC, to the code behind it.
void repair_crc(Bytes& blob) {
  const auto view = parse_blob(blob);
  if (view) store_le(blob, 8, crc32(view->body));
}

TEST(Mutations, Blobs) {
  const CryptConfig key = test_key("a");
  try_mutations(good_files("blob"), [&](Bytes bytes) {
    expect_sane(decode_blob(bytes, &key, 1 << 20));
    repair_crc(bytes);
    expect_sane(decode_blob(bytes, &key, 1 << 20));
  });
}

TEST(Mutations, ZstdFrames) {
  std::vector<Bytes> frames;
  for (const Bytes& blob : good_files("blob")) {
    const BlobView view = parse_blob(blob).value();
    if (view.compressed && !view.encrypted) frames.emplace_back(view.body.begin(), view.body.end());
  }
  Bytes out(400'000);
  try_mutations(frames, [&](const Bytes& bytes) { expect_sane(decompress_zstd(bytes, out)); });
}

TEST(Mutations, FixedIndexes) {
  try_mutations(good_files("fidx"), [](const Bytes& bytes) { expect_sane(parse_fixed_index(bytes)); });
}

TEST(Mutations, DynamicIndexes) {
  try_mutations(good_files("didx"), [](const Bytes& bytes) { expect_sane(parse_dynamic_index(bytes)); });
}

TEST(Mutations, Manifests) {
  const CryptConfig key = test_key("a");
  const SnapshotName snapshot{BackupType::vm, "100", 1715932800};
  std::vector<Bytes> texts;
  for (const Bytes& blob : good_files("manifest")) texts.push_back(decode_blob(blob, nullptr).value());
  try_mutations(texts, [&](const Bytes& text) {
    expect_sane(read_manifest(encode_blob(text, {false, nullptr, {}}).value(), &key, snapshot));
    expect_sane(canonical_manifest_json(as_text(text)));
  });
}

// Without a password, as mutated parameters may ask for seconds of scrypt.
TEST(Mutations, KeyFiles) {
  try_mutations(good_files("keyfile"),
                [](const Bytes& bytes) { expect_sane(read_key_file(bytes, nullptr)); });
}

TEST(Mutations, Names) {
  try_mutations(good_texts("repository"),
                [](const Bytes& bytes) { expect_sane(parse_repository(as_text(bytes))); });
  try_mutations(good_texts("snapshot-path"),
                [](const Bytes& bytes) { expect_sane(parse_snapshot_name(as_text(bytes))); });
  try_mutations(good_texts("namespace"),
                [](const Bytes& bytes) { expect_sane(parse_namespace(as_text(bytes))); });
  try_mutations(good_texts("archive-name"),
                [](const Bytes& bytes) { expect_sane(complete_archive_name(as_text(bytes))); });
}

}  // namespace
}  // namespace depthfinder
