// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "restore_core/format/data_blob.h"
#include "restore_core/format/test_vectors.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder {
namespace {

class BlobVectors : public testing::TestWithParam<TestVector> {};

TEST_P(BlobVectors, DecodeAsExpected) {
  const TestVector& vector = GetParam();
  const auto key = vector.key();
  const Bytes bytes = vector.file();
  const auto payload = decode_blob(bytes, pointer_to(key));
  if (!accepted_as_expected(vector, payload)) return;
  EXPECT_EQ(payload->size(), vector.expect().at("size"));
  EXPECT_EQ(to_hex(sha256(*payload)), vector.expect().at("sha256"));
  const auto view = parse_blob(bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->encrypted, vector.expect().at("crypt-mode") == "encrypt");
  EXPECT_EQ(view->compressed, vector.expect().at("compressed"));
}

INSTANTIATE_TEST_SUITE_P(Vectors, BlobVectors, testing::ValuesIn(vectors_of_kind("blob")), vector_test_name);

class ChunkVectors : public testing::TestWithParam<TestVector> {};

TEST_P(ChunkVectors, DecodeAsExpected) {
  const TestVector& vector = GetParam();
  const auto key = vector.key();
  const CryptMode mode = vector.params().at("crypt-mode") == "encrypt" ? CryptMode::encrypt : CryptMode::none;
  const Digest digest = digest_from_hex(vector.params().at("digest").get<std::string>()).value();
  const auto payload = decode_chunk(vector.file(), mode, pointer_to(key), digest,
                                    vector.params().at("length").get<std::uint64_t>());
  if (!accepted_as_expected(vector, payload)) return;
  EXPECT_EQ(payload->size(), vector.expect().at("size"));
  EXPECT_EQ(to_hex(sha256(*payload)), vector.expect().at("sha256"));
}

INSTANTIATE_TEST_SUITE_P(Vectors, ChunkVectors, testing::ValuesIn(vectors_of_kind("chunk")),
                         vector_test_name);

}  // namespace
}  // namespace depthfinder
