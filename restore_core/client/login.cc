// SPDX-License-Identifier: MIT
#include "restore_core/client/login.h"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "restore_core/base/utf8.h"
#include "restore_core/client/server_error.h"
#include "restore_core/client/url_encoding.h"

namespace depthfinder {
namespace {

constexpr std::string_view kPrefixedCookie = "__Host-PBSAuthCookie=";
constexpr std::size_t kTicketAnswerBytesMax = 64 << 10;

// Nothing but visible ASCII may go into a header line.
bool is_header_safe(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

std::optional<std::string> prefixed_cookie(const RestResponse& response) {
  for (const Header& header : response.headers) {
    if (header.name != "set-cookie" || !header.value.starts_with(kPrefixedCookie)) continue;
    std::string cookie = header.value.substr(0, header.value.find(';'));
    if (cookie.size() > kPrefixedCookie.size() && is_header_safe(cookie)) return cookie;
  }
  return std::nullopt;
}

std::string text_member(const nlohmann::json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() && member->is_string() ? member->get<std::string>() : std::string();
}

Result<nlohmann::json> data_of(const RestResponse& response) {
  nlohmann::json answer = nlohmann::json::parse(response.body.text(), nullptr, false);
  if (!answer.is_object() || !answer.contains("data") || !answer["data"].is_object())
    return fail(ErrorKind::protocol, "login: the answer is no JSON object with a 'data' object");
  return std::move(answer["data"]);
}

// Written by hand: a JSON library keeps copies of what it writes.
Result<Secret> login_body(const ServerAccess& access) {
  if (!is_utf8(access.repository.auth_id) || !is_utf8(access.password.text()))
    return fail(ErrorKind::bad_input, "the password or user name is not valid UTF-8");
  Secret body;
  body.reserve(64 + access.repository.auth_id.size() + 6 * access.password.size());
  body.append(R"({"username":)");
  append_json_string(access.repository.auth_id, body);
  body.append(R"(,"password":)");
  append_json_string(access.password.text(), body);
  body.append('}');
  return body;
}

}  // namespace

Credentials token_credentials(const ServerAccess& access) {
  Secret value = fmt::format("PBSAPIToken {}:", access.repository.auth_id);
  append_credential(access.password.text(), value);
  return {{"authorization", std::move(value)}};
}

Result<Credentials> parse_ticket_response(const RestResponse& response, std::string_view auth_id) {
  if (response.status == 401)
    return pass_on(
        server_refusal(fmt::format("login as '{}' (check user name, realm and PBS_PASSWORD)", auth_id),
                       response.status, response.body.text()));
  if (response.status != 200)
    return pass_on(
        server_refusal(fmt::format("login as '{}'", auth_id), response.status, response.body.text()));
  DF_ASSIGN(const nlohmann::json data, data_of(response));
  const std::string ticket = text_member(data, "ticket");
  const std::string csrf_token = text_member(data, "CSRFPreventionToken");
  if (ticket.starts_with("PBS:!tfa!"))
    return fail(
        ErrorKind::auth,
        "login as '{}': this user has a second factor, which only the web interface can ask for; use an API "
        "token instead (user@realm!name)",
        auth_id);
  const auto cookie = prefixed_cookie(response);
  if (text_member(data, "username").empty() || !is_header_safe(csrf_token) || (ticket.empty() && !cookie))
    return fail(ErrorKind::protocol,
                "login as '{}': the answer lacks username, ticket or CSRFPreventionToken", auth_id);
  Secret value = cookie ? Secret(*cookie) : Secret("PBSAuthCookie=");
  if (!cookie) append_credential(ticket, value);
  return Credentials{{"cookie", std::move(value)}, {"csrfpreventiontoken", csrf_token}};
}

Result<Credentials> Authenticator::credentials(Wakeup& wakeup) {
  if (access_.repository.uses_token()) return token_credentials(access_);
  {
    MutexLock lock(mutex_);
    if (!current_.empty()) return current_;
  }
  // Not under the lock: a connection that is cancelled must not wait for the login of another. Two that log
  // in at the same time get two good tickets.
  DF_ASSIGN(const Credentials fresh, log_in(wakeup));
  MutexLock lock(mutex_);
  current_ = fresh;
  return fresh;
}

bool Authenticator::forget() {
  if (access_.repository.uses_token()) return false;
  MutexLock lock(mutex_);
  current_.clear();
  return true;
}

Result<Credentials> Authenticator::log_in(Wakeup& wakeup) const {
  RestRequest request;
  request.path = "//api2/json/access/ticket";
  DF_ASSIGN(request.json_body, login_body(access_));
  request.answer_bytes_max = kTicketAnswerBytesMax;
  request.timeout = answer_timeout_;
  DF_ASSIGN(const RestResponse response, perform(access_, request, connect_timeout_, wakeup));
  return parse_ticket_response(response, access_.repository.auth_id);
}

}  // namespace depthfinder
