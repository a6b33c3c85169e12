// SPDX-License-Identifier: MIT
// Test support: the vectors in testdata/vectors, which our own encoders did not make, as parameters of tests.
// Their README says what the members mean.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "restore_core/base/result.h"
#include "restore_core/format/crypt_config.h"

namespace depthfinder {

struct TestVector {
  std::string id;
  nlohmann::json data;

  // The file behind a name in the vector's "files".
  [[nodiscard]] Bytes file(std::string_view name = "file") const;
  // The key that "params" names, if any.
  [[nodiscard]] std::optional<CryptConfig> key() const;
  [[nodiscard]] const nlohmann::json& params() const { return data.at("params"); }
  [[nodiscard]] const nlohmann::json& expect() const { return data.at("expect"); }
  [[nodiscard]] std::string text() const { return params().at("text").get<std::string>(); }
};

void PrintTo(const TestVector& vector, std::ostream* out);

// The directory they are in.
std::filesystem::path vectors_directory();
Bytes read_test_file(const std::filesystem::path& path);

const nlohmann::json& vectors_document();
std::vector<TestVector> vectors_of_kind(std::string_view kind);
CryptConfig test_key(std::string_view name);

// For INSTANTIATE_TEST_SUITE_P: the id, with '_' where test names take no '-'.
std::string vector_test_name(const testing::TestParamInfo<TestVector>& info);

// Compares what a reader said with the verdict that is expected. True when both accept: then compare the
// values.
bool accepted_as_expected(const TestVector& vector, const Error* error, std::string_view expected_reason);

template <typename T>
bool accepted_as_expected(const TestVector& vector, const Result<T>& result) {
  const std::string reason = vector.expect().value("reason", "");
  return accepted_as_expected(vector, result ? nullptr : &result.error(), reason);
}

inline const CryptConfig* pointer_to(const std::optional<CryptConfig>& key) { return key ? &*key : nullptr; }

}  // namespace depthfinder
