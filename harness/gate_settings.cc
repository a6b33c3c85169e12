// SPDX-License-Identifier: MIT
#include "harness/gate_settings.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "harness/sweep_runner.h"
#include "reports/field.h"
#include "scenarios/axes_json.h"
#include "scenarios/key_value_pairs.h"
#include "scenarios/scenario_loader.h"

namespace depthfinder {
namespace {

Axes axes_of(const Cell& cell) {
  Axes axes;
  axes.strategy = {cell.strategy};
  axes.depth = {cell.depth};
  axes.threads = {cell.threads == 0 ? 1 : cell.threads};  // no workers: whatever is said is not used
  axes.connections = {cell.connections};
  axes.sha_ni = {cell.sha_ni};
  axes.vectors = {cell.vectors};
  axes.writers = {cell.writers};
  axes.buffers = {cell.buffers};
  axes.chunk_cache = {cell.chunk_cache};
  axes.http2_window_bytes = {cell.http2_window_bytes};
  axes.http2_frame_bytes = {cell.http2_frame_bytes};
  return axes;
}

}  // namespace

Result<Cell> default_gate_cell(const Scenario& scenario, const HostInfo& host) {
  const std::vector<Cell> cells = runnable_cells(scenario, host);
  if (cells.empty())
    return fail(ErrorKind::bad_input, "scenario {} has no cell that this host can run (it has no SHA-NI)",
                scenario.name);
  for (const Cell& cell : cells)
    if (cell.strategy == kShippedStrategy && cell.depth == 16 && cell.threads == 4) return cell;
  return cells.front();
}

Result<Cell> changed_cell(const Scenario& scenario, const Cell& cell, const std::string& text) {
  for (const Cell& listed : expand_cells(scenario))
    if (listed.id == text) return listed;
  if (text.find('=') == std::string::npos)
    return fail(ErrorKind::bad_input,
                "'{}' is neither a cell of scenario {} (sweep --dry-run lists them) nor a setting such as "
                "\"depth=8 threads=2\"",
                text, scenario.name);
  std::string pairs = text;
  std::replace(pairs.begin(), pairs.end(), ' ', ',');
  pairs.erase(std::unique(pairs.begin(), pairs.end(), [](char a, char b) { return a == ',' && b == ','; }),
              pairs.end());
  DF_ASSIGN(const nlohmann::json changes, object_from_pairs(pairs));
  nlohmann::json document = nlohmann::json::parse(scenario_json(scenario));
  document["axes"] = axes_json(axes_of(cell));
  for (const auto& [key, value] : changes.items()) document["axes"][key] = nlohmann::json::array({value});
  DF_ASSIGN(const Scenario changed, parse_scenario(document.dump(), "'" + text + "'"));
  return expand_cells(changed).front();
}

}  // namespace depthfinder
