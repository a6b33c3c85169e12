// SPDX-License-Identifier: MIT
// Every cell of every result as comma-separated values (RFC 4180), a row each, units in the column
// names. Pure; byte-identical on any host. Figures that are not there are empty, never 0.
#pragma once

#include <span>
#include <string>

#include "reports/recommend.h"

namespace depthfinder {

// `results` must not be empty; `recommendations` run in parallel.
std::string report_csv(std::span<const SweepResult> results,
                       std::span<const Result<Recommendation>> recommendations);

// A text as one field: quoted where it must be, and never a formula to a spreadsheet.
std::string csv_field(std::string_view text);

}  // namespace depthfinder
