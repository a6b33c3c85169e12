// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "restore_core/format/data_blob.h"
#include "restore_core/format/manifest.h"
#include "restore_core/format/test_vectors.h"

namespace depthfinder {
namespace {

// ["vm", "100", 1715932800]; through text, so that the type's name is parsed as everywhere.
SnapshotName snapshot_of(const nlohmann::json& parts) {
  const auto path = parts.at(0).get<std::string>() + "/" + parts.at(1).get<std::string>() + "/" +
                    format_utc(parts.at(2).get<std::int64_t>());
  return parse_snapshot_name(path).value();
}

class ManifestVectors : public testing::TestWithParam<TestVector> {};

TEST_P(ManifestVectors, ReadAsExpected) {
  const TestVector& vector = GetParam();
  const auto key = vector.key();
  const auto manifest =
      read_manifest(vector.file(), pointer_to(key), snapshot_of(vector.params().at("snapshot")));
  if (!accepted_as_expected(vector, manifest)) return;
  const auto& expect = vector.expect();
  std::vector<std::string> names;
  for (const ManifestFile& file : manifest->files) names.push_back(file.name);
  EXPECT_EQ(names, expect.at("files").get<std::vector<std::string>>());
  const bool is_signed = !expect.at("signature").is_null();
  EXPECT_EQ(manifest->signature.value_or(""), is_signed ? expect.at("signature").get<std::string>() : "");
  EXPECT_EQ(manifest->signature_checked, is_signed && key.has_value());
}

INSTANTIATE_TEST_SUITE_P(Vectors, ManifestVectors, testing::ValuesIn(vectors_of_kind("manifest")),
                         vector_test_name);

class CanonicalJsonVectors : public testing::TestWithParam<TestVector> {};

TEST_P(CanonicalJsonVectors, SignsTheExpectedBytes) {
  const TestVector& vector = GetParam();
  const auto payload = decode_blob(vector.file("manifest"), nullptr);
  ASSERT_TRUE(payload);
  const auto canonical = canonical_manifest_json(as_text(*payload));
  ASSERT_TRUE(canonical) << canonical.error().message;
  EXPECT_EQ(*canonical, as_text(vector.file("canonical")));
  EXPECT_EQ(to_hex(vector.key()->hmac(as_bytes(*canonical))), vector.expect().at("signature"));
}

INSTANTIATE_TEST_SUITE_P(Vectors, CanonicalJsonVectors, testing::ValuesIn(vectors_of_kind("canonical-json")),
                         vector_test_name);

}  // namespace
}  // namespace depthfinder
