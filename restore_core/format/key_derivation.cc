// SPDX-License-Identifier: MIT
#include "restore_core/format/key_derivation.h"

#include <bit>
#include <string>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "restore_core/format/base64.h"
#include "restore_core/format/crypt_config.h"

namespace depthfinder {
namespace {

using nlohmann::json;

constexpr std::uint64_t kScryptMemoryMax = 1025ULL << 20;  // what upstream gives OpenSSL
// 128 times the work of the default (n 65536, r 8, p 1), some 20 seconds. A file with more is hostile or
// broken.
constexpr std::uint64_t kScryptWorkMax = 1ULL << 26;
// 300 times the default of 65535, some ten seconds.
constexpr std::uint64_t kPbkdf2IterationsMax = 20'000'000;

template <typename... Args>
tl::unexpected<Error> bad_kdf(fmt::format_string<Args...> format, Args&&... args) {
  return malformed(ErrorKind::bad_input, "keyfile-kdf", "the key file's key derivation {}",
                   fmt::format(format, std::forward<Args>(args)...));
}

Result<std::uint64_t> parse_number(const json& parameters, std::string_view name, std::uint64_t highest) {
  const auto member = parameters.find(name);
  if (member == parameters.end() || !member->is_number_unsigned())
    return bad_kdf("has no whole number '{}'", name);
  const auto value = member->get<std::uint64_t>();
  if (value < 1 || value > highest)
    return bad_kdf("has '{}' = {}, it must be from 1 to {}", name, value, highest);
  return value;
}

Result<SecretBytes> parse_salt(const json& parameters) {
  const auto member = parameters.find("salt");
  if (member == parameters.end() || !member->is_string()) return bad_kdf("has no salt");
  auto salt = from_base64(member->get_ref<const std::string&>());
  if (!salt) return bad_kdf("has a salt that is no base64");
  return std::move(*salt);
}

Result<KeyDerivation> parse_scrypt(const json& parameters) {
  ScryptParameters scrypt;
  DF_ASSIGN(scrypt.n, parse_number(parameters, "n", kScryptWorkMax));
  DF_ASSIGN(scrypt.r, parse_number(parameters, "r", kScryptWorkMax));
  DF_ASSIGN(scrypt.p, parse_number(parameters, "p", kScryptWorkMax));
  DF_ASSIGN(scrypt.salt, parse_salt(parameters));
  if (scrypt.n < 2 || !std::has_single_bit(scrypt.n))
    return bad_kdf("has n = {}, which is no power of two", scrypt.n);
  if (scrypt.r > kScryptWorkMax / scrypt.n || scrypt.p > kScryptWorkMax / (scrypt.n * scrypt.r))
    return bad_kdf("asks for too much work (n {}, r {}, p {})", scrypt.n, scrypt.r, scrypt.p);
  if (const std::uint64_t memory_bytes = 128 * scrypt.r * (scrypt.n + scrypt.p + 2);
      memory_bytes > kScryptMemoryMax)
    return bad_kdf("needs {} bytes of memory, at most {} are allowed", memory_bytes, kScryptMemoryMax);
  return scrypt;
}

Result<KeyDerivation> parse_pbkdf2(const json& parameters) {
  Pbkdf2Parameters pbkdf2;
  DF_ASSIGN(pbkdf2.iterations, parse_number(parameters, "iter", kPbkdf2IterationsMax));
  DF_ASSIGN(pbkdf2.salt, parse_salt(parameters));
  return pbkdf2;
}

}  // namespace

Result<KeyDerivation> parse_key_derivation(const json& kdf) {
  if (!kdf.is_object() || kdf.size() != 1) return bad_kdf("is neither null nor an object with one member");
  const auto member = kdf.begin();
  if (!member->is_object()) return bad_kdf("'{}' has no parameters", member.key());
  if (member.key() == "Scrypt") return parse_scrypt(*member);
  if (member.key() == "PBKDF2") return parse_pbkdf2(*member);
  return bad_kdf("'{}' is unknown; Scrypt and PBKDF2 are known", member.key());
}

Result<SecretBytes> derive_key(const KeyDerivation& kdf, std::string_view password) {
  SecretBytes key(kKeySize);
  int done = 0;
  if (const auto* scrypt = std::get_if<ScryptParameters>(&kdf)) {
    done = EVP_PBE_scrypt(password.data(), password.size(), scrypt->salt.data(), scrypt->salt.size(),
                          scrypt->n, scrypt->r, scrypt->p, kScryptMemoryMax, key.data(), key.size());
  } else {
    const auto& pbkdf2 = std::get<Pbkdf2Parameters>(kdf);
    done = PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), pbkdf2.salt.data(),
                             static_cast<int>(pbkdf2.salt.size()), static_cast<int>(pbkdf2.iterations),
                             EVP_sha256(), static_cast<int>(key.size()), key.data());
  }
  if (done == 1) return key;
  ERR_clear_error();  // else a later TLS call on this thread would find it in OpenSSL's queue
  return bad_kdf("cannot be computed with its parameters");
}

}  // namespace depthfinder
