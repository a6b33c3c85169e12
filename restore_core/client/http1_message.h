// SPDX-License-Identifier: MIT
// The little HTTP/1.1 that the upgrade needs: writing one request, reading the head of one answer, and the
// body of a refusal. Pure functions over bytes; everything the server sends is bounded and distrusted.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "restore_core/base/result.h"
#include "restore_core/base/secret.h"

namespace depthfinder {

inline constexpr std::size_t kResponseHeadBytesMax = 16 << 10;

struct Header {
  std::string name;
  std::string value;
};

// Of a request: its value may be a credential.
struct SecretHeader {
  std::string name;
  Secret value;
};
using Credentials = std::vector<SecretHeader>;  // the headers that every request needs

struct ResponseHead {
  int status = 0;
  std::vector<Header> headers;

  // The first header of that (lower-case) name, in whatever case it was sent.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
};

// "GET PATH HTTP/1.1" with these headers in this order and an empty body.
Secret format_get_request(std::string_view path, const Credentials& headers);

// Bytes up to and including the blank line, or nothing while it has not come. Error: protocol, when it does
// not come within kResponseHeadBytesMax.
Result<std::optional<std::size_t>> response_head_length(std::string_view received);

// Parses a head as response_head_length() delimits it. Error: protocol.
Result<ResponseHead> parse_response_head(std::string_view head);

// The text of a refusal's body, by content-length, by chunks or as it is. Nothing while more is needed; a
// body that only the end of the connection delimits is never complete.
std::optional<std::string> refusal_body(const ResponseHead& head, std::string_view received);

}  // namespace depthfinder
