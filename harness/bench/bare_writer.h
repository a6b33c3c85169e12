// SPDX-License-Identifier: MIT
// The bare loop that the mock server is compared with: one thread that writes bytes from memory through TLS, 16 KiB a
// record, blocking, and does nothing else. The least that a server of the same bytes can cost.
#pragma once

#include <cstdint>
#include <filesystem>

#include "restore_core/base/result.h"

namespace depthfinder::bench {

// Listens on a port of 127.0.0.1 that the kernel chose, writes {"port"} to `ready_file`, and serves connections one
// after another: to each 8 bytes (a count, little endian) it answers with so many bytes out of `memory_bytes` of random
// ones, over and over. Runs until the process is ended. Errors: io.
Result<void> run_bare_writer(std::uint64_t memory_bytes, const std::filesystem::path& ready_file);

}  // namespace depthfinder::bench
