// SPDX-License-Identifier: MIT
#include "harness/bystander/bystander_watch.h"

#include "restore_core/base/check.h"
#include "restore_core/base/units.h"

namespace depthfinder {
namespace {

constexpr double kWindowSpanS = 3;
constexpr std::size_t kWindowSamplesMin = 100;  // what a p99 takes

std::vector<double> samples_of(const std::vector<BystanderReport>& reports) {
  std::vector<double> samples_ms;
  for (const BystanderReport& report : reports)
    samples_ms.insert(samples_ms.end(), report.samples_ms.begin(), report.samples_ms.end());
  return samples_ms;
}

Result<BystanderStats> stats_alone(BystanderProcess& process, Nanoseconds duration,
                                   const std::stop_token& stop) {
  DF_ASSIGN(const std::vector<BystanderReport> reports, process.take_samples_for(duration, stop));
  const std::optional<BystanderStats> stats = bystander_stats(samples_of(reports));
  if (!stats)
    return fail(ErrorKind::bad_input, "the bystander had no sample in {} alone: give it more time",
                format_duration(duration));
  return *stats;
}

}  // namespace

BystanderWatch::BystanderWatch(std::string kind, BystanderProcess process, const BystanderStats& alone)
    : kind_(std::move(kind)),
      process_(std::move(process)),
      alone_(alone),
      window_(kWindowSpanS, kWindowSamplesMin) {}

Result<BystanderWatch> BystanderWatch::start(const BystanderSpec& spec, Nanoseconds alone,
                                             const std::stop_token& stop, const std::string& program) {
  DF_ASSIGN(BystanderProcess process, BystanderProcess::start(spec, stop, program));
  DF_ASSIGN(const BystanderStats stats, stats_alone(process, alone, stop));
  return BystanderWatch(bystander_text(spec), std::move(process), stats);
}

Result<void> BystanderWatch::begin(const std::stop_token& stop) {
  DF_CHECK(!begun_);
  DF_TRY(process_.take_samples_until_now(stop));
  begun_ = true;
  return {};
}

void BystanderWatch::add(const std::vector<BystanderReport>& reports) {
  for (const BystanderReport& report : reports) {
    window_.add(report);
    beside_ms_.insert(beside_ms_.end(), report.samples_ms.begin(), report.samples_ms.end());
  }
}

std::optional<double> BystanderWatch::live_ratio(BystanderPercentile percentile) {
  if (!begun_ || error_) return std::nullopt;
  const auto reports = process_.take_samples();
  if (!reports) {
    error_ = reports.error();
    return std::nullopt;
  }
  add(*reports);
  if (window_.size() < kWindowSamplesMin) return std::nullopt;
  return bystander_ratio(alone_, *bystander_stats(window_.samples_ms()), percentile);
}

Result<BystanderComparison> BystanderWatch::finish() {
  DF_CHECK(begun_);
  if (error_) return pass_on(*error_);
  DF_ASSIGN(const std::vector<BystanderReport> reports, process_.stop());
  add(reports);
  const std::optional<BystanderStats> beside = bystander_stats(beside_ms_);
  if (!beside) return fail(ErrorKind::io, "the restore ended before the bystander had a sample beside it");
  return compare_bystander(kind_, alone_, *beside);
}

Result<BystanderStats> measure_alone(const BystanderSpec& spec, Nanoseconds duration,
                                     const std::stop_token& stop, const std::string& program) {
  DF_ASSIGN(BystanderProcess process, BystanderProcess::start(spec, stop, program));
  DF_ASSIGN(const BystanderStats stats, stats_alone(process, duration, stop));
  DF_TRY(process.stop());
  return stats;
}

}  // namespace depthfinder
