// SPDX-License-Identifier: MIT
// HTML as nested strings: every text is escaped here, so that nothing from a result file can become markup. Pure; any
// thread. Knows no page and no style.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace depthfinder::html {

// Markup that is already safe; made by the functions below only.
struct Markup {
  std::string text;
  Markup& operator+=(const Markup& other) {
    text += other.text;
    return *this;
  }
};

using Attributes = std::vector<std::pair<std::string_view, std::string>>;

// Text for content and for attribute values: & < > " ' are escaped, control characters become U+FFFD.
Markup escaped(std::string_view text);

Markup element(std::string_view tag, const Attributes& attributes, const Markup& content);
Markup element(std::string_view tag, const Attributes& attributes, std::string_view text);
// A tag that is complete by itself, such as <circle/>.
Markup empty_element(std::string_view tag, const Attributes& attributes);

template <typename... Parts>
Markup join(const Parts&... parts) {
  Markup all;
  ((all += parts), ...);
  return all;
}

// Columns whose name starts with '#' hold numbers and are set flush right; the '#' is dropped.
struct Table {
  std::string caption;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::size_t> marked = {};  // rows to stand out
};
// The table, in a region that scrolls by itself where the page is narrow.
Markup table(const Table& table);

// <details> that opens without a script.
Markup details(std::string_view summary, const Markup& content);

// One figure of a <dl>: its name, its value, and a small note below.
Markup fact(std::string_view name, std::string_view value, std::string_view note);

}  // namespace depthfinder::html
