// SPDX-License-Identifier: MIT
// The server's TLS side: certificate, key and SSL_CTX (pbs-protocol E.1). Made once at start, then shared read-only by
// all connections. Selects no ALPN protocol: HTTP/2 begins after the upgrade only.
#pragma once

#include <filesystem>
#include <string>

#include <openssl/ssl.h>

#include "restore_core/base/handle.h"
#include "restore_core/base/result.h"

namespace depthfinder::mock {

using SslContext = Handle<SSL_CTX, SSL_CTX_free>;
using Certificate = Handle<X509, X509_free>;
using PrivateKey = Handle<EVP_PKEY, EVP_PKEY_free>;

struct TlsIdentity {
  Certificate certificate;
  PrivateKey key;
};

// A fresh P-256 key and a self-signed certificate for 127.0.0.1, ::1 and localhost. Error: io.
Result<TlsIdentity> make_self_signed_identity();

// PEM files. Errors: not_found, io, bad_input (no PEM, or key and certificate do not belong together).
Result<TlsIdentity> load_identity(const std::filesystem::path& certificate, const std::filesystem::path& key);

// SHA-256 of the certificate's DER, as clients pin it: "0e:ab:...".
Result<std::string> certificate_fingerprint(const TlsIdentity& identity);

// TLS 1.2 and 1.3. Error: bad_input.
Result<SslContext> make_tls_context(const TlsIdentity& identity);

// What OpenSSL last complained about on this thread, taken off its queue.
std::string take_openssl_error();

}  // namespace depthfinder::mock
