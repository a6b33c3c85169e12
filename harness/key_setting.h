// SPDX-License-Identifier: MIT
// --keyfile FILE: the encryption key, with its password from PBS_ENCRYPTION_PASSWORD (and _FD, _FILE, _CMD)
// or a prompt. A file that others may read gets a line on standard error.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "restore_core/base/result.h"
#include "restore_core/base/secret.h"
#include "restore_core/format/crypt_config.h"

namespace depthfinder {

// Nothing for an empty path. A password that the caller has already takes the place of the environment's. Errors:
// not_found, io, bad_input (see read_key_file), cancelled.
Result<std::optional<CryptConfig>> key_setting(const std::string& path, const std::stop_token& stop,
                                               const std::optional<Secret>& password = std::nullopt);

}  // namespace depthfinder
