// SPDX-License-Identifier: MIT
#include "harness/key_setting.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "harness/secret_setting.h"
#include "restore_core/base/file.h"
#include "restore_core/format/key_file.h"

namespace depthfinder {
namespace {

constexpr std::uint64_t kKeyFileBytesMax = 1 << 20;

void warn_of_readers(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode) || (status.st_mode & 077) == 0) return;
  fmt::print(stderr, "note: others than its owner may use the key file {} (mode {:04o}): chmod 600\n", path,
             status.st_mode & 07777U);
}

}  // namespace

Result<std::optional<CryptConfig>> key_setting(const std::string& path, const std::stop_token& stop,
                                               const std::optional<Secret>& password) {
  if (path.empty()) return std::optional<CryptConfig>();
  auto bytes = read_file(path, kKeyFileBytesMax);
  if (!bytes) return fail(ErrorKind::bad_input, "--keyfile: {}", bytes.error().message);
  warn_of_readers(path);
  auto key = read_key_file(*bytes, [&password, &stop]() -> Result<Secret> {
    if (password) return *password;
    return secret_or_prompt("PBS_ENCRYPTION_PASSWORD", "password of the encryption key", stop);
  });
  cleanse(bytes->data(), bytes->size());
  if (!key) return pass_on(key.error(), "key file " + path);
  return std::optional<CryptConfig>(std::move(*key));
}

}  // namespace depthfinder
