// SPDX-License-Identifier: MIT
#include "harness/profile/measure_profile.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <optional>
#include <random>

#include <benchmark/benchmark.h>

#include "harness/host_profile.h"
#include "harness/profile/stage.h"
#include "harness/version.h"
#include "restore_core/base/check.h"
#include "restore_core/base/clock.h"
#include "restore_core/base/random.h"

namespace depthfinder {
namespace {

constexpr std::uint64_t kMib = 1 << 20;

struct Plan {
  int rounds_max = 1;
  Nanoseconds time_max{0};  // no round begins that would end later, but the least number of rounds
  int rounds_min = 1;
  std::size_t chunks = 1;  // per stage and round; a hash kernel takes at least its lanes full
  std::uint64_t cold_bytes = 0;
  std::uint64_t evict_bytes = 0;
};

// Beyond the largest cache reported, which for a virtual machine may be what the whole socket has: a bound keeps that
// from taking all of a small host.
std::uint64_t full_cold_bytes(std::uint64_t memory_bytes) {
  const std::uint64_t beyond_caches = reported_cache_bytes() / 4 * 5;
  const std::uint64_t most = std::max(256 * kMib, std::min(1024 * kMib, memory_bytes / 8));
  return std::clamp(beyond_caches, 256 * kMib, most);
}

Plan plan_of(ProfileEffort effort, std::uint64_t memory_bytes) {
  switch (effort) {
    case ProfileEffort::full: {
      const std::uint64_t cold_bytes = full_cold_bytes(memory_bytes);
      return {11, std::chrono::seconds(20), 3, 32, cold_bytes, cold_bytes};
    }
    case ProfileEffort::quick:
      return {3, std::chrono::milliseconds(900), 1, 4, 128 * kMib, 64 * kMib};
    case ProfileEffort::smoke:
      return {1, Nanoseconds(0), 1, 1, 96 * kMib, 0};
  }
  return {};
}

// `measuring` is how long the rounds so far took, `elapsed` that and the preparation.
bool begins_another_round(const Plan& plan, int rounds, Nanoseconds measuring, Nanoseconds elapsed) {
  if (rounds < plan.rounds_min) return true;
  return rounds < plan.rounds_max && elapsed + measuring / rounds <= plan.time_max;
}

Result<StageList> make_stages(const StageMaterial& material) {
  StageList stages;
  DF_TRY(add_receive_stage(material, stages));
  DF_TRY(add_decode_stages(material, stages));
  DF_TRY(add_hash_stages(material, stages));
  DF_TRY(add_memory_stages(material, stages));
  DF_TRY(add_write_stage(material, stages));
  return stages;
}

// Takes each run's CPU time of the thread that ran it; prints nothing. A benchmark's name is the stage's number.
class CostCollector final : public benchmark::BenchmarkReporter {
 public:
  explicit CostCollector(const StageList& stages) : stages_(stages), ns_per_byte_(stages.size()) {}

  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.error_occurred) continue;
      const std::size_t stage = std::stoul(run.run_name.function_name);
      ns_per_byte_[stage].push_back(run.GetAdjustedCPUTime() /
                                    static_cast<double>(stages_[stage]->step_bytes()));
    }
  }

  [[nodiscard]] std::vector<StageCost> costs() const {
    std::vector<StageCost> costs;
    for (std::size_t i = 0; i < stages_.size(); ++i)
      costs.push_back(cost_of(stages_[i]->identity(), ns_per_byte_[i]));
    return costs;
  }

 private:
  static StageCost cost_of(StageCost identity, std::vector<double> samples) {
    DF_CHECK(!samples.empty());
    std::sort(samples.begin(), samples.end());
    const std::size_t half = samples.size() / 2;
    identity.ns_per_byte = samples.size() % 2 == 1 ? samples[half] : (samples[half - 1] + samples[half]) / 2;
    identity.spread_ratio = (samples.back() - samples.front()) / identity.ns_per_byte;
    return identity;
  }

  const StageList& stages_;
  std::vector<std::vector<double>> ns_per_byte_;
};

// What the benchmark bodies of a round share: the first failure, after which the others do nothing.
struct Round {
  const std::stop_token& stop;
  const ProfileProgress& progress;
  double done = 0, done_per_stage = 0;
  std::optional<Error> error;
};

void run_stage(Stage& stage, Round& round, benchmark::State& state) {
  const auto give_up = [&](const Error& error) {
    if (!round.error) round.error = error;
    state.SkipWithError(error.message.c_str());
  };
  if (round.error) return give_up(*round.error);
  if (round.stop.stop_requested()) return give_up({ErrorKind::cancelled, "the profile was interrupted"});
  const std::string name(stage_kind_name(stage.identity().kind));
  if (round.progress) round.progress(name, round.done);
  round.done += round.done_per_stage;
  if (const auto ready = stage.prepare(static_cast<std::size_t>(state.max_iterations)); !ready)
    return give_up(ready.error().with_context(name));
  for ([[maybe_unused]] const auto step : state) {
    if (const auto result = stage.step(); !result) {
      give_up(result.error().with_context(name));
      break;
    }
  }
}

Result<void> run_round(const StageList& stages, const Plan& plan, Random& random, Round& round,
                       CostCollector& costs) {
  std::vector<std::size_t> order(stages.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  random.shuffle(order);
  for (const std::size_t index : order) {
    Stage& stage = *stages[index];
    const std::size_t chunks_per_step = stage.step_bytes() / kProfileChunkBytes;
    benchmark::RegisterBenchmark(
        std::to_string(index).c_str(),
        [&stage, &round](benchmark::State& state) { run_stage(stage, round, state); })
        ->Iterations(
            static_cast<benchmark::IterationCount>(std::max<std::size_t>(1, plan.chunks / chunks_per_step)))
        ->Repetitions(1)
        ->Unit(benchmark::kNanosecond);
  }
  benchmark::RunSpecifiedBenchmarks(&costs, ".");
  benchmark::ClearRegisteredBenchmarks();
  if (round.error) return pass_on(*round.error);
  return {};
}

}  // namespace

Result<Profile> measure_profile(ProfileEffort effort, const std::stop_token& stop,
                                const ProfileProgress& progress) {
  const TimePoint begin = SteadyClock().now();
  Profile profile;
  profile.tool_version = tool_info().version;
  profile.host = host_info();
  profile.quick = effort != ProfileEffort::full;
  profile.seed = std::random_device()();
  const Plan plan = plan_of(effort, profile.host.memory_bytes);
  DF_ASSIGN(ChunkRing ring, ChunkRing::make(plan.cold_bytes / kProfileChunkBytes, profile.seed));
  profile.cold_bytes = ring.bytes();
  DF_ASSIGN(const StageList stages, make_stages({ring, plan.evict_bytes, profile.seed}));

  CostCollector costs(stages);
  Random random(profile.seed);
  Round round{stop, progress, 0, 1.0 / plan.rounds_max / static_cast<double>(stages.size()), {}};
  const TimePoint prepared = SteadyClock().now();
  for (TimePoint now = prepared; begins_another_round(plan, profile.rounds, now - prepared, now - begin);
       now = SteadyClock().now()) {
    DF_TRY(run_round(stages, plan, random, round, costs));
    ++profile.rounds;
  }
  profile.stages = costs.costs();
  if (const auto checked = check_profile(profile); !checked)
    return fail(ErrorKind::io, "the profile proves nothing: {}", checked.error().message);
  return profile;
}

}  // namespace depthfinder
