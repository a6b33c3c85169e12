// SPDX-License-Identifier: MIT
#include "harness/bystander/report_line.h"

#include <initializer_list>

#include <nlohmann/json.hpp>

namespace depthfinder {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const BystanderHello& hello) {
  return Json{{"kind", hello.kind}, {"period_ms", hello.period_ms}, {"work_units", hello.work_units}}.dump(
      -1, ' ', false, Json::error_handler_t::replace);
}

// By hand: the one line that is written while work may be due.
std::string text_of(const BystanderReport& report) {
  return fmt::format("{{\"t_s\":{:.6f},\"samples_ms\":[{:.4f}]}}", report.t_s,
                     fmt::join(report.samples_ms, ","));
}

std::string text_of(const BystanderMark& mark) { return fmt::format("{{\"mark\":{}}}", mark.count); }

std::string text_of(const BystanderSummary& summary) {
  return Json{{"summary", summary.stats ? bystander_stats_json(*summary.stats) : Json(nullptr)}}.dump();
}

// True when the object has these keys and no others.
bool has_keys(const Json& object, std::initializer_list<std::string_view> keys) {
  if (!object.is_object() || object.size() != keys.size()) return false;
  for (const std::string_view key : keys)
    if (!object.contains(key)) return false;
  return true;
}

BystanderSummary summary_of(const Json& json) {
  if (json.is_null()) return {};
  BystanderStats stats{json.at("samples"), json.at("p50_ms"), json.at("p99_ms"), std::nullopt,
                       json.at("max_ms")};
  if (const Json& p999 = json.at("p999_ms"); !p999.is_null()) stats.p999_ms = p999.get<double>();
  return {stats};
}

}  // namespace

std::string bystander_line(const BystanderLine& line) {
  return std::visit([](const auto& one) { return text_of(one); }, line) + "\n";
}

Result<BystanderLine> parse_bystander_line(std::string_view line) {
  try {
    const Json json = Json::parse(line);
    if (has_keys(json, {"t_s", "samples_ms"}))
      return BystanderReport{json.at("t_s"), json.at("samples_ms").get<std::vector<double>>()};
    if (has_keys(json, {"mark"})) return BystanderMark{json.at("mark")};
    if (has_keys(json, {"kind", "period_ms", "work_units"}))
      return BystanderHello{json.at("kind"), json.at("period_ms"), json.at("work_units")};
    if (has_keys(json, {"summary"})) return summary_of(json.at("summary"));
  } catch (const nlohmann::json::exception& error) {
    return fail(ErrorKind::protocol, "a bystander's line cannot be read ({}): {}", error.what(), line);
  }
  return fail(ErrorKind::protocol, "not a bystander's line: {}", line);
}

}  // namespace depthfinder
