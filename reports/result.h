// SPDX-License-Identifier: MIT
// SweepResult: all that a sweep measured, raw, and what it takes to judge it. A plain value: the sweep fills
// it and writes it (result_json.h) after every trial; reports only read it. Statistics and times are not made
// here: each figure comes from the caller, in the unit that its name ends in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/scenario.h"

namespace depthfinder {

inline constexpr int kResultSchemaVersion = 5;

struct ToolInfo {
  std::string version, compiler, build_type;
  std::map<std::string, std::string> libraries;  // "openssl" -> "3.0.17"
};

struct HostInfo {
  std::string cpu_model;
  int logical_cpus = 1;
  std::uint64_t memory_bytes = 0;
  std::string kernel;
  std::vector<std::string> cpu_flags;  // those that matter here: sha_ni, avx2, avx512f, aes, ...
  std::string openssl_cpu_settings;    // unmasked
  double load_average_1m = 0;          // at the start
  std::string virtualisation;          // "kvm", "none"; empty: unknown
  std::string governor;                // empty: unknown
};

struct StageTime {
  double busy_s = 0;  // CPU time; of write, wall time
  double wait_s = 0;  // that chunks lay ready before the stage took them
};
struct StageTimes {
  StageTime receive, crc, decrypt, decompress, hash, write;
};

struct ChunkLatency {
  double p50_ms = 0, p90_ms = 0, p99_ms = 0, max_ms = 0;
};

// One decision of a restore that finds its own depth and threads: what it saw in a window, and what it did then.
struct DepthStep {
  double t_s = 0;  // since the restore began
  int depth = 0, threads = 0;
  double goodput_mib_per_s = 0;  // of fetched chunks; zeros are not among them
  std::string decision;          // one word
  std::string reason;            // for people
};

// How long the bystander's pieces of work took, from when they were due.
struct BystanderTimes {
  std::uint64_t samples = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  std::optional<double> p999_ms;  // absent: too few samples for one
  double max_ms = 0;
};

struct BystanderFigures {
  std::string kind;  // as parse_bystander_text() takes it
  BystanderTimes alone, beside;
  double ratio_p50 = 0, ratio_p99 = 0;  // beside over alone
  std::optional<double> ratio_p999;
};

struct TrialMetrics {
  std::uint64_t logical_bytes = 0;
  std::uint64_t zero_bytes = 0;
  std::uint64_t wire_bytes = 0;
  double duration_s = 0;
  double throughput_mib_per_s = 0;  // logical bytes, zeros included, as pbs-restore prints
  double cpu_user_s = 0;
  double cpu_sys_s = 0;
  std::uint64_t peak_rss_bytes = 0;
  double in_flight_mean = 0;
  double slots_used_mean = 0;
  std::uint64_t requests = 0;
  std::uint64_t retries = 0;
  std::uint64_t coalesced = 0;   // chunks not fetched, since the same one was in flight
  std::uint64_t cache_hits = 0;  // chunks not fetched, since the chunk cache had them
  ChunkLatency chunk;
  StageTimes stages;
  std::string sha256_kernel;
  std::string sha256_lane_kernel;  // of several chunks side by side; empty: chunks were hashed one by one
  std::string openssl_cpu_settings;
  double depth_mean = 0;               // time-weighted; the depth itself where that is fixed
  double threads_mean = 0;             // likewise
  std::vector<DepthStep> depth_trace;  // empty where both are fixed
  std::optional<double> cpu_floor_s;  // what the unavoidable work costs on this host, where a profile says it
  std::optional<double> cpu_over_floor;
  std::optional<BystanderFigures> bystander;
  // User and system of the server process during this trial, where it was read.
  std::optional<double> mock_cpu_s;
};

enum class TrialOutcome {
  ok,         // enters the statistics
  failed,     // error or wrong bytes
  cancelled,  // stopped from outside
  invalid,    // finished, but proves nothing: mask not applied
};
std::string_view trial_outcome_name(TrialOutcome outcome);

// What the mock says that it served in one trial, beside what was asked of it. Raw: whether it was on target is
// derived (audit.h).
struct TrialAudit {
  std::uint64_t chunk_requests = 0;
  std::uint64_t bytes_served = 0;
  // From the arrival of a chunk request until its answer was let go: as the time model wanted it, and as it
  // was.
  double latency_asked_p50_ms = 0;
  double latency_asked_p99_ms = 0;
  double latency_served_p50_ms = 0;
  double latency_served_p99_ms = 0;
  double lateness_p99_ms = 0;         // of served - asked, request by request
  double link_asked_bytes_per_s = 0;  // 0: no link was asked for
  double link_busy_s = 0;
  double link_lost_s = 0;                   // link time that late timers of the server wasted
  double busiest_connection_cpu_share = 0;  // CPU time of that connection's thread / time with requests open
  std::map<std::string, std::uint64_t> faults;  // injected, by kind
};

// One chunk request as the mock saw it, in ms from the arrival of the trial's first; to 0.001.
struct ChunkTiming {
  double arrival_ms = 0;
  double ready_ms = 0;  // when the time model wanted the answer to leave
  double first_byte_ms = 0, last_byte_ms = 0;
};
inline constexpr std::size_t kTimelineRowsMax = 48;

struct Trial {
  int block = 0;     // from 0
  int position = 0;  // within the block's order, from 0
  std::string cell_id;
  TrialOutcome outcome = TrialOutcome::failed;
  std::string reason;                   // empty when ok
  std::optional<TrialMetrics> metrics;  // always there when ok
  std::optional<TrialAudit> audit;      // absent where the mock's metrics could not be read
  // The first chunk requests that were answered in full, by arrival, at most kTimelineRowsMax; of a cell's first valid
  // trial alone, and never of a real server's.
  std::optional<std::vector<ChunkTiming>> timeline = {};
};

// What the race decided after a block (racing.h), in its own words.
struct RacingDecision {
  int block = 0;         // after which, from 0
  std::string cell_id;   // whom it is about; of "stopped": the pick
  std::string decision;  // "dropped", "undecided" or "stopped"
  std::string reason;    // for people
  friend bool operator==(const RacingDecision&, const RacingDecision&) = default;
};

// Whom the trials restored from. A real server is not audited and not described.
enum class ServerKind { mock, real };
std::string_view server_kind_name(ServerKind kind);  // "mock", "real"

struct SweepResult {
  ToolInfo tool;
  HostInfo host;
  Scenario scenario;
  std::string scenario_sha256;  // of scenario_json(scenario), 64 lower-case hex digits
  ServerKind server_kind = ServerKind::mock;
  std::uint64_t seed = 0;      // of the order within the blocks
  std::string started_at_utc;  // "2025-07-07T08:00:00Z"
  int blocks_planned = 0;
  std::vector<std::vector<std::string>> block_orders;  // cell ids, one order per block
  std::vector<Cell> cells;
  std::vector<Trial> trials;           // in the order they ran
  std::vector<RacingDecision> racing;  // empty: every cell ran in every block
  bool complete = false;               // every planned trial was made
};

}  // namespace depthfinder
