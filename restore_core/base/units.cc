// SPDX-License-Identifier: MIT
#include "restore_core/base/units.h"

#include <charconv>
#include <cmath>
#include <span>

namespace depthfinder {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr Unit kDurationUnits[] = {{"ns", 1},  {"us", 1e3}, {"ms", 1e6},
                                   {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}};
constexpr Unit kByteUnits[] = {{"B", 1},          {"KB", 1e3},      {"kB", 1e3},       {"MB", 1e6},
                               {"GB", 1e9},       {"TB", 1e12},     {"KiB", 0x1.0p10}, {"MiB", 0x1.0p20},
                               {"GiB", 0x1.0p30}, {"TiB", 0x1.0p40}};
constexpr Unit kRateUnits[] = {{"B/s", 1},      {"KB/s", 1e3},       {"kB/s", 1e3},       {"MB/s", 1e6},
                               {"GB/s", 1e9},   {"KiB/s", 0x1.0p10}, {"MiB/s", 0x1.0p20}, {"GiB/s", 0x1.0p30},
                               {"kbit/s", 125}, {"Mbit/s", 125e3},   {"Gbit/s", 125e6}};

std::string unit_names(std::span<const Unit> units) {
  std::string names;
  for (const Unit& unit : units) names += (names.empty() ? "" : ", ") + std::string(unit.name);
  return names;
}

// A non-negative decimal number followed by one of the units, blanks between them allowed.
Result<double> parse_with_unit(std::string_view text, std::span<const Unit> units, std::string_view what,
                               std::string_view example) {
  double number = 0;
  const auto [end, code] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  if (code != std::errc() || !std::isfinite(number) || std::signbit(number))
    return fail(ErrorKind::bad_input, "'{}' is not a {}: write a number and a unit, such as {}", text, what,
                example);
  if (number == 0 && rest.empty()) return 0.0;
  for (const Unit& unit : units)
    if (unit.name == rest) return number * unit.factor;
  return fail(ErrorKind::bad_input, "'{}' is not a {}: the unit must be one of {}, as in {}", text, what,
              unit_names(units), example);
}

std::string trimmed(double value) {
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

}  // namespace

Result<Nanoseconds> parse_duration(std::string_view text) {
  constexpr double kTenYearsNs = 10 * 365.25 * 86400e9;
  DF_ASSIGN(const double nanoseconds, parse_with_unit(text, kDurationUnits, "duration", "5ms"));
  if (nanoseconds > kTenYearsNs) return fail(ErrorKind::bad_input, "'{}' is longer than ten years", text);
  return Nanoseconds(std::llround(nanoseconds));
}

Result<std::uint64_t> parse_byte_count(std::string_view text) {
  DF_ASSIGN(const double bytes, parse_with_unit(text, kByteUnits, "size", "2GiB"));
  if (bytes >= 0x1.0p63) return fail(ErrorKind::bad_input, "'{}' is larger than 2^63 bytes", text);
  return static_cast<std::uint64_t>(std::llround(bytes));
}

Result<double> parse_rate(std::string_view text) {
  return parse_with_unit(text, kRateUnits, "rate", "100MB/s");
}

Result<std::uint64_t> parse_count(std::string_view what, std::string_view text, std::uint64_t lowest,
                                  std::uint64_t highest) {
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || value < lowest || value > highest)
    return fail(ErrorKind::bad_input, "{} must be a whole number from {} to {}, not '{}'", what, lowest,
                highest, text);
  return value;
}

std::string format_duration(Nanoseconds duration) {
  const double seconds = to_seconds(duration);
  if (seconds < 1e-3) return trimmed(seconds * 1e6) + " us";
  if (seconds < 1) return trimmed(seconds * 1e3) + " ms";
  if (seconds < 60) return trimmed(seconds) + " s";
  const auto whole = static_cast<std::uint64_t>(seconds + 0.5);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

std::string format_byte_count(std::uint64_t bytes) {
  constexpr std::string_view kNames[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(kNames)) {
    value /= 1024;
    ++unit;
  }
  return trimmed(value) + " " + std::string(kNames[unit]);
}

}  // namespace depthfinder
