// SPDX-License-Identifier: MIT
// Authenticator: the mock's one user and one API token, its tickets and CSRF tokens (pbs-protocol E.5). Secrets are made
// at start and compared in constant time. Any thread. The time is an argument.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "restore_core/base/bytes.h"
#include "restore_core/base/result.h"

namespace depthfinder::mock {

struct Secrets {
  std::string user;  // "root@pam"
  std::string password;
  std::string token_name;    // "depthfinder": the token is "root@pam!depthfinder"
  std::string token_secret;  // a UUID
  Bytes signing_key;
};

// Random ones for root@pam. Error: io.
Result<Secrets> make_secrets();

struct Login {
  std::string ticket, csrf_token;
};

// What a request carries; empty where the header is not there.
struct Credentials {
  std::string authorization, cookie, csrf_token;
};

class Authenticator {
 public:
  explicit Authenticator(Secrets secrets) : secrets_(std::move(secrets)) {}

  [[nodiscard]] const Secrets& secrets() const { return secrets_; }

  // No ticket given so far is valid any more.
  void expire_tickets() { ++generation_; }

  // Password or one of our tickets; nothing when wrong.
  [[nodiscard]] std::optional<Login> log_in(std::string_view user, std::string_view password,
                                            std::int64_t now_s) const;

  // API token, or ticket cookie (with the CSRF token when the method changes something).
  [[nodiscard]] bool accepts(const Credentials& credentials, bool changes_something,
                             std::int64_t now_s) const;

 private:
  [[nodiscard]] std::string sign(std::string_view text) const;
  [[nodiscard]] bool valid_ticket(std::string_view ticket, std::int64_t now_s) const;
  [[nodiscard]] bool valid_csrf_token(std::string_view token, std::int64_t now_s) const;
  [[nodiscard]] bool valid_api_token(std::string_view authorization) const;

  [[nodiscard]] std::string ticket_signature(std::string_view plain) const;

  const Secrets secrets_;
  std::atomic<std::uint64_t> generation_{0};  // of the tickets, part of what is signed
};

}  // namespace depthfinder::mock
