// SPDX-License-Identifier: MIT
#include <map>

#include <gtest/gtest.h>

#include "restore_core/format/dynamic_index.h"
#include "restore_core/format/fixed_index.h"
#include "restore_core/format/test_vectors.h"

namespace depthfinder {
namespace {

// Both checksums of these are wrong. The vectors' reader compares with the manifest first, ours sees the
// manifest only after it has parsed the index, which includes the stored checksum.
const std::map<std::string, std::string_view> kOtherOrder = {{"fidx-digest-flipped", "index-csum-header"},
                                                             {"didx-digest-flipped", "index-csum-header"}};

std::string expected_reason(const TestVector& vector) {
  const auto other = kOtherOrder.find(vector.id);
  return other == kOtherOrder.end() ? vector.expect().value("reason", "") : std::string(other->second);
}

// Parses, and compares with the manifest's values that the vector has.
template <typename Index>
Result<Index> read_index(const TestVector& vector, Result<Index> (*parse)(ByteSpan)) {
  DF_ASSIGN(Index index, parse(vector.file()));
  const Digest csum = digest_from_hex(vector.params().at("manifest-csum").get<std::string>()).value();
  DF_TRY(check_index_against_manifest(index, csum, vector.params().at("manifest-size").get<std::uint64_t>()));
  return index;
}

template <typename Index>
void expect_common_values(const TestVector& vector, const Index& index) {
  const auto& expect = vector.expect();
  if (expect.contains("csum")) {
    EXPECT_EQ(to_hex(index.checksum()), expect.at("csum"));
  }
  if (expect.contains("ctime")) {
    EXPECT_EQ(index.ctime_s, expect.at("ctime"));
  }
  if (expect.contains("uuid")) {
    EXPECT_EQ(to_hex(index.uuid), expect.at("uuid"));
  }
}

class FixedIndexVectors : public testing::TestWithParam<TestVector> {};

TEST_P(FixedIndexVectors, ParseAsExpected) {
  const TestVector& vector = GetParam();
  const auto index = read_index(vector, parse_fixed_index);
  if (!accepted_as_expected(vector, index ? nullptr : &index.error(), expected_reason(vector))) return;
  const auto& expect = vector.expect();
  EXPECT_EQ(index->image_bytes, expect.at("size"));
  expect_common_values(vector, *index);
  if (!expect.contains("digests")) return;
  EXPECT_EQ(index->chunk_size, expect.at("chunk-size"));
  EXPECT_EQ(index->chunk_length(index->chunk_count() - 1), expect.at("last-chunk-length"));
  ASSERT_EQ(index->chunk_count(), expect.at("chunks"));
  for (std::size_t i = 0; i < index->chunk_count(); ++i)
    EXPECT_EQ(to_hex(index->digests[i]), expect.at("digests").at(i));
}

INSTANTIATE_TEST_SUITE_P(Vectors, FixedIndexVectors, testing::ValuesIn(vectors_of_kind("fidx")),
                         vector_test_name);

class DynamicIndexVectors : public testing::TestWithParam<TestVector> {};

TEST_P(DynamicIndexVectors, ParseAsExpected) {
  const TestVector& vector = GetParam();
  const auto index = read_index(vector, parse_dynamic_index);
  if (!accepted_as_expected(vector, index ? nullptr : &index.error(), expected_reason(vector))) return;
  const auto& expect = vector.expect();
  EXPECT_EQ(index->archive_bytes(), expect.at("size"));
  expect_common_values(vector, *index);
  ASSERT_EQ(index->entries.size(), expect.at("chunks"));
  std::uint64_t start_bytes = 0;
  for (std::size_t i = 0; i < index->entries.size(); ++i) {
    const auto& entry = expect.at("entries").at(i);
    EXPECT_EQ(index->chunk_offset(i), start_bytes);
    EXPECT_EQ(index->chunk_offset(i) + index->chunk_length(i), entry.at(0));
    EXPECT_EQ(to_hex(index->entries[i].digest), entry.at(1));
    start_bytes = index->entries[i].end_bytes;
  }
}

INSTANTIATE_TEST_SUITE_P(Vectors, DynamicIndexVectors, testing::ValuesIn(vectors_of_kind("didx")),
                         vector_test_name);

}  // namespace
}  // namespace depthfinder
