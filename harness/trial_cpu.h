// SPDX-License-Identifier: MIT
// The mask that makes a restore run as on a lesser CPU: OPENSSL_ia32cap in the environment of a fresh process, heeded by
// OpenSSL and by the lane kernels, and the proof that it took. Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include "reports/result.h"

namespace depthfinder {

// The variable's value; nothing where nothing is masked, and then the variable is to be absent.
std::optional<std::string> cpu_mask(const CpuState& state);

// Why the restore did not run as the cell asks, judged by what it says of itself: OpenSSL's settings and the two hash
// kernels. Nothing when it did.
std::optional<std::string> mask_fault(const Cell& cell, const TrialMetrics& metrics);

}  // namespace depthfinder
