// SPDX-License-Identifier: MIT
// What this host is, for results. Reads /proc and /sys; what cannot be read is left empty, never guessed.
#pragma once

#include "reports/result.h"

namespace depthfinder {

HostInfo host_info();

// Has this CPU SHA extensions that OpenSSL uses when nothing masks them?
bool host_has_sha_ni(const HostInfo& host);

}  // namespace depthfinder
