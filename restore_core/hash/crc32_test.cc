// SPDX-License-Identifier: MIT
#include "restore_core/hash/crc32.h"

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

struct CrcCase {
  std::string_view text;
  std::uint32_t crc;
};

TEST(Crc32, KnownAnswers) {
  // The second is the check value of the CRC catalogues.
  const CrcCase cases[] = {{"", 0x00000000},
                           {"123456789", 0xcbf43926},
                           {"a", 0xe8b7be43},
                           {"The quick brown fox jumps over the lazy dog", 0x414fa339}};
  for (const CrcCase& c : cases) EXPECT_EQ(crc32(as_bytes(c.text)), c.crc) << c.text;
}

// Bit by bit, from the polynomial.
std::uint32_t slow_crc32(ByteSpan bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xedb88320 : 0);
  }
  return crc ^ 0xffffffff;
}

// ISA-L switches between kernels by length; every length up to some vector registers and every alignment.
TEST(Crc32, AgreesWithTheDefinition) {
  Bytes bytes(1024);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 131 + i / 7);
  for (std::size_t length = 0; length < 512; ++length) {
    const ByteSpan part = ByteSpan(bytes).subspan(length % 64, length);
    ASSERT_EQ(crc32(part), slow_crc32(part)) << length;
  }
}

}  // namespace
}  // namespace depthfinder
