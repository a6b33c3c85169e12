// SPDX-License-Identifier: MIT
#include "restore_core/format/crypt_config.h"

#include <algorithm>
#include <array>
#include <limits>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "restore_core/base/handle.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder {
namespace {

constexpr int kIdKeyIterations = 10;
constexpr std::string_view kIdKeySalt = "_id_key";
constexpr std::string_view kFingerprintInput = "Proxmox Backup Encryption Key Fingerprint";
constexpr std::size_t kShortFingerprintSize = 8;

// EVP counts in int; longer input goes in steps.
constexpr std::size_t kUpdateBytesMax = std::size_t{1} << 30;
static_assert(kUpdateBytesMax <= std::numeric_limits<int>::max());

using CipherContext = Handle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

// Fetched once, as every fetch takes locks and walks OpenSSL's providers. Never freed, so that threads still
// at work when the process exits are safe.
const EVP_CIPHER* aes_256_gcm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  DF_CHECK(cipher != nullptr);
  return cipher;
}

CipherContext start_gcm(ByteSpan key, ByteSpan iv, bool encrypt) {
  DF_CHECK(iv.size() == kIvSize);
  CipherContext context(EVP_CIPHER_CTX_new());
  DF_CHECK(context != nullptr);
  const int direction = encrypt ? 1 : 0;
  // The IV's length comes before the IV: OpenSSL assumes 12 bytes otherwise.
  DF_CHECK(EVP_CipherInit_ex2(context.get(), aes_256_gcm(), nullptr, nullptr, direction, nullptr) == 1);
  DF_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(kIvSize), nullptr) ==
           1);
  DF_CHECK(EVP_CipherInit_ex2(context.get(), nullptr, key.data(), iv.data(), direction, nullptr) == 1);
  return context;
}

void run_gcm(EVP_CIPHER_CTX* context, ByteSpan in, MutableByteSpan out) {
  DF_CHECK(out.size() >= in.size());
  for (std::size_t done = 0; done < in.size();) {
    const std::size_t step = std::min(in.size() - done, kUpdateBytesMax);
    int written = 0;
    DF_CHECK(EVP_CipherUpdate(context, out.data() + done, &written, in.data() + done,
                              static_cast<int>(step)) == 1);
    DF_CHECK(static_cast<std::size_t>(written) == step);
    done += step;
  }
}

}  // namespace

std::string_view crypt_mode_name(CryptMode mode) {
  switch (mode) {
    case CryptMode::none:
      return "none";
    case CryptMode::encrypt:
      return "encrypt";
    case CryptMode::sign_only:
      return "sign-only";
  }
  return "unknown";
}

CryptConfig::CryptConfig(ByteSpan enc_key)
    : enc_key_(enc_key.begin(), enc_key.end()), id_key_(kKeySize), fingerprint_{} {
  DF_CHECK(enc_key_.size() == kKeySize);
  const ByteSpan salt = as_bytes(kIdKeySalt);
  DF_CHECK(PKCS5_PBKDF2_HMAC(as_text(enc_key_).data(), static_cast<int>(enc_key_.size()), salt.data(),
                             static_cast<int>(salt.size()), kIdKeyIterations, EVP_sha256(),
                             static_cast<int>(id_key_.size()), id_key_.data()) == 1);
  fingerprint_ = keyed_digest(sha256(as_bytes(kFingerprintInput)));
}

Digest CryptConfig::keyed_digest(ByteSpan payload) const { return sha256({payload, id_key_}); }

Digest CryptConfig::hmac(ByteSpan message) const {
  Digest digest{};
  unsigned int length = 0;
  DF_CHECK(HMAC(EVP_sha256(), id_key_.data(), static_cast<int>(id_key_.size()), message.data(),
                message.size(), digest.data(), &length) != nullptr);
  DF_CHECK(length == digest.size());
  return digest;
}

void CryptConfig::encrypt(ByteSpan plain, ByteSpan iv, MutableByteSpan out, MutableByteSpan tag) const {
  DF_CHECK(tag.size() == kGcmTagSize);
  const CipherContext context = start_gcm(enc_key_, iv, true);
  run_gcm(context.get(), plain, out);
  int rest = 0;
  std::array<std::uint8_t, kGcmTagSize> unused{};
  DF_CHECK(EVP_CipherFinal_ex(context.get(), unused.data(), &rest) == 1);
  DF_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()),
                               tag.data()) == 1);
}

Result<void> CryptConfig::decrypt(ByteSpan cipher, ByteSpan iv, ByteSpan tag, MutableByteSpan out) const {
  DF_CHECK(tag.size() == kGcmTagSize);
  const CipherContext context = start_gcm(enc_key_, iv, false);
  run_gcm(context.get(), cipher, out);
  std::array<std::uint8_t, kGcmTagSize> expected_tag{};
  std::copy(tag.begin(), tag.end(), expected_tag.begin());
  DF_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(expected_tag.size()),
                               expected_tag.data()) == 1);
  int rest = 0;
  std::array<std::uint8_t, kGcmTagSize> unused{};
  if (EVP_CipherFinal_ex(context.get(), unused.data(), &rest) != 1)
    return malformed(
        ErrorKind::corrupt, "blob-gcm-tag",
        "the authentication tag does not match: the data was changed, or is encrypted with another key "
        "than {}",
        format_short_fingerprint(fingerprint_));
  return {};
}

std::string format_fingerprint(const Digest& fingerprint) { return to_colon_hex(fingerprint); }

std::string format_short_fingerprint(const Digest& fingerprint) {
  return to_colon_hex(ByteSpan(fingerprint).first(kShortFingerprintSize));
}

Result<Digest> parse_fingerprint(std::string_view text) {
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits), [](char c) { return c != ':'; });
  const auto digest = digest_from_hex(digits);
  if (!digest)
    return fail(ErrorKind::bad_input,
                "a fingerprint is 64 hex digits, as pairs joined by ':', but got {} characters", text.size());
  return *digest;
}

}  // namespace depthfinder
