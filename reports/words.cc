// SPDX-License-Identifier: MIT
#include "reports/words.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "restore_core/base/printable.h"
#include "restore_core/base/units.h"

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

std::string buffer_words(const Cell& cell) { return mib(static_cast<double>(buffer_bytes(cell))); }

std::string cell_words(const Cell& cell) {
  return fmt::format("{}, depth {}{}, {}", cell.strategy, count_or_auto(cell.depth),
                     settings_beside_depth(cell), cpu_words(cpu_state(cell)));
}

std::string settings_beside_depth(const Cell& cell) {
  const Cell plain;
  std::string words;
  if (cell.threads == kAuto) words += ", threads auto";
  if (cell.threads > 0) words += ", " + counted(cell.threads, "thread");
  if (cell.connections != plain.connections) words += ", " + counted(cell.connections, "connection");
  if (cell.writers != plain.writers) words += ", " + counted(cell.writers, "writer");
  if (cell.buffers != plain.buffers) words += ", fresh buffers";
  if (cell.chunk_cache != plain.chunk_cache) words += ", cache of " + counted(cell.chunk_cache, "chunk");
  if (cell.http2_window_bytes != plain.http2_window_bytes)
    words += ", window " + format_byte_count(cell.http2_window_bytes);
  if (cell.http2_frame_bytes != plain.http2_frame_bytes)
    words += ", frames " + format_byte_count(cell.http2_frame_bytes);
  return words;
}

std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent) {
  std::string all, line = printable(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  while (line.size() > columns) {
    const std::size_t first_word = std::min(line.find_first_not_of(' '), line.size());
    std::size_t end = line.rfind(' ', columns);
    if (end == std::string::npos || end < first_word) end = line.find(' ', first_word);
    if (end == std::string::npos) break;
    all += line.substr(0, end) + "\n";
    line = std::string(indent, ' ') + line.substr(end + 1);
  }
  return all + line + "\n";
}

std::string cpu_words(const CpuState& state) {
  std::string words = "SHA-NI " + std::string(sha_ni_name(state.sha_ni));
  if (state.vectors == Vectors::avx2) words += ", AVX2 at most";
  if (state.vectors == Vectors::sse) words += ", SSE at most";
  return words;
}

}  // namespace depthfinder
