// SPDX-License-Identifier: MIT
#include "reports/svg_chart.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "reports/svg_parts.h"
#include "reports/words.h"

namespace depthfinder::svg {
namespace {

using html::Attributes;
using html::element;
using html::empty_element;
using html::Markup;

constexpr double kHeight = 290;
constexpr double kLeft = 54, kRight = 14, kTop = 26, kBottom = 44;
constexpr double kDodge = 3.5;  // between series, so that their intervals do not hide each other
constexpr double kRowHeight = 44, kBarHeight = 18;

Markup line(double x1, double y1, double x2, double y2, std::string_view css) {
  return empty_element(
      "line", {{"x1", at(x1)}, {"y1", at(y1)}, {"x2", at(x2)}, {"y2", at(y2)}, {"class", std::string(css)}});
}

// Each colour has a shape of its own too, for those who do not tell the colours apart.
std::string marker_path(double x, double y, int colour) {
  switch (colour % 4) {
    case 1:
      return "M" + at(x - 3.6) + " " + at(y - 3.6) + "h7.2v7.2h-7.2z";
    case 2:
      return "M" + at(x) + " " + at(y - 4.8) + "l4.4 8.4h-8.8z";
    case 3:
      return "M" + at(x) + " " + at(y - 5.2) + "l5.2 5.2-5.2 5.2-5.2-5.2z";
    default:
      return "M" + at(x - 4) + " " + at(y) + "a4 4 0 1 0 8 0a4 4 0 1 0-8 0z";
  }
}

Markup marker(const std::string& path, int colour, const std::string& tip = {}) {
  const Attributes attributes = {{"d", path}, {"class", "m " + colour_class(colour)}};
  return tip.empty() ? empty_element("path", attributes)
                     : element("path", attributes, element("title", {}, tip));
}

// Data to user units.
struct Scale {
  double x_low, x_high, y_high;
  bool is_linear = false;
  [[nodiscard]] double x(double value) const {
    const double inset = is_linear ? 0 : 16;  // keeps the dodged first points off the axis
    return kLeft + inset + share(value) * (kWidth - kLeft - kRight - 2 * inset);
  }
  [[nodiscard]] double share(double value) const {
    if (is_linear) return (value - x_low) / (x_high - x_low);
    const double span = std::log2(x_high / x_low);
    return span > 0 ? std::log2(value / x_low) / span : 0.5;
  }
  [[nodiscard]] double y(double value) const {
    return kHeight - kBottom - value / y_high * (kHeight - kTop - kBottom);
  }
};

Markup axes(const LineChart& chart, const Scale& scale, const std::vector<double>& x_ticks,
            const std::vector<double>& y_ticks) {
  Markup labels;
  std::string grid, axis;
  for (const double tick : y_ticks) {
    (tick == 0 ? axis : grid) += "M" + at(kLeft) + " " + at(scale.y(tick)) + "H" + at(kWidth - kRight);
    labels += label(kLeft - 6, scale.y(tick) + 4, "end", tick_text(tick));
  }
  for (const double tick : x_ticks) {
    axis += "M" + at(scale.x(tick)) + " " + at(kHeight - kBottom) + "v4";
    labels += label(scale.x(tick), kHeight - kBottom + 18, "middle", tick_text(tick));
  }
  labels += label(kLeft - 48, 14, "start", chart.y_label);
  labels += label((kLeft + kWidth - kRight) / 2, kHeight - 8, "middle", chart.x_label);
  return html::join(empty_element("path", {{"d", grid}, {"class", "grid"}}),
                    empty_element("path", {{"d", axis}, {"class", "axis"}}), labels);
}

// "spawned, 2 threads, depth (chunks in flight) 8: 599 MiB/s (593 to 604)"
std::string tip_of(const LineChart& chart, const Series& series, const Point& point) {
  const int decimals = chart.y_max < 20 ? 2 : 0;
  std::string tip = fmt::format("{}{}{} {}: {} {}", series.name, series.name.empty() ? "" : ", ",
                                chart.x_label, tick_text(point.x), number(point.y, decimals), chart.y_label);
  if (point.low < point.high)
    tip += fmt::format(" ({} to {})", number(point.low, decimals), number(point.high, decimals));
  return tip;
}

Markup draw_series(const LineChart& chart, const Series& series, const Scale& scale, double dodge) {
  Markup markers;
  std::string path, intervals, shapes;
  for (const Point& point : series.points) {
    const double x = scale.x(point.x) + dodge, y = scale.y(point.y);
    if (series.is_steps && !path.empty()) path += "H" + at(x);
    path += (path.empty() ? "M" : "L") + at(x) + " " + at(y);
    if (point.low < point.high) {
      const double low = scale.y(point.low), high = scale.y(point.high);
      intervals += "M" + at(x) + " " + at(low) + "V" + at(high);
      for (const double end : {low, high}) intervals += "M" + at(x - 3) + " " + at(end) + "h6";
    }
    if (!series.has_markers) continue;
    if (chart.has_tips)
      markers += marker(marker_path(x, y, series.colour), series.colour, tip_of(chart, series, point));
    else
      shapes += marker_path(x, y, series.colour);
  }
  Markup all;
  const std::string colour = colour_class(series.colour);
  if (!intervals.empty()) all += empty_element("path", {{"d", intervals}, {"class", "i " + colour}});
  all += empty_element("path", {{"d", path}, {"class", "l " + colour}});
  if (!shapes.empty()) all += marker(shapes, series.colour);
  return html::join(all, markers);
}

double dodge_of(std::size_t index, std::size_t count) {
  return (static_cast<double>(index) - static_cast<double>(count - 1) / 2) * kDodge;
}

// The ring lies on the series' point, so it needs the same dodge. Its label stands on the axis, below all curves.
Markup draw_mark(const LineChart& chart, const Scale& scale) {
  if (!chart.mark) return {};
  double x = scale.x(chart.mark->x);
  for (std::size_t i = 0; i < chart.series.size(); ++i)
    for (const Point& point : chart.series[i].points)
      if (point.x == chart.mark->x && point.y == chart.mark->y) x += dodge_of(i, chart.series.size());
  const double y = scale.y(chart.mark->y), bottom = kHeight - kBottom;
  const bool right_half = x > kWidth * 0.6;
  Markup all = empty_element("circle", {{"cx", at(x)}, {"cy", at(y)}, {"r", "10"}, {"class", "ring"}});
  if (y + 10 < bottom) all += line(x, y + 10, x, bottom, "drop");
  all += element("text",
                 {{"x", at(right_half ? x - 5 : x + 5)},
                  {"y", at(bottom - 8)},
                  {"text-anchor", right_half ? "end" : "start"},
                  {"class", "marked"}},
                 chart.mark_label);
  return all;
}

constexpr double kLeast = 1e-9;  // below it, no figure of a chart is more than 0

Markup draw_bar(const BarChart& chart, const Bar& bar, double y, double units_per_value) {
  const double total = std::accumulate(bar.parts.begin(), bar.parts.end(), 0.0);
  Markup all = label(0, y + 12, "start", bar.label);
  double x = 0;
  for (std::size_t i = 0; i < bar.parts.size(); ++i) {
    const double width = bar.parts[i] * units_per_value;
    if (width < 0.05) continue;
    const std::string tip = chart.part_names[i] + ": " + number(bar.parts[i], 3) + " " + chart.unit;
    all += element("rect",
                   {{"x", at(x)},
                    {"y", at(y + 18)},
                    {"width", at(width)},
                    {"height", at(kBarHeight)},
                    {"class", "b " + colour_class(static_cast<int>(i))}},
                   element("title", {}, tip));
    x += width;
  }
  all += label(x + 6, y + 32, "start", number(total, 2) + " " + chart.unit);
  return all;
}

}  // namespace

std::vector<double> round_ticks(double maximum) {
  if (!(maximum > kLeast) || !std::isfinite(maximum)) return {0, 1};
  const double rough = maximum / 5;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {5.0, 2.5, 2.0, 1.0})
    if (factor * power >= rough) step = factor * power;
  std::vector<double> ticks;
  const int count = static_cast<int>(std::ceil(maximum / step - 1e-9));
  for (int i = 0; i <= count; ++i) ticks.push_back(i * step);
  return ticks;
}

Markup line_chart(const LineChart& chart) {
  const auto y_ticks = round_ticks(chart.y_max);
  const bool is_linear = chart.x_max > 0;
  const auto x_ticks = is_linear ? round_ticks(chart.x_max) : chart.x_ticks;
  const Scale scale{x_ticks.empty() ? 1 : x_ticks.front(), x_ticks.empty() ? 2 : x_ticks.back(),
                    y_ticks.back(), is_linear};
  Markup content = axes(chart, scale, x_ticks, y_ticks);
  for (std::size_t i = 0; i < chart.series.size(); ++i)
    content += draw_series(chart, chart.series[i], scale, is_linear ? 0 : dodge_of(i, chart.series.size()));
  content += draw_mark(chart, scale);
  return svg_root(kHeight, chart.title,
                  fmt::format("{} over {}, {}; the numbers are in the table beside it.", chart.y_label,
                              chart.x_label, counted(static_cast<long long>(chart.series.size()), "line")),
                  content);
}

Markup stacked_bars(const BarChart& chart) {
  constexpr double kRoomForTotal = 76;
  double longest = 0;
  for (const Bar& bar : chart.bars)
    longest = std::max(longest, std::accumulate(bar.parts.begin(), bar.parts.end(), 0.0));
  const double units_per_value = longest > kLeast ? (kWidth - kRoomForTotal) / longest : 0;
  Markup content;
  double y = 0;
  for (const Bar& bar : chart.bars) {
    content += draw_bar(chart, bar, y, units_per_value);
    y += kRowHeight;
  }
  return svg_root(y, chart.title,
                  "Stacked bars in " + chart.unit + "; the numbers are in the table beside it.", content);
}

Markup legend(const std::vector<LegendEntry>& entries, bool with_marker) {
  Markup items;
  for (const LegendEntry& entry : entries) {
    const Attributes square = {{"x", "2"},
                               {"y", "2"},
                               {"width", "10"},
                               {"height", "10"},
                               {"class", "b " + colour_class(entry.colour)}};
    const Markup swatch = entry.is_tick ? empty_element("path", {{"d", "M7 1v12"}, {"class", "tick"}})
                          : with_marker ? marker(marker_path(7, 7, entry.colour), entry.colour)
                                        : empty_element("rect", square);
    Markup item =
        element("svg", {{"viewBox", "0 0 14 14"}, {"class", "swatch"}, {"aria-hidden", "true"}}, swatch);
    item += html::escaped(entry.name);
    items += element("li", {}, item);
  }
  return element("ul", {{"class", "legend"}}, items);
}

}  // namespace depthfinder::svg
