// SPDX-License-Identifier: MIT
// The report as Markdown: the same tables and sentences as the HTML page, without charts and raw rows. Pure;
// byte-identical on any host. What a result says is escaped, so that it stays text.
#pragma once

#include <span>
#include <string>

#include "reports/html_writer.h"
#include "reports/recommend.h"

namespace depthfinder {

// `results` must not be empty; `recommendations` run in parallel.
std::string report_markdown(std::span<const SweepResult> results,
                            std::span<const Result<Recommendation>> recommendations);

// One table, with its caption above it; marked rows are bold.
std::string markdown_table(const html::Table& table);

}  // namespace depthfinder
