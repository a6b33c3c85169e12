// SPDX-License-Identifier: MIT
#include "mock_server/protocol/tls_context.h"

#include <array>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "restore_core/base/digest.h"
#include "restore_core/base/file.h"

namespace depthfinder::mock {

namespace {

constexpr std::uint64_t kPemBytesMax = 1 << 20;
constexpr long kValidSeconds = 3650L * 24 * 3600;

bool set_serial(X509* certificate) {
  std::array<unsigned char, 8> random{};
  std::uint64_t serial = 0;
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) return false;
  std::memcpy(&serial, random.data(), sizeof serial);
  return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1;
}

bool set_name(X509* certificate) {
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto add = [name](const char* field, const char* value) {
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_ASC,
                                      reinterpret_cast<const unsigned char*>(value), -1, -1, 0) == 1;
  };
  return add("O", "depthfinder mock") && add("CN", "localhost") &&
         X509_set_issuer_name(certificate, name) == 1;
}

bool add_alternative_names(X509* certificate) {
  const Handle<X509_EXTENSION, X509_EXTENSION_free> names(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1,IP:::1,DNS:localhost"));
  return names && X509_add_ext(certificate, names.get(), -1) == 1;
}

bool fill_certificate(X509* certificate, EVP_PKEY* key) {
  return X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
         X509_gmtime_adj(X509_getm_notBefore(certificate), -60) != nullptr &&
         X509_gmtime_adj(X509_getm_notAfter(certificate), kValidSeconds) != nullptr &&
         set_name(certificate) && X509_set_pubkey(certificate, key) == 1 &&
         add_alternative_names(certificate) && X509_sign(certificate, key, EVP_sha256()) != 0;
}

using Bio = Handle<BIO, BIO_free_all>;

}  // namespace

std::string take_openssl_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "no reason given";
  std::array<char, 256> text{};
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

Result<TlsIdentity> make_self_signed_identity() {
  TlsIdentity identity{Certificate(X509_new()), PrivateKey(EVP_EC_gen("P-256"))};
  if (!identity.certificate || !identity.key ||
      !fill_certificate(identity.certificate.get(), identity.key.get()))
    return fail(ErrorKind::io, "cannot make a self-signed certificate: {}", take_openssl_error());
  return identity;
}

Result<TlsIdentity> load_identity(const std::filesystem::path& certificate,
                                  const std::filesystem::path& key) {
  DF_ASSIGN(const Bytes certificate_pem, read_file(certificate, kPemBytesMax));
  DF_ASSIGN(const Bytes key_pem, read_file(key, kPemBytesMax));
  const Bio certificate_bio(
      BIO_new_mem_buf(certificate_pem.data(), static_cast<int>(certificate_pem.size())));
  const Bio key_bio(BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())));
  // An empty passphrase instead of none: OpenSSL must not ask on the terminal.
  char no_passphrase[] = "";
  TlsIdentity identity{Certificate(PEM_read_bio_X509(certificate_bio.get(), nullptr, nullptr, nullptr)),
                       PrivateKey(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, no_passphrase))};
  if (!identity.certificate)
    return fail(ErrorKind::bad_input, "{} holds no PEM certificate: {}", certificate.string(),
                take_openssl_error());
  if (!identity.key)
    return fail(ErrorKind::bad_input, "{} holds no PEM private key without a passphrase: {}", key.string(),
                take_openssl_error());
  if (X509_check_private_key(identity.certificate.get(), identity.key.get()) != 1)
    return fail(ErrorKind::bad_input, "the key in {} does not belong to the certificate in {}", key.string(),
                certificate.string());
  return identity;
}

Result<std::string> certificate_fingerprint(const TlsIdentity& identity) {
  Digest digest{};
  unsigned int length = 0;
  if (X509_digest(identity.certificate.get(), EVP_sha256(), digest.data(), &length) != 1 ||
      length != digest.size())
    return fail(ErrorKind::io, "cannot hash the certificate: {}", take_openssl_error());
  return to_colon_hex(digest);
}

Result<SslContext> make_tls_context(const TlsIdentity& identity) {
  SslContext context(SSL_CTX_new(TLS_server_method()));
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_use_certificate(context.get(), identity.certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), identity.key.get()) != 1)
    return fail(ErrorKind::bad_input, "cannot use this certificate and key for TLS: {}",
                take_openssl_error());
  // Clients end without close_notify, and that is no error (pbs-protocol F.4).
  SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_RENEGOTIATION |
                                         SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

}  // namespace depthfinder::mock
