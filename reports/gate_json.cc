// SPDX-License-Identifier: MIT
// The gate as JSON (schema/gate.schema.json): every raw trial, and the verdicts that follow.
#include <cmath>

#include <nlohmann/json.hpp>

#include "reports/gate_words.h"
#include "scenarios/embedded_file.h"
#include "scenarios/scenario_loader.h"

namespace depthfinder {

std::span<const EmbeddedFile> gate_schema_files();  // made by embed.cmake

namespace {

using nlohmann::ordered_json;

ordered_json number_or_null(const std::optional<double>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json trial_json(const GateTrial& trial) {
  ordered_json object = {{"pair", trial.pair},
                         {"repeat", trial.repeat},
                         {"side", trial.head ? "head" : "base"},
                         {"first", trial.first},
                         {"confirmation", trial.fresh},
                         {"outcome", trial_outcome_name(trial.trial.outcome)},
                         {"reason", trial.trial.reason},
                         {"elapsed_s", trial.elapsed_s}};
  if (!trial.trial.metrics) return object;
  const TrialMetrics& metrics = *trial.trial.metrics;
  object["logical_bytes"] = metrics.logical_bytes;
  object["duration_s"] = metrics.duration_s;
  object["throughput_mib_per_s"] = metrics.throughput_mib_per_s;
  object["cpu_user_s"] = metrics.cpu_user_s;
  object["cpu_sys_s"] = metrics.cpu_sys_s;
  object["peak_rss_bytes"] = metrics.peak_rss_bytes;
  return object;
}

ordered_json figure_json(const GateFigureResult& figure, const GateRule& rule) {
  const FigureJudgement& judgement = figure.judgement;
  ordered_json object = {{"figure", gate_figure_name(figure.figure)},
                         {"verdict", gate_verdict_name(judgement.verdict)},
                         {"doubt", gate_doubt_name(judgement.doubt)},
                         {"reason", gate_reason(figure, rule)},
                         {"pairs", judgement.pairs},
                         {"base_median", figure.base_median},
                         {"head_median", figure.head_median},
                         {"change", judgement.change},
                         {"change_by_ranks", judgement.change_ranks},
                         {"change_low", number_or_null(judgement.low)},
                         {"change_high", number_or_null(judgement.high)},
                         {"noise_per_pair", judgement.noise},
                         {"p_value", judgement.p_value},
                         {"p_holm", judgement.p_holm},
                         {"p_signed_rank", judgement.p_ranks},
                         {"power", judgement.power}};
  if (figure.confirmation)
    object["confirmation"] = {{"pairs", figure.confirmation->pairs},
                              {"change", figure.confirmation->change},
                              {"p_value", figure.confirmation->p_value},
                              {"confirmed", figure.confirmation->confirmed}};
  return object;
}

ordered_json scenario_json_of(const GateScenarioResult& scenario, const GateRule& rule) {
  ordered_json figures = ordered_json::array(), trials = ordered_json::array();
  for (const GateFigureResult& figure : scenario.figures) figures.push_back(figure_json(figure, rule));
  for (const GateTrial& trial : scenario.trials) trials.push_back(trial_json(trial));
  return {{"name", scenario.scenario.name},
          {"scenario_sha256", scenario.scenario_sha256},
          {"verdict", gate_verdict_name(scenario.verdict)},
          {"base_cell", scenario.cells[0].id},
          {"head_cell", scenario.cells[1].id},
          {"repeats", scenario.repeats},
          {"notes", scenario.notes},
          {"figures", figures},
          {"trials", trials},
          {"scenario", ordered_json::parse(scenario_json(scenario.scenario))}};
}

ordered_json side_json(const GateSide& side) {
  return {{"label", side.label}, {"program", side.program}, {"program_sha256", side.program_sha256}};
}

ordered_json rule_json(const GateRule& rule) {
  return {{"margin", rule.margin},
          {"pass_slack", rule.pass_slack},
          {"family_error", rule.family_error},
          {"confirm_error", rule.confirm_error},
          {"outlier_effect", rule.outlier_effect},
          {"first_look_pairs", rule.first_look},
          {"last_look_pairs", rule.last_look}};
}

ordered_json host_json(const HostInfo& host) {
  return {{"cpu_model", host.cpu_model},
          {"logical_cpus", host.logical_cpus},
          {"memory_bytes", host.memory_bytes},
          {"kernel", host.kernel},
          {"load_average_1m", host.load_average_1m},
          {"virtualisation", host.virtualisation},
          {"governor", host.governor}};
}

// The first key whose number JSON cannot hold.
std::string not_finite(const ordered_json& value, const std::string& key) {
  if (value.is_number_float() && !std::isfinite(value.get<double>())) return key;
  std::string found;
  if (value.is_structured())
    for (auto item = value.begin(); item != value.end() && found.empty(); ++item)
      found = not_finite(*item, value.is_object() ? item.key() : key);
  return found;
}

}  // namespace

std::string_view gate_schema() { return gate_schema_files().front().text; }

Result<std::string> gate_json(const GateResult& result) {
  ordered_json scenarios = ordered_json::array();
  for (const GateScenarioResult& scenario : result.scenarios)
    scenarios.push_back(scenario_json_of(scenario, result.rule));
  const ordered_json document = {
      {"schema", "depthfinder-gate"},
      {"schema_version", kGateSchemaVersion},
      {"verdict", gate_verdict_name(result.verdict)},
      {"headline", gate_headline(result)},
      {"identical", result.identical},
      {"started_at_utc", result.started_at_utc},
      {"seed", result.seed},
      {"base", side_json(result.sides[0])},
      {"head", side_json(result.sides[1])},
      {"rule", rule_json(result.rule)},
      {"tool", {{"version", result.tool.version}, {"build_type", result.tool.build_type}}},
      {"host", host_json(result.host)},
      {"scenarios", scenarios}};
  const std::string key = not_finite(document, "");
  if (!key.empty())
    return fail(ErrorKind::bad_input, "the gate's result cannot be written: \"{}\" is not a finite number",
                key);
  return document.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace depthfinder
