// SPDX-License-Identifier: MIT
// JsonReader: reads members of one JSON object that a schema has already checked for keys and types, with the place of
// the object in front of every message ("server.storage.rate: ..."). Values stay as they are where the key is absent.
// It borrows the object; one thread at a time.
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "restore_core/base/clock.h"
#include "restore_core/base/result.h"

namespace depthfinder {

class JsonReader {
 public:
  JsonReader(const nlohmann::json& object, std::string place) : object_(object), place_(std::move(place)) {}

  [[nodiscard]] bool has(const char* key) const { return object_.contains(key); }
  [[nodiscard]] const nlohmann::json& at(const char* key) const { return object_.at(key); }
  [[nodiscard]] std::string place_of(std::string_view key) const {
    return place_.empty() ? std::string(key) : place_ + "." + std::string(key);
  }

  // Plain JSON values.
  template <typename T>
  void value(const char* key, T& value) const {
    value = object_.value(key, value);
  }

  // Texts with units. Errors: bad_input; also for more than a day, or a rate that is neither 0 nor from 1 B/s to
  // 1 TB/s.
  Result<void> duration(const char* key, Nanoseconds& value) const;
  Result<void> rate(const char* key, double& value) const;
  Result<void> bytes(const char* key, std::uint64_t& value) const;

  template <typename... Args>
  [[nodiscard]] tl::unexpected<Error> refuse(std::string_view key, fmt::format_string<Args...> format,
                                             Args&&... args) const {
    return fail(ErrorKind::bad_input, "{}: {}", place_of(key),
                fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  const nlohmann::json& object_;
  std::string place_;
};

// A duration of at most a day: what servers and targets may take. Errors: bad_input.
Result<Nanoseconds> parse_time_of_service(std::string_view text);

}  // namespace depthfinder
