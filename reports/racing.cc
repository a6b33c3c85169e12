// SPDX-License-Identifier: MIT
#include "reports/racing.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "reports/power.h"
#include "reports/statistics.h"
#include "restore_core/base/check.h"

namespace depthfinder {
namespace {

constexpr double kConfidence = 0.95;

// Log ratios of two cells over the blocks that both have.
struct Ratio {
  std::size_t blocks = 0;
  double mean = 0, sd = 0;
};

Ratio ratio_of(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> ratios;
  for (std::size_t block = 0; block < a.size(); ++block)
    if (const double ratio = a[block] - b[block]; std::isfinite(ratio)) ratios.push_back(ratio);
  if (ratios.empty()) return {};
  return {ratios.size(), mean(ratios), standard_deviation(ratios)};
}

// Squares and degrees of freedom of many ratios.
class PooledSpread {
 public:
  void add(const Ratio& ratio) {
    if (ratio.blocks < 2) return;
    const double freedom = static_cast<double>(ratio.blocks - 1);
    squares_ += freedom * ratio.sd * ratio.sd;
    freedom_ += freedom;
  }
  [[nodiscard]] double sd() const { return freedom_ > 0 ? std::sqrt(squares_ / freedom_) : 0; }

 private:
  double squares_ = 0, freedom_ = 0;
};

// Three blocks are often close together by chance: the spread is never taken to be less than that of all cells.
double margin(const Ratio& ratio, double pooled_sd) {
  if (ratio.blocks < 2) return std::numeric_limits<double>::infinity();
  const double t = student_t_quantile(kConfidence, static_cast<int>(ratio.blocks) - 1);
  return t * std::max(ratio.sd, pooled_sd) / std::sqrt(static_cast<double>(ratio.blocks));
}

class Race {
 public:
  Race(std::span<const RuleCell> cells, const RuleChoice& choice)
      : cells_(cells), pick_(cells[choice.pick]), best_(cells[choice.best]) {
    PooledSpread spread;
    for (const RuleCell& cell : cells_)
      if (&cell != &best_) spread.add(rate(cell, best_));
    pooled_sd_ = spread.sd();
    const Ratio pick = rate(pick_, best_);
    pick_is_certain_ =
        &pick_ == &best_ || pick.mean - margin(pick, pooled_sd_) >= std::log1p(-kToleratedLoss);
  }

  [[nodiscard]] CellStanding stand(const RuleCell& cell) const {
    if (&cell == &best_) return {Standing::contender, 1, 1, 1};
    const Ratio ratio = rate(cell, best_);
    const double around = margin(ratio, pooled_sd_);
    CellStanding made{Standing::contender, std::exp(ratio.mean), std::exp(ratio.mean - around),
                      std::exp(ratio.mean + around)};
    if (&cell == &pick_) return made;
    if (made.share_high < 1 - kToleratedLoss - kClearLoss)
      made.standing = Standing::hopeless;
    else if (pick_is_certain_ && is_nearly_equalled(cell) && is_costlier(cell))
      made.standing = Standing::outdone;
    return made;
  }

  [[nodiscard]] static Ratio rate(const RuleCell& a, const RuleCell& b) {
    return ratio_of(a.log_throughput, b.log_throughput);
  }

 private:
  // The pick is proven within the tolerance of this cell.
  [[nodiscard]] bool is_nearly_equalled(const RuleCell& cell) const {
    const Ratio ratio = rate(pick_, cell);
    return ratio.mean - margin(ratio, pooled_sd_) >= std::log1p(-kToleratedLoss);
  }

  // By the order of costs of the point rule, as far as that is certain.
  [[nodiscard]] bool is_costlier(const RuleCell& cell) const {
    const auto buffers = buffer_bytes(cell.cell), least = buffer_bytes(pick_.cell);
    if (buffers != least) return buffers > least;
    const Ratio cpu = cpu_ratio(cell);
    if (cpu.blocks < 2) return false;
    if (takes_more_cpu(cell, pick_)) return true;
    const bool as_good =
        margin(cpu, 0) - cpu.mean < std::log1p(kCpuNoise);  // the pick takes no more than counts as equal
    return as_good && decode_threads(cell.cell) > decode_threads(pick_.cell);
  }

  [[nodiscard]] Ratio cpu_ratio(const RuleCell& cell) const {
    return ratio_of(logs(cell.cpu_s_per_gib), logs(pick_.cpu_s_per_gib));
  }
  static std::vector<double> logs(std::vector<double> values) {
    for (double& value : values) value = std::log(value);
    return values;
  }

  std::span<const RuleCell> cells_;
  const RuleCell& pick_;
  const RuleCell& best_;
  double pooled_sd_ = 0;
  bool pick_is_certain_ = false;
};

}  // namespace

RaceStandings race_standings(std::span<const RuleCell> cells, const RuleChoice& choice) {
  DF_CHECK(!cells.empty());
  const int blocks = static_cast<int>(cells.front().log_throughput.size());
  DF_CHECK(blocks >= 2);
  const Race race(cells, choice);
  RaceStandings standings{choice, {}, 0, 0, 0};
  PooledSpread all, contenders;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    standings.cells.push_back(race.stand(cells[i]));
    if (i == choice.best) continue;
    const Ratio ratio = Race::rate(cells[i], cells[choice.best]);
    all.add(ratio);
    if (!cells[i].dropped && standings.cells[i].standing == Standing::contender) contenders.add(ratio);
  }
  standings.log_sd = contenders.sd() > 0 ? contenders.sd() : all.sd();
  standings.blocks_needed = powered_blocks(standings.log_sd);
  standings.detectable_effect = detectable_effect(standings.log_sd, blocks);
  return standings;
}

}  // namespace depthfinder
