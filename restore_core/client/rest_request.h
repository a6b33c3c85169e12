// SPDX-License-Identifier: MIT
// One REST call over HTTP/1.1 on a connection of its own, as the real clients send it (pbs-protocol E.3):
// login and management calls. Blocks the calling thread; a Wakeup cancels it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "restore_core/base/secret.h"
#include "restore_core/client/http1_message.h"
#include "restore_core/client/server_access.h"
#include "restore_core/client/wakeup.h"

namespace depthfinder {

inline constexpr std::string_view kUserAgent = "depthfinder/0.1";
inline constexpr std::string_view kFormContentType = "application/x-www-form-urlencoded";
// The real clients wait that long for login, API calls and the upgrade; a refused login alone takes the
// server 3 s.
inline constexpr std::chrono::seconds kAnswerTimeout{120};

struct RestRequest {
  std::string path;                                    // with its query: "/api2/json/version"
  Secret json_body;                                    // makes it a POST
  Credentials credentials;                             // see login.h
  std::size_t answer_bytes_max = 0;                    // a longer answer is refused
  std::chrono::milliseconds timeout = kAnswerTimeout;  // for the whole call
};

struct RestResponse {
  int status = 0;
  std::vector<Header> headers;  // names in lower case
  Secret body;                  // perhaps with a ticket
};

// Any status is a response. Errors: cancelled, auth (certificate), connection, timeout, protocol (too long).
Result<RestResponse> perform(const ServerAccess& access, const RestRequest& request,
                             std::chrono::milliseconds connect_timeout, Wakeup& wakeup);

}  // namespace depthfinder
