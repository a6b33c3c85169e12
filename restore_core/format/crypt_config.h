// SPDX-License-Identifier: MIT
// CryptConfig: one encryption key and what follows from it (pbs-protocol A.3, A.6, A.7, C.2): the id key, the
// fingerprint, AES-256-GCM with 16-byte IVs, keyed digests and manifest signatures. Immutable after
// construction; shared between threads. The key bytes are secrets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "restore_core/base/bytes.h"
#include "restore_core/base/digest.h"
#include "restore_core/base/result.h"
#include "restore_core/base/secret.h"

namespace depthfinder {

inline constexpr std::size_t kKeySize = 32;
inline constexpr std::size_t kIvSize = 16;
inline constexpr std::size_t kGcmTagSize = 16;

enum class CryptMode { none, encrypt, sign_only };
std::string_view crypt_mode_name(CryptMode mode);  // "none", "encrypt", "sign-only"

class CryptConfig {
 public:
  // The key has 32 bytes.
  explicit CryptConfig(ByteSpan enc_key);

  [[nodiscard]] ByteSpan enc_key() const { return enc_key_; }
  // PBKDF2-HMAC-SHA256(enc_key, "_id_key", 10 iterations).
  [[nodiscard]] ByteSpan id_key() const { return id_key_; }
  // SHA256(SHA256("Proxmox Backup Encryption Key Fingerprint") || id_key).
  [[nodiscard]] const Digest& fingerprint() const { return fingerprint_; }

  // SHA256(payload || id_key): the digest of an encrypted chunk.
  [[nodiscard]] Digest keyed_digest(ByteSpan payload) const;
  // HMAC-SHA256(id_key, message), for manifests.
  [[nodiscard]] Digest hmac(ByteSpan message) const;

  // AES-256-GCM without additional data. `out` is as long as the input and may be the same memory.
  void encrypt(ByteSpan plain, ByteSpan iv, MutableByteSpan out, MutableByteSpan tag) const;
  // Error: corrupt, reason "blob-gcm-tag"; `out` must not be used then.
  [[nodiscard]] Result<void> decrypt(ByteSpan cipher, ByteSpan iv, ByteSpan tag, MutableByteSpan out) const;

 private:
  SecretBytes enc_key_;
  SecretBytes id_key_;
  Digest fingerprint_;
};

// "0e:ab:...": 32 pairs; the short form, in messages, has the first 8.
std::string format_fingerprint(const Digest& fingerprint);
std::string format_short_fingerprint(const Digest& fingerprint);
// Drops every ':' and wants 64 hex digits of either case. Error: bad_input.
Result<Digest> parse_fingerprint(std::string_view text);

}  // namespace depthfinder
