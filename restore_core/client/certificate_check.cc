// SPDX-License-Identifier: MIT
#include "restore_core/client/certificate_check.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

namespace depthfinder {
namespace {

std::optional<Digest> fingerprint_of(const X509* certificate) {
  Digest fingerprint{};
  unsigned int length = 0;
  if (certificate == nullptr || X509_digest(certificate, EVP_sha256(), fingerprint.data(), &length) != 1 ||
      length != fingerprint.size())
    return std::nullopt;
  return fingerprint;
}

}  // namespace

void CertificateCheck::install(SSL_CTX* context) { SSL_CTX_set_cert_verify_callback(context, &verify, this); }

int CertificateCheck::verify(X509_STORE_CTX* store, void* self) {
  return static_cast<CertificateCheck*>(self)->verify_leaf(store);
}

int CertificateCheck::verify_leaf(X509_STORE_CTX* store) {
  connection_ = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  seen_ = fingerprint_of(X509_STORE_CTX_get0_cert(store));
  const bool accepted = pinned_ ? seen_ == pinned_ : X509_verify_cert(store) == 1;
  refused_ = !accepted;
  if (pinned_) X509_STORE_CTX_set_error(store, accepted ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
  return accepted ? 1 : 0;
}

std::optional<Error> CertificateCheck::refusal(const Repository& server, bool chain_refused) const {
  if (!seen_ || !(refused_ || chain_refused)) return std::nullopt;
  const std::string seen = to_colon_hex(*seen_);
  if (pinned_)
    return Error{
        ErrorKind::auth,
        fmt::format("{} has a certificate with the fingerprint {}, but {} is expected; nothing was sent to "
                    "it. If its certificate was renewed, give the new one with --fingerprint or "
                    "PBS_FINGERPRINT",
                    server.authority(), seen, to_colon_hex(*pinned_)),
        {}};
  return Error{
      ErrorKind::auth,
      fmt::format("this system does not trust the certificate of {} (unknown authority or wrong host name); "
                  "nothing was sent to it. Its fingerprint is {}: if the server shows the same, pin it with "
                  "--fingerprint or PBS_FINGERPRINT",
                  server.authority(), seen),
      {}};
}

}  // namespace depthfinder
