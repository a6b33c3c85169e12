// SPDX-License-Identifier: MIT
#include "reports/svg_chart.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "reports/words.h"

namespace depthfinder::svg {
namespace {

using html::Attributes;
using html::element;
using html::empty_element;
using html::Markup;

// One user unit is about a CSS pixel on a phone.
constexpr double kWidth = 440, kHeight = 290;
constexpr double kLeft = 54, kRight = 14, kTop = 26, kBottom = 44;
constexpr double kDodge = 3.5;  // between series, so that their intervals do not hide each other
constexpr double kRowHeight = 44, kBarHeight = 18;
constexpr int kColours = 8;

std::string at(double value) { return number(value, 1); }
std::string colour_class(int colour) { return "c" + std::to_string(colour % kColours); }

std::string tick_text(double value) {
  return number(value, value == std::floor(value) ? 0 : value * 10 == std::floor(value * 10) ? 1 : 2);
}

Markup line(double x1, double y1, double x2, double y2, std::string_view css) {
  return empty_element(
      "line", {{"x1", at(x1)}, {"y1", at(y1)}, {"x2", at(x2)}, {"y2", at(y2)}, {"class", std::string(css)}});
}

Markup label(double x, double y, std::string_view anchor, std::string_view text) {
  return element("text", {{"x", at(x)}, {"y", at(y)}, {"text-anchor", std::string(anchor)}}, text);
}

// Each colour has a shape of its own too, for those who do not tell the colours apart.
Markup marker(double x, double y, int colour) {
  constexpr double kRadius = 4;
  const std::string css = "m " + colour_class(colour);
  const auto polygon = [&](const std::string& points) {
    return empty_element("polygon", {{"points", points}, {"class", css}});
  };
  const auto point = [&](double dx, double dy) {
    return at(x + dx * kRadius) + "," + at(y + dy * kRadius) + " ";
  };
  switch (colour % 4) {
    case 1:
      return polygon(point(-.9, -.9) + point(.9, -.9) + point(.9, .9) + point(-.9, .9));
    case 2:
      return polygon(point(0, -1.2) + point(1.1, .9) + point(-1.1, .9));
    case 3:
      return polygon(point(0, -1.3) + point(1.3, 0) + point(0, 1.3) + point(-1.3, 0));
    default:
      return empty_element("circle", {{"cx", at(x)}, {"cy", at(y)}, {"r", at(kRadius)}, {"class", css}});
  }
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
  Markup all;
  for (const double tick : y_ticks) {
    all += line(kLeft, scale.y(tick), kWidth - kRight, scale.y(tick), tick == 0 ? "axis" : "grid");
    all += label(kLeft - 6, scale.y(tick) + 4, "end", tick_text(tick));
  }
  for (const double tick : x_ticks) {
    all += line(scale.x(tick), kHeight - kBottom, scale.x(tick), kHeight - kBottom + 4, "axis");
    all += label(scale.x(tick), kHeight - kBottom + 18, "middle", tick_text(tick));
  }
  all += label(kLeft - 48, 14, "start", chart.y_label);
  all += label((kLeft + kWidth - kRight) / 2, kHeight - 8, "middle", chart.x_label);
  return all;
}

Markup draw_series(const Series& series, const Scale& scale, double dodge) {
  Markup intervals, markers;
  std::string path;
  for (const Point& point : series.points) {
    const double x = scale.x(point.x) + dodge, y = scale.y(point.y);
    if (series.is_steps && !path.empty()) path += "H" + at(x);
    path += (path.empty() ? "M" : "L") + at(x) + " " + at(y);
    if (point.low < point.high) {
      intervals += line(x, scale.y(point.low), x, scale.y(point.high), "i " + colour_class(series.colour));
      for (const double end : {point.low, point.high})
        intervals += line(x - 3, scale.y(end), x + 3, scale.y(end), "i " + colour_class(series.colour));
    }
    if (series.has_markers) markers += marker(x, y, series.colour);
  }
  const Markup curve = empty_element("path", {{"d", path}, {"class", "l " + colour_class(series.colour)}});
  return html::join(intervals, curve, markers);
}

double dodge_of(std::size_t index, std::size_t count) {
  return (static_cast<double>(index) - static_cast<double>(count - 1) / 2) * kDodge;
}

// The ring lies on the series' point, so it needs the same dodge.
Markup draw_mark(const LineChart& chart, const Scale& scale) {
  if (!chart.mark) return {};
  double x = scale.x(chart.mark->x);
  for (std::size_t i = 0; i < chart.series.size(); ++i)
    for (const Point& point : chart.series[i].points)
      if (point.x == chart.mark->x && point.y == chart.mark->y) x += dodge_of(i, chart.series.size());
  const double y = scale.y(chart.mark->y);
  const bool right_half = x > kWidth * 0.6;
  const bool room_below = y + 34 < kHeight - kBottom;
  Markup all = empty_element("circle", {{"cx", at(x)}, {"cy", at(y)}, {"r", "10"}, {"class", "ring"}});
  all += element("text",
                 {{"x", at(right_half ? x + 10 : x - 8)},
                  {"y", at(room_below ? y + 28 : y - 16)},
                  {"text-anchor", right_half ? "end" : "start"},
                  {"class", "marked"}},
                 chart.mark_label);
  return all;
}

Markup svg_root(double height, std::string_view title, const Markup& content) {
  Markup inside = element("title", {}, title);
  inside += content;
  return element("svg",
                 {{"viewBox", "0 0 " + number(kWidth, 0) + " " + number(height, 0)},
                  {"role", "img"},
                  {"aria-label", std::string(title)}},
                 inside);
}

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
  if (!(maximum > 0) || !std::isfinite(maximum)) return {0, 1};
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
    content += draw_series(chart.series[i], scale, is_linear ? 0 : dodge_of(i, chart.series.size()));
  content += draw_mark(chart, scale);
  return svg_root(kHeight, chart.title, content);
}

Markup stacked_bars(const BarChart& chart) {
  constexpr double kRoomForTotal = 76;
  double longest = 0;
  for (const Bar& bar : chart.bars)
    longest = std::max(longest, std::accumulate(bar.parts.begin(), bar.parts.end(), 0.0));
  const double units_per_value = longest > 0 ? (kWidth - kRoomForTotal) / longest : 0;
  Markup content;
  double y = 0;
  for (const Bar& bar : chart.bars) {
    content += draw_bar(chart, bar, y, units_per_value);
    y += kRowHeight;
  }
  return svg_root(y, chart.title, content);
}

Markup legend(const std::vector<LegendEntry>& entries, bool with_marker) {
  Markup items;
  for (const LegendEntry& entry : entries) {
    const Attributes square = {{"x", "2"},
                               {"y", "2"},
                               {"width", "10"},
                               {"height", "10"},
                               {"class", "b " + colour_class(entry.colour)}};
    const Markup swatch = with_marker ? marker(7, 7, entry.colour) : empty_element("rect", square);
    Markup item =
        element("svg", {{"viewBox", "0 0 14 14"}, {"class", "swatch"}, {"aria-hidden", "true"}}, swatch);
    item += html::escaped(entry.name);
    items += element("li", {}, item);
  }
  return element("ul", {{"class", "legend"}}, items);
}

}  // namespace depthfinder::svg
