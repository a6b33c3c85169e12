// SPDX-License-Identifier: MIT
#include "restore_core/format/test_vectors.h"

#include <algorithm>
#include <fstream>
#include <ostream>

#include "restore_core/base/file.h"

namespace depthfinder {
namespace {

constexpr std::uint64_t kTestFileBytesMax = 64ULL << 20;

}  // namespace

std::filesystem::path vectors_directory() {
  return std::filesystem::path(DEPTHFINDER_SOURCE_DIR) / "restore_core/format/testdata/vectors";
}

Bytes read_test_file(const std::filesystem::path& path) {
  auto bytes = read_file(path, kTestFileBytesMax);
  if (!bytes) throw std::runtime_error(bytes.error().message);
  return std::move(*bytes);
}

const nlohmann::json& vectors_document() {
  static const nlohmann::json document =
      nlohmann::json::parse(read_test_file(vectors_directory() / "vectors.json"));
  return document;
}

Bytes TestVector::file(std::string_view name) const {
  return read_test_file(vectors_directory() / data.at("files").at(std::string(name)).get<std::string>());
}

std::optional<CryptConfig> TestVector::key() const {
  if (!data.contains("params") || !params().contains("key")) return std::nullopt;
  return test_key(params().at("key").get<std::string>());
}

void PrintTo(const TestVector& vector, std::ostream* out) { *out << vector.id; }

std::vector<TestVector> vectors_of_kind(std::string_view kind) {
  std::vector<TestVector> result;
  for (const nlohmann::json& vector : vectors_document().at("vectors"))
    if (vector.at("kind") == kind) result.push_back({vector.at("id").get<std::string>(), vector});
  return result;
}

CryptConfig test_key(std::string_view name) {
  const auto& key = vectors_document().at("keys").at(std::string(name));
  return CryptConfig(digest_from_hex(key.at("enc-key").get<std::string>()).value());
}

std::string vector_test_name(const testing::TestParamInfo<TestVector>& info) {
  std::string name = info.param.id;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

bool accepted_as_expected(const TestVector& vector, const Error* error, std::string_view expected_reason) {
  const std::string verdict = vector.expect().at("result");
  if (error == nullptr) {
    EXPECT_NE(verdict, "reject") << "accepted, but should be refused as " << expected_reason;
    return verdict == "accept";
  }
  EXPECT_NE(verdict, "accept") << error->message;
  EXPECT_EQ(error->reason, expected_reason) << error->message;
  EXPECT_FALSE(error->message.empty());
  return false;
}

}  // namespace depthfinder
