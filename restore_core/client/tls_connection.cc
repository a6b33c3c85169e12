// SPDX-License-Identifier: MIT
#include "restore_core/client/tls_connection.h"

#include "restore_core/base/check.h"
#include "restore_core/client/socket_source.h"

namespace depthfinder {

Result<std::unique_ptr<TlsConnection>> TlsConnection::open(const ServerAccess& access,
                                                           std::chrono::milliseconds connect_timeout,
                                                           Wakeup& wakeup) {
  DF_ASSIGN(auto transfer, CurlTransfer::create(access, connect_timeout));
  const std::string url = fmt::format("https://{}/", access.repository.authority());
  curl_easy_setopt(transfer->easy(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(transfer->easy(), CURLOPT_CONNECT_ONLY, 1L);
  DF_TRY(transfer->run(wakeup));
  curl_socket_t fd = CURL_SOCKET_BAD;
  if (curl_easy_getinfo(transfer->easy(), CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK || fd == CURL_SOCKET_BAD)
    return fail(ErrorKind::connection, "the connection to {} was closed at once",
                access.repository.authority());
  DF_CHECK(transfer->tls() != nullptr);  // there is no TLS without a certificate that was checked
  // From here on chunks come, which are no secret, and cleansing them would cost a pass over every byte.
  SSL_clear_options(transfer->tls(), SSL_OP_CLEANSE_PLAINTEXT);
  if (!read_many_records(transfer->tls(), fd)) return fail(ErrorKind::io, "no memory for a TLS connection");
  return std::unique_ptr<TlsConnection>(new TlsConnection(std::move(transfer), fd));
}

Result<std::optional<std::size_t>> TlsConnection::receive(MutableByteSpan buffer) {
  std::size_t count = 0;
  const CURLcode code = curl_easy_recv(transfer_->easy(), buffer.data(), buffer.size(), &count);
  if (code == CURLE_AGAIN) return std::nullopt;
  if (code != CURLE_OK) return tl::make_unexpected(transfer_->error(code));
  if (count == 0) return fail(ErrorKind::connection, "the server closed the connection");
  return count;
}

Result<std::size_t> TlsConnection::send(ByteSpan bytes) {
  std::size_t count = 0;
  const CURLcode code = curl_easy_send(transfer_->easy(), bytes.data(), bytes.size(), &count);
  if (code == CURLE_AGAIN) return 0;
  if (code != CURLE_OK) return tl::make_unexpected(transfer_->error(code));
  return count;
}

}  // namespace depthfinder
