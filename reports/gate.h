// SPDX-License-Identifier: MIT
// GateResult: two sides of a restore (two builds, or two settings) measured in pairs, raw, and what the pairs say. A plain
// value: harness/gate_runner fills the trials, judge_gate() the rest; the writers only read it. Pure; any thread.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/gate_rule.h"
#include "reports/result.h"
#include "restore_core/base/result.h"

namespace depthfinder {

inline constexpr int kGateSchemaVersion = 1;

// What is compared, each as head over base of something that should be small: time per byte as the restore counts it,
// time of the whole process as seen from outside, CPU seconds per GiB, peak resident memory.
enum class GateFigure { throughput, elapsed, cpu_time, peak_memory };
inline constexpr std::array kGateFigures = {GateFigure::throughput, GateFigure::elapsed, GateFigure::cpu_time,
                                            GateFigure::peak_memory};
std::string_view gate_figure_name(GateFigure figure);  // "throughput", "elapsed", "cpu_time", "peak_memory"

struct GateTrial {
  int pair = 0;          // from 0; neighbours in time
  int repeat = 0;        // within the pair, from 0
  bool head = false;     // else base
  bool first = false;    // of its repeat
  bool fresh = false;    // of the confirmation
  double elapsed_s = 0;  // from the start of the process to its end, as seen from outside
  Trial trial;           // its block is the pair, its position that within the pair
};

struct GateSide {
  std::string label;           // "base", "head", "a", "b"
  std::string program;         // file name, without its directory
  std::string program_sha256;  // 64 lower-case hex digits
};

struct GateConfirmation {
  int pairs = 0;
  double change = 0;
  double p_value = 1;
  bool confirmed = false;
};

struct GateFigureResult {
  GateFigure figure = GateFigure::throughput;
  double base_median = 0, head_median = 0;  // MiB/s, s, s per GiB, bytes
  FigureJudgement judgement;
  std::optional<GateConfirmation> confirmation;
};

struct GateScenarioResult {
  Scenario scenario;
  std::string scenario_sha256;
  std::array<Cell, 2> cells;  // base, head
  int repeats = 1;            // trials a side and pair
  std::vector<GateTrial> trials;
  // From here on made by judge_gate().
  std::vector<GateFigureResult> figures;
  std::vector<std::string> notes;  // what to know besides, in sentences
  GateVerdict verdict = GateVerdict::inconclusive;
};

struct GateResult {
  ToolInfo tool;
  HostInfo host;
  std::string started_at_utc;
  std::uint64_t seed = 0;
  GateRule rule;
  std::array<GateSide, 2> sides;
  bool identical = false;  // same program, same setting: nothing was run
  std::vector<GateScenarioResult> scenarios;
  GateVerdict verdict = GateVerdict::inconclusive;
};

// The figures' differences of the pairs in which every trial was valid; `fresh` those of the confirmation. In the order
// of kGateFigures. A pair's difference is the mean over its repeats.
std::vector<PairDifferences> pair_differences(const GateScenarioResult& scenario, bool fresh);

// Fills in what follows from the trials. A regression without a confirmation made stays unconfirmed: inconclusive.
void judge_gate(GateResult& result);
// The figures that a confirmation is to be made for, by scenario: rejected, and not asked again yet.
std::vector<std::vector<GateFigure>> unconfirmed(const GateResult& result);

// The figure that decided, in one line: what people read first.
std::string gate_headline(const GateResult& result);
std::string gate_text(const GateResult& result);      // within 80 columns
std::string gate_markdown(const GateResult& result);  // for a step summary
std::string gate_junit(const GateResult& result);     // a test case per scenario and figure
// schema/gate.schema.json. Errors: bad_input, when a number is not finite.
Result<std::string> gate_json(const GateResult& result);
std::string_view gate_schema();

}  // namespace depthfinder
