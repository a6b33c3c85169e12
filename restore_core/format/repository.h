// SPDX-License-Identifier: MIT
// Repository strings: [[USER@REALM[!TOKEN]@]HOST:][PORT:]STORE (pbs-protocol E.6).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "restore_core/base/result.h"

namespace depthfinder {

struct Repository {
  std::string auth_id = "root@pam";  // "user@realm" or "user@realm!token"
  std::string host = "localhost";    // without the brackets of an IPv6 address
  std::uint16_t port = 8007;
  std::string store;

  [[nodiscard]] bool uses_token() const { return auth_id.find('!') != std::string::npos; }
  [[nodiscard]] std::string authority() const;  // "host:port", "[::1]:8007"
  [[nodiscard]] std::string to_string() const;  // all parts spelled out
};

// Error: bad_input, "repository".
Result<Repository> parse_repository(std::string_view text);

}  // namespace depthfinder
