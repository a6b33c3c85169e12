// SPDX-License-Identifier: MIT
// Manifests, as the JSON in a blob that is made right around them, with and without a key; and their canonical form.
#include "restore_core/format/data_blob.h"
#include "restore_core/format/manifest.h"

using namespace depthfinder;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const CryptConfig key{std::array<std::uint8_t, 32>{1, 2, 3}};
  static const auto snapshot = parse_snapshot_name("vm/100/2025-07-07T08:00:00Z");
  const ByteSpan text(data, size);
  if (const auto blob = encode_blob(text, {.compress = false}))
    for (const CryptConfig* with : {static_cast<const CryptConfig*>(nullptr), &key})
      static_cast<void>(read_manifest(*blob, with, *snapshot));
  // What is canonical stays as it is.
  if (const auto once = canonical_manifest_json(as_text(text)))
    if (const auto twice = canonical_manifest_json(*once); !twice || *twice != *once) __builtin_trap();
  return 0;
}
