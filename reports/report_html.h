// SPDX-License-Identifier: MIT
// report_html(): the whole result as one HTML file that needs no network, no script and no other file. A pure
// function; byte-identical on any host and under any locale.
#pragma once

#include <span>
#include <string>

#include "reports/recommend.h"
#include "reports/result.h"

namespace depthfinder {

// The page is no larger than this, as long as raw rows can be left out.
inline constexpr std::size_t kReportBytesMax = 150'000;

// Where nothing could be recommended, the page says why and shows the audit and the raw trials.
std::string report_html(const SweepResult& result, const Result<Recommendation>& recommendation);

// One result as above; of several the choice they have in common, and a section for each. `results` must not be empty,
// and `recommendations` be those of each.
std::string report_html(std::span<const SweepResult> results,
                        std::span<const Result<Recommendation>> recommendations);

}  // namespace depthfinder
