// SPDX-License-Identifier: MIT
#include "mock_server/protocol/authenticator.h"

#include <array>
#include <charconv>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "mock_server/protocol/target.h"
#include "mock_server/protocol/tls_context.h"
#include "restore_core/base/digest.h"

namespace depthfinder::mock {

namespace {

constexpr std::int64_t kTicketLifeSeconds = 7200;
constexpr std::int64_t kClockSkewSeconds = 300;

Result<Bytes> random_bytes(std::size_t count) {
  Bytes bytes(count);
  if (RAND_bytes(bytes.data(), static_cast<int>(count)) != 1)
    return fail(ErrorKind::io, "no random bytes: {}", take_openssl_error());
  return bytes;
}

std::string format_uuid(Bytes bytes) {
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
  const std::string hex = to_hex(bytes);
  const std::string_view digits = hex;
  return fmt::format("{}-{}-{}-{}-{}", digits.substr(0, 8), digits.substr(8, 4), digits.substr(12, 4),
                     digits.substr(16, 4), digits.substr(20));
}

std::string base64_without_padding(ByteSpan bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                     static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  while (text.ends_with('=')) text.pop_back();
  return text;
}

// The time taken tells at most the length of the guess.
bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool is_current(std::string_view hex_time, std::int64_t now_s) {
  std::int64_t issued_s = 0;
  const auto [end, error] = std::from_chars(hex_time.data(), hex_time.data() + hex_time.size(), issued_s, 16);
  if (error != std::errc() || end != hex_time.data() + hex_time.size()) return false;
  return now_s - issued_s <= kTicketLifeSeconds && issued_s - now_s <= kClockSkewSeconds;
}

// The value of the ticket cookie, of either name, percent-decoded.
std::optional<std::string> ticket_cookie(std::string_view cookies) {
  while (!cookies.empty()) {
    const std::size_t end = std::min(cookies.find(';'), cookies.size());
    std::string_view cookie = cookies.substr(0, end);
    cookies.remove_prefix(std::min(end + 1, cookies.size()));
    while (cookie.starts_with(' ')) cookie.remove_prefix(1);
    if (cookie.starts_with("__Host-")) cookie.remove_prefix(7);
    constexpr std::string_view kName = "PBSAuthCookie=";
    if (cookie.starts_with(kName)) return percent_decode(cookie.substr(kName.size()), false);
  }
  return std::nullopt;
}

}  // namespace

Result<Secrets> make_secrets() {
  DF_ASSIGN(const Bytes password, random_bytes(16));
  DF_ASSIGN(Bytes uuid, random_bytes(16));
  DF_ASSIGN(Bytes signing_key, random_bytes(32));
  return Secrets{.user = "root@pam",
                 .password = to_hex(password),
                 .token_name = "depthfinder",
                 .token_secret = format_uuid(std::move(uuid)),
                 .signing_key = std::move(signing_key)};
}

std::string Authenticator::sign(std::string_view text) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int length = 0;
  HMAC(EVP_sha256(), secrets_.signing_key.data(), static_cast<int>(secrets_.signing_key.size()),
       as_bytes(text).data(), text.size(), mac.data(), &length);
  return base64_without_padding(ByteSpan(mac.data(), length));
}

std::string Authenticator::ticket_signature(std::string_view plain) const {
  return sign(fmt::format("{}#{}", plain, generation_.load()));
}

std::optional<Login> Authenticator::log_in(std::string_view user, std::string_view password,
                                           std::int64_t now_s) const {
  // Both are always looked at, so that the time does not tell which one was wrong.
  const bool known_user = same_secret(user, secrets_.user);
  const bool known_password =
      password.starts_with("PBS:") ? valid_ticket(password, now_s) : same_secret(password, secrets_.password);
  if (!known_user || !known_password) return std::nullopt;
  const std::string time = fmt::format("{:08X}", now_s);
  const std::string plain = fmt::format("PBS:{}:{}", secrets_.user, time);
  return Login{
      .ticket = fmt::format("{}::{}", plain, ticket_signature(plain)),
      .csrf_token = fmt::format("{}:{}", time, sign(fmt::format("CSRF:{}:{}", secrets_.user, time)))};
}

bool Authenticator::valid_ticket(std::string_view ticket, std::int64_t now_s) const {
  const std::size_t separator = ticket.find("::");
  if (separator == std::string_view::npos) return false;
  const std::string_view plain = ticket.substr(0, separator);
  const std::string prefix = fmt::format("PBS:{}:", secrets_.user);
  return same_secret(ticket.substr(separator + 2), ticket_signature(plain)) && plain.starts_with(prefix) &&
         is_current(plain.substr(prefix.size()), now_s);
}

bool Authenticator::valid_csrf_token(std::string_view token, std::int64_t now_s) const {
  const std::size_t separator = token.find(':');
  if (separator == std::string_view::npos) return false;
  const std::string_view time = token.substr(0, separator);
  return same_secret(token.substr(separator + 1), sign(fmt::format("CSRF:{}:{}", secrets_.user, time))) &&
         is_current(time, now_s);
}

bool Authenticator::valid_api_token(std::string_view authorization) const {
  constexpr std::string_view kScheme = "PBSAPIToken";
  if (!authorization.starts_with(kScheme)) return false;
  authorization.remove_prefix(kScheme.size());
  if (!authorization.starts_with(' ') && !authorization.starts_with('=')) return false;
  authorization.remove_prefix(1);
  const std::size_t separator = authorization.find(':');
  if (separator == std::string_view::npos) return false;
  const auto secret = percent_decode(authorization.substr(separator + 1), false);
  const bool known_token = same_secret(authorization.substr(0, separator),
                                       fmt::format("{}!{}", secrets_.user, secrets_.token_name));
  return secret && same_secret(*secret, secrets_.token_secret) && known_token;
}

bool Authenticator::accepts(const Credentials& credentials, bool changes_something,
                            std::int64_t now_s) const {
  if (!credentials.authorization.empty()) return valid_api_token(credentials.authorization);
  const auto ticket = ticket_cookie(credentials.cookie);
  if (!ticket || !valid_ticket(*ticket, now_s)) return false;
  return !changes_something || valid_csrf_token(credentials.csrf_token, now_s);
}

}  // namespace depthfinder::mock
