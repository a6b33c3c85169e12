// SPDX-License-Identifier: MIT
#include "reports/words.h"

#include <cmath>

#include <fmt/format.h>

namespace depthfinder {

std::string number(double value, int decimals) {
  const std::string text = fmt::format("{:.{}f}", value, decimals);
  return text.find_first_not_of("-0.") == std::string::npos && text.starts_with('-') ? text.substr(1) : text;
}

std::string percent(double share) {
  const double value = share * 100;
  return number(value, std::abs(value) < 9.95 && std::abs(value - std::round(value)) >= 0.05 ? 1 : 0) + " %";
}

std::string counted(long long count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string mib(double bytes) { return number(bytes / 0x1.0p20, 0) + " MiB"; }

std::string cell_words(const Cell& cell) {
  std::string words = fmt::format("{}, depth {}", cell.strategy, cell.depth);
  if (cell.threads > 0) words += ", " + counted(cell.threads, "thread");
  if (cell.connections > 1) words += ", " + counted(cell.connections, "connection");
  return words + ", SHA-NI " + std::string(sha_ni_name(cell.sha_ni));
}

}  // namespace depthfinder
