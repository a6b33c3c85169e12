// SPDX-License-Identifier: MIT
#include "scenarios/strict_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace depthfinder {
namespace {

using testing::HasSubstr;

TEST(ParseStrictJson, AcceptsOrdinaryText) {
  const auto document = parse_strict_json(R"({"a": [1, {"b": 2}], "b": 3})", "text");
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(document->at("a").at(1).at("b"), 2);
}

TEST(ParseStrictJson, RefusesHostileText) {
  const std::string texts[] = {"",
                               "{",
                               R"({"a": NaN})",
                               R"({"a": 1e999})",
                               "\xff\xfe",
                               "{} {}",
                               R"({"a": 1,})",
                               "{\"a\": \"\xc3\"}",
                               std::string("{\"a\": \0}", 8),
                               R"({"a": {"b": 1, "b": 1}})",
                               std::string(1000, '[') + std::string(1000, ']')};
  for (const std::string& text : texts) {
    const auto document = parse_strict_json(text, "text");
    ASSERT_FALSE(document) << text;
    EXPECT_EQ(document.error().kind, ErrorKind::bad_input);
  }
}

TEST(CheckSchema, NamesTheDeepestPlace) {
  constexpr std::string_view kSchema =
      R"({"type": "object", "additionalProperties": false,
          "properties": {"a": {"type": "array", "items": {"type": "object", "additionalProperties": false}}}})";
  EXPECT_TRUE(check_schema(nlohmann::json::parse(R"({"a": [{}]})"), kSchema, "text"));
  const auto refused = check_schema(nlohmann::json::parse(R"({"a": [{}, {"b": 1}]})"), kSchema, "text");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("a.1: unknown key"));
  EXPECT_THAT(refused.error().message, HasSubstr("b"));
}

}  // namespace
}  // namespace depthfinder
