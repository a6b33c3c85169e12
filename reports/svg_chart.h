// SPDX-License-Identifier: MIT
// Charts as inline SVG: lines over a log2 or linear axis, and stacked horizontal bars. Colours are classes (c0, c1, ...) that the
// page's style sheet sets for light and dark. Pure; any thread; knows nothing of restores.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/html_writer.h"

namespace depthfinder::svg {

struct Point {
  double x = 1;  // > 0 on a log2 axis
  double y = 0;
  double low = 0, high = 0;  // interval; low == high: none
};

struct Series {
  std::string name;
  int colour = 0;
  std::vector<Point> points;  // by rising x
  bool is_steps = false;      // each value holds until the next
  bool has_markers = true;
};

struct LineChart {
  std::string title;  // what the chart shows, for those who do not see it
  std::string x_label, y_label;
  double y_max = 0;             // of the data; the axis ends at the next round value
  std::vector<double> x_ticks;  // of the log2 axis, which they span
  double x_max = 0;             // more than 0: a linear axis instead, from 0 to the next round value
  std::vector<Series> series;
  std::optional<Point> mark;  // ringed, with `mark_label` beside it
  std::string mark_label;
  bool has_tips = true;  // a tooltip on every point, which takes more bytes than the point
};
html::Markup line_chart(const LineChart& chart);

struct Bar {
  std::string label;
  std::vector<double> parts;  // in the order of part_names
};
struct BarChart {
  std::string title, unit;
  std::vector<std::string> part_names;
  std::vector<Bar> bars;
};
html::Markup stacked_bars(const BarChart& chart);

// A list of names with their colours; `marker` draws the line's marker, otherwise a filled square.
struct LegendEntry {
  std::string name;
  int colour = 0;
  bool is_tick = false;  // a stroke instead, in the colour of the text
};
html::Markup legend(const std::vector<LegendEntry>& entries, bool marker);

// Round values from 0 past `maximum`, at most seven.
std::vector<double> round_ticks(double maximum);

}  // namespace depthfinder::svg
