// SPDX-License-Identifier: MIT
// CurlTransfer: one libcurl handle set up for a Proxmox Backup Server: certificate check, no ALPN, no proxy,
// keep-alive; run so that a Wakeup cancels it at once. One thread at a time. It knows no request: see
// rest_request and tls_connection.
#pragma once

#include <array>
#include <chrono>
#include <memory>

#include <curl/curl.h>

#include "restore_core/base/handle.h"
#include "restore_core/client/certificate_check.h"
#include "restore_core/client/server_access.h"
#include "restore_core/client/wakeup.h"

namespace depthfinder {

using CurlHandle = Handle<CURL, curl_easy_cleanup>;
using CurlMulti = Handle<CURLM, curl_multi_cleanup>;
using CurlList = Handle<curl_slist, curl_slist_free_all>;

class CurlTransfer {
 public:
  // Proxies are never used, whatever the environment says: a benchmark must know what it measures.
  static Result<std::unique_ptr<CurlTransfer>> create(const ServerAccess& access,
                                                      std::chrono::milliseconds connect_timeout);
  ~CurlTransfer();
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  [[nodiscard]] CURL* easy() { return easy_.get(); }

  // The TLS connection that the transfer made; libcurl's own look-up of it ends with the transfer. Null before.
  [[nodiscard]] SSL* tls() const { return certificate_.connection(); }

  // Until the transfer is complete. Errors: cancelled, auth (certificate), connection, timeout.
  Result<void> run(Wakeup& wakeup);

  // The Error for a failed call on easy(): who could not be reached, why, and what to do.
  [[nodiscard]] Error error(CURLcode code) const;

 private:
  CurlTransfer(const ServerAccess& access, CurlMulti multi, CurlHandle easy);
  void set_options(std::chrono::milliseconds connect_timeout);
  static CURLcode prepare_tls(CURL* easy, void* context, void* self);

  const Repository server_;
  CertificateCheck certificate_;
  std::array<char, CURL_ERROR_SIZE> detail_{};
  CurlMulti multi_;
  CurlHandle easy_;  // after multi_: it is removed and freed first
};

}  // namespace depthfinder
