// SPDX-License-Identifier: MIT
#include <nlohmann/json.hpp>

#include "reports/point_rule.h"
#include "reports/report_tables.h"
#include "reports/words.h"
#include "restore_core/base/units.h"
#include "scenarios/scenario_loader.h"

namespace depthfinder {

std::string method_words() {
  return fmt::format(
      "All cells run once per block, in an order drawn anew for each block. Intervals are percentile "
      "bootstraps "
      "over blocks of the median, 10,000 resamples, 95 %. The recommended cell is the cheapest whose mean "
      "log "
      "throughput, block by block, is within {} of the fastest cell's; cheapest means least buffer memory, "
      "then "
      "CPU time (more counts where it is shown to be over {} more), then threads, then depth. Confidence is "
      "the "
      "share of {} block resamples that choose the same. The certified cell is the cheapest whose one-sided "
      "95 % "
      "lower bound is within {}. Regret is 1 - X / X(fastest), by the mean log ratio over the blocks that "
      "both "
      "have.",
      percent(kToleratedLoss), percent(kCpuNoise), kConfidenceResamples, percent(kToleratedLoss));
}

namespace tables {
namespace {

std::string or_unknown(const std::string& text) { return text.empty() ? "unknown" : text; }

std::string listed(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
  return or_unknown(text);
}

// In the words of a scenario file. A recorded trace would fill the page.
std::string server_words(const Scenario& scenario) {
  constexpr std::size_t kLengthMax = 600;
  const auto document = nlohmann::ordered_json::parse(scenario_json(scenario));
  std::string words = document.value("server", nlohmann::ordered_json::object()).dump();
  if (words.size() > kLengthMax)
    words = fmt::format("{}\xe2\x80\xa6 ({} characters more)", words.substr(0, kLengthMax),
                        words.size() - kLengthMax);
  return words;
}

}  // namespace

html::Table host(const SweepResult& result) {
  const HostInfo& host = result.host;
  html::Table table{"Host and program", {"what", "value"}, {}};
  table.rows = {
      {"CPU", host.cpu_model},
      {"logical CPUs", std::to_string(host.logical_cpus)},
      {"memory", format_byte_count(host.memory_bytes)},
      {"kernel", host.kernel},
      {"CPU flags of interest", listed(host.cpu_flags)},
      {"OpenSSL's CPU settings", or_unknown(host.openssl_cpu_settings)},
      {"load average at the start", number(host.load_average_1m, 2)},
      {"virtualisation", or_unknown(host.virtualisation)},
      {"frequency governor", or_unknown(host.governor)},
      {"depthfinder", result.tool.version + ", " + result.tool.build_type + ", " + result.tool.compiler}};
  for (const auto& [name, version] : result.tool.libraries) table.rows.push_back({name, version});
  return table;
}

html::Table scenario(const SweepResult& result) {
  const Scenario& scenario = result.scenario;
  const ImageSpec& image = scenario.image;
  html::Table table{"Scenario", {"what", "value"}, {}};
  table.rows = {{"name", scenario.name},
                {"image", fmt::format("{}, {} zeros, {} duplicates, compresses by {}, {}",
                                      format_byte_count(image.size_bytes), percent(image.zeros),
                                      percent(image.duplicates), number(image.compress, 2),
                                      image.encrypt ? "encrypted" : "not encrypted")},
                {"server", server_words(scenario)},
                {"blocks planned", std::to_string(result.blocks_planned)},
                {"seed of the orders", std::to_string(result.seed)},
                {"seed of the image", std::to_string(image.seed)},
                {"memory budget", format_byte_count(scenario.memory_budget_bytes)},
                {"SHA-256 of the scenario", result.scenario_sha256},
                {"sources", or_unknown(scenario.sources)}};
  return table;
}

}  // namespace tables
}  // namespace depthfinder
