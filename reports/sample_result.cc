// SPDX-License-Identifier: MIT
#include "reports/sample_result.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

#include "restore_core/base/random.h"
#include "scenarios/scenario_loader.h"

namespace depthfinder::sample {
namespace {

constexpr std::uint64_t kImageBytes = 256ULL << 20;
constexpr double kCompress = 1.5;
constexpr std::size_t kTimelineRows = 12;
constexpr double kAutoDepth = 6, kAutoThreads = 2;  // what a restore that adapts itself settles at

TrialMetrics metrics_of(const Cell& cell, double rate_mib_per_s) {
  const double gib = static_cast<double>(kImageBytes) / 0x1.0p30;
  const double hash_s = (cell.sha_ni == ShaNi::on ? 0.2 : 0.7) * gib;
  TrialMetrics metrics;
  metrics.logical_bytes = kImageBytes;
  metrics.zero_bytes = kImageBytes / 16;
  metrics.wire_bytes =
      static_cast<std::uint64_t>(static_cast<double>(kImageBytes - metrics.zero_bytes) / kCompress);
  metrics.throughput_mib_per_s = rate_mib_per_s;
  metrics.duration_s = static_cast<double>(kImageBytes) / 0x1.0p20 / rate_mib_per_s;
  metrics.cpu_user_s = 0.6 * gib + hash_s;
  metrics.cpu_sys_s = 0.2 * gib;
  metrics.depth_mean = cell.depth == kAuto ? kAutoDepth : cell.depth;
  metrics.threads_mean = cell.threads == kAuto ? kAutoThreads : cell.threads;
  metrics.peak_rss_bytes = (20ULL << 20) + static_cast<std::uint64_t>(metrics.depth_mean) * (8ULL << 20);
  metrics.in_flight_mean = 0.8 * metrics.depth_mean;
  metrics.slots_used_mean = 0.9 * metrics.depth_mean;
  metrics.requests = 60;
  metrics.chunk = {12.5, 14, 18, 25};
  metrics.stages = {{0.2 * gib, 0},   {0.01 * gib, 0.1}, {0, 0},
                    {0.3 * gib, 0.2}, {hash_s, 0.1},     {0.09 * gib, 0.3}};
  metrics.sha256_kernel = cell.sha_ni == ShaNi::on ? "openssl-sha-ni" : "openssl-avx2";
  metrics.openssl_cpu_settings = "OPENSSL_ia32cap=0x7ffaf3bfffebffff";
  metrics.mock_cpu_s = 0.3 * gib;
  return metrics;
}

// Served as asked, but for the little that any server is late.
TrialAudit audit_of(const ServerSpec& server) {
  TrialAudit audit;
  audit.chunk_requests = 60;
  audit.bytes_served = 167'772'160;
  audit.latency_asked_p50_ms = audit.latency_asked_p99_ms = to_seconds(server.latency) * 1e3;
  audit.latency_served_p50_ms = audit.latency_asked_p50_ms + 0.05;
  audit.latency_served_p99_ms = audit.latency_asked_p99_ms + 0.4;
  audit.lateness_p99_ms = 0.4;
  audit.link_asked_bytes_per_s = server.rate_bytes_per_s;
  if (server.rate_bytes_per_s > 0) {
    audit.link_busy_s = static_cast<double>(audit.bytes_served) / server.rate_bytes_per_s;
    audit.link_lost_s = 0.002;
  }
  audit.busiest_connection_cpu_share = 0.35;
  return audit;
}

Trial trial_of(const Cell& cell, int block, int position, double rate) {
  Trial trial{block, position, cell.id, TrialOutcome::ok, {}, {}, {}};
  if (rate > 0) {
    trial.metrics = metrics_of(cell, rate);
  } else {
    trial.outcome = TrialOutcome::failed;
    trial.reason = "connection to the server was reset";
  }
  return trial;
}

HostInfo host() {
  return {"Example CPU <8 cores> & more",       8,    32ULL << 30, "Linux 6.1.0", {"sha_ni", "avx2", "aes"},
          "OPENSSL_ia32cap=0x7ffaf3bfffebffff", 0.25, "none",      "performance"};
}

}  // namespace

Scenario scenario(const std::string& axes, const std::string& server) {
  auto parsed = parse_scenario(
      R"({"name": "sample", "title": "A sample <scenario>", "about": "Made by hand, \"for\" tests & goldens.",
      "sources": "none", "image": {"size": "256MiB", "zeros": 0.0625, "compress": 1.5}, "server": {)" +
          server + R"(}, "axes": {)" + axes + "}}",
      "sample");
  if (!parsed) throw std::invalid_argument(parsed.error().message);
  return *parsed;
}

Trial trial(const Scenario& scenario, const Cell& cell, int block, int position, double rate_mib_per_s) {
  Trial made = trial_of(cell, block, position, rate_mib_per_s);
  made.audit = audit_of(scenario.server);
  return made;
}

SweepResult result(const Scenario& scenario, int blocks, const Rate& rate) {
  SweepResult result;
  result.tool = {"0.1.0", "g++ 12.2.0", "Release", {{"nghttp2", "1.52.0"}, {"openssl", "3.0.17"}}};
  result.host = host();
  result.scenario = scenario;
  result.scenario_sha256 = std::string(64, '5');
  result.seed = 7;
  result.started_at_utc = "2025-07-07T08:00:00Z";
  result.blocks_planned = blocks;
  result.cells = expand_cells(scenario);
  for (int block = 0; block < blocks; ++block) {
    std::vector<std::string> order;
    for (const Cell& cell : result.cells) {
      result.trials.push_back(
          trial(scenario, cell, block, static_cast<int>(order.size()), rate(cell, block)));
      order.push_back(cell.id);
    }
    result.block_orders.push_back(std::move(order));
  }
  result.complete = true;
  return result;
}

std::vector<ChunkTiming> timeline(const Scenario& scenario, const Cell& cell, std::size_t requests) {
  constexpr double kBetweenRequestsMs = 0.02, kLateMs = 0.05, kChunkBytes = 0x1.0p22 / kCompress;
  const auto rounded = [](double ms) { return std::round(ms * 1e3) / 1e3; };
  const double latency_ms = to_seconds(scenario.server.latency) * 1e3;
  const double rate = scenario.server.rate_bytes_per_s;
  const double transfer_ms = rate > 0 ? kChunkBytes / rate * 1e3 : 1;
  const auto depth = static_cast<std::size_t>(cell.depth);
  std::vector<ChunkTiming> rows;
  double link_free_ms = 0;
  for (std::size_t i = 0; i < requests; ++i) {
    ChunkTiming row;
    row.arrival_ms = i < depth ? kBetweenRequestsMs * static_cast<double>(i)
                               : rows[i - depth].last_byte_ms + kBetweenRequestsMs;
    row.ready_ms = row.arrival_ms + latency_ms;
    row.first_byte_ms = std::max(row.ready_ms + kLateMs, link_free_ms);
    row.last_byte_ms = link_free_ms = row.first_byte_ms + transfer_ms;
    for (double ChunkTiming::*const moment : {&ChunkTiming::arrival_ms, &ChunkTiming::ready_ms,
                                              &ChunkTiming::first_byte_ms, &ChunkTiming::last_byte_ms})
      row.*moment = rounded(row.*moment);
    rows.push_back(row);
  }
  return rows;
}

SweepResult link_limited() {
  const Scenario base = scenario(R"("depth": [1, 2, 4, 8, 16], "threads": [1, 2], "sha_ni": ["on", "off"])",
                                 R"("latency": "10ms", "rate": "400MB/s")");
  Random random(11);
  SweepResult sample = result(base, 4, [&random](const Cell& cell, int block) {
    if (block == 2 && cell.id == "spawned-d8-t1-c1-shani-off") return 0.0;
    constexpr double kLinkMibPerS = 600;
    const double one_thread = cell.sha_ni == ShaNi::on ? 1500 : 450;
    const double of_depth = 230.0 * cell.depth;
    return std::min({kLinkMibPerS, of_depth, one_thread * cell.threads}) * (0.99 + 0.02 * random.uniform());
  });
  for (Trial& trial : sample.trials) {
    const auto is_its = [&](const Cell& cell) { return cell.id == trial.cell_id; };
    if (trial.block == 0)
      trial.timeline =
          timeline(base, *std::find_if(sample.cells.begin(), sample.cells.end(), is_its), kTimelineRows);
  }
  return sample;
}

namespace {

// From depth 2 up, doubling every window until `depth`, then holding it. The rate is that of the depth.
std::vector<DepthStep> trace_to(int depth, double rate_mib_per_s) {
  std::vector<DepthStep> trace;
  for (int at = 2, window = 1; window <= 10; ++window) {
    const double goodput = rate_mib_per_s * std::min(at, depth) / depth;
    const bool doubles = at < depth;
    if (doubles) at *= 2;
    trace.push_back(
        {0.3 * window, at, 2, goodput, doubles ? "double" : "hold",
         doubles ? fmt::format("+100 % up to depth {} <doubled again>", at) : "no gain beyond 5 %"});
  }
  return trace;
}

BystanderFigures bystander_of(double depth, double jitter) {
  const double factor = (1 + depth / 10) * jitter;
  return {"both",
          {200, 1, 2, std::nullopt, 4},
          {300, 1 + depth / 40, 2 * factor, std::nullopt, 9},
          1 + depth / 40,
          factor,
          std::nullopt};
}

}  // namespace

SweepResult with_auto_and_bystander() {
  Scenario base = scenario(R"("strategy": ["pipelined"], "depth": [1, 4, 8, 16, "auto"], "threads": [2],
                              "writers": [1, 2], "vectors": ["all", "avx2"])",
                           R"("latency": "10ms")");
  base.bystander = "both";
  Random random(12);
  const auto jitter = [&random] { return 0.98 + 0.04 * random.uniform(); };
  SweepResult sample = result(base, 4, [&](const Cell& cell, int) {
    const double depth = cell.depth == kAuto ? 7.8 : cell.depth;
    const double plateau = cell.vectors == Vectors::all ? 960 : 640;
    return std::min(plateau, 120 * depth) * jitter();
  });
  for (Trial& trial : sample.trials) {
    TrialMetrics& metrics = *trial.metrics;
    const auto is_its = [&](const Cell& cell) { return cell.id == trial.cell_id; };
    const Cell& cell = *std::find_if(sample.cells.begin(), sample.cells.end(), is_its);
    metrics.sha256_lane_kernel = cell.vectors == Vectors::all ? "lanes-avx512-x16" : "lanes-avx2-x8";
    metrics.coalesced = 3;
    metrics.cpu_floor_s = 0.2;
    metrics.cpu_over_floor = (metrics.cpu_user_s + metrics.cpu_sys_s) / 0.2;
    metrics.bystander = bystander_of(metrics.depth_mean, jitter());
    if (cell.depth == kAuto) metrics.depth_trace = trace_to(8, metrics.throughput_mib_per_s);
  }
  return sample;
}

}  // namespace depthfinder::sample
