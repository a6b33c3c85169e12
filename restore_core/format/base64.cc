// SPDX-License-Identifier: MIT
#include "restore_core/format/base64.h"

#include <algorithm>

#include <openssl/evp.h>

namespace depthfinder {
namespace {

constexpr std::size_t kTextBytesMax = std::size_t{1} << 30;  // EVP counts in int

}  // namespace

std::optional<SecretBytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0 || text.size() > kTextBytesMax) return std::nullopt;
  const ByteSpan characters = as_bytes(text);
  SecretBytes bytes(text.size() / 4 * 3);
  const int decoded = EVP_DecodeBlock(bytes.data(), characters.data(), static_cast<int>(characters.size()));
  if (decoded < 0 || static_cast<std::size_t>(decoded) != bytes.size()) return std::nullopt;
  const auto padding = static_cast<std::size_t>(
      std::count(text.end() - std::min<std::ptrdiff_t>(2, std::ssize(text)), text.end(), '='));
  bytes.resize(bytes.size() - padding);

  // OpenSSL is lenient about white space, '=' in odd places and stray bits; encoding again finds them all.
  SecretBytes again(text.size() + 1);  // it writes a terminating NUL
  const int encoded = EVP_EncodeBlock(again.data(), bytes.data(), static_cast<int>(bytes.size()));
  if (as_text(ByteSpan(again).first(static_cast<std::size_t>(encoded))) != text) return std::nullopt;
  return bytes;
}

}  // namespace depthfinder
