// SPDX-License-Identifier: MIT
// PlainRedirect: the answer to a client that speaks plain HTTP on the TLS port (pbs-protocol E.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mock_server/protocol/stop_signal.h"
#include "restore_core/base/result.h"

namespace depthfinder::mock {

// 301 for GET and HEAD, 308 for the others; nothing for what is no HTTP request or names no host. `head` ends with the
// blank line. Pure.
std::optional<std::string> redirect_to_tls(std::string_view head);

// Reads one request head from the socket and sends it there. Errors: timeout, cancelled, connection, protocol.
Result<void> serve_plain_redirect(int socket, const StopSignal& stop, TimePoint deadline);

}  // namespace depthfinder::mock
