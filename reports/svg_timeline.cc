// SPDX-License-Identifier: MIT
#include "reports/svg_timeline.h"

#include <algorithm>

#include <fmt/format.h>

#include "reports/svg_chart.h"
#include "reports/svg_parts.h"
#include "reports/words.h"

namespace depthfinder::svg {
namespace {

using html::empty_element;
using html::join;
using html::Markup;

constexpr double kRowsLeft = 30, kRowsRight = 14, kRowsTop = 6, kRowsBottom = 40;
constexpr double kPitch = 8, kBar = 5;  // of a row, and of the bar in it
constexpr std::size_t kRowsPerLabel = 8;

// Where a row's bar begins.
double top_of(std::size_t row) { return kRowsTop + static_cast<double>(row) * kPitch + (kPitch - kBar) / 2; }

// Data to user units.
struct TimeScale {
  double x_max;
  [[nodiscard]] double x(double value) const {
    return kRowsLeft + value / x_max * (kWidth - kRowsLeft - kRowsRight);
  }
};

Markup axes(const TimelineChart& chart, const TimeScale& scale, const std::vector<double>& ticks) {
  const double bottom = kRowsTop + static_cast<double>(chart.rows.size()) * kPitch;
  std::string grid;
  Markup labels;
  for (const double tick : ticks) {
    grid += "M" + at(scale.x(tick)) + " " + at(kRowsTop) + "V" + at(bottom);
    labels += label(scale.x(tick), bottom + 16, tick == 0 ? "start" : "middle", tick_text(tick));
  }
  for (std::size_t row = 0; row < chart.rows.size(); ++row)
    if (row == 0 || (row + 1) % kRowsPerLabel == 0)
      labels += label(kRowsLeft - 5, top_of(row) + kBar, "end", std::to_string(row + 1));
  labels += label((kRowsLeft + kWidth - kRowsRight) / 2, bottom + 34, "middle", chart.x_label);
  return join(empty_element("path", {{"d", grid}, {"class", "grid"}}), labels);
}

// One path for the same part of all rows, which takes a quarter of the bytes of a rectangle each.
class Bars {
 public:
  explicit Bars(const TimeScale& scale) : scale_(scale) {}
  void add(std::size_t row, double from, double to) {
    const std::string width = at(scale_.x(to) - scale_.x(from));
    if (width == "0") return;
    path_ += fmt::format("M{} {}h{}v{}h-{}z", at(scale_.x(from)), at(top_of(row)), width, at(kBar), width);
  }
  [[nodiscard]] Markup drawn(int colour) const {
    return empty_element("path", {{"d", path_}, {"class", "s " + colour_class(colour)}});
  }

 private:
  const TimeScale& scale_;
  std::string path_;
};

}  // namespace

Markup timeline_chart(const TimelineChart& chart) {
  double end = 0;
  for (const Span& row : chart.rows) end = std::max({end, row.end, row.wanted});
  const std::vector<double> ticks = round_ticks(end);
  const TimeScale scale{ticks.back()};
  Bars first(scale), second(scale);
  std::string wanted;
  for (std::size_t i = 0; i < chart.rows.size(); ++i) {
    const Span& row = chart.rows[i];
    first.add(i, row.begin, row.turn);
    second.add(i, row.turn, row.end);
    wanted += "M" + at(scale.x(row.wanted)) + " " + at(top_of(i) - 1) + "v" + at(kBar + 2);
  }
  const Markup content =
      join(axes(chart, scale, ticks), first.drawn(chart.first_colour), second.drawn(chart.second_colour),
           empty_element("path", {{"d", wanted}, {"class", "tick"}}));
  return svg_root(kRowsTop + static_cast<double>(chart.rows.size()) * kPitch + kRowsBottom, chart.title,
                  fmt::format("{} over {}; the numbers are in the table beside it.",
                              counted(static_cast<long long>(chart.rows.size()), "row"), chart.x_label),
                  content);
}

}  // namespace depthfinder::svg
