// SPDX-License-Identifier: MIT
#include "reports/html_writer.h"

#include <algorithm>

namespace depthfinder::html {
namespace {

std::string open_tag(std::string_view tag, const Attributes& attributes) {
  std::string text = "<" + std::string(tag);
  for (const auto& [name, value] : attributes)
    text += " " + std::string(name) + "=\"" + escaped(value).text + "\"";
  return text;
}

bool is_numeric(const std::string& column) { return column.starts_with('#'); }

// Numbers are the rule, and what most tables are made of: the style sheet sets them flush right without a class.
Markup header_row(const std::vector<std::string>& columns) {
  Markup cells;
  for (const std::string& column : columns) {
    Attributes attributes = {{"scope", "col"}};
    if (!is_numeric(column)) attributes.emplace_back("class", "t");
    cells += element("th", attributes, is_numeric(column) ? column.substr(1) : column);
  }
  return element("thead", {}, element("tr", {}, cells));
}

Markup body_row(const std::vector<std::string>& columns, const std::vector<std::string>& row,
                bool is_marked) {
  Markup cells;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const bool numeric = i < columns.size() && is_numeric(columns[i]);
    const Attributes attributes = numeric ? Attributes() : Attributes{{"class", "t"}};
    if (i == 0)
      cells += element("th", {{"scope", "row"}, {"class", numeric ? "n" : "t"}}, row[i]);
    else
      cells += element("td", attributes, row[i]);
  }
  return element("tr", is_marked ? Attributes{{"class", "mark"}} : Attributes(), cells);
}

}  // namespace

Markup escaped(std::string_view text) {
  Markup safe;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        safe.text += "&amp;";
        break;
      case '<':
        safe.text += "&lt;";
        break;
      case '>':
        safe.text += "&gt;";
        break;
      case '"':
        safe.text += "&quot;";
        break;
      case '\'':
        safe.text += "&#39;";
        break;
      default:
        if (static_cast<unsigned char>(letter) < 0x20 && letter != '\n' && letter != '\t')
          safe.text += "\xef\xbf\xbd";
        else
          safe.text += letter;
    }
  }
  return safe;
}

Markup element(std::string_view tag, const Attributes& attributes, const Markup& content) {
  return {open_tag(tag, attributes) + ">" + content.text + "</" + std::string(tag) + ">"};
}

Markup element(std::string_view tag, const Attributes& attributes, std::string_view text) {
  return element(tag, attributes, escaped(text));
}

Markup empty_element(std::string_view tag, const Attributes& attributes) {
  return {open_tag(tag, attributes) + "/>"};
}

Markup table(const Table& table) {
  Markup body;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const bool is_marked = std::find(table.marked.begin(), table.marked.end(), i) != table.marked.end();
    body += body_row(table.columns, table.rows[i], is_marked);
    body.text += "\n";
  }
  const Markup content =
      join(element("caption", {}, table.caption), header_row(table.columns), element("tbody", {}, body));
  return element("div",
                 {{"class", "scroll"}, {"role", "region"}, {"tabindex", "0"}, {"aria-label", table.caption}},
                 element("table", {}, content));
}

Markup details(std::string_view summary, const Markup& content) {
  return element("details", {}, join(element("summary", {}, summary), content));
}

Markup fact(std::string_view name, std::string_view value, std::string_view note) {
  return element(
      "div", {},
      join(element("dt", {}, name), element("dd", {}, join(escaped(value), element("small", {}, note)))));
}

}  // namespace depthfinder::html
