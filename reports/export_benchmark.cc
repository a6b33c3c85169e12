// SPDX-License-Identifier: MIT
#include "reports/export_benchmark.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "reports/cell_summary.h"
#include "reports/regret.h"

namespace depthfinder {
namespace {

using nlohmann::ordered_json;

// The machine has no name in a result, and needs none; "date" is when the first sweep began.
ordered_json context_of(const SweepResult& result) {
  return {{"date", result.started_at_utc},
          {"host_name", "unknown"},
          {"executable", "depthfinder " + result.tool.version},
          {"num_cpus", result.host.logical_cpus},
          {"mhz_per_cpu", 0},
          {"cpu_scaling_enabled", !result.host.governor.empty() && result.host.governor != "performance"},
          {"caches", ordered_json::array()},
          {"load_avg", {result.host.load_average_1m}},
          {"library_build_type", result.tool.build_type == "Debug" ? "debug" : "release"},
          {"cpu_model", result.host.cpu_model}};
}

struct Times {
  std::vector<double> real_ms, cpu_ms, bytes_per_s;
};

struct Family {
  std::string name;
  int index = 0;
  std::size_t repetitions = 0;
};

ordered_json head_of(const Family& family, std::string_view run_type) {
  return {{"name", family.name},     {"family_index", family.index}, {"per_family_instance_index", 0},
          {"run_name", family.name}, {"run_type", run_type},         {"repetitions", family.repetitions}};
}

ordered_json repetition(const Family& family, std::size_t index, const Times& times) {
  ordered_json object = head_of(family, "iteration");
  object["repetition_index"] = index;
  object["threads"] = 1;
  object["iterations"] = 1;
  object["real_time"] = times.real_ms[index];
  object["cpu_time"] = times.cpu_ms[index];
  object["time_unit"] = "ms";
  object["bytes_per_second"] = times.bytes_per_s[index];
  return object;
}

template <typename Statistic>
ordered_json aggregate(const Family& family, const std::string& name, std::string_view unit,
                       const Times& times, Statistic statistic) {
  ordered_json object = head_of(family, "aggregate");
  object["name"] = family.name + "_" + name;
  object["threads"] = 1;
  object["aggregate_name"] = name;
  object["aggregate_unit"] = unit;
  object["iterations"] = family.repetitions;
  object["real_time"] = statistic(times.real_ms);
  object["cpu_time"] = statistic(times.cpu_ms);
  object["time_unit"] = "ms";
  object["bytes_per_second"] = statistic(times.bytes_per_s);
  return object;
}

void add_cell(ordered_json& benchmarks, const CellSummary& cell, const std::string& name, int index) {
  Times times;
  for (const auto& [block, metrics] : cell.trials) {
    times.real_ms.push_back(metrics->duration_s * 1e3);
    times.cpu_ms.push_back((metrics->cpu_user_s + metrics->cpu_sys_s) * 1e3);
    times.bytes_per_s.push_back(static_cast<double>(metrics->logical_bytes) / metrics->duration_s);
  }
  const Family family{name, index, times.real_ms.size()};
  for (std::size_t i = 0; i < family.repetitions; ++i) benchmarks.push_back(repetition(family, i, times));
  if (family.repetitions < 2) return;
  const auto variation = [](const std::vector<double>& values) {
    return mean(values) > 0 ? standard_deviation(values) / mean(values) : 0.0;
  };
  benchmarks.push_back(
      aggregate(family, "mean", "time", times, [](const auto& values) { return mean(values); }));
  benchmarks.push_back(
      aggregate(family, "median", "time", times, [](const auto& values) { return median(values); }));
  benchmarks.push_back(aggregate(family, "stddev", "time", times,
                                 [](const auto& values) { return standard_deviation(values); }));
  benchmarks.push_back(aggregate(family, "cv", "percentage", times, variation));
}

}  // namespace

std::string benchmark_json(std::span<const SweepResult> results) {
  ordered_json document = {{"context", context_of(results.front())}, {"benchmarks", ordered_json::array()}};
  const auto names = result_names(results);
  int index = 0;
  for (std::size_t i = 0; i < results.size(); ++i)
    for (const CellSummary& cell : summarise_cells(results[i]))
      add_cell(document["benchmarks"], cell, names[i] + "/" + cell.cell.id, index++);
  return document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace depthfinder
