// SPDX-License-Identifier: MIT
#include "harness/key_setting.h"

#include "harness/environment.h"
#include "restore_core/base/file.h"
#include "restore_core/format/key_file.h"

namespace depthfinder {

Result<std::optional<CryptConfig>> key_setting(const std::string& path) {
  constexpr std::uint64_t kKeyFileBytesMax = 1 << 20;
  if (path.empty()) return std::optional<CryptConfig>();
  const auto bytes = read_file(path, kKeyFileBytesMax);
  if (!bytes) return fail(ErrorKind::bad_input, "--keyfile: {}", bytes.error().message);
  auto key = read_key_file(
      *bytes, [] { return secret_or_prompt("PBS_ENCRYPTION_PASSWORD", "password of the encryption key"); });
  if (!key) return pass_on(key.error(), "key file " + path);
  return std::optional<CryptConfig>(*key);
}

}  // namespace depthfinder
