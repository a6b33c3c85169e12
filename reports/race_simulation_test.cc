// SPDX-License-Identifier: MIT
// Races over the shipped scenarios' grids with made rates: a restore that waits below its knee and is limited above it,
// where the knee lies anywhere, on a host whose speed drifts as an AR(1) sequence from trial to trial. Seeded.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <numbers>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "reports/race_round.h"
#include "reports/recommend.h"
#include "reports/sample_result.h"
#include "restore_core/base/random.h"
#include "scenarios/scenario_loader.h"

namespace depthfinder {
namespace {

constexpr double kSpread = 0.04;     // of ln X, from trial to trial
constexpr double kRemembered = 0.8;  // of it, by the next trial
constexpr double kCpuSpread = 0.015;
constexpr std::size_t kBlocks = 10;
constexpr std::uint64_t kSeeds = 10;

double normal(Random& random) {
  const double radius = std::sqrt(-2 * std::log(1 - random.uniform()));
  return radius * std::cos(2 * std::numbers::pi * random.uniform());
}

// The rates of one made host: softened minimum of what waiting, decoding and the link allow.
class Truth {
 public:
  explicit Truth(std::uint64_t seed) {
    Random random(mix_seed(seed, 1));
    knee_ = 1.5 * std::pow(16, random.uniform());
    decode_ = 0.3 * std::pow(8, random.uniform());
    masked_ = 0.4 + 0.5 * random.uniform();
  }
  [[nodiscard]] double rate(const Cell& cell) const {
    const double depth = cell.depth == kAuto ? 64 : cell.depth;
    const double threads = cell.threads == kAuto ? 2 : std::max(cell.threads, 1);
    const double decode = threads * decode_ * (cell.sha_ni == ShaNi::off ? masked_ : 1);
    const double overlap = has_decode_workers(cell.strategy) ? 1 : 0.8;
    return 800 * overlap * softened({depth / knee_, decode, 1});
  }

 private:
  static double softened(std::initializer_list<double> bounds) {
    double sum = 0;
    for (const double bound : bounds) sum += std::pow(bound, -8);
    return std::pow(sum, -1.0 / 8);
  }
  double knee_, decode_, masked_;
};

class Host {
 public:
  explicit Host(std::uint64_t seed) : truth_(seed), random_(mix_seed(seed, 2)) {
    drift_ = kSpread * normal(random_);
  }
  Trial run(const Scenario& scenario, const Cell& cell, int block, int position) {
    drift_ = kRemembered * drift_ + std::sqrt(1 - kRemembered * kRemembered) * kSpread * normal(random_);
    Trial trial = sample::trial(scenario, cell, block, position, truth_.rate(cell) * std::exp(drift_));
    trial.metrics->cpu_user_s *= std::exp(kCpuSpread * normal(random_));
    return trial;
  }

 private:
  Truth truth_;
  Random random_;
  double drift_ = 0;
};

enum class Mode { full, raced };

// As a sweep does it: a race makes no more trials than the full grid would.
SweepResult run(const Scenario& scenario, std::uint64_t seed, Mode mode) {
  SweepResult result = sample::result(scenario, 0, [](const Cell&, int) { return 1.0; });
  result.seed = seed;
  Host host(seed);
  const std::size_t trials_max = result.cells.size() * kBlocks;
  for (int block = 0;; ++block) {
    std::vector<const Cell*> cells = cells_alive(result, block);
    if (result.trials.size() + cells.size() > trials_max) break;
    Random order(mix_seed(seed, block));
    order.shuffle(cells);
    for (std::size_t i = 0; i < cells.size(); ++i)
      result.trials.push_back(host.run(scenario, *cells[i], block, static_cast<int>(i)));
    if (mode == Mode::full) continue;
    RaceRound round = race_round(result, block);
    result.racing.insert(result.racing.end(), round.decisions.begin(), round.decisions.end());
    if (round.stopped) break;
  }
  return result;
}

// Of each CPU state.
std::vector<std::string> picks_of(const SweepResult& result) {
  const auto recommendation = recommend(result);
  if (!recommendation) return {};
  std::vector<std::string> picks = {recommendation->headline.cell.id};
  if (recommendation->other_sha_ni) picks.push_back(recommendation->other_sha_ni->cell.id);
  return picks;
}

std::size_t agreements(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) count += a[i] == b[i] ? 1 : 0;
  return count;
}

struct Tally {
  std::size_t trials_full = 0, trials_raced = 0;
  std::size_t picks = 0, same = 0, right_full = 0, right_raced = 0;

  void add(const Scenario& scenario, std::uint64_t seed) {
    const SweepResult full = run(scenario, seed, Mode::full), raced = run(scenario, seed, Mode::raced);
    const Truth truth(seed);
    const auto noiseless =
        picks_of(sample::result(scenario, 1, [&truth](const Cell& cell, int) { return truth.rate(cell); }));
    const auto picks_full = picks_of(full), picks_raced = picks_of(raced);
    trials_full += full.trials.size();
    trials_raced += raced.trials.size();
    picks += picks_full.size();
    same += agreements(picks_full, picks_raced);
    right_full += agreements(picks_full, noiseless);
    right_raced += agreements(picks_raced, noiseless);
  }
  [[nodiscard]] double share_of_picks(std::size_t count) const {
    return static_cast<double>(count) / static_cast<double>(picks);
  }
  [[nodiscard]] double share_of_trials() const {
    return static_cast<double>(trials_raced) / static_cast<double>(trials_full);
  }
};

TEST(RaceSimulation, PicksAsTheFullGridDoesWithHalfOfTheTrials) {
  Tally tally;
  for (const std::string_view name : shipped_scenario_names()) {
    const auto scenario = load_scenario(std::string(name));
    ASSERT_TRUE(scenario);
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed)
      tally.add(*scenario, mix_seed(seed, name.size(), name.front()));
  }
  std::cout << fmt::format(
      "{} picks: {:.3f} the full grid's, with {:.3f} of its trials; right: full {:.3f}, raced {:.3f}\n",
      tally.picks, tally.share_of_picks(tally.same), tally.share_of_trials(),
      tally.share_of_picks(tally.right_full), tally.share_of_picks(tally.right_raced));
  EXPECT_LE(tally.share_of_trials(), 0.5);
  EXPECT_GE(tally.share_of_picks(tally.same), 0.95 - 0.03)
      << "two noisy measurements; 0.03: Monte-Carlo error";
  EXPECT_GE(tally.share_of_picks(tally.right_raced), tally.share_of_picks(tally.right_full) - 0.02);
}

}  // namespace
}  // namespace depthfinder
