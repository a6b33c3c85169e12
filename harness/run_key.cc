// SPDX-License-Identifier: MIT
#include "harness/run_key.h"

#include <array>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "restore_core/base/file.h"

namespace depthfinder {

Result<std::filesystem::path> run_key_file(const Scenario& scenario, const std::filesystem::path& directory) {
  if (!scenario.image.encrypt) return std::filesystem::path();
  std::array<unsigned char, 32> key{};
  if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1)
    return fail(ErrorKind::io, "no random bytes for the key of this run");
  std::array<unsigned char, 45> base64{};  // 44 characters and a NUL
  EVP_EncodeBlock(base64.data(), key.data(), static_cast<int>(key.size()));
  const std::string json = fmt::format(
      R"({{"kdf":null,"created":"2025-07-07T08:00:00Z","modified":"2025-07-07T08:00:00Z","data":"{}"}})",
      reinterpret_cast<const char*>(base64.data()));
  const std::filesystem::path path = directory / "key.json";
  DF_TRY(write_file_atomically(path, as_bytes(json), 0600));
  return path;
}

}  // namespace depthfinder
