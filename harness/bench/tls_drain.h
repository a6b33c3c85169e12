// SPDX-License-Identifier: MIT
// TlsDrain: the client end of one TLS connection over loopback, blocking, that takes bytes as fast as it can and looks
// at no certificate. For benchmarks of servers: it shares no code with restore_core/client, whose costs must not hide
// the server's. One thread owns it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <openssl/ssl.h>

#include "restore_core/base/bytes.h"
#include "restore_core/base/handle.h"
#include "restore_core/base/result.h"

namespace depthfinder::bench {

class TlsDrain {
 public:
  // Errors: connection, io (memory).
  static Result<std::unique_ptr<TlsDrain>> open(const std::string& host, std::uint16_t port);

  // Errors: connection.
  Result<void> send(ByteSpan bytes);

  // The next bytes, at least one and at most a TLS record; valid until the next call. Errors: connection; its end is
  // one.
  Result<ByteSpan> receive();

  [[nodiscard]] std::string cipher() const;  // "TLSv1.3 TLS_AES_256_GCM_SHA384"

 private:
  using Context = Handle<SSL_CTX, SSL_CTX_free>;
  using Connection = Handle<SSL, SSL_free>;

  TlsDrain() : buffer_(64 << 10) {}

  UniqueFd socket_;
  Context context_;
  Connection ssl_;
  Bytes buffer_;
};

}  // namespace depthfinder::bench
