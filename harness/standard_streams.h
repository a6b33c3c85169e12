// SPDX-License-Identifier: MIT
// The program's standard streams, made safe first thing in main(). Messages and progress on standard error are a courtesy:
// a reader that hangs up, or a full disk behind it, costs the message and not the restore. Results on standard output are
// what the program was run for: where they cannot be written, it has failed. A standard descriptor that is closed is
// opened on /dev/null, or the next file that is opened, perhaps the target, would get the messages.
#pragma once

#include "restore_core/base/result.h"

namespace depthfinder {

// Once, before any file is opened.
void prepare_standard_streams();

// All that was printed to standard output has arrived. Error: io.
Result<void> flush_results();

}  // namespace depthfinder
