// SPDX-License-Identifier: MIT
#include "restore_core/format/manifest_signature.h"

#include "restore_core/format/json_value.h"

namespace depthfinder {

Result<std::string> canonical_manifest_json(const nlohmann::json& manifest) {
  if (!manifest.is_object())
    return malformed(ErrorKind::corrupt, "manifest-type", "the manifest is no JSON object");
  nlohmann::json signed_part = manifest;
  signed_part.erase("unprotected");
  signed_part.erase("signature");
  return to_canonical_json(signed_part);
}

Result<std::string> manifest_signature(const nlohmann::json& manifest, const CryptConfig& key) {
  DF_ASSIGN(const std::string text, canonical_manifest_json(manifest));
  return to_hex(key.hmac(as_bytes(text)));
}

}  // namespace depthfinder
