// SPDX-License-Identifier: MIT
// scratch
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness/restore_simulation.h"
#include "scenarios/scenario_loader.h"

namespace depthfinder {
namespace {

using namespace std::chrono_literals;

double env(const char* name, double fallback) {
  const char* text = std::getenv(name);
  return text ? std::atof(text) : fallback;
}

const std::vector<int> kGrid = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32};

TEST(Explore, Table) {
  const double seconds = env("DF_SECONDS", 40);
  const bool trace = std::getenv("DF_TRACE") != nullptr;
  const char* only = std::getenv("DF_ONLY");
  const int start = static_cast<int>(env("DF_START", 16));
  std::vector<double> regrets;
  std::map<std::string, std::map<int, double>> sums;
  for (const auto name : shipped_scenario_names()) {
    if (only && name != only) continue;
    const Scenario scenario = load_scenario(std::string(name)).value();
    for (std::uint64_t seed = 1; seed <= static_cast<std::uint64_t>(env("DF_SEEDS", 1)); ++seed) {
      std::uint64_t bytes = 256ULL << 22;
      const SimulatedRun pilot = simulate_fixed(simulated_case(scenario, bytes, seed), 16, 4);
      bytes = std::clamp<std::uint64_t>(
          static_cast<std::uint64_t>(static_cast<double>(bytes) * seconds / to_seconds(pilot.duration)),
          scenario.image.size_bytes, 32ULL << 30);
      if (seconds == 0) bytes = scenario.image.size_bytes;
      SimulatedCase c = simulated_case(scenario, bytes, seed);
      c.client.noise_sigma = env("DF_NOISE", 0.04);
      std::map<int, double> curve;
      std::string text;
      for (const int depth : kGrid) {
        curve[depth] = simulate_fixed(c, depth, 4).goodput_bytes_per_s;
        sums[std::string(name)][depth] += std::log(curve[depth]);
      }
      double best = 0;
      int best_depth = 0;
      for (auto [d, x] : curve)
        if (x > best) best = x, best_depth = d;
      for (auto [d, x] : curve) text += fmt::format(" {}:{:.0f}", d, 100 * x / best);
      DepthLimits limits = depth_limits(scenario.memory_budget_bytes, 4 << 20, 4, std::nullopt);
      limits.depth_start = start;
      const SimulatedRun run = simulate_controlled(c, limits);
      sums[std::string(name)][0] += std::log(run.goodput_bytes_per_s);
      const double regret = 1 - run.goodput_bytes_per_s / best;
      regrets.push_back(regret);
      fmt::print("{:22} {:6.0f}MiB {:5.1f}s best {:2} {:6.0f}MiB/s auto depth {:4.1f} end {:2} regret {:5.1f}% windows {:3} |{}\n", name,
                 static_cast<double>(bytes) / 1048576, to_seconds(run.duration), best_depth, best / 1048576, run.depth_mean,
                 run.windows.empty() ? 0 : run.windows.back().decision.depth, 100 * regret, run.windows.size(), text);
      if (trace)
        for (const auto& w : run.windows)
          fmt::print("   {:6.2f} {:5.2f} d{:2} t{} {:7.1f} {:13} {}\n", to_seconds(w.end), to_seconds(w.length), w.depth, w.threads,
                     w.goodput_bytes_per_s / 1048576, decision_name(w.decision.kind), w.decision.reason);
    }
  }
  for (auto& [n, m] : sums) {
    double b = -1e9; int bd = 0;
    for (auto [d, x] : m) if (d && x > b) b = x, bd = d;
    fmt::print("MEAN {:22} best {:2} regret {:5.1f}%\n", n, bd, 100 * (1 - std::exp((m[0] - b) / env("DF_SEEDS", 1))));
  }
  std::sort(regrets.begin(), regrets.end());
  fmt::print("median {:.1f}% worst {:.1f}%\n", 100 * regrets[regrets.size() / 2], 100 * regrets.back());
}

}  // namespace
}  // namespace depthfinder
