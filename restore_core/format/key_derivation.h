// SPDX-License-Identifier: MIT
// The two password-based key derivations of key files, with bounds on what a file may make us spend
// (pbs-protocol D). Internal to the format layer; pure functions, callable from any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include <nlohmann/json.hpp>

#include "restore_core/base/result.h"
#include "restore_core/base/secret.h"

namespace depthfinder {

struct ScryptParameters {
  std::uint64_t n = 0;
  std::uint64_t r = 0;
  std::uint64_t p = 0;
  SecretBytes salt;
};

struct Pbkdf2Parameters {
  std::uint64_t iterations = 0;
  SecretBytes salt;
};

using KeyDerivation = std::variant<ScryptParameters, Pbkdf2Parameters>;

// {"Scrypt": {"n", "r", "p", "salt"}} or {"PBKDF2": {"iter", "salt"}}. Error: bad_input, "keyfile-kdf".
Result<KeyDerivation> parse_key_derivation(const nlohmann::json& kdf);

// 32 bytes. Error: bad_input, "keyfile-kdf", for parameters that OpenSSL refuses.
Result<SecretBytes> derive_key(const KeyDerivation& kdf, std::string_view password);

}  // namespace depthfinder
