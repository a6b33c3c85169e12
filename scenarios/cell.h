// SPDX-License-Identifier: MIT
// Cell: one setting of a restore to try, as a plain value, and what follows from it alone. Whoever holds it owns it;
// any thread. It runs nothing and knows no measurement.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace depthfinder {

// Whether the CPU's SHA extensions may be used; off is done with OPENSSL_ia32cap in the child's environment, which
// OpenSSL and the lane kernels both heed.
enum class ShaNi { on, off };
std::string_view sha_ni_name(ShaNi sha_ni);  // "on", "off"

// The widest vector extension left to hash kernels, by the same variable.
enum class Vectors { all, avx2, sse };
std::string_view vectors_name(Vectors vectors);  // "all", "avx2", "sse"

// Where a chunk's memory comes from: a pool allocated once, or a fresh allocation each time, as the real client does.
enum class Buffers { pool, fresh };
std::string_view buffers_name(Buffers buffers);  // "pool", "fresh"

// Depth or threads that the restore finds by itself.
inline constexpr int kAuto = -1;

// What the real client announces.
inline constexpr std::uint64_t kHttp2WindowDefault = 2'147'483'646;
inline constexpr std::uint64_t kHttp2FrameDefault = 4ULL << 20;

struct Cell {
  std::string id;  // "spawned-d16-t4-c1-shani-on", unique within a scenario
  std::string strategy = "spawned";
  int depth = 1;    // or kAuto
  int threads = 0;  // decode workers, or kAuto; 0 for strategies that have none: pass no --threads then
  int connections = 1;
  ShaNi sha_ni = ShaNi::on;
  Vectors vectors = Vectors::all;
  int writers = 1;
  Buffers buffers = Buffers::pool;
  int chunk_cache = 0;  // chunks kept as upstream's hot-chunk cache does
  std::uint64_t http2_window_bytes = kHttp2WindowDefault;
  std::uint64_t http2_frame_bytes = kHttp2FrameDefault;
  friend bool operator==(const Cell&, const Cell&) = default;
};

// The parts of a cell that stand for another CPU than the host's; the first in order is the host's own.
struct CpuState {
  ShaNi sha_ni = ShaNi::on;
  Vectors vectors = Vectors::all;
  friend auto operator<=>(const CpuState&, const CpuState&) = default;
};
CpuState cpu_state(const Cell& cell);

// "16", or "auto".
std::string count_or_auto(int count);

// True where the restore finds depth or threads by itself: such a cell has no fixed setting that could be recommended,
// no place on a depth axis and no fixed cost in memory.
bool is_adaptive(const Cell& cell);

// True for strategies that decode on worker threads of their own, so that `threads` means something.
bool has_decode_workers(std::string_view strategy);
// True for the strategy that has writers of its own and can adapt itself.
bool is_pipelined(std::string_view strategy);

// Equal in everything but the depth.
bool same_but_depth(const Cell& a, const Cell& b);

// The threads that decode: the workers, the depth for "threads" (each of its threads fetches and decodes),
// else 1. Not for adaptive cells.
int decode_threads(const Cell& cell);

// Memory that `depth` chunks in flight may take, encoded and decoded, 4 MiB each, and that of the chunk cache. Not for
// adaptive cells.
std::uint64_t buffer_bytes(const Cell& cell);

// The cell as its strategy would run it, with its id: "sequential" has depth 1 only, strategies without workers ignore
// `threads`, and only "pipelined" has several writers. The id names what is not the default only, apart from the first
// five parts: "pipelined-dauto-t4-c2-shani-off-avx2-w2-fresh-cache8-win64KiB-frame16KiB".
Cell runnable(Cell cell);

}  // namespace depthfinder
