// SPDX-License-Identifier: MIT
#include "scenarios/json_reader.h"

#include "restore_core/base/units.h"

namespace depthfinder {
namespace {

constexpr double kRateMax = 1e12;  // bytes per second
constexpr double kRateMin = 1;

Result<double> parse_rate_of_service(std::string_view text) {
  DF_ASSIGN(const double rate, parse_rate(text));
  if (rate != 0 && (rate < kRateMin || rate > kRateMax))
    return fail(ErrorKind::bad_input, "'{}' must be 0 (no limit) or from 1B/s to 1000GB/s", text);
  return rate;
}

template <typename T, typename Parser>
Result<void> read(const JsonReader& reader, const char* key, Parser parse, T& value) {
  if (!reader.has(key)) return {};
  auto parsed = parse(reader.at(key).get_ref<const std::string&>());
  if (!parsed) return pass_on(parsed.error(), reader.place_of(key));
  value = *parsed;
  return {};
}

}  // namespace

Result<Nanoseconds> parse_time_of_service(std::string_view text) {
  constexpr std::chrono::hours kLongest{24};
  DF_ASSIGN(const Nanoseconds duration, parse_duration(text));
  if (duration > kLongest) return fail(ErrorKind::bad_input, "'{}' is longer than a day", text);
  return duration;
}

Result<void> JsonReader::duration(const char* key, Nanoseconds& value) const {
  return read(*this, key, parse_time_of_service, value);
}

Result<void> JsonReader::rate(const char* key, double& value) const {
  return read(*this, key, parse_rate_of_service, value);
}

Result<void> JsonReader::bytes(const char* key, std::uint64_t& value) const {
  return read(*this, key, parse_byte_count, value);
}

}  // namespace depthfinder
