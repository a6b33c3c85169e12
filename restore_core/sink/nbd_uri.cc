// SPDX-License-Identifier: MIT
#include "restore_core/sink/nbd_uri.h"

#include <algorithm>
#include <array>

namespace depthfinder {
namespace {

// "?a=b&socket=/path" -> "?socket=/path", or nothing.
std::string socket_of(std::string_view query) {
  while (!query.empty()) {
    query.remove_prefix(1);  // the ? or &
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view parameter = query.substr(0, end);
    if (parameter.starts_with("socket=")) return "?" + std::string(parameter);
    query.remove_prefix(end);
  }
  return {};
}

}  // namespace

bool is_nbd_uri(std::string_view target) {
  static constexpr std::array<std::string_view, 6> kSchemes{"nbd://",  "nbd+unix://",  "nbd+vsock://",
                                                            "nbds://", "nbds+unix://", "nbds+vsock://"};
  return std::any_of(kSchemes.begin(), kSchemes.end(),
                     [&](std::string_view scheme) { return target.starts_with(scheme); });
}

std::string printable_nbd_uri(std::string_view uri) {
  uri = uri.substr(0, uri.find('#'));
  const std::size_t query_at = std::min(uri.find('?'), uri.size());
  const std::string_view query = uri.substr(query_at);
  std::string_view rest = uri.substr(0, query_at);
  const std::size_t colon = rest.find("://");
  const std::size_t scheme_length = colon == std::string_view::npos ? 0 : colon + 3;
  const std::string scheme(rest.substr(0, scheme_length));
  rest.remove_prefix(scheme_length);
  const std::size_t authority_length = std::min(rest.find('/'), rest.size());
  const std::size_t at = rest.substr(0, authority_length).rfind('@');
  if (at != std::string_view::npos) rest.remove_prefix(at + 1);
  return scheme + std::string(rest) + socket_of(query);
}

}  // namespace depthfinder
