// SPDX-License-Identifier: MIT
// Standard base64 with padding, strictly: no white space, no missing padding, no stray bits, so that one
// value has one text. It may be a key, so the bytes are kept as a secret. Internal to the format layer.
#pragma once

#include <optional>
#include <string_view>

#include "restore_core/base/secret.h"

namespace depthfinder {

std::optional<SecretBytes> from_base64(std::string_view text);

}  // namespace depthfinder
