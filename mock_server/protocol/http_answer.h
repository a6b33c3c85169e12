// SPDX-License-Identifier: MIT
// HttpAnswer: what a route answers, independent of the HTTP version that carries it, and the shapes answers have
// (pbs-protocol E.4): JSON for success, bare text for errors. Plain values.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "mock_server/datastore/datastore.h"

namespace depthfinder::mock {

inline constexpr std::string_view kJsonType = "application/json;charset=UTF-8";
inline constexpr std::string_view kOctetStreamType = "application/octet-stream";

struct HttpAnswer {
  int status = 200;
  std::string_view content_type = {};  // a literal; empty: no such header
  std::string body = {};
  SharedBlob blob = {};   // the body instead of `body`, when set
  bool streamed = false;  // no content-length: sent in small pieces, as the real one does with files
  std::string set_cookie = {};

  [[nodiscard]] std::size_t size() const { return blob ? blob->size() : body.size(); }
};

// What a handler found wrong: the text as body, labelled JSON as the real server labels it.
inline HttpAnswer error_answer(int status, std::string text) {
  return {.status = status, .content_type = kJsonType, .body = std::move(text)};
}

// What the server refuses before any handler runs: the text alone.
inline HttpAnswer refusal(int status, std::string text) {
  return {.status = status, .body = std::move(text)};
}

}  // namespace depthfinder::mock
