// SPDX-License-Identifier: MIT
// RestoreSummary: what one restore did, as `restore --json` prints it and a sweep's trial reads it back.
// Writer and reader stand in one file, so that they agree.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/bystander/bystander_stats.h"
#include "reports/result.h"
#include "restore_core/base/digest.h"
#include "restore_core/client/reader_client.h"
#include "restore_core/engine/restore_engine.h"

namespace depthfinder {

struct ProcessUsage {
  double cpu_user_s = 0;
  double cpu_sys_s = 0;
  std::uint64_t peak_rss_bytes = 0;  // VmHWM
};
// Of the calling process, since it started.
ProcessUsage process_usage();

struct RestoredImage {
  std::string archive;
  std::optional<Digest> sha256;  // where it was taken
};

struct RestoreSummary {
  RestoreStats stats;
  EngineSettings settings;
  ReaderOptions reader;
  ProcessUsage usage;
  std::string sha256_kernel;
  std::string openssl_cpu_settings;
  std::vector<RestoredImage> images;  // in the order of stats.images
  std::optional<double> cpu_floor_s;  // where there is a profile of this host
  std::optional<BystanderComparison> bystander;
};

// Adds a restore that came after: times and amounts add up, means are weighted with their durations.
void append_restore(RestoreStats& sum, const RestoreStats& next);

double throughput_mib_per_s(const RestoreStats& stats);

// One JSON object on one line, keys as design.md fixes them.
std::string restore_summary_json(const RestoreSummary& summary);

// Errors: protocol (no such object), naming the key.
Result<TrialMetrics> read_restore_summary(std::string_view json);

}  // namespace depthfinder
