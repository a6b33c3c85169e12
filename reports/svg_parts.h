// SPDX-License-Identifier: MIT
// What the charts of svg_chart and svg_timeline are drawn with. Of these two alone; pure.
#pragma once

#include <string>
#include <string_view>

#include "reports/html_writer.h"

namespace depthfinder::svg {

// One user unit is about a CSS pixel on a phone.
inline constexpr double kWidth = 440;
inline constexpr int kColours = 8;

// A coordinate. Half a unit is too little to see; most charts of a page are small.
std::string at(double value);
std::string colour_class(int colour);
std::string tick_text(double value);  // of an axis
html::Markup label(double x, double y, std::string_view anchor, std::string_view text);
html::Markup svg_root(double height, std::string_view title, std::string_view description,
                      const html::Markup& content);

}  // namespace depthfinder::svg
