// SPDX-License-Identifier: MIT
#include "reports/racing.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "reports/log_ratio.h"
#include "reports/power.h"
#include "restore_core/base/check.h"

namespace depthfinder {
namespace {

class Race {
 public:
  Race(std::span<const RuleCell> cells, const RuleChoice& choice)
      : cells_(cells), pick_(cells[choice.pick]), best_(cells[choice.best]), cpu_log_sd_(choice.cpu_log_sd) {
    PooledSpread spread;
    for (const RuleCell& cell : cells_)
      if (&cell != &best_) spread.add(rate(cell, best_));
    pooled_sd_ = spread.sd();
    const LogRatio pick = rate(pick_, best_);
    pick_is_certain_ =
        &pick_ == &best_ || pick.mean - margin(pick, pooled_sd_) >= std::log1p(-kToleratedLoss);
  }

  [[nodiscard]] CellStanding stand(const RuleCell& cell) const {
    if (&cell == &best_) return {Standing::contender, 1, 1, 1};
    const LogRatio ratio = rate(cell, best_);
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

  [[nodiscard]] static LogRatio rate(const RuleCell& a, const RuleCell& b) {
    return log_ratio(a.log_throughput, b.log_throughput);
  }

 private:
  // The pick is proven within the tolerance of this cell.
  [[nodiscard]] bool is_nearly_equalled(const RuleCell& cell) const {
    const LogRatio ratio = rate(pick_, cell);
    return ratio.mean - margin(ratio, pooled_sd_) >= std::log1p(-kToleratedLoss);
  }

  // By the order of costs of the point rule, as far as that is certain.
  [[nodiscard]] bool is_costlier(const RuleCell& cell) const {
    const auto buffers = buffer_bytes(cell.cell), least = buffer_bytes(pick_.cell);
    if (buffers != least) return buffers > least;
    const LogRatio cpu = log_ratio(pick_.log_cpu, cell.log_cpu);
    if (cpu.blocks < 2) return false;
    if (takes_more_cpu(cell, pick_, cpu_log_sd_)) return true;
    const bool as_good =
        cpu.mean + margin(cpu, cpu_log_sd_) < std::log1p(kCpuNoise);  // shown to take no more
    return as_good && decode_threads(cell.cell) > decode_threads(pick_.cell);
  }

  std::span<const RuleCell> cells_;
  const RuleCell& pick_;
  const RuleCell& best_;
  double cpu_log_sd_;
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
    const LogRatio ratio = Race::rate(cells[i], cells[choice.best]);
    all.add(ratio);
    if (!cells[i].dropped && standings.cells[i].standing == Standing::contender) contenders.add(ratio);
  }
  standings.log_sd = contenders.sd() > 0 ? contenders.sd() : all.sd();
  standings.blocks_needed = powered_blocks(standings.log_sd);
  standings.detectable_effect = detectable_effect(standings.log_sd, blocks);
  return standings;
}

}  // namespace depthfinder
