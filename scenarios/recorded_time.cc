// SPDX-License-Identifier: MIT
#include "scenarios/recorded_time.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include <nlohmann/json.hpp>

#include "restore_core/base/file.h"
#include "scenarios/exact_units.h"
#include "scenarios/json_reader.h"
#include "scenarios/strict_json.h"

namespace depthfinder {
namespace {

using nlohmann::json;

constexpr std::string_view kPercentilesSchema = "depthfinder-percentiles";

// Percents are shares of 1 with the decimal point moved, in text, so that no digit is lost on the way.
Result<double> share_of_percent(const std::string& percent) {
  const std::string text = percent + "e-2";
  double share = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), share);
  if (code != std::errc() || end != text.data() + text.size() || !(share >= 0 && share <= 1))
    return fail(ErrorKind::bad_input, "'{}' is no percentage; write a number from 0 to 100, such as 99.9",
                percent);
  return share;
}

std::string percent_of_share(double share) {
  char buffer[40];
  const auto end =
      std::to_chars(std::begin(buffer), std::end(buffer), share, std::chars_format::scientific).ptr;
  const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));  // "9.99e-01"
  const std::size_t letter = text.find('e');
  std::string digits(text.substr(0, letter));
  std::erase(digits, '.');
  int exponent = 0;
  const std::string_view power = text.substr(letter + (text[letter + 1] == '+' ? 2 : 1));
  std::from_chars(power.data(), power.data() + power.size(), exponent);
  const int whole = exponent + 3;  // digits in front of the percentage's point
  if (whole <= 0) return "0." + std::string(static_cast<std::size_t>(-whole), '0') + digits;
  const auto point = static_cast<std::size_t>(whole);
  if (digits.size() <= point) return share == 0 ? "0" : digits + std::string(point - digits.size(), '0');
  return digits.insert(point, ".");
}

// File names in a text that came from elsewhere, such as a result, are not followed.
Result<Bytes> read_named_file(std::string_view file, const std::filesystem::path& base_directory) {
  if (base_directory.empty())
    return fail(ErrorKind::bad_input,
                "the file '{}' is not looked for, since this text lies in no directory; write its values "
                "here, or give the scenario as a file",
                file);
  return read_file(base_directory / file, kTraceBytesMax);
}

Result<RecordedTime> parse_percentiles_file(const json& document) {
  for (const auto& [key, value] : document.items())
    if (key != "schema" && key != "percentiles")
      return fail(ErrorKind::bad_input, "has the unknown key \"{}\"", key);
  if (!document.contains("percentiles") || !document.at("percentiles").is_object())
    return fail(ErrorKind::bad_input, "has no object \"percentiles\"");
  return parse_percentiles(document.at("percentiles"));
}

std::vector<Nanoseconds> first_byte_waits(const LatencyTrace& trace) {
  std::vector<Nanoseconds> waits;
  waits.reserve(trace.requests.size());
  for (const LatencyTraceRequest& request : trace.requests) waits.push_back(request.first_byte);
  return waits;
}

// A trace without requests has no waits to repeat.
Result<LatencyTrace> read_trace_file(std::string_view file, const std::filesystem::path& base_directory) {
  DF_ASSIGN(const Bytes text, read_named_file(file, base_directory));
  DF_ASSIGN(LatencyTrace trace, parse_latency_trace(as_text(text), file));
  if (trace.requests.empty()) return fail(ErrorKind::bad_input, "{} has no request", file);
  return trace;
}

}  // namespace

Result<RecordedTime> parse_percentiles(const json& object) {
  RecordedTime recorded;
  for (const auto& [percent, value] : object.items()) {
    DF_ASSIGN(const double share, share_of_percent(percent));
    if (!value.is_string())
      return fail(ErrorKind::bad_input, "percentile {} is {}; write a duration such as \"5ms\"", percent,
                  value.dump());
    auto duration = parse_time_of_service(value.get_ref<const std::string&>());
    if (!duration) return pass_on(duration.error(), "percentile " + percent);
    recorded.quantiles.emplace_back(share, *duration);
  }
  auto& quantiles = recorded.quantiles;
  std::sort(quantiles.begin(), quantiles.end());
  if (quantiles.size() < 2 || quantiles.front().first != 0 || quantiles.back().first != 1)
    return fail(ErrorKind::bad_input, "percentiles must begin with \"0\" and end with \"100\"");
  for (std::size_t i = 1; i < quantiles.size(); ++i) {
    const auto& [share, duration] = quantiles[i];
    if (share == quantiles[i - 1].first)
      return fail(ErrorKind::bad_input, "percentile {} is there twice", percent_of_share(share));
    if (duration < quantiles[i - 1].second)
      return fail(ErrorKind::bad_input, "percentile {} is shorter than the one below it",
                  percent_of_share(share));
  }
  return recorded;
}

nlohmann::ordered_json percentiles_json(const RecordedTime& recorded) {
  auto object = nlohmann::ordered_json::object();
  for (const auto& [share, duration] : recorded.quantiles)
    object[percent_of_share(share)] = exact_duration(duration);
  return object;
}

RecordedTime recorded_time_of(const LatencyTrace& trace) {
  std::vector<Nanoseconds> waits = first_byte_waits(trace);
  std::sort(waits.begin(), waits.end());
  const auto at_share = [&waits](double share) {
    const double rank = share * static_cast<double>(waits.size() - 1);
    const auto below = static_cast<std::size_t>(rank);
    const Nanoseconds low = waits[below], high = waits[std::min(below + 1, waits.size() - 1)];
    return low +
           Nanoseconds(std::llround((rank - std::floor(rank)) * static_cast<double>((high - low).count())));
  };
  RecordedTime recorded;
  const auto add = [&](int per_100000) {
    const double share = per_100000 / 1e5;
    recorded.quantiles.emplace_back(share, at_share(share));
  };
  for (int step = 0; step < 99'000; step += 500) add(step);
  for (int step = 99'000; step < 99'900; step += 100) add(step);
  for (int step = 99'900; step <= 100'000; step += 10) add(step);
  return recorded;
}

Result<RecordedTime> read_recorded_time(std::string_view file, const std::filesystem::path& base_directory) {
  DF_ASSIGN(const Bytes text, read_named_file(file, base_directory));
  DF_ASSIGN(const json document, parse_strict_json(as_text(text), file));
  if (document.is_object() && document.value("schema", json()) == kPercentilesSchema) {
    auto recorded = parse_percentiles_file(document);
    if (!recorded) return pass_on(recorded.error(), file);
    return recorded;
  }
  DF_ASSIGN(const LatencyTrace trace, read_trace_file(file, base_directory));
  return recorded_time_of(trace);
}

Result<std::vector<Nanoseconds>> read_replay(std::string_view file,
                                             const std::filesystem::path& base_directory) {
  DF_ASSIGN(const LatencyTrace trace, read_trace_file(file, base_directory));
  return first_byte_waits(trace);
}

}  // namespace depthfinder
