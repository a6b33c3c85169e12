// SPDX-License-Identifier: MIT
// CertificateCheck: decides during the TLS handshake, before any byte of a request is sent, whether the
// server is the right one (pbs-protocol E.2). A pinned fingerprint alone decides where there is one;
// otherwise the system's authorities do. Stricter than upstream, where a valid chain switches pinning off.
// Used by the connecting thread.
#pragma once

#include <optional>

#include <openssl/ssl.h>

#include "restore_core/base/digest.h"
#include "restore_core/base/error.h"
#include "restore_core/client/server_access.h"

namespace depthfinder {

class CertificateCheck {
 public:
  explicit CertificateCheck(std::optional<Digest> pinned) : pinned_(pinned) {}
  CertificateCheck(const CertificateCheck&) = delete;
  CertificateCheck& operator=(const CertificateCheck&) = delete;

  // The check must outlive every connection made with the context.
  void install(SSL_CTX* context);

  // The connection that was checked last; null before the first. It belongs to whoever made it.
  [[nodiscard]] SSL* connection() const { return connection_; }

  [[nodiscard]] bool pins() const { return pinned_.has_value(); }

  // What to tell the user when the handshake failed; nothing when the certificate was not the cause.
  // `chain_refused` says that the library found fault with the certificate by itself (its host name).
  [[nodiscard]] std::optional<Error> refusal(const Repository& server, bool chain_refused) const;

 private:
  static int verify(X509_STORE_CTX* store, void* self);
  int verify_leaf(X509_STORE_CTX* store);

  const std::optional<Digest> pinned_;
  std::optional<Digest> seen_;
  bool refused_ = false;
  SSL* connection_ = nullptr;
};

}  // namespace depthfinder
