// SPDX-License-Identifier: MIT
#include "restore_core/hash/sha256.h"

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

struct DigestCase {
  std::string_view text;
  std::string_view hex;
};

// The examples of FIPS 180-4.
const DigestCase kDigestCases[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

TEST(Sha256, KnownAnswers) {
  for (const DigestCase& c : kDigestCases) EXPECT_EQ(to_hex(sha256(as_bytes(c.text))), c.hex);
}

TEST(Sha256, PartsAreHashedInOrder) {
  EXPECT_EQ(sha256({as_bytes("a"), as_bytes(""), as_bytes("bc")}), sha256(as_bytes("abc")));
  EXPECT_NE(sha256({as_bytes("bc"), as_bytes("a")}), sha256(as_bytes("abc")));
}

TEST(Sha256, StreamAgreesWithOneShot) {
  const std::string_view text = kDigestCases[2].text;
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    Sha256 hash;
    hash.update(as_bytes(text.substr(0, cut)));
    Sha256 moved = std::move(hash);
    moved.update(as_bytes(text.substr(cut)));
    EXPECT_EQ(to_hex(moved.finish()), kDigestCases[2].hex);
  }
}

TEST(Sha256DeathTest, FinishEndsTheStream) {
  Sha256 hash;
  (void)hash.finish();
  EXPECT_DEATH(hash.update(as_bytes("x")), "state_");
}

struct KernelCase {
  std::string_view what;
  std::string_view settings;
  std::string_view kernel;
};

TEST(Sha256Kernel, FollowsFromTheCpuSettings) {
  const KernelCase cases[] = {
      {"SHA-NI", "OPENSSL_ia32cap=0xfffa3203078bffff:0x400684219c07ab", "openssl-sha-ni"},
      {"SHA-NI masked", "OPENSSL_ia32cap=0xfffa3203078bffff:0x400684019c07ab env::~0x20000000",
       "openssl-avx2"},
      {"Haswell", "OPENSSL_ia32cap=0x7ffafbffffebffff:0x27ab", "openssl-avx2"},
      {"AVX2 without BMI2", "OPENSSL_ia32cap=0x7ffafbffffebffff:0x28", "openssl-avx"},
      {"Sandy Bridge", "OPENSSL_ia32cap=0x1fbae3ffffebffff:0x0", "openssl-avx"},
      {"AVX, but not by Intel", "OPENSSL_ia32cap=0x1fbae3ffbfebffff:0x0", "openssl-ssse3"},
      {"Core 2", "OPENSSL_ia32cap=0x400e3bdbfebfbff:0x0", "openssl-ssse3"},
      {"all masked", "OPENSSL_ia32cap=0x0:0x0 env:0:0", "openssl-generic"},
      {"Arm", "OPENSSL_armcap=0xbd", "openssl-generic"},
      {"nothing", "", "openssl-generic"},
      {"cut short", "OPENSSL_ia32cap=0xfffa3203078bffff", "openssl-generic"},
      {"not hex", "OPENSSL_ia32cap=0xzz:0xzz", "openssl-generic"},
  };
  for (const KernelCase& c : cases) EXPECT_EQ(sha256_kernel_for(c.settings), c.kernel) << c.what;
}

}  // namespace
}  // namespace depthfinder
