// SPDX-License-Identifier: MIT
// One trial: a fresh `depthfinder restore` process against the mock, with the CPU mask in its environment,
// the proof that the mask took, and the mock's own account of what it served. It judges neither (reports/audit.h).
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "harness/mock_process.h"
#include "reports/result.h"

namespace depthfinder {

// Takes SHA-NI (CPUID leaf 7, EBX bit 29) away from OpenSSL when it stands in the environment of a new
// process.
inline constexpr const char* kShaNiMask = ":~0x20000000";

// Why the restore did not run as the cell asks, judged by what it says of itself; nothing when it did.
std::optional<std::string> mask_fault(const Cell& cell, const TrialMetrics& metrics);

// Runs it against what `target` says, with the mock's counters and models reset before; failures are outcomes, not
// errors. `block` and `position` are the caller's to fill.
Trial run_trial(const Cell& cell, const TargetSpec& target, MockProcess& mock,
                const std::filesystem::path& keyfile, const std::stop_token& stop);

}  // namespace depthfinder
