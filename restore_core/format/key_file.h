// SPDX-License-Identifier: MIT
// Key files: the encryption key as JSON, bare or behind a password by scrypt or PBKDF2 (pbs-protocol D).
#pragma once

#include <functional>

#include "restore_core/base/bytes.h"
#include "restore_core/base/result.h"
#include "restore_core/base/secret.h"
#include "restore_core/format/crypt_config.h"

namespace depthfinder {

// Asks for the key's password; called only when the file has one.
using PasswordSource = std::function<Result<Secret>()>;

// Errors: bad_input; "keyfile-json", "keyfile-kdf", "keyfile-length", "keyfile-password",
// "keyfile-password-too-short", "keyfile-fingerprint"; and what the password source returns.
Result<CryptConfig> read_key_file(ByteSpan json, const PasswordSource& password);

}  // namespace depthfinder
