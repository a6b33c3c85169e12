// SPDX-License-Identifier: MIT
// A chart of spans in time as inline SVG: a row each, in two parts, with a tick for when the second part was wanted to
// begin. Pure; any thread; knows nothing of restores.
#pragma once

#include <string>
#include <vector>

#include "reports/html_writer.h"

namespace depthfinder::svg {

struct Span {
  double begin = 0, turn = 0, end = 0;  // rising, and not negative
  double wanted = 0;                    // when the turn was to be
};

struct TimelineChart {
  std::string title;    // what the chart shows, for those who do not see it
  std::string x_label;  // with the unit
  int first_colour = 0, second_colour = 0;
  std::vector<Span> rows;  // from top to bottom
};
html::Markup timeline_chart(const TimelineChart& chart);

}  // namespace depthfinder::svg
