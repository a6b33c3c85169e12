// SPDX-License-Identifier: MIT
#include "restore_core/format/key_file.h"

#include <optional>

#include <nlohmann/json.hpp>

#include "restore_core/format/base64.h"
#include "restore_core/format/json_value.h"
#include "restore_core/format/key_derivation.h"
#include "restore_core/format/snapshot_name.h"

namespace depthfinder {
namespace {

using nlohmann::json;

constexpr std::size_t kKeyFileBytesMax = 64U << 10;
constexpr std::size_t kPasswordBytesMin = 5;
constexpr std::size_t kPasswordBytesMax = 64U << 10;

tl::unexpected<Error> bad_field(std::string_view name, std::string_view wanted) {
  return malformed(ErrorKind::bad_input, "keyfile-json", "'{}' in the key file is no {}", name, wanted);
}

Result<std::string> text_field(const json& file, std::string_view name) {
  const auto member = file.find(name);
  if (member == file.end() || !member->is_string()) return bad_field(name, "text");
  return member->get<std::string>();
}

// RFC 3339 to the second: "2024-05-17T10:00:00" and then "Z" or "+02:00".
bool is_rfc3339(std::string_view text) {
  constexpr std::size_t kDateTimeSize = 19;
  if (text.size() <= kDateTimeSize || !parse_utc(std::string(text.substr(0, kDateTimeSize)) + "Z"))
    return false;
  const std::string_view zone = text.substr(kDateTimeSize);
  if (zone == "Z") return true;
  // An offset is a time of day: let the same parser judge it.
  return zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') &&
         parse_utc(fmt::format("2000-01-01T{}:00Z", zone.substr(1))).has_value();
}

Result<void> check_time(const json& file, std::string_view name) {
  DF_ASSIGN(const std::string text, text_field(file, name));
  if (!is_rfc3339(text)) return bad_field(name, "time like 2024-05-17T10:00:00+02:00");
  return {};
}

Result<CryptConfig> exact_key(ByteSpan bytes) {
  if (bytes.size() != kKeySize)
    return malformed(ErrorKind::bad_input, "keyfile-length",
                     "the key in the key file has {} bytes, it must have {}", bytes.size(), kKeySize);
  return CryptConfig(bytes);
}

Result<Secret> ask_password(const PasswordSource& source, const json& file) {
  const auto hint = file.find("hint");
  if (!source)
    return malformed(
        ErrorKind::bad_input, "keyfile-password", "the key file needs a password and none was given{}",
        hint != file.end() && hint->is_string() ? ", hint: " + hint->get<std::string>() : std::string());
  DF_ASSIGN(Secret password, source());
  if (password.size() >= kPasswordBytesMin && password.size() <= kPasswordBytesMax) return password;
  if (password.size() < kPasswordBytesMin)
    return malformed(ErrorKind::bad_input, "keyfile-password-too-short",
                     "the key file's password has at least {} bytes", kPasswordBytesMin);
  return malformed(ErrorKind::bad_input, "keyfile-password", "the given password is longer than {} bytes",
                   kPasswordBytesMax);
}

// `data` is IV, tag and the encrypted key.
Result<CryptConfig> unlock(const KeyDerivation& kdf, std::string_view password, ByteSpan data) {
  constexpr std::size_t kHeaderSize = kIvSize + kGcmTagSize;
  if (data.size() < kHeaderSize)
    return malformed(ErrorKind::bad_input, "keyfile-length",
                     "the data in the key file has {} bytes, at least {} are needed", data.size(),
                     kHeaderSize);
  DF_ASSIGN(const SecretBytes derived, derive_key(kdf, password));
  SecretBytes plain(data.size() - kHeaderSize);
  const auto opened = CryptConfig(derived).decrypt(data.subspan(kHeaderSize), data.first(kIvSize),
                                                   data.subspan(kIvSize, kGcmTagSize), plain);
  if (!opened)
    return malformed(ErrorKind::bad_input, "keyfile-password", "the password does not open the key file");
  return exact_key(plain);
}

Result<CryptConfig> extract_key(const json& file, ByteSpan data, const PasswordSource& source) {
  const auto kdf_member = file.find("kdf");
  if (kdf_member == file.end() || kdf_member->is_null()) return exact_key(data);
  DF_ASSIGN(const KeyDerivation kdf, parse_key_derivation(*kdf_member));
  DF_ASSIGN(const Secret password, ask_password(source, file));
  return unlock(kdf, password.text(), data);
}

Result<void> check_fingerprint(const json& file, const CryptConfig& config) {
  const auto member = file.find("fingerprint");
  if (member == file.end() || member->is_null()) return {};
  if (member->is_string()) {
    const auto fingerprint = parse_fingerprint(member->get<std::string>());
    if (fingerprint && *fingerprint == config.fingerprint()) return {};
  }
  return malformed(ErrorKind::bad_input, "keyfile-fingerprint",
                   "the key file is damaged: it holds the key {}, but names another fingerprint",
                   format_short_fingerprint(config.fingerprint()));
}

}  // namespace

Result<CryptConfig> read_key_file(ByteSpan text, const PasswordSource& password) {
  if (text.size() > kKeyFileBytesMax)
    return malformed(ErrorKind::bad_input, "keyfile-json", "a key file has at most {} bytes, got {}",
                     kKeyFileBytesMax, text.size());
  DF_ASSIGN(json file, parse_json(text, {ErrorKind::bad_input, "keyfile-json", "the key file"}));
  if (!file.is_object())
    return malformed(ErrorKind::bad_input, "keyfile-json", "the key file is no JSON object");
  DF_TRY(check_time(file, "created"));
  DF_TRY(check_time(file, "modified"));
  const auto encoded = file.find("data");
  if (encoded == file.end() || !encoded->is_string()) return bad_field("data", "text");
  auto& text_of_data = encoded->get_ref<std::string&>();
  const auto data = from_base64(text_of_data);
  cleanse(text_of_data.data(), text_of_data.size());
  if (!data) return bad_field("data", "base64");
  DF_ASSIGN(CryptConfig config, extract_key(file, *data, password));
  DF_TRY(check_fingerprint(file, config));
  return config;
}

}  // namespace depthfinder
