// SPDX-License-Identifier: MIT
// Manifest, index.json.blob: which archives a snapshot has, their checksums, sizes and crypt modes, and
// perhaps a signature (pbs-protocol C).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "restore_core/base/bytes.h"
#include "restore_core/base/digest.h"
#include "restore_core/base/result.h"
#include "restore_core/format/crypt_config.h"
#include "restore_core/format/snapshot_name.h"

namespace depthfinder {

inline constexpr std::string_view kManifestName = "index.json.blob";

struct ManifestFile {
  std::string name;
  std::uint64_t size_bytes = 0;
  Digest csum{};  // of the digest table (indexes) or of the raw blob
  CryptMode crypt_mode = CryptMode::none;
};

struct Manifest {
  SnapshotName snapshot;
  std::vector<ManifestFile> files;
  std::optional<std::string> signature;
  std::optional<Digest> key_fingerprint;
  bool signature_checked = false;  // there was a signature and a key, and they agree

  // Exact name, first match. Error: not_found, naming what there is.
  [[nodiscard]] Result<ManifestFile> find(std::string_view name) const;
};

// What an unsigned manifest is worth. A server, or whoever is between, can always take a signature away, the crypt modes
// with it, and then serve data of its own: only `required` refuses that.
enum class SignatureRule { checked_where_there_is_one, required };
constexpr SignatureRule signature_rule(bool required) {
  return required ? SignatureRule::required : SignatureRule::checked_where_there_is_one;
}

// Decodes and checks the blob as it was downloaded: CRC, JSON, fields, the snapshot that was asked for, the
// key's fingerprint, and the signature where there is a signature and a key. Errors: corrupt, with the
// reasons "manifest-*" and "blob-*"; bad_input for "manifest-key-missing" and "manifest-key-mismatch". Where a signature is
// required, all that keeps it from being checked is corrupt too; "manifest-signature-missing" when there is none.
// A manifest does not say its namespace: that of another with the same type, id and time is not told apart.
Result<Manifest> read_manifest(ByteSpan blob, const CryptConfig* key, const SnapshotName& asked_for,
                               SignatureRule rule = SignatureRule::checked_where_there_is_one);

// The blob for a snapshot; signed, and carrying the key's fingerprint, when a key is given.
Result<Bytes> write_manifest(const SnapshotName& snapshot, const std::vector<ManifestFile>& files,
                             const CryptConfig* key);

// The bytes that are signed: keys sorted, no white space, without "unprotected" and "signature". `json` is
// one JSON object. Error: corrupt, "manifest-json" or "manifest-type" (a null inside).
Result<std::string> canonical_manifest_json(std::string_view json);

}  // namespace depthfinder
