// SPDX-License-Identifier: MIT
#include "scenarios/axes_json.h"

#include <algorithm>

#include "restore_core/base/units.h"
#include "scenarios/exact_units.h"

namespace depthfinder {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t kCellsMax = 4096;

// What HTTP/2 permits (RFC 9113, 6.5.2), and for windows no less than its initial one.
struct SizeRange {
  const char* key;
  std::uint64_t lowest, highest;
};
constexpr SizeRange kWindow = {"http2_window", 65'535, 2'147'483'647};
constexpr SizeRange kFrame = {"http2_frame", 16'384, 16'777'215};

std::vector<int> counts(const json& object, const char* key, std::vector<int> values) {
  if (!object.contains(key)) return values;
  values.clear();
  for (const json& item : object.at(key)) values.push_back(item.is_string() ? kAuto : item.get<int>());
  return values;
}

// Items that are names of values; the schema has let no other pass.
template <typename Value, std::size_t count>
std::vector<Value> named(const json& object, const char* key, const Value (&all)[count],
                         std::string_view (*name)(Value), std::vector<Value> values) {
  if (!object.contains(key)) return values;
  values.clear();
  for (const json& item : object.at(key))
    for (const Value value : all)
      if (item == name(value)) values.push_back(value);
  return values;
}

Result<std::vector<std::uint64_t>> sizes(const json& object, const SizeRange& range,
                                         std::vector<std::uint64_t> values) {
  if (!object.contains(range.key)) return values;
  values.clear();
  for (const json& item : object.at(range.key)) {
    const auto size = parse_byte_count(item.get_ref<const std::string&>());
    if (!size) return pass_on(size.error(), fmt::format("axes.{}", range.key));
    if (*size < range.lowest || *size > range.highest)
      return fail(ErrorKind::bad_input, "axes.{}: {} is not from {} to {} bytes", range.key, item.dump(),
                  range.lowest, range.highest);
    values.push_back(*size);
  }
  return values;
}

// What the schema cannot say: whether the strategies named can do it, and how many cells it makes.
Result<void> check_axes(const Axes& axes) {
  const auto named_auto = [](const std::vector<int>& values) {
    return std::find(values.begin(), values.end(), kAuto) != values.end();
  };
  for (const auto& [key, values] : {std::pair("depth", &axes.depth), std::pair("threads", &axes.threads)})
    for (const std::string& strategy : axes.strategy)
      if (named_auto(*values) && !is_pipelined(strategy))
        return fail(ErrorKind::bad_input,
                    "axes.{}: \"auto\" is for the strategy \"pipelined\" only, and axes.strategy has \"{}\"",
                    key, strategy);
  const bool pipelined = std::any_of(axes.strategy.begin(), axes.strategy.end(),
                                     [](const std::string& strategy) { return is_pipelined(strategy); });
  if (!pipelined && axes.writers != Axes().writers)
    return fail(ErrorKind::bad_input,
                "axes.writers: only the strategy \"pipelined\" has several, and axes.strategy is without it");
  std::size_t product = 1;
  for (const std::size_t size :
       {axes.strategy.size(), axes.depth.size(), axes.threads.size(), axes.connections.size(),
        axes.sha_ni.size(), axes.vectors.size(), axes.writers.size(), axes.buffers.size(),
        axes.chunk_cache.size(), axes.http2_window_bytes.size(), axes.http2_frame_bytes.size()}) {
    product *= size;
    if (product > kCellsMax)
      return fail(ErrorKind::bad_input,
                  "axes make {} cells or more, and {} are the most: shorten one of them", product, kCellsMax);
  }
  return {};
}

ordered_json counts_json(const std::vector<int>& counts) {
  auto array = ordered_json::array();
  for (const int count : counts) array.push_back(count == kAuto ? ordered_json("auto") : ordered_json(count));
  return array;
}

template <typename Value, typename Text>
ordered_json texts_json(const std::vector<Value>& values, Text text) {
  auto array = ordered_json::array();
  for (const Value& value : values) array.push_back(text(value));
  return array;
}

}  // namespace

Result<Axes> read_axes(const json& object) {
  Axes axes;
  axes.strategy = object.value("strategy", axes.strategy);
  axes.depth = counts(object, "depth", axes.depth);
  axes.threads = counts(object, "threads", axes.threads);
  axes.connections = counts(object, "connections", axes.connections);
  axes.sha_ni = named(object, "sha_ni", {ShaNi::on, ShaNi::off}, sha_ni_name, axes.sha_ni);
  axes.vectors =
      named(object, "vectors", {Vectors::all, Vectors::avx2, Vectors::sse}, vectors_name, axes.vectors);
  axes.writers = counts(object, "writers", axes.writers);
  axes.buffers = named(object, "buffers", {Buffers::pool, Buffers::fresh}, buffers_name, axes.buffers);
  axes.chunk_cache = counts(object, "chunk_cache", axes.chunk_cache);
  DF_ASSIGN(axes.http2_window_bytes, sizes(object, kWindow, axes.http2_window_bytes));
  DF_ASSIGN(axes.http2_frame_bytes, sizes(object, kFrame, axes.http2_frame_bytes));
  DF_TRY(check_axes(axes));
  return axes;
}

ordered_json axes_json(const Axes& axes) {
  const Axes plain;
  ordered_json object = {{"strategy", axes.strategy},
                         {"depth", counts_json(axes.depth)},
                         {"threads", counts_json(axes.threads)},
                         {"connections", axes.connections},
                         {"sha_ni", texts_json(axes.sha_ni, sha_ni_name)}};
  if (axes.vectors != plain.vectors) object["vectors"] = texts_json(axes.vectors, vectors_name);
  if (axes.writers != plain.writers) object["writers"] = axes.writers;
  if (axes.buffers != plain.buffers) object["buffers"] = texts_json(axes.buffers, buffers_name);
  if (axes.chunk_cache != plain.chunk_cache) object["chunk_cache"] = axes.chunk_cache;
  if (axes.http2_window_bytes != plain.http2_window_bytes)
    object[kWindow.key] = texts_json(axes.http2_window_bytes, exact_bytes);
  if (axes.http2_frame_bytes != plain.http2_frame_bytes)
    object[kFrame.key] = texts_json(axes.http2_frame_bytes, exact_bytes);
  return object;
}

}  // namespace depthfinder
