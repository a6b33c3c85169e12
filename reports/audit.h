// SPDX-License-Identifier: MIT
// Was the server that a trial met the server that was asked for? Verdicts derived from the raw audits of a
// result (METHOD.md section 1), never stored in it. Pure; any thread.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "reports/result.h"

namespace depthfinder {

// What a served figure may be off by: the larger of a share of what was asked and an absolute time.
inline constexpr double kP50ShareAllowed = 0.02, kP50AllowedMs = 0.1;
inline constexpr double kP99ShareAllowed = 0.05, kP99AllowedMs = 0.5;
inline constexpr double kLinkLostAllowed = 0.02;  // of the time that the link was busy or lost
// From here on the mock's one thread of a connection is what limits a restore over it.
inline constexpr double kMockBusyShare = 0.90;

struct AuditVerdict {
  std::vector<std::string> misses;  // in words, with the numbers
  [[nodiscard]] bool on_target() const { return misses.empty(); }
};
AuditVerdict audit_trial(const TrialAudit& audit);

// The audits of a cell's valid trials together. All figures are medians over them, and 0 without any.
struct CellAudit {
  int trials = 0;           // that carry an audit
  int trials_off = 0;       // of these, off target by themselves
  bool link_asked = false;  // a link's rate was asked of the mock
  double latency_asked_p50_ms = 0, latency_asked_p99_ms = 0;
  double latency_served_p50_ms = 0, latency_served_p99_ms = 0;
  double link_lost_share = 0;
  double busiest_connection_cpu_share = 0;
  std::vector<std::string> misses;  // in words; without any audit there are none

  [[nodiscard]] bool on_target() const { return misses.empty(); }
  [[nodiscard]] bool mock_was_limit() const { return busiest_connection_cpu_share >= kMockBusyShare; }
  [[nodiscard]] std::string reason() const;  // the misses in one line
};

// A cell misses its target in a figure when the median over its trials of (how far it is off / what it may be
// off by) exceeds 1.
CellAudit audit_cell(std::span<const TrialAudit* const> audits);

// By cell id; cells without valid trials are there too.
std::map<std::string, CellAudit> audit_cells(const SweepResult& result);

// Link time lost over link time busy or lost; 0 without a link.
double link_lost_share(const TrialAudit& audit);

}  // namespace depthfinder
