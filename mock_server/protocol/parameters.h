// SPDX-License-Identifier: MIT
// ParameterReader: takes a request's parameters one by one, each with its check, and makes the refusal for what was
// missing, wrong, repeated or unknown, worded as the real server words it (pbs-protocol E.4). For one request, one
// thread. Routes take their parameters in alphabetical order: complaints come in the order of taking.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mock_server/protocol/http_answer.h"
#include "mock_server/protocol/target.h"

namespace depthfinder::mock {

// What is wrong with a value; empty when nothing is.
using ParameterCheck = std::string (*)(std::string_view value);

std::string check_any(std::string_view value);
std::string check_safe_id(std::string_view value);
std::string check_store_name(std::string_view value);
std::string check_backup_type(std::string_view value);
std::string check_backup_time(std::string_view value);
std::string check_namespace(std::string_view value);
std::string check_boolean(std::string_view value);
bool is_true(std::string_view boolean);  // of a value that check_boolean lets pass
std::string check_digest(std::string_view value);
std::string check_depth(std::string_view value);  // 0 to 7

class ParameterReader {
 public:
  explicit ParameterReader(const std::vector<Parameter>& given) : given_(given) {}

  // The value where it is given and right; a complaint is kept where it is not. An optional one may be left out.
  std::string required(std::string_view name, ParameterCheck check);
  std::optional<std::string> optional(std::string_view name, ParameterCheck check);

  // Call after all were taken: 400 with every complaint, or nothing.
  [[nodiscard]] std::optional<HttpAnswer> refusal_if_any();

 private:
  const std::vector<Parameter>& given_;
  std::vector<std::string> taken_;
  std::vector<std::string> complaints_;
};

}  // namespace depthfinder::mock
