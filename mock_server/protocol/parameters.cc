// SPDX-License-Identifier: MIT
#include "mock_server/protocol/parameters.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "restore_core/base/units.h"
#include "restore_core/format/snapshot_name.h"

namespace depthfinder::mock {

namespace {
constexpr std::string_view kBadPattern = "value does not match the regex pattern";

std::string complain_unless(bool right, std::string_view complaint) {
  return right ? std::string() : std::string(complaint);
}

using BooleanWords = std::array<std::string_view, 4>;
constexpr BooleanWords kTrueWords = {"1", "on", "yes", "true"};
constexpr BooleanWords kFalseWords = {"0", "off", "no", "false"};

// In any case.
bool is_one_of(std::string_view value, const BooleanWords& words) {
  std::string lower(value);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(words.begin(), words.end(), lower) != words.end();
}
}  // namespace

std::string check_any(std::string_view) { return {}; }

std::string check_safe_id(std::string_view value) { return complain_unless(is_safe_id(value), kBadPattern); }

std::string check_store_name(std::string_view value) {
  if (value.size() < 3) return "value must be at least 3 characters long";
  if (value.size() > 32) return "value may only be 32 characters long";
  return check_safe_id(value);
}

std::string check_backup_type(std::string_view value) {
  const bool known = value == "vm" || value == "ct" || value == "host";
  return complain_unless(known, fmt::format("value '{}' is not defined in the enumeration.", value));
}

std::string check_backup_time(std::string_view value) {
  const auto time = parse_count("backup-time", value, 1, static_cast<std::uint64_t>(kSnapshotTimeMax));
  return complain_unless(time.has_value(), "value is not a whole number of seconds since 1970, 1 or more");
}

std::string check_namespace(std::string_view value) {
  return complain_unless(parse_namespace(value).has_value(), kBadPattern);
}

std::string check_boolean(std::string_view value) {
  return complain_unless(is_one_of(value, kTrueWords) || is_one_of(value, kFalseWords),
                         "value is not a boolean");
}

bool is_true(std::string_view boolean) { return is_one_of(boolean, kTrueWords); }

std::string check_digest(std::string_view value) {
  const bool lower_hex = std::all_of(value.begin(), value.end(),
                                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  return complain_unless(lower_hex && value.size() == 64, kBadPattern);
}

std::string check_depth(std::string_view value) {
  return complain_unless(parse_count("max-depth", value, 0, 7).has_value(),
                         "value is not a whole number from 0 to 7");
}

std::string ParameterReader::required(std::string_view name, ParameterCheck check) {
  auto value = optional(name, check);
  const bool given =
      std::any_of(given_.begin(), given_.end(), [&](const Parameter& p) { return p.name == name; });
  if (!given) complaints_.push_back(fmt::format("'{}': parameter is missing and it is not optional.", name));
  return value.value_or(std::string());
}

std::optional<std::string> ParameterReader::optional(std::string_view name, ParameterCheck check) {
  taken_.emplace_back(name);
  std::optional<std::string> value;
  for (const Parameter& parameter : given_) {
    if (parameter.name != name) continue;
    if (value) {
      complaints_.push_back(fmt::format("'{}': parameter is given more than once", name));
      return std::nullopt;
    }
    if (std::string complaint = check(parameter.value); !complaint.empty()) {
      complaints_.push_back(fmt::format("'{}': {}", name, complaint));
      return std::nullopt;
    }
    value = parameter.value;
  }
  return value;
}

std::optional<HttpAnswer> ParameterReader::refusal_if_any() {
  for (const Parameter& parameter : given_) {
    const bool known =
        parameter.name == "_dc" || std::find(taken_.begin(), taken_.end(), parameter.name) != taken_.end();
    if (!known)
      complaints_.push_back(
          fmt::format("'{}': schema does not allow additional properties.", parameter.name));
  }
  if (complaints_.empty()) return std::nullopt;
  if (complaints_.size() == 1) return refusal(400, "parameter verification failed - " + complaints_.front());
  return refusal(400, fmt::format("parameter verification failed:\n- {}", fmt::join(complaints_, "\n- ")));
}

}  // namespace depthfinder::mock
