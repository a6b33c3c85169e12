// SPDX-License-Identifier: MIT
// What users type: repositories, snapshots, namespaces, archive names, values with units.
#include "restore_core/base/units.h"
#include "restore_core/format/crypt_config.h"
#include "restore_core/format/repository.h"
#include "restore_core/format/snapshot_name.h"

using namespace depthfinder;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto repository = parse_repository(text)) static_cast<void>(repository->authority());
  static_cast<void>(parse_snapshot_name(text));
  static_cast<void>(parse_namespace(text));
  if (const auto name = complete_archive_name(text)) static_cast<void>(archive_kind(*name));
  static_cast<void>(parse_utc(text));
  static_cast<void>(parse_fingerprint(text));
  static_cast<void>(parse_duration(text));
  static_cast<void>(parse_byte_count(text));
  static_cast<void>(parse_rate(text));
  static_cast<void>(parse_count("n", text, 1, 1000));
  return 0;
}
