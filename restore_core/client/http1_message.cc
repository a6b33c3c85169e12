// SPDX-License-Identifier: MIT
#include "restore_core/client/http1_message.h"

#include <algorithm>
#include <charconv>

#include "restore_core/client/server_error.h"

namespace depthfinder {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

std::optional<std::size_t> parse_number(std::string_view text, int base) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "HTTP/1.1 101 Switching Protocols": the digits after the first blank.
Result<int> parse_status_line(std::string_view line) {
  constexpr std::string_view kVersion = "HTTP/1.";
  const bool shaped = line.starts_with(kVersion) && line.size() >= 12 && line[8] == ' ' &&
                      (line.size() == 12 || line[12] == ' ');
  const auto status = shaped ? parse_number(line.substr(9, 3), 10) : std::nullopt;
  if (!status || *status < 100)
    return fail(ErrorKind::protocol,
                "no HTTP/1 status line but '{}': is this the port of a Proxmox Backup Server?",
                one_line_of(line.substr(0, 80)));
  return static_cast<int>(*status);
}

std::optional<std::string> dechunked(std::string_view received) {
  std::string body;
  while (true) {
    const auto line_end = received.find(kLineEnd);
    if (line_end == std::string_view::npos) return std::nullopt;
    const std::string_view size_text = received.substr(0, std::min(line_end, received.find(';')));
    const auto size = parse_number(trimmed(size_text), 16);
    if (!size || *size == 0) return body;
    received.remove_prefix(line_end + kLineEnd.size());
    body += received.substr(0, *size);
    if (body.size() >= kServerTextBytesMax) return body;
    if (received.size() < *size || received.size() - *size < kLineEnd.size()) return std::nullopt;
    received.remove_prefix(*size + kLineEnd.size());
  }
}

}  // namespace

std::optional<std::string_view> ResponseHead::find(std::string_view name) const {
  const auto found =
      std::find_if(headers.begin(), headers.end(), [&](const Header& header) { return header.name == name; });
  if (found == headers.end()) return std::nullopt;
  return found->value;
}

Secret format_get_request(std::string_view path, const Credentials& headers) {
  Secret request = fmt::format("GET {} HTTP/1.1\r\n", path);
  for (const SecretHeader& header : headers)
    for (const std::string_view part :
         {std::string_view(header.name), std::string_view(": "), header.value.text(), kLineEnd})
      request.append(part);
  request.append(kLineEnd);
  return request;
}

Result<std::optional<std::size_t>> response_head_length(std::string_view received) {
  const auto end = received.substr(0, kResponseHeadBytesMax).find(kHeadEnd);
  if (end != std::string_view::npos) return end + kHeadEnd.size();
  if (received.size() >= kResponseHeadBytesMax)
    return fail(ErrorKind::protocol, "the head of the answer is longer than {} bytes", kResponseHeadBytesMax);
  return std::nullopt;
}

Result<ResponseHead> parse_response_head(std::string_view head) {
  ResponseHead parsed;
  const auto first_end = head.find(kLineEnd);
  if (first_end == std::string_view::npos)
    return fail(ErrorKind::protocol, "the answer has no complete status line");
  DF_ASSIGN(parsed.status, parse_status_line(head.substr(0, first_end)));
  head.remove_prefix(first_end + kLineEnd.size());
  while (!head.empty() && !head.starts_with(kLineEnd)) {
    const auto line_end = head.find(kLineEnd);
    const std::string_view line = head.substr(0, line_end);
    const auto colon = line.find(':');
    if (line_end == std::string_view::npos || colon == std::string_view::npos || colon == 0)
      return fail(ErrorKind::protocol, "malformed header line '{}'", one_line_of(line.substr(0, 80)));
    parsed.headers.push_back(
        {lower_case(line.substr(0, colon)), std::string(trimmed(line.substr(colon + 1)))});
    head.remove_prefix(line_end + kLineEnd.size());
  }
  return parsed;
}

std::optional<std::string> refusal_body(const ResponseHead& head, std::string_view received) {
  if (head.find("transfer-encoding")) return dechunked(received);
  const auto announced = head.find("content-length");
  const auto length = announced ? parse_number(*announced, 10) : std::nullopt;
  const std::size_t wanted = std::min(length.value_or(kServerTextBytesMax), kServerTextBytesMax);
  if (received.size() < wanted) return std::nullopt;
  return std::string(received.substr(0, wanted));
}

}  // namespace depthfinder
