// SPDX-License-Identifier: MIT
// TlsConnection: one TCP connection with TLS and no ALPN, made by libcurl and then used as a plain byte
// stream that never blocks. One thread owns it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "restore_core/base/bytes.h"
#include "restore_core/client/curl_transfer.h"

namespace depthfinder {

class TlsConnection {
 public:
  // Errors: cancelled, auth (certificate), connection, timeout.
  static Result<std::unique_ptr<TlsConnection>> open(const ServerAccess& access,
                                                     std::chrono::milliseconds connect_timeout,
                                                     Wakeup& wakeup);

  // For poll(). TLS may hold decrypted bytes that poll() does not see: receive until nothing comes before
  // waiting.
  [[nodiscard]] int fd() const { return fd_; }

  // How many bytes came (at most one TLS record, 16 KiB), or nothing for now. Errors: connection; its end is
  // one.
  Result<std::optional<std::size_t>> receive(MutableByteSpan buffer);

  // How many bytes were taken; 0 when the socket is full. Errors: connection. SIGPIPE must be blocked.
  Result<std::size_t> send(ByteSpan bytes);

 private:
  TlsConnection(std::unique_ptr<CurlTransfer> transfer, int fd) : transfer_(std::move(transfer)), fd_(fd) {}

  std::unique_ptr<CurlTransfer> transfer_;
  int fd_;
};

}  // namespace depthfinder
