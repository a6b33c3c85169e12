// SPDX-License-Identifier: MIT
#include "restore_core/hash/cpu_features.h"

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

constexpr CpuFeatureMask kNothing{};
constexpr CpuFeatureMask kShaNi{.sha_ni = true};
constexpr CpuFeatureMask kAvx512{.avx512 = true};
constexpr CpuFeatureMask kAvx2{.avx512 = true, .avx2 = true};
constexpr CpuFeatureMask kEverything{.sha_ni = true, .avx512 = true, .avx2 = true};

struct NameCase {
  std::string_view text;
  CpuFeatureMask mask;
  std::string_view shortest;
};

TEST(CpuFeatures, AreReadByName) {
  const NameCase cases[] = {
      {"all", kNothing, "all"},
      {"no-sha-ni", kShaNi, "no-sha-ni"},
      {"no-avx512", kAvx512, "no-avx512"},
      {"no-avx2", kAvx2, "no-avx2"},
      {"no-avx512,no-avx2", kAvx2, "no-avx2"},
      {"no-avx2,no-sha-ni", kEverything, "no-sha-ni,no-avx2"},
      {"no-sha-ni,no-sha-ni", kShaNi, "no-sha-ni"},
  };
  for (const NameCase& c : cases) {
    const auto mask = parse_cpu_features(c.text);
    ASSERT_TRUE(mask) << c.text << ": " << mask.error().message;
    EXPECT_EQ(*mask, c.mask) << c.text;
    EXPECT_EQ(to_string(*mask), c.shortest);
  }
}

TEST(CpuFeatures, RefuseOtherNamesAndListTheirs) {
  for (const std::string_view text :
       {"", "sha-ni", "no-", "no-sha", "all,no-avx2", "no-avx2,", ",no-avx2", "no-avx2 "}) {
    const auto mask = parse_cpu_features(text);
    ASSERT_FALSE(mask) << text;
    EXPECT_EQ(mask.error().kind, ErrorKind::bad_input);
    for (const char* name : {"all", "no-sha-ni", "no-avx512", "no-avx2"})
      EXPECT_NE(mask.error().message.find(name), std::string::npos) << mask.error().message;
  }
}

struct VariableCase {
  CpuFeatureMask mask;
  std::optional<std::string> variable;
};

TEST(CpuFeatures, AreToldToOpenSsl) {
  const VariableCase cases[] = {
      {kNothing, std::nullopt}, {kShaNi, ":~0x20000000"},         {kAvx512, ":~0xdc230000"},
      {kAvx2, ":~0xdc230020"},  {{.avx2 = true}, ":~0xdc230020"}, {kEverything, ":~0xfc230020"},
  };
  for (const VariableCase& c : cases) EXPECT_EQ(ia32cap_environment(c.mask), c.variable) << to_string(c.mask);
}

struct FaultCase {
  std::string_view what;
  CpuFeatureMask mask;
  std::string_view settings;
  std::string_view fault;
};

TEST(CpuFeatures, AreProvenOff) {
  constexpr std::string_view kZen4 = "OPENSSL_ia32cap=0xfffa3203178bffff:0x405fc6f1bf27ab";
  constexpr std::string_view kHaswell = "OPENSSL_ia32cap=0x7ffafbffffebffff:0x27ab";
  const FaultCase cases[] = {
      {"nothing to prove", kNothing, kZen4, ""},
      {"mask did not take", kEverything, kZen4, "sha-ni, avx512, avx2"},
      {"one did not take", kShaNi, kZen4, "sha-ni"},
      {"masked", kShaNi, "OPENSSL_ia32cap=0xfffa3203178bffff:0x405fc6d1bf27ab env::~0x20000000", ""},
      {"all masked", kEverything, "OPENSSL_ia32cap=0xfffa3203178bffff:0x405fc601982780 env::~0xfc230020", ""},
      {"implied", {.avx2 = true}, kZen4, "avx512, avx2"},
      {"CPU without them", {.sha_ni = true, .avx512 = true}, kHaswell, ""},
      {"F alone off, as by OpenSSL on Skylake-X", kAvx512, "OPENSSL_ia32cap=0x7ffefbffffebffff:0xd19e27ab",
       "avx512"},
      {"Arm", kEverything, "OPENSSL_armcap=0xbd", ""},
      {"nothing", kEverything, "", ""},
  };
  for (const FaultCase& c : cases) EXPECT_EQ(mask_fault(c.mask, c.settings), c.fault) << c.what;
}

}  // namespace
}  // namespace depthfinder
