// SPDX-License-Identifier: MIT
// A manifest's signature, over the parsed JSON value as received (pbs-protocol C.2). Internal to the format
// layer.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "restore_core/base/result.h"
#include "restore_core/format/crypt_config.h"

namespace depthfinder {

// The bytes that are signed. Error: corrupt, "manifest-type".
Result<std::string> canonical_manifest_json(const nlohmann::json& manifest);

// HMAC-SHA256 over them as 64 lower-case hex digits. Errors as above.
Result<std::string> manifest_signature(const nlohmann::json& manifest, const CryptConfig& key);

}  // namespace depthfinder
