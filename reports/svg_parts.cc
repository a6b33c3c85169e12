// SPDX-License-Identifier: MIT
#include "reports/svg_parts.h"

#include <cmath>

#include "reports/words.h"

namespace depthfinder::svg {

using html::element;
using html::empty_element;
using html::Markup;

std::string at(double value) {
  std::string text = number(value, 1);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

std::string colour_class(int colour) { return "c" + std::to_string(colour % kColours); }

std::string tick_text(double value) {
  return number(value, value == std::floor(value) ? 0 : value * 10 == std::floor(value * 10) ? 1 : 2);
}

Markup label(double x, double y, std::string_view anchor, std::string_view text) {
  return element("text", {{"x", at(x)}, {"y", at(y)}, {"text-anchor", std::string(anchor)}}, text);
}

Markup svg_root(double height, std::string_view title, std::string_view description, const Markup& content) {
  const Markup inside = html::join(element("title", {}, title), element("desc", {}, description), content);
  return element("svg", {{"viewBox", "0 0 " + number(kWidth, 0) + " " + number(height, 0)}, {"role", "img"}},
                 inside);
}

}  // namespace depthfinder::svg
