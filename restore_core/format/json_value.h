// SPDX-License-Identifier: MIT
// JSON as serde_json reads and writes it, on top of nlohmann's: one value of UTF-8 text, nesting bounded, no
// exception out of here; and the canonical text that manifests are signed over (pbs-protocol C.2). For the
// format layer and the client's answers.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "restore_core/base/bytes.h"
#include "restore_core/base/result.h"

namespace depthfinder {

// Where malformed JSON comes from: the kind and reason of its errors, and its name in their messages.
struct JsonSource {
  ErrorKind kind;
  std::string_view reason;
  std::string_view what;
};

// Of two members with one name the last counts. Messages never quote the text: it may hold a key.
Result<nlohmann::json> parse_json(ByteSpan text, const JsonSource& source);

// Keys sorted by their bytes, no white space. Error: corrupt, "manifest-type" (a null, or a number that is no
// integer).
Result<std::string> to_canonical_json(const nlohmann::json& value);

}  // namespace depthfinder
