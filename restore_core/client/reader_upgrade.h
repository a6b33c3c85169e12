// SPDX-License-Identifier: MIT
// The upgrade of a TLS connection to the reader protocol (pbs-protocol F.1): one HTTP/1.1 request, one 101.
#pragma once

#include <string>
#include <string_view>

#include "restore_core/client/login.h"
#include "restore_core/client/tls_connection.h"
#include "restore_core/format/snapshot_name.h"

namespace depthfinder {

inline constexpr std::string_view kReaderProtocol = "proxmox-backup-reader-protocol-v1";

// Which snapshot a reader session is for.
struct ReaderTarget {
  ServerAccess access;
  SnapshotName snapshot;
  Namespace ns;
};

// The request with exactly the headers of the real client.
Secret format_upgrade_request(const ReaderTarget& target, const Credentials& credentials);

// A refusal's Error, or nothing when the head is the 101 that was asked for. `body` is the refusal's text.
Result<void> check_upgrade_response(const ReaderTarget& target, const ResponseHead& head,
                                    std::string_view body);

// Sends the request, reads the answer, and returns the bytes that came after it, which are HTTP/2 already.
// The answer has `timeout` from here on. Errors: cancelled, auth, not_found, protocol, connection, timeout.
Result<Bytes> upgrade_to_reader(TlsConnection& connection, const ReaderTarget& target,
                                const Credentials& credentials, std::chrono::milliseconds timeout,
                                Wakeup& wakeup);

}  // namespace depthfinder
