// SPDX-License-Identifier: MIT
#include "reports/merge.h"

#include <algorithm>
#include <tuple>

#include <nlohmann/json.hpp>

#include "reports/result_json.h"
#include "scenarios/embedded_file.h"
#include "scenarios/strict_json.h"

namespace depthfinder {

std::span<const EmbeddedFile> bundle_schema_files();  // made by embed.cmake

namespace {

using nlohmann::json;

constexpr std::string_view kBundleName = "depthfinder-results";
constexpr int kBundleVersion = 1;

bool is_bundle(const json& document) {
  return document.is_object() && document.contains("schema") && document["schema"] == kBundleName;
}

std::string one_line(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

// Two results that agree in all of these are of one sweep, perhaps at two stages of it.
auto sweep_key(const SweepResult& result) {
  return std::tie(result.scenario.name, result.scenario_sha256, result.host.cpu_model,
                  result.host.logical_cpus, result.host.memory_bytes, result.host.kernel,
                  result.started_at_utc, result.seed);
}

Result<void> check_bundle(const json& document, std::string_view where) {
  const auto version = document.find("schema_version");
  if (version == document.end() || *version != kBundleVersion)
    return fail(ErrorKind::bad_input,
                "{} is a bundle of results of version {}, and this program reads {} only", where,
                version == document.end() ? "unknown" : one_line(*version), kBundleVersion);
  return check_schema(document, bundle_schema_files().front().text, where);
}

}  // namespace

Result<std::vector<StoredResult>> read_results(std::string_view json_text, std::string_view where) {
  DF_ASSIGN(const json document, parse_strict_json(json_text, where));
  std::vector<StoredResult> stored;
  if (!is_bundle(document)) {
    DF_ASSIGN(SweepResult result, from_json(json_text, where));
    stored.push_back({std::string(where), std::move(result), one_line(document)});
    return stored;
  }
  DF_TRY(check_bundle(document, where));
  for (const json& item : document["results"]) {
    const std::string place = fmt::format("{}: results.{}", where, stored.size());
    std::string text = one_line(item);
    DF_ASSIGN(SweepResult result, from_json(text, place));
    stored.push_back({place, std::move(result), std::move(text)});
  }
  return stored;
}

Result<std::vector<StoredResult>> collect(std::vector<StoredResult> results) {
  const auto before = [](const StoredResult& a, const StoredResult& b) {
    return std::pair(sweep_key(a.result), std::string_view(a.document)) <
           std::pair(sweep_key(b.result), std::string_view(b.document));
  };
  std::sort(results.begin(), results.end(), before);
  for (std::size_t i = 1; i < results.size(); ++i)
    if (sweep_key(results[i - 1].result) == sweep_key(results[i].result))
      return fail(
          ErrorKind::bad_input,
          "{} and {} are results of the same sweep (scenario {}, seed {}, begun at {} on one host): give it "
          "once",
          std::min(results[i - 1].where, results[i].where), std::max(results[i - 1].where, results[i].where),
          results[i].result.scenario.name, results[i].result.seed, results[i].result.started_at_utc);
  return results;
}

std::string bundle_json(std::span<const StoredResult> results) {
  std::string text = fmt::format("{{\n\"schema\": \"{}\",\n\"schema_version\": {},\n\"results\": [",
                                 kBundleName, kBundleVersion);
  for (std::size_t i = 0; i < results.size(); ++i) text += (i == 0 ? "\n" : ",\n") + results[i].document;
  return text + "\n]\n}\n";
}

}  // namespace depthfinder
