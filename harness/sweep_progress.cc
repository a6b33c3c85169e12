// SPDX-License-Identifier: MIT
#include "harness/sweep_progress.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "reports/cell_summary.h"
#include "reports/words.h"
#include "restore_core/base/units.h"

namespace depthfinder {
namespace {

using nlohmann::ordered_json;

// The pick so far, with its rate.
struct Estimate {
  Cell cell;
  double mib_per_s = 0;  // median over blocks
  Interval interval;     // 95 %
  std::optional<double> confidence;
};

std::optional<Estimate> estimate_of(const SweepProgress& progress) {
  if (progress.round == nullptr) return std::nullopt;
  for (const CellSummary& summary : summarise_all_cells(*progress.result))
    if (summary.cell.id == progress.round->pick_id)
      return Estimate{summary.cell, summary.throughput_mib_per_s(), throughput_interval(summary),
                      progress.round->confidence};
  return std::nullopt;
}

std::string cell_text(const Cell& cell) {
  std::string text = fmt::format("{} depth {}", cell.strategy, count_or_auto(cell.depth));
  if (cell.threads != 0) text += fmt::format(" threads {}", count_or_auto(cell.threads));
  if (cell.connections > 1) text += fmt::format(" connections {}", cell.connections);
  return text;
}

class TextReporter final : public SweepReporter {
 public:
  void begin(const SweepOptions&, std::size_t cells) override { cells_ = cells; }

  void progress(const SweepProgress& progress) override {
    if (progress.moment == SweepMoment::block_begins && !terminal_)
      fmt::print(stderr, "block {}, {}\n", progress.block + 1,
                 counted(static_cast<long long>(progress.cells_alive), "cell"));
    if (progress.moment == SweepMoment::block_ends)
      if (auto estimate = estimate_of(progress)) estimate_ = std::move(estimate);
    if (progress.last != nullptr && progress.last->outcome != TrialOutcome::ok) {
      clear();
      fmt::print(stderr, "block {}, {} SHA-NI {}: {}: {}\n", progress.block + 1, cell_text(*progress.cell),
                 sha_ni_name(progress.cell->sha_ni), trial_outcome_name(progress.last->outcome),
                 progress.last->reason);
    }
    if (!terminal_) return;
    clear();
    fmt::print(stderr, "{}", line(progress).substr(0, kColumns));
    std::fflush(stderr);
    shown_ = true;
  }

  void clear() override {
    if (shown_) fmt::print(stderr, "\r\x1b[K");
    shown_ = false;
  }

  void end(const SweepOutcome&, const Result<Recommendation>& recommendation, ExitStatus) override {
    clear();
    if (recommendation)
      fmt::print("{}\n{}\n", setting_line(*recommendation), recommendation->headline.reason);
  }

 private:
  static constexpr std::size_t kColumns = 79;

  // "3 blocks, 12/30 cells | depth 8 threads 2: 812 MiB/s (805-820), 93 % | < 1 min 20 s"
  [[nodiscard]] std::string line(const SweepProgress& progress) const {
    const int blocks = progress.block + (progress.moment == SweepMoment::block_ends ? 1 : 0);
    std::string text =
        fmt::format("{} done, {}/{} cells", counted(blocks, "block"), progress.cells_alive, cells_);
    if (estimate_) {
      text += fmt::format(" | {}: {:.0f} MiB/s ({:.0f}-{:.0f})", cell_text(estimate_->cell),
                          estimate_->mib_per_s, estimate_->interval.low, estimate_->interval.high);
      if (estimate_->confidence) text += fmt::format(" {:.0f}%", 100 * *estimate_->confidence);
    } else if (progress.last != nullptr && progress.last->metrics) {
      text += fmt::format(" | {}: {:.0f} MiB/s", cell_text(*progress.cell),
                          progress.last->metrics->throughput_mib_per_s);
    }
    if (progress.left_most) text += fmt::format(" | < {}", format_duration(*progress.left_most));
    return text;
  }

  bool terminal_ = ::isatty(STDERR_FILENO) != 0;
  bool shown_ = false;
  std::size_t cells_ = 0;
  std::optional<Estimate> estimate_;
};

class JsonReporter final : public SweepReporter {
 public:
  void begin(const SweepOptions& options, std::size_t cells) override {
    print({{"event", "begin"},
           {"scenario", options.scenario.name},
           {"cells", cells},
           {"blocks", options.blocks},
           {"racing", options.racing},
           {"seed", options.seed}});
  }

  void progress(const SweepProgress& progress) override {
    switch (progress.moment) {
      case SweepMoment::block_begins:
        print({{"event", "block"}, {"block", progress.block}, {"cells_alive", progress.cells_alive}});
        break;
      case SweepMoment::trial_ends:
        print_trial(progress);
        break;
      case SweepMoment::block_ends:
        print_decisions(progress);
        break;
    }
  }

  void clear() override {}

  void end(const SweepOutcome& outcome, const Result<Recommendation>& recommendation,
           ExitStatus status) override {
    ordered_json event = {{"event", "end"},
                          {"end", sweep_end_name(outcome.end)},
                          {"status", static_cast<int>(status)},
                          {"trials", outcome.result.trials.size()},
                          {"recommendation", nullptr}};
    if (recommendation) event["recommendation"] = ordered_json::parse(recommendation_json(*recommendation));
    print(event);
  }

 private:
  static void print(const ordered_json& event) {
    fmt::print("{}\n", event.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
    std::fflush(stdout);
  }

  static void print_trial(const SweepProgress& progress) {
    ordered_json event = {{"event", "trial"},
                          {"block", progress.block},
                          {"cell_id", progress.cell->id},
                          {"outcome", trial_outcome_name(progress.last->outcome)},
                          {"reason", progress.last->reason},
                          {"throughput_mib_per_s", nullptr},
                          {"trials_done", progress.trials_done},
                          {"trials_max", progress.trials_max},
                          {"elapsed_s", to_seconds(progress.elapsed)},
                          {"left_s_max", nullptr}};
    if (progress.last->metrics) event["throughput_mib_per_s"] = progress.last->metrics->throughput_mib_per_s;
    if (progress.left_most) event["left_s_max"] = to_seconds(*progress.left_most);
    print(event);
  }

  static void print_decisions(const SweepProgress& progress) {
    if (progress.round == nullptr) return;
    for (const RacingDecision& decision : progress.round->decisions)
      print({{"event", "decision"},
             {"block", decision.block},
             {"cell_id", decision.cell_id},
             {"decision", decision.decision},
             {"reason", decision.reason}});
    const auto estimate = estimate_of(progress);
    if (!estimate) return;
    ordered_json event = {{"event", "estimate"},
                          {"block", progress.block},
                          {"cell_id", estimate->cell.id},
                          {"throughput_mib_per_s", estimate->mib_per_s},
                          {"throughput_mib_per_s_low", estimate->interval.low},
                          {"throughput_mib_per_s_high", estimate->interval.high},
                          {"confidence", nullptr},
                          {"cells_alive", progress.cells_alive},
                          {"blocks_needed", progress.round->blocks_needed},
                          {"detectable_effect", progress.round->detectable_effect}};
    if (estimate->confidence) event["confidence"] = *estimate->confidence;
    print(event);
  }
};

}  // namespace

std::unique_ptr<SweepReporter> make_text_reporter() { return std::make_unique<TextReporter>(); }
std::unique_ptr<SweepReporter> make_json_reporter() { return std::make_unique<JsonReporter>(); }

std::string_view sweep_end_name(SweepEnd end) {
  switch (end) {
    case SweepEnd::all_blocks:
      return "all_blocks";
    case SweepEnd::decided:
      return "decided";
    case SweepEnd::trials:
      return "trials";
    case SweepEnd::time:
      return "time";
    case SweepEnd::bytes:
      return "bytes";
  }
  return "all_blocks";
}

}  // namespace depthfinder
