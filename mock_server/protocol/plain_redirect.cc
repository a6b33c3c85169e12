// SPDX-License-Identifier: MIT
#include "mock_server/protocol/plain_redirect.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <ctime>

#include <fmt/format.h>
#include <sys/socket.h>

#include "mock_server/protocol/http_date.h"

namespace depthfinder::mock {

namespace {

constexpr std::size_t kHeadBytesMax = 8 << 10;
constexpr std::string_view kBlankLine = "\r\n\r\n";

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// host[:port] and nothing that could end the header or start another.
bool is_host(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == ':' || c == '[' || c == ']' || c == '_';
  });
}

Result<std::string> read_head(int socket, const StopSignal& stop, TimePoint deadline) {
  std::string head;
  std::array<char, 2048> buffer{};
  while (head.find(kBlankLine) == std::string::npos) {
    const ssize_t count = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (count > 0) {
      head.append(buffer.data(), static_cast<std::size_t>(count));
      if (head.size() > kHeadBytesMax)
        return fail(ErrorKind::protocol, "plain HTTP head over {} bytes", kHeadBytesMax);
    } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
      return fail(ErrorKind::connection, "the client left within a plain HTTP request");
    } else {
      const Readiness ready = wait_ready(socket, true, false, stop, deadline);
      if (ready.stopped) return fail(ErrorKind::cancelled, "the server stops");
      if (!ready.readable) return fail(ErrorKind::timeout, "no complete plain HTTP request in time");
    }
  }
  return head;
}

}  // namespace

std::optional<std::string> redirect_to_tls(std::string_view head) {
  const std::size_t line_end = head.find("\r\n");
  if (line_end == std::string_view::npos) return std::nullopt;
  const std::string_view request_line = head.substr(0, line_end);
  const std::string_view method = request_line.substr(0, request_line.find(' '));
  if (request_line.find(" HTTP/1.") == std::string_view::npos || method.empty()) return std::nullopt;
  std::string_view host;
  std::string_view rest = head.substr(line_end + 2);
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(std::min(line.size() + 2, rest.size()));
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && same_name(line.substr(0, colon), "host"))
      host = trimmed(line.substr(colon + 1));
  }
  if (!is_host(host)) return std::nullopt;
  const bool keeps_method = method != "GET" && method != "HEAD";
  return fmt::format(
      "HTTP/1.1 {}\r\nlocation: https://{}\r\ncontent-length: 0\r\ndate: {}\r\nconnection: close\r\n\r\n",
      keeps_method ? "308 Permanent Redirect" : "301 Moved Permanently", host,
      format_http_date(std::time(nullptr)));
}

Result<void> serve_plain_redirect(int socket, const StopSignal& stop, TimePoint deadline) {
  DF_ASSIGN(const std::string head, read_head(socket, stop, deadline));
  const auto answer = redirect_to_tls(head);
  if (!answer) return fail(ErrorKind::protocol, "neither TLS nor an HTTP request");
  // A few hundred bytes into an empty socket buffer: they fit at once.
  if (::send(socket, answer->data(), answer->size(), MSG_NOSIGNAL) != static_cast<ssize_t>(answer->size()))
    return fail(ErrorKind::connection, "the client does not take the redirect");
  ::shutdown(socket, SHUT_WR);
  return {};
}

}  // namespace depthfinder::mock
