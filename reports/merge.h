// SPDX-License-Identifier: MIT
// Several results in one file (schema/results.schema.json): each is kept whole and in the version it was written in,
// and the bundle's bytes do not depend on the order in which they were given. Pure; any thread. It reads no file.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/result.h"
#include "restore_core/base/result.h"

namespace depthfinder {

struct StoredResult {
  std::string where;  // "a.json", or "merged.json: results.2"
  SweepResult result;
  std::string document;  // the result as JSON in one line, keys sorted, of the version it had
};

// One result.json, or a bundle of them. Errors: bad_input.
Result<std::vector<StoredResult>> read_results(std::string_view json_text, std::string_view where);

// In the bundle's order: by scenario, host and start. Errors: bad_input, where two are of the same sweep; the message
// names both.
Result<std::vector<StoredResult>> collect(std::vector<StoredResult> results);

// `results` must come from collect().
std::string bundle_json(std::span<const StoredResult> results);

}  // namespace depthfinder
