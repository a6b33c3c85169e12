// SPDX-License-Identifier: MIT
// Proving who we are (pbs-protocol E.5): an API token is a header, a user logs in for a ticket. Credentials
// are secrets: they appear in no message.
#pragma once

#include "restore_core/base/mutex.h"
#include "restore_core/client/rest_request.h"

namespace depthfinder {

// "authorization: PBSAPIToken user@realm!name:secret".
Credentials token_credentials(const ServerAccess& access);

// Reads the answer to POST access/ticket: the cookie and the CSRF token. Errors: auth (refused, second
// factor), protocol (members missing), connection (5xx).
Result<Credentials> parse_ticket_response(const RestResponse& response, std::string_view auth_id);

// Hands out credentials to the connections of one restore and logs in when there are none yet. Thread-safe.
class Authenticator {
 public:
  Authenticator(ServerAccess access, std::chrono::milliseconds connect_timeout,
                std::chrono::milliseconds answer_timeout = kAnswerTimeout)
      : access_(std::move(access)), connect_timeout_(connect_timeout), answer_timeout_(answer_timeout) {}

  // May block for a login. Errors: those of perform() and parse_ticket_response().
  Result<Credentials> credentials(Wakeup& wakeup);

  // Drops a ticket that the server no longer takes. False for a token: asking again would not help.
  bool forget();

 private:
  Result<Credentials> log_in(Wakeup& wakeup) const;

  const ServerAccess access_;
  const std::chrono::milliseconds connect_timeout_, answer_timeout_;
  Mutex mutex_;
  Credentials current_ DF_GUARDED_BY(mutex_);
};

}  // namespace depthfinder
