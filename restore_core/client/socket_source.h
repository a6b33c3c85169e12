// SPDX-License-Identifier: MIT
// What TLS reads from: a socket, many records a system call. OpenSSL's own read-ahead would move what is left in its
// buffer to the front at every record (3.0, ssl3_read_n): 8 bytes moved for each one received, with 16 records a call.
#pragma once

#include <openssl/ssl.h>

namespace depthfinder {

// From now on `ssl`, whose handshake is complete, reads from `socket`, which does not block and stays the caller's.
// Records may then wait in memory where poll() does not see them: read until nothing comes before waiting. False when
// there is no memory.
[[nodiscard]] bool read_many_records(SSL* ssl, int socket);

}  // namespace depthfinder
