// SPDX-License-Identifier: MIT
// apply_cpu_features(): --cpu-features for the calling process. OpenSSL reads its mask once, when it is loaded, so the
// process starts itself anew with OPENSSL_ia32cap in the environment: call it before anything else is done.
#pragma once

#include <string>

#include "restore_core/base/result.h"

namespace depthfinder {

// Returns in the process in which the mask is in force ("all": this one). Errors: bad_input (no such feature, or
// OPENSSL_ia32cap is set to something else), io (cannot start anew), bad_input when the mask did not take.
Result<void> apply_cpu_features(const std::string& features);

}  // namespace depthfinder
