// SPDX-License-Identifier: MIT
#include "restore_core/client/server_error.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace depthfinder {
namespace {

bool says_not_found(std::string_view text) {
  constexpr std::array<std::string_view, 4> kPhrases{"does not exist", "no such datastore", "No such file",
                                                     "cannot find chunk"};
  return std::any_of(kPhrases.begin(), kPhrases.end(),
                     [&](std::string_view phrase) { return text.find(phrase) != std::string_view::npos; });
}

}  // namespace

ErrorKind kind_of_refusal(int status, std::string_view server_text) {
  if (status == 401 || status == 403) return ErrorKind::auth;
  if (status == 404) return ErrorKind::not_found;
  if (status == 400 && says_not_found(server_text)) return ErrorKind::not_found;
  if (status >= 500 && status <= 599) return ErrorKind::connection;
  return ErrorKind::protocol;
}

Error server_refusal(std::string_view what, int status, std::string_view server_text) {
  const std::string text = one_line_of(server_text);
  return Error{kind_of_refusal(status, server_text),
               fmt::format("{}: the server answered {}: {}", what, status, text.empty() ? "(no text)" : text),
               {}};
}

std::string one_line_of(std::string_view server_text) {
  std::string text(server_text.substr(0, kServerTextBytesMax));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }, ' ');
  const auto end = text.find_last_not_of(' ');
  text.resize(end == std::string::npos ? 0 : end + 1);
  return text;
}

}  // namespace depthfinder
