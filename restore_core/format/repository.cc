// SPDX-License-Identifier: MIT
#include "restore_core/format/repository.h"

#include <algorithm>
#include <array>
#include <optional>

#include <arpa/inet.h>

#include "restore_core/base/units.h"
#include "restore_core/format/snapshot_name.h"

namespace depthfinder {
namespace {

constexpr auto kNone = std::string_view::npos;

bool is_ipv6(std::string_view text) {
  std::array<unsigned char, 16> address{};
  return inet_pton(AF_INET6, std::string(text).c_str(), address.data()) == 1 && text.find('\0') == kNone;
}

bool is_host_label(std::string_view label) {
  const auto is_alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !label.empty() && is_alphanumeric(label.front()) && is_alphanumeric(label.back()) &&
         std::all_of(label.begin(), label.end(), [&](char c) { return is_alphanumeric(c) || c == '-'; });
}

// A DNS name or an IPv4 address: labels joined by dots.
bool is_host_name(std::string_view text) {
  for (;;) {
    const std::size_t dot = text.find('.');
    if (!is_host_label(text.substr(0, dot))) return false;
    if (dot == kNone) return true;
    text.remove_prefix(dot + 1);
  }
}

// USER@REALM[!TOKEN]; the user may contain '@' and '!', the other two are safe ids.
bool is_auth_id(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == kNone || at == 0) return false;
  const std::string_view user = text.substr(0, at);
  const std::string_view realm_and_token = text.substr(at + 1);
  const std::size_t bang = realm_and_token.find('!');
  const bool user_is_clean = std::all_of(user.begin(), user.end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != '\x7f' && c != ':' && c != '/';
  });
  return user_is_clean && is_safe_id(realm_and_token.substr(0, bang)) &&
         (bang == kNone || is_safe_id(realm_and_token.substr(bang + 1)));
}

// "10.0.0.1", "[::1]" without its brackets; nothing when it is no host.
std::optional<std::string> parse_host(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    const std::string_view address = text.substr(1, text.size() - 2);
    if (is_ipv6(address)) return std::string(address);
  } else if (is_host_name(text)) {
    return std::string(text);
  }
  return std::nullopt;
}

// Not quoted: somebody may have put a password where none belongs.
tl::unexpected<Error> bad_repository(std::string_view what) {
  return malformed(ErrorKind::bad_input, "repository",
                   "the repository cannot be read: {}; the form is [[USER@REALM[!TOKEN]@]HOST:][PORT:]STORE, "
                   "without a password",
                   what);
}

}  // namespace

std::string Repository::authority() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

std::string Repository::to_string() const { return fmt::format("{}@{}:{}", auth_id, authority(), store); }

// Read from the end, where the parts cannot be mistaken for each other: STORE has no ':', PORT only digits;
// what is left is [AUTH@]HOST, and HOST has no '@'.
Result<Repository> parse_repository(std::string_view text) {
  Repository repository;
  const std::size_t store_colon = text.rfind(':');
  const std::string_view store = store_colon == kNone ? text : text.substr(store_colon + 1);
  if (!is_safe_id(store))
    return bad_repository("the datastore's name is missing or has characters it cannot");
  repository.store = store;
  if (store_colon == kNone) return repository;

  std::string_view rest = text.substr(0, store_colon);
  const std::size_t port_colon = rest.ends_with(']') ? kNone : rest.rfind(':');
  if (port_colon != kNone) {
    const auto port = parse_count("port", rest.substr(port_colon + 1), 1, 65535);
    if (!port) return bad_repository("the port is no number from 1 to 65535");
    repository.port = static_cast<std::uint16_t>(*port);
    rest = rest.substr(0, port_colon);
  }

  const std::size_t at = rest.rfind('@');
  if (at != kNone) {
    if (!is_auth_id(rest.substr(0, at)))
      return bad_repository("the user is not like user@realm or user@realm!token");
    repository.auth_id = rest.substr(0, at);
    rest.remove_prefix(at + 1);
  }
  auto host = parse_host(rest);
  if (!host) return bad_repository("the host is no DNS name, IPv4 address or [IPv6 address]");
  repository.host = std::move(*host);
  return repository;
}

}  // namespace depthfinder
