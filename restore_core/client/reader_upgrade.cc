// SPDX-License-Identifier: MIT
#include "restore_core/client/reader_upgrade.h"

#include <algorithm>
#include <chrono>

#include <poll.h>

#include "restore_core/client/server_error.h"
#include "restore_core/client/url_encoding.h"

namespace depthfinder {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kReadBytes = 4096;

// Waits on the connection; what is left of the time for the answer is recomputed each time.
Result<void> wait_until(steady_clock::time_point deadline, TlsConnection& connection, short events,
                        Wakeup& wakeup) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
  if (left <= milliseconds(0))
    return fail(ErrorKind::timeout, "no answer in time to the request for a reader session");
  DF_TRY(wakeup.wait(connection.fd(), events, left));
  return {};
}

Result<void> send_all(TlsConnection& connection, std::string_view text, steady_clock::time_point deadline,
                      Wakeup& wakeup) {
  while (!text.empty()) {
    DF_ASSIGN(const std::size_t sent, connection.send(as_bytes(text)));
    text.remove_prefix(sent);
    if (sent == 0) DF_TRY(wait_until(deadline, connection, POLLOUT, wakeup));
  }
  return {};
}

// Appends at least one byte to `received`.
Result<void> receive_some(TlsConnection& connection, std::string& received, steady_clock::time_point deadline,
                          Wakeup& wakeup) {
  Bytes buffer(kReadBytes);
  while (true) {
    DF_ASSIGN(const auto count, connection.receive(buffer));
    if (count) {
      received += as_text(ByteSpan(buffer).first(*count));
      return {};
    }
    DF_TRY(wait_until(deadline, connection, POLLIN, wakeup));
  }
}

// A refusal without a length ends with the connection, so whatever came until then is its text.
Result<std::string> receive_refusal(TlsConnection& connection, const ResponseHead& head, std::string received,
                                    steady_clock::time_point deadline, Wakeup& wakeup) {
  while (true) {
    if (auto body = refusal_body(head, received)) return *std::move(body);
    const auto more = receive_some(connection, received, deadline, wakeup);
    if (!more && more.error().kind == ErrorKind::cancelled) return pass_on(more.error());
    if (!more) return received;
  }
}

}  // namespace

Secret format_upgrade_request(const ReaderTarget& target, const Credentials& credentials) {
  std::map<std::string, std::string> parameters{
      {"backup-id", target.snapshot.id},
      {"backup-time", std::to_string(target.snapshot.time_s)},
      {"backup-type", std::string(backup_type_name(target.snapshot.type))},
      {"debug", "true"},
      {"store", target.access.repository.store}};
  if (!target.ns.components.empty()) parameters["ns"] = target.ns.to_string();
  Credentials headers{{"user-agent", kUserAgent}, {"content-type", kFormContentType}};
  headers.insert(headers.end(), credentials.begin(), credentials.end());
  headers.push_back({"connection", "upgrade"});
  headers.push_back({"upgrade", kReaderProtocol});
  headers.push_back({"host", target.access.repository.authority()});
  return format_get_request("//api2/json/reader?" + form_query(parameters), headers);
}

Result<void> check_upgrade_response(const ReaderTarget& target, const ResponseHead& head,
                                    std::string_view body) {
  const Repository& repository = target.access.repository;
  const std::string what = fmt::format("open {} in {}", target.snapshot.to_string(), repository.to_string());
  if (head.status == 401)
    return pass_on(
        server_refusal(what, head.status, body)
            .with_context(fmt::format("'{}' was not let in (check the user or token and its secret)",
                                      repository.auth_id)));
  if (head.status >= 200 && head.status < 300)
    return fail(ErrorKind::protocol, "{}: the server answered {} instead of changing to the reader protocol",
                what, head.status);
  if (head.status != 101) return pass_on(server_refusal(what, head.status, body));
  if (head.find("upgrade") != kReaderProtocol)
    return fail(ErrorKind::protocol, "{}: the server changed to the protocol '{}', not '{}'", what,
                one_line_of(head.find("upgrade").value_or("(none)")), kReaderProtocol);
  return {};
}

Result<Bytes> upgrade_to_reader(TlsConnection& connection, const ReaderTarget& target,
                                const Credentials& credentials, milliseconds timeout, Wakeup& wakeup) {
  const auto deadline = steady_clock::now() + timeout;
  DF_TRY(send_all(connection, format_upgrade_request(target, credentials).text(), deadline, wakeup));
  std::string received;
  std::optional<std::size_t> head_length;
  while (!head_length) {
    DF_TRY(receive_some(connection, received, deadline, wakeup));
    DF_ASSIGN(head_length, response_head_length(received));
  }
  DF_ASSIGN(const ResponseHead head, parse_response_head(std::string_view(received).substr(0, *head_length)));
  received.erase(0, *head_length);
  if (head.status == 101) {
    DF_TRY(check_upgrade_response(target, head, {}));
    return Bytes(received.begin(), received.end());
  }
  DF_ASSIGN(const std::string body, receive_refusal(connection, head, std::move(received), deadline, wakeup));
  DF_TRY(check_upgrade_response(target, head, body));
  return fail(ErrorKind::protocol, "the server answered {} to the upgrade request", head.status);
}

}  // namespace depthfinder
