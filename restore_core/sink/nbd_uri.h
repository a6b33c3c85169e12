// SPDX-License-Identifier: MIT
// Which targets are NBD URIs, and how one is shown to people. libnbd reads them. Pure.
#pragma once

#include <string>
#include <string_view>

namespace depthfinder {

// nbd, nbds (TLS), each also with +unix or +vsock.
bool is_nbd_uri(std::string_view target);

// Without user, password and parameters (keys and certificates); the path of a socket stays.
std::string printable_nbd_uri(std::string_view uri);

}  // namespace depthfinder
