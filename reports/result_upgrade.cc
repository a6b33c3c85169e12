// SPDX-License-Identifier: MIT
#include "reports/result_upgrade.h"

#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "reports/result.h"

namespace depthfinder {
namespace {

using nlohmann::json;

// Keys that are there stay: the schema then says that version 2 had none such, or their values are judged.
void add_defaults(json& object, const json& defaults) {
  for (const auto& [key, value] : defaults.items())
    if (!object.contains(key)) object[key] = value;
}

void upgrade_cell(json& cell) {
  const Cell plain;
  add_defaults(cell, {{"vectors", vectors_name(plain.vectors)},
                      {"writers", plain.writers},
                      {"buffers", buffers_name(plain.buffers)},
                      {"chunk_cache", plain.chunk_cache},
                      {"http2_window_bytes", plain.http2_window_bytes},
                      {"http2_frame_bytes", plain.http2_frame_bytes}});
}

// Every depth was fixed, so its mean is the cell's.
void upgrade_metrics(json& metrics, const json& cell) {
  add_defaults(metrics, {{"coalesced", 0U},
                         {"cache_hits", 0U},
                         {"sha256_lane_kernel", ""},
                         {"depth_mean", cell.value("depth", json(0))},
                         {"threads_mean", cell.value("threads", json(0))},
                         {"depth_trace", json::array()}});
}

bool is_list(const json& document, const char* key) {
  return document.contains(key) && document.at(key).is_array();
}

}  // namespace

void upgrade_version_2(json& document) {
  document["schema_version"] = 3;
  std::map<std::string, json> cells;
  if (is_list(document, "cells"))
    for (json& cell : document["cells"]) {
      if (!cell.is_object()) continue;
      upgrade_cell(cell);
      if (cell.contains("id") && cell["id"].is_string()) cells[cell["id"].get<std::string>()] = cell;
    }
  if (!is_list(document, "trials")) return;
  for (json& trial : document["trials"]) {
    if (!trial.is_object() || !trial.contains("metrics") || !trial["metrics"].is_object()) continue;
    const bool named = trial.contains("cell") && trial["cell"].is_string();
    const auto cell = named ? cells.find(trial["cell"].get<std::string>()) : cells.end();
    upgrade_metrics(trial["metrics"], cell == cells.end() ? json::object() : cell->second);
  }
}

void upgrade_version_3(json& document) {
  document["schema_version"] = 4;
  add_defaults(document, {{"server_kind", server_kind_name(ServerKind::mock)}, {"racing", json::array()}});
}

void upgrade_version_4(json& document) { document["schema_version"] = 5; }

}  // namespace depthfinder
