// SPDX-License-Identifier: MIT
#include "restore_core/client/rest_request.h"

#include "restore_core/client/curl_transfer.h"

namespace depthfinder {
namespace {

constexpr std::size_t kAnswerHeadersMax = 256;

struct Receiver {
  RestResponse response;
  std::size_t body_bytes_max = 0;
  bool too_long = false;
};

// Runs inside libcurl, so nothing may be thrown through it.
template <typename Function>
std::size_t bytes_taken(std::size_t offered, Function&& take) noexcept {
  try {
    return take() ? offered : 0;
  } catch (...) {
    return 0;
  }
}

std::size_t take_body(char* data, std::size_t, std::size_t length, void* user) {
  return bytes_taken(length, [&] {
    auto& receiver = *static_cast<Receiver*>(user);
    receiver.too_long = length > receiver.body_bytes_max - receiver.response.body.size();
    if (!receiver.too_long) receiver.response.body.append({data, length});
    return !receiver.too_long;
  });
}

std::size_t take_header(char* data, std::size_t, std::size_t length, void* user) {
  return bytes_taken(length, [&] {
    auto& headers = static_cast<Receiver*>(user)->response.headers;
    const std::string line = "HTTP/1.1 200\r\n" + std::string(data, length);
    const auto parsed = parse_response_head(line);
    if (parsed) headers.insert(headers.end(), parsed->headers.begin(), parsed->headers.end());
    return headers.size() <= kAnswerHeadersMax;
  });
}

Result<CurlList> header_list(const RestRequest& request) {
  std::vector<Secret> lines{
      fmt::format("user-agent: {}", kUserAgent),
      fmt::format("content-type: {}", request.json_body.empty() ? kFormContentType : "application/json"),
      "accept:", "expect:"};  // an empty value keeps libcurl from adding the header
  for (const SecretHeader& header : request.credentials) {
    Secret& line = lines.emplace_back(header.name + ": ");
    line.append(header.value.text());
  }
  CurlList list;
  for (const Secret& line : lines) {
    curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) return fail(ErrorKind::io, "out of memory");
    [[maybe_unused]] const curl_slist* const same = list.release();
    list.reset(longer);
  }
  return list;
}

}  // namespace

Result<RestResponse> perform(const ServerAccess& access, const RestRequest& request,
                             std::chrono::milliseconds connect_timeout, Wakeup& wakeup) {
  DF_ASSIGN(const auto transfer, CurlTransfer::create(access, connect_timeout));
  DF_ASSIGN(const CurlList headers, header_list(request));
  Receiver receiver;
  receiver.body_bytes_max = request.answer_bytes_max;
  CURL* const easy = transfer->easy();
  const std::string url = fmt::format("https://{}{}", access.repository.authority(), request.path);
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
  if (!request.json_body.empty()) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.json_body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.json_body.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, static_cast<void*>(&receiver));
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &take_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, static_cast<void*>(&receiver));
  const auto done = transfer->run(wakeup);
  if (receiver.too_long)
    return fail(ErrorKind::protocol, "{} answered with more than {} bytes", access.repository.authority(),
                request.answer_bytes_max);
  DF_TRY(done);
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  receiver.response.status = static_cast<int>(status);
  return std::move(receiver.response);
}

}  // namespace depthfinder
