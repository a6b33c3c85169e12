// SPDX-License-Identifier: MIT
#include "scenarios/cell.h"

#include <fmt/format.h>

#include "restore_core/base/check.h"
#include "scenarios/exact_units.h"
#include "scenarios/server_spec.h"

namespace depthfinder {
namespace {

// Only what differs from the default, so that ids stay what they were before an axis came.
std::string id_of(const Cell& cell) {
  std::string id = fmt::format("{}-d{}-t{}-c{}-shani-{}", cell.strategy, count_or_auto(cell.depth),
                               count_or_auto(cell.threads), cell.connections, sha_ni_name(cell.sha_ni));
  const Cell plain;
  if (cell.vectors != plain.vectors) id += fmt::format("-{}", vectors_name(cell.vectors));
  if (cell.writers != plain.writers) id += fmt::format("-w{}", cell.writers);
  if (cell.buffers != plain.buffers) id += fmt::format("-{}", buffers_name(cell.buffers));
  if (cell.chunk_cache != plain.chunk_cache) id += fmt::format("-cache{}", cell.chunk_cache);
  if (cell.http2_window_bytes != plain.http2_window_bytes)
    id += "-win" + exact_bytes(cell.http2_window_bytes);
  if (cell.http2_frame_bytes != plain.http2_frame_bytes) id += "-frame" + exact_bytes(cell.http2_frame_bytes);
  return id;
}

}  // namespace

std::string_view sha_ni_name(ShaNi sha_ni) { return sha_ni == ShaNi::on ? "on" : "off"; }

std::string_view vectors_name(Vectors vectors) {
  switch (vectors) {
    case Vectors::all:
      return "all";
    case Vectors::avx2:
      return "avx2";
    case Vectors::sse:
      return "sse";
  }
  return "all";
}

std::string_view buffers_name(Buffers buffers) { return buffers == Buffers::pool ? "pool" : "fresh"; }

CpuState cpu_state(const Cell& cell) { return {cell.sha_ni, cell.vectors}; }

std::string count_or_auto(int count) { return count == kAuto ? "auto" : std::to_string(count); }

bool is_adaptive(const Cell& cell) { return cell.depth == kAuto || cell.threads == kAuto; }

bool is_pipelined(std::string_view strategy) { return strategy == "pipelined"; }

bool has_decode_workers(std::string_view strategy) { return strategy == "spawned" || is_pipelined(strategy); }

bool same_but_depth(const Cell& a, const Cell& b) {
  Cell moved = a;
  moved.depth = b.depth;
  moved.id = b.id;
  return moved == b;
}

int decode_threads(const Cell& cell) {
  DF_CHECK(!is_adaptive(cell));
  if (has_decode_workers(cell.strategy)) return cell.threads;
  return cell.strategy == "threads" ? cell.depth : 1;
}

std::uint64_t buffer_bytes(const Cell& cell) {
  DF_CHECK(!is_adaptive(cell));
  return (static_cast<std::uint64_t>(cell.depth) * 2 + static_cast<std::uint64_t>(cell.chunk_cache)) *
         kChunkBytes;
}

Cell runnable(Cell cell) {
  if (cell.strategy == "sequential") cell.depth = 1;
  if (!has_decode_workers(cell.strategy)) cell.threads = 0;
  if (!is_pipelined(cell.strategy)) cell.writers = 1;
  cell.id = id_of(cell);
  return cell;
}

}  // namespace depthfinder
