// SPDX-License-Identifier: MIT
#include <nlohmann/json.hpp>

#include "restore_core/format/data_blob.h"
#include "restore_core/format/manifest.h"
#include "restore_core/format/manifest_signature.h"

namespace depthfinder {
namespace {

using nlohmann::json;

constexpr int kIndent = 2;

json to_json(const ManifestFile& file) {
  return {{"filename", file.name},
          {"size", file.size_bytes},
          {"csum", to_hex(file.csum)},
          {"crypt-mode", crypt_mode_name(file.crypt_mode)}};
}

Result<void> check_names(const SnapshotName& snapshot, const std::vector<ManifestFile>& files) {
  DF_TRY(parse_snapshot_name(snapshot.to_string()));
  for (const ManifestFile& file : files) DF_TRY(archive_kind(file.name));
  return {};
}

}  // namespace

Result<Bytes> write_manifest(const SnapshotName& snapshot, const std::vector<ManifestFile>& files,
                             const CryptConfig* key) {
  DF_TRY(check_names(snapshot, files));
  json manifest = {{"backup-type", backup_type_name(snapshot.type)},
                   {"backup-id", snapshot.id},
                   {"backup-time", snapshot.time_s},
                   {"files", json::array()},
                   {"signature", nullptr},
                   {"unprotected", json::object()}};
  for (const ManifestFile& file : files) manifest["files"].push_back(to_json(file));
  if (key != nullptr) {
    DF_ASSIGN(manifest["signature"], manifest_signature(manifest, *key));
    manifest["unprotected"]["key-fingerprint"] = format_fingerprint(key->fingerprint());
  }
  const std::string text = manifest.dump(kIndent);  // every string in it has been checked to be ASCII
  return encode_blob(as_bytes(text), {});
}

}  // namespace depthfinder
