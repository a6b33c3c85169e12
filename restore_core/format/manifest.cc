// SPDX-License-Identifier: MIT
#include "restore_core/format/manifest.h"

#include <limits>
#include <set>

#include <fmt/ranges.h>
#include <openssl/crypto.h>

#include "restore_core/format/data_blob.h"
#include "restore_core/format/json_value.h"
#include "restore_core/format/manifest_signature.h"

namespace depthfinder {
namespace {

using nlohmann::json;

// Real manifests have some KiB. Parsed JSON takes many times its text, so the general limit would be no
// limit.
constexpr std::uint64_t kManifestBytesMax = 16ULL << 20;

Result<json> parse_manifest_json(ByteSpan text) {
  return parse_json(text, {ErrorKind::corrupt, "manifest-json", "the manifest"});
}

tl::unexpected<Error> wrong_type(std::string_view name, std::string_view wanted) {
  return malformed(ErrorKind::corrupt, "manifest-type", "'{}' in the manifest is no {}", name, wanted);
}

tl::unexpected<Error> wrong_value(std::string_view name, std::string_view value) {
  return malformed(ErrorKind::corrupt, "manifest-value", "'{}' in the manifest has the impossible value '{}'",
                   name, value);
}

Result<const json*> require(const json& object, std::string_view name) {
  const auto member = object.find(name);
  if (member == object.end())
    return malformed(ErrorKind::corrupt, "manifest-missing-field", "'{}' is missing in the manifest", name);
  return &*member;
}

Result<std::string> require_string(const json& object, std::string_view name) {
  DF_ASSIGN(const json* member, require(object, name));
  if (!member->is_string()) return wrong_type(name, "string");
  return member->get<std::string>();
}

Result<std::uint64_t> require_size(const json& object, std::string_view name) {
  DF_ASSIGN(const json* member, require(object, name));
  if (!member->is_number_unsigned()) return wrong_type(name, "whole number from 0 to 2^64 - 1");
  return member->get<std::uint64_t>();
}

Result<std::int64_t> require_time(const json& object, std::string_view name) {
  DF_ASSIGN(const json* member, require(object, name));
  if (!member->is_number_integer()) return wrong_type(name, "whole number");
  const bool too_large = member->is_number_unsigned() && member->get<std::uint64_t>() > kSnapshotTimeMax;
  if (too_large || member->get<std::int64_t>() < 1) return wrong_value(name, member->dump());
  return member->get<std::int64_t>();
}

Result<BackupType> parse_backup_type(std::string_view text) {
  for (const BackupType type : {BackupType::vm, BackupType::ct, BackupType::host})
    if (text == backup_type_name(type)) return type;
  return wrong_value("backup-type", text);
}

Result<SnapshotName> parse_snapshot(const json& manifest) {
  DF_ASSIGN(const std::string type_name, require_string(manifest, "backup-type"));
  SnapshotName snapshot;
  DF_ASSIGN(snapshot.type, parse_backup_type(type_name));
  DF_ASSIGN(snapshot.id, require_string(manifest, "backup-id"));
  if (!is_safe_id(snapshot.id)) return wrong_value("backup-id", snapshot.id);
  DF_ASSIGN(snapshot.time_s, require_time(manifest, "backup-time"));
  return snapshot;
}

// Missing in backups that were made before encryption came (0.8.0).
Result<CryptMode> parse_crypt_mode(const json& file) {
  if (!file.contains("crypt-mode")) return CryptMode::none;
  DF_ASSIGN(const std::string text, require_string(file, "crypt-mode"));
  for (const CryptMode mode : {CryptMode::none, CryptMode::encrypt, CryptMode::sign_only})
    if (text == crypt_mode_name(mode)) return mode;
  return wrong_value("crypt-mode", text);
}

Result<ManifestFile> parse_file(const json& value) {
  if (!value.is_object()) return wrong_type("files", "list of objects");
  ManifestFile file;
  DF_ASSIGN(file.name, require_string(value, "filename"));
  DF_ASSIGN(file.size_bytes, require_size(value, "size"));
  DF_ASSIGN(const std::string csum, require_string(value, "csum"));
  const auto digest = digest_from_hex(csum);
  if (!digest) return wrong_value("csum", csum);
  file.csum = *digest;
  DF_ASSIGN(file.crypt_mode, parse_crypt_mode(value));
  if (!archive_kind(file.name))
    return malformed(ErrorKind::corrupt, "manifest-filename",
                     "the manifest lists '{}', which is no archive name", file.name);
  return file;
}

Result<std::vector<ManifestFile>> parse_files(const json& manifest) {
  DF_ASSIGN(const json* list, require(manifest, "files"));
  if (!list->is_array()) return wrong_type("files", "list");
  std::vector<ManifestFile> files;
  std::set<std::string> names;
  for (const json& value : *list) {
    DF_ASSIGN(ManifestFile file, parse_file(value));
    if (!names.insert(file.name).second)
      return malformed(ErrorKind::corrupt, "manifest-duplicate", "the manifest lists '{}' twice", file.name);
    files.push_back(std::move(file));
  }
  return files;
}

// Unsigned manifests really contain "signature": null.
Result<std::optional<std::string>> parse_signature(const json& manifest) {
  const auto member = manifest.find("signature");
  if (member == manifest.end() || member->is_null()) return std::nullopt;
  if (!member->is_string()) return wrong_type("signature", "string");
  return member->get<std::string>();
}

Result<std::optional<Digest>> parse_key_fingerprint(const json& manifest) {
  const auto unprotected = manifest.find("unprotected");
  if (unprotected == manifest.end()) return std::nullopt;
  if (!unprotected->is_object()) return wrong_type("unprotected", "object");
  const auto member = unprotected->find("key-fingerprint");
  if (member == unprotected->end() || member->is_null()) return std::nullopt;
  if (!member->is_string()) return wrong_value("key-fingerprint", member->dump());
  const auto fingerprint = parse_fingerprint(member->get<std::string>());
  if (!fingerprint) return wrong_value("key-fingerprint", member->get<std::string>());
  return *fingerprint;
}

// The time taken tells at most the length.
bool same_text(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Result<void> check_key(const Manifest& manifest, const CryptConfig* key, SignatureRule rule) {
  const bool required = rule == SignatureRule::required;
  if (required && key == nullptr)
    return malformed(ErrorKind::corrupt, "manifest-key-missing",
                     "a signature is required, and without a key none can be checked: give the key file{}",
                     manifest.key_fingerprint
                         ? " of the key " + format_short_fingerprint(*manifest.key_fingerprint)
                         : std::string());
  if (!manifest.key_fingerprint) return {};
  const std::string wanted = format_short_fingerprint(*manifest.key_fingerprint);
  if (key == nullptr)
    return malformed(ErrorKind::bad_input, "manifest-key-missing",
                     "missing key: the snapshot was made with the key {}; give its key file", wanted);
  if (key->fingerprint() != *manifest.key_fingerprint)
    return malformed(required ? ErrorKind::corrupt : ErrorKind::bad_input, "manifest-key-mismatch",
                     "wrong key: the snapshot was made with the key {}, but the given one is {}{}", wanted,
                     format_short_fingerprint(key->fingerprint()),
                     required ? "; the required signature cannot be checked: give that key's file" : "");
  return {};
}

Result<void> check_signature(const json& value, const CryptConfig* key, SignatureRule rule,
                             Manifest& manifest) {
  DF_TRY(check_key(manifest, key, rule));
  if (key == nullptr) return {};
  if (!manifest.signature) {
    if (rule != SignatureRule::required) return {};
    return malformed(ErrorKind::corrupt, "manifest-signature-missing",
                     "the manifest of {} is not signed, and a signature is required: either it was made "
                     "without a key, then restore it without --require-signature, or somebody took the "
                     "signature away",
                     manifest.snapshot.to_string());
  }
  DF_ASSIGN(const std::string computed, manifest_signature(value, *key));
  if (!same_text(computed, *manifest.signature))
    return malformed(
        ErrorKind::corrupt, "manifest-signature",
        "the manifest's signature does not match: it was changed, or signed with another key than {}",
        format_short_fingerprint(key->fingerprint()));
  manifest.signature_checked = true;
  return {};
}

Result<Manifest> parse_manifest(const json& value) {
  if (!value.is_object())
    return malformed(ErrorKind::corrupt, "manifest-type", "the manifest is no JSON object");
  Manifest manifest;
  DF_ASSIGN(manifest.snapshot, parse_snapshot(value));
  DF_ASSIGN(manifest.files, parse_files(value));
  DF_ASSIGN(manifest.signature, parse_signature(value));
  DF_ASSIGN(manifest.key_fingerprint, parse_key_fingerprint(value));
  return manifest;
}

}  // namespace

Result<ManifestFile> Manifest::find(std::string_view name) const {
  std::vector<std::string_view> names;
  for (const ManifestFile& file : files) {
    if (file.name == name) return file;
    names.push_back(file.name);
  }
  return fail(ErrorKind::not_found, "snapshot {} has no archive '{}'; it has: {}", snapshot.to_string(), name,
              fmt::join(names, ", "));
}

Result<Manifest> read_manifest(ByteSpan blob, const CryptConfig* key, const SnapshotName& asked_for,
                               SignatureRule rule) {
  DF_ASSIGN(const BlobView view, parse_blob(blob));
  if (view.encrypted)
    return malformed(ErrorKind::corrupt, "manifest-encrypted",
                     "the manifest is encrypted, which none ever is");
  DF_ASSIGN(const Bytes text, decode_blob(blob, nullptr, kManifestBytesMax));
  DF_ASSIGN(const json value, parse_manifest_json(text));
  DF_ASSIGN(Manifest manifest, parse_manifest(value));
  DF_TRY(check_signature(value, key, rule, manifest));
  if (!(manifest.snapshot == asked_for))
    return malformed(ErrorKind::corrupt, "manifest-snapshot-mismatch",
                     "asked for snapshot {}, got the manifest of {}", asked_for.to_string(),
                     manifest.snapshot.to_string());
  return manifest;
}

Result<std::string> canonical_manifest_json(std::string_view text) {
  DF_ASSIGN(const json value, parse_manifest_json(as_bytes(text)));
  return canonical_manifest_json(value);
}

}  // namespace depthfinder
