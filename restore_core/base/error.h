// SPDX-License-Identifier: MIT
// Error: what went wrong in the world (network, files, a peer's data, cancellation). Callers branch on the
// kind; people read the message, which says what was wrong, where, and what to do. Mistakes of the programmer
// are not errors: see check.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace depthfinder {

enum class ErrorKind {
  cancelled,   // somebody asked to stop
  timeout,     // the peer was silent too long; transient
  connection,  // refused, reset, GOAWAY, 5xx; transient
  auth,        // credentials or fingerprint refused
  protocol,    // the peer broke the protocol, or refused a request for good
  not_found,   // a snapshot, archive, chunk or file that is not there
  corrupt,     // bytes that fail a check: CRC, tag, digest, length, format
  io,          // a local file or device
  bad_input,   // what the user gave: an option, a variable, a key, a password
};

struct Error {
  ErrorKind kind = ErrorKind::io;
  std::string message;
  // Class of a malformed input, for machines ("blob-crc"); empty where there is none. Points to static
  // storage.
  std::string_view reason = {};
  // Where in a file or device a read or write failed, for those who know what belongs there.
  std::optional<std::uint64_t> offset = {};

  // The same error with "context: " in front of its message.
  [[nodiscard]] Error with_context(std::string_view context) const {
    return Error{kind, std::string(context) + ": " + message, reason, offset};
  }
};

// "cancelled", "timeout", ...: stable words for results and logs.
std::string_view error_kind_name(ErrorKind kind);

// True for what may pass when tried again on a fresh connection.
inline bool is_transient(const Error& error) {
  return error.kind == ErrorKind::connection || error.kind == ErrorKind::timeout;
}

}  // namespace depthfinder
