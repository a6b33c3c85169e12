// SPDX-License-Identifier: MIT
// The depth controller against every fixed depth, in simulated time: every shipped scenario, and some made to be hard.
// What is asserted are the project's targets for `--depth auto`. The tables that are printed are for whoever changes the
// law; nothing here takes real time.
#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/restore_simulation.h"
#include "scenarios/scenario_loader.h"
#include "scenarios/server_spec_loader.h"

namespace depthfinder {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kChunkBytes = 4ULL << 20;
constexpr int kSeeds = 5;

struct Row {
  std::string name;
  SimulatedCase simulated;  // its seed is set by the runs
  DepthLimits limits;
};

struct Score {
  int best_depth = 1;        // fixed
  double depth_mean = 0;     // auto
  double regret = 0;         // 1 - auto / best fixed depth, both geometric means over the seeds
  double seconds_to_95 = 0;  // until a depth was in force that reaches 95 % of the best, mean over the seeds
  double probing_loss = 0;   // share of the time, mean over the seeds
  double megabytes_per_s = 0;  // of the best
};

// ln(goodput) by depth, interpolated over ln(depth).
class Curve {
 public:
  void add(int depth, double ln_rate) { points_[depth] += ln_rate / kSeeds; }
  [[nodiscard]] int best_depth() const {
    return std::max_element(points_.begin(), points_.end(),
                            [](auto& a, auto& b) { return a.second < b.second; })
        ->first;
  }
  [[nodiscard]] double best() const { return points_.at(best_depth()); }
  [[nodiscard]] double at(int depth) const {
    const auto next = points_.lower_bound(depth);
    if (next == points_.end()) return points_.rbegin()->second;
    if (next == points_.begin() || next->first == depth) return next->second;
    const auto before = std::prev(next);
    const double along = std::log(static_cast<double>(depth) / before->first) /
                         std::log(static_cast<double>(next->first) / before->first);
    return before->second + along * (next->second - before->second);
  }

 private:
  std::map<int, double> points_;
};

bool tries(const DepthDecision& decision) {
  return decision.kind == DecisionKind::try_less || decision.kind == DecisionKind::try_more;
}

// Time that windows at tried depths took longer than they would have at the held one.
double probing_loss(const SimulatedRun& run, const Curve& curve) {
  double lost_s = 0;
  int held = run.windows.empty() ? 1 : run.windows.front().depth;
  bool trying = false;
  for (const SimulatedWindow& window : run.windows) {
    if (trying)
      lost_s +=
          to_seconds(window.length) * std::max(0.0, 1 - std::exp(curve.at(window.depth) - curve.at(held)));
    if (!trying) held = window.depth;
    if (window.decision.kind != DecisionKind::settle) trying = tries(window.decision);
  }
  return lost_s / to_seconds(run.duration);
}

double seconds_to_95(const SimulatedRun& run, const Curve& curve) {
  double begin_s = 0;
  for (const SimulatedWindow& window : run.windows) {
    if (curve.at(window.depth) >= curve.best() + std::log(0.95)) return begin_s;
    begin_s = to_seconds(window.end);
  }
  return begin_s;
}

Score score(Row row) {
  Curve curve;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    row.simulated.seed = static_cast<std::uint64_t>(seed);
    for (const int depth : {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128})
      if (depth <= row.limits.depth_max)
        curve.add(depth,
                  std::log(simulate_fixed(row.simulated, depth, row.limits.threads_max).goodput_bytes_per_s));
  }
  Score result{.best_depth = curve.best_depth(), .megabytes_per_s = std::exp(curve.best()) / 1e6};
  double ln_rate = 0;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    row.simulated.seed = static_cast<std::uint64_t>(seed);
    const SimulatedRun run = simulate_controlled(row.simulated, row.limits);
    for (const SimulatedWindow& window : run.windows) EXPECT_LE(window.depth, row.limits.depth_max);
    ln_rate += std::log(run.goodput_bytes_per_s) / kSeeds;
    result.depth_mean += run.depth_mean / kSeeds;
    result.seconds_to_95 += seconds_to_95(run, curve) / kSeeds;
    result.probing_loss += probing_loss(run, curve) / kSeeds;
  }
  result.regret = -std::expm1(ln_rate - curve.best());
  return result;
}

std::vector<Score> score_all(const std::string& title, const std::vector<Row>& rows) {
  fmt::print("{}\n{:24} {:>8} {:>9} {:>10} {:>8} {:>8} {:>8}\n", title, "", "MB/s", "best", "auto", "regret",
             "95 % in", "probing");
  std::vector<Score> scores;
  for (const Row& row : rows) {
    scores.push_back(score(row));
    const Score& s = scores.back();
    fmt::print("{:24} {:8.0f} {:>9} {:>10.1f} {:>6.1f} % {:>6.2f} s {:>6.2f} %\n", row.name,
               s.megabytes_per_s, s.best_depth, s.depth_mean, 100 * s.regret, s.seconds_to_95,
               100 * s.probing_loss);
  }
  return scores;
}

// Long enough for the steady state: 40 s at depth 16, but at most 32 GiB and at least what the scenario has.
std::uint64_t long_image(const SimulatedCase& simulated) {
  SimulatedCase pilot = simulated;
  pilot.image.size_bytes = 256 * kChunkBytes;
  const double share = 40 / to_seconds(simulate_fixed(pilot, 16, pilot.client.threads_max).duration);
  const auto bytes = static_cast<std::uint64_t>(share * static_cast<double>(pilot.image.size_bytes));
  return std::clamp<std::uint64_t>(bytes / kChunkBytes * kChunkBytes, simulated.image.size_bytes,
                                   32ULL << 30);
}

Row row_of(SimulatedCase simulated, std::uint64_t memory_budget_bytes) {
  const DepthLimits limits =
      depth_limits(memory_budget_bytes, kChunkBytes, simulated.client.threads_max, std::nullopt);
  return {simulated.name, std::move(simulated), limits};
}

enum class Length { shipped, steady };

std::vector<Row> shipped_rows(Length length) {
  std::vector<Row> rows;
  for (const auto name : shipped_scenario_names()) {
    const Scenario scenario = load_scenario(std::string(name)).value();
    SimulatedCase simulated = simulated_case(scenario, scenario.image.size_bytes, 1);
    if (length == Length::steady) simulated.image.size_bytes = long_image(simulated);
    rows.push_back(row_of(std::move(simulated), scenario.memory_budget_bytes));
  }
  return rows;
}

double median_regret(std::vector<Score> scores) {
  std::sort(scores.begin(), scores.end(), [](const auto& a, const auto& b) { return a.regret < b.regret; });
  return scores[scores.size() / 2].regret;
}

TEST(DepthControllerSimulation, LosesLittleAgainstTheBestFixedDepthOfEveryShippedScenario) {
  const auto rows = shipped_rows(Length::steady);
  const auto scores = score_all("shipped scenarios, 40 s", rows);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    SCOPED_TRACE(rows[i].name);
    EXPECT_LE(scores[i].regret, 0.08);
    EXPECT_LE(scores[i].seconds_to_95, 2);
    EXPECT_LE(scores[i].probing_loss, 0.02);
  }
  EXPECT_LE(median_regret(scores), 0.03);
}

TEST(DepthControllerSimulation, LosesLittleInShortRestoresToo) {
  const auto rows = shipped_rows(Length::shipped);
  const auto scores = score_all("shipped scenarios, as small as they are", rows);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_LE(scores[i].regret, 0.08) << rows[i].name;
  EXPECT_LE(median_regret(scores), 0.03);
}

TEST(DepthControllerSimulation, BearsAMachineTwiceAsNoisy) {
  auto rows = shipped_rows(Length::steady);
  for (Row& row : rows) row.simulated.client.noise_sigma = 0.08;
  const auto scores = score_all("shipped scenarios, 40 s, 8 % of noise", rows);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_LE(scores[i].regret, 0.08) << rows[i].name;
  EXPECT_LE(median_regret(scores), 0.03);
}

ServerSpec server_of(const std::string& json) {
  return parse_server_spec(nlohmann::json::parse(json), {}).value();
}

SimulatedCase invented(const std::string& name, std::uint64_t chunks, const std::string& server) {
  SimulatedCase simulated;
  simulated.name = name;
  simulated.image.size_bytes = chunks * kChunkBytes;
  simulated.image.compress = 1.5;
  simulated.server = server_of(server);
  return simulated;
}

constexpr std::uint64_t kBudget = 256ULL << 20;

std::vector<Row> changing_rows() {
  std::vector<Row> rows;
  const std::string near = R"({"latency": "5ms", "rate": "400MB/s"})";
  const std::string far = R"({"latency": "80ms", "rate": "400MB/s"})";
  const std::string wide = R"({"latency": "20ms", "rate": "500MB/s"})";
  const std::string narrow = R"({"latency": "20ms", "rate": "100MB/s"})";
  struct Change {
    std::string name, before;
    Nanoseconds at;
    std::string after;
  };
  for (const Change& change :
       {Change{"knee moves out", near, 15s, far}, Change{"knee moves in", far, 15s, near},
        Change{"link drops to a fifth", wide, 10s, narrow},
        Change{"link becomes five times", narrow, 40s, wide}}) {
    SimulatedCase simulated = invented(change.name, 4000, change.before);
    simulated.changes = {{change.at, server_of(change.after)}};
    rows.push_back(row_of(simulated, kBudget));
  }
  rows.push_back(
      row_of(invented("bursts of errors", 4000, R"({"latency": "5ms", "rate": "400MB/s", "faults": [
      {"kind": "status", "share": 0.3, "after": "10s", "until": "13s"},
      {"kind": "reset", "share": 0.1, "after": "25s", "until": "27s"}]})"),
             kBudget));
  rows.push_back(row_of(invented("a reset now and then", 4000, R"({"latency": "5ms", "rate": "400MB/s",
      "faults": [{"kind": "reset", "share": 0.002}]})"),
                        kBudget));
  return rows;
}

std::vector<Row> server_rows() {
  struct Server {
    std::string name;
    std::uint64_t chunks;
    std::string server;
    std::uint64_t budget = kBudget;
  };
  std::vector<Row> rows;
  for (const Server& row : {
           Server{"twelve chunks", 12, R"({"latency": "5ms", "rate": "400MB/s"})"},
           Server{"sixty chunks", 60, R"({"latency": "5ms", "rate": "400MB/s"})"},
           Server{"heavy tail", 2000, R"({"first_byte": "pareto:8ms:3s:1.2", "rate": "1Gbit/s"})"},
           Server{"heavy tail, fast link", 8000, R"({"first_byte": "pareto:8ms:3s:1.2"})"},
           Server{"seeks: depth 1 is best", 1000, R"({"latency": "200us", "disk": {"reads": 16}})"},
           Server{"load: depth 4 is best", 6000,
                  R"({"latency": "8ms", "load": {"free": 4, "per_request": "4ms"}})"},
           Server{"load: depth 16 is best", 6000,
                  R"({"latency": "40ms", "load": {"free": 16, "per_request": "5ms"}})"},
           Server{"one slow disk", 1500, R"({"storage": {"servers": 1, "time": "exponential:20ms"}})"},
           Server{"eight servers", 6000,
                  R"({"latency": "1ms", "storage": {"servers": 8, "time": "lognormal:30ms:0.8"}})"},
           Server{"far and fast, 1 GiB", 8000, R"({"first_byte": "lognormal:250ms:0.3"})", 1ULL << 30},
           Server{"far and fast, 32 MiB", 500, R"({"first_byte": "lognormal:250ms:0.3"})", 32ULL << 20},
           Server{"admits 60 a second", 2000,
                  R"({"latency": "5ms", "request_limit": {"per_second": 60, "burst": 10}})"},
       })
    rows.push_back(row_of(invented(row.name, row.chunks, row.server), row.budget));
  return rows;
}

std::vector<Row> client_rows() {
  SimulatedCase connections =
      invented("four connections, capped", 3000,
               R"({"latency": "60ms", "rate": "500MB/s", "connection_rate": "60MB/s"})");
  connections.client.connections = 4;
  SimulatedCase target = invented("slow target", 1200, R"({"latency": "5ms"})");
  target.target = {.latency = 30ms, .rate_bytes_per_s = 200e6};
  SimulatedCase writers = invented("slow target, 4 writers", 3000, R"({"latency": "30ms"})");
  writers.target = {.latency = 20ms, .rate_bytes_per_s = 500e6};
  writers.client.writers = 4;
  SimulatedCase cores = invented("no SHA-NI, 8 cores", 8000, R"({"latency": "10ms"})");
  cores.client.hash_rate_bytes_per_s = 0.4e9;
  cores.client.threads_max = 8;
  return {row_of(connections, kBudget), row_of(target, kBudget), row_of(writers, kBudget),
          row_of(cores, kBudget)};
}

TEST(DepthControllerSimulation, LosesLittleWhereItIsHard) {
  std::vector<Row> rows = server_rows();
  for (const auto& more : {changing_rows(), client_rows()}) rows.insert(rows.end(), more.begin(), more.end());
  const auto scores = score_all("made to be hard", rows);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_LE(scores[i].regret, 0.08) << rows[i].name;
  EXPECT_LE(median_regret(scores), 0.03);
}

}  // namespace
}  // namespace depthfinder
