// SPDX-License-Identifier: MIT
// report_html(): the whole result as one HTML file that needs no network, no script and no other file. A pure
// function; byte-identical on any host and under any locale.
#pragma once

#include <string>

#include "reports/recommend.h"
#include "reports/result.h"

namespace depthfinder {

// Where nothing could be recommended, the page says why and shows the audit and the raw trials.
std::string report_html(const SweepResult& result, const Result<Recommendation>& recommendation);

}  // namespace depthfinder
