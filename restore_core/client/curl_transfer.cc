// SPDX-License-Identifier: MIT
#include "restore_core/client/curl_transfer.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <malloc.h>

#include "restore_core/base/secret.h"
#include "restore_core/client/sigpipe_guard.h"

namespace depthfinder {
namespace {

constexpr long kKeepAliveIdleSeconds = 120;  // as the real client (pbs-protocol E.1)
constexpr int kPollMsMax = 1000;             // libcurl's own timers are due earlier

// libcurl copies headers and bodies, and with them credentials: what it gives back is cleansed first.
void cleansing_free(void* memory) {
  if (memory != nullptr) cleanse(memory, ::malloc_usable_size(memory));
  std::free(memory);
}

void* cleansing_realloc(void* memory, std::size_t bytes) {
  void* const larger = std::malloc(bytes);
  if (larger == nullptr || memory == nullptr) return larger;
  std::memcpy(larger, memory, std::min(bytes, ::malloc_usable_size(memory)));
  cleansing_free(memory);
  return larger;
}

bool curl_is_ready() {
  static const CURLcode initialised = curl_global_init_mem(CURL_GLOBAL_DEFAULT, &std::malloc, &cleansing_free,
                                                           &cleansing_realloc, &::strdup, &std::calloc);
  return initialised == CURLE_OK;
}

bool concerns_certificate(CURLcode code) {
  return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_ISSUER_ERROR;
}

}  // namespace

Result<std::unique_ptr<CurlTransfer>> CurlTransfer::create(const ServerAccess& access,
                                                           std::chrono::milliseconds connect_timeout) {
  if (!curl_is_ready()) return fail(ErrorKind::io, "libcurl cannot be initialised");
  CurlMulti multi(curl_multi_init());
  CurlHandle easy(curl_easy_init());
  if (!multi || !easy) return fail(ErrorKind::io, "libcurl has no memory for a connection");
  std::unique_ptr<CurlTransfer> transfer(new CurlTransfer(access, std::move(multi), std::move(easy)));
  transfer->set_options(connect_timeout);
  return transfer;
}

CurlTransfer::CurlTransfer(const ServerAccess& access, CurlMulti multi, CurlHandle easy)
    : server_(access.repository),
      certificate_(access.fingerprint),
      multi_(std::move(multi)),
      easy_(std::move(easy)) {}

CurlTransfer::~CurlTransfer() {
  const SigpipeGuard guard;  // closing a TLS connection writes
  curl_multi_remove_handle(multi_.get(), easy_.get());
  easy_.reset();
  multi_.reset();
}

void CurlTransfer::set_options(std::chrono::milliseconds connect_timeout) {
  CURL* const easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail_.data());
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION,
                   0L);  // credentials go to the server that was named, or nowhere
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // a cancelled name look-up is not waited for
  curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, kKeepAliveIdleSeconds);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE,
                   0L);  // a resumed session would skip the certificate check
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, certificate_.pins() ? 0L : 2L);
  // libcurl's own list of authorities would come on top of those that OpenSSL's variables name: see prepare_tls().
  curl_easy_setopt(easy, CURLOPT_CAINFO, static_cast<char*>(nullptr));
  curl_easy_setopt(easy, CURLOPT_CAPATH, static_cast<char*>(nullptr));
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, &prepare_tls);
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, static_cast<void*>(this));
}

// Where no certificate is pinned, the system's authorities decide, or those of SSL_CERT_FILE and SSL_CERT_DIR in their
// place, as for the real client. With a pinned one they are not asked, so they need not be loaded.
CURLcode CurlTransfer::prepare_tls(CURL*, void* context, void* self) {
  auto* const tls = static_cast<SSL_CTX*>(context);
  CertificateCheck& certificate = static_cast<CurlTransfer*>(self)->certificate_;
  if (!certificate.pins() && SSL_CTX_set_default_verify_paths(tls) != 1) return CURLE_SSL_CACERT_BADFILE;
  certificate.install(tls);
  SSL_CTX_set_options(tls, SSL_OP_CLEANSE_PLAINTEXT);  // a ticket is not to stay in what TLS receives into
  return CURLE_OK;
}

Result<void> CurlTransfer::run(Wakeup& wakeup) {
  const SigpipeGuard guard;
  CURLMcode code = curl_multi_add_handle(multi_.get(), easy_.get());
  curl_waitfd wakeup_fd{wakeup.fd(), CURL_WAIT_POLLIN, 0};
  while (code == CURLM_OK) {
    if (wakeup.cancelled()) return tl::make_unexpected(cancelled_error());
    int running = 0;
    code = curl_multi_perform(multi_.get(), &running);
    int messages_left = 0;
    if (const CURLMsg* message = curl_multi_info_read(multi_.get(), &messages_left);
        message != nullptr && message->msg == CURLMSG_DONE) {
      if (message->data.result != CURLE_OK) return tl::make_unexpected(error(message->data.result));
      return {};
    }
    if (code == CURLM_OK) code = curl_multi_poll(multi_.get(), &wakeup_fd, 1, kPollMsMax, nullptr);
    if (wakeup_fd.revents != 0) DF_TRY(wakeup.wait(-1, 0, std::chrono::milliseconds(0)));
  }
  return fail(ErrorKind::io, "libcurl: {}", curl_multi_strerror(code));
}

Error CurlTransfer::error(CURLcode code) const {
  if (const auto refusal = certificate_.refusal(server_, concerns_certificate(code))) return *refusal;
  const std::string where = server_.authority();
  const std::string detail = detail_[0] != '\0' ? detail_.data() : curl_easy_strerror(code);
  long system_error = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &system_error);
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return {ErrorKind::connection,
              fmt::format("cannot resolve the host name '{}': check the repository, or give an address",
                          server_.host),
              {}};
    case CURLE_COULDNT_CONNECT:
      return {
          ErrorKind::connection,
          fmt::format(
              "cannot connect to {}: {}; check host and port, and that the server runs and no firewall is "
              "between",
              where, system_error != 0 ? std::strerror(static_cast<int>(system_error)) : detail),
          {}};
    case CURLE_OPERATION_TIMEDOUT:
      return {ErrorKind::timeout, fmt::format("no answer from {} in time: {}", where, detail), {}};
    case CURLE_OUT_OF_MEMORY:
      return {ErrorKind::io, fmt::format("out of memory while talking to {}", where), {}};
    default:
      return {ErrorKind::connection, fmt::format("connection to {} failed: {}", where, detail), {}};
  }
}

}  // namespace depthfinder
