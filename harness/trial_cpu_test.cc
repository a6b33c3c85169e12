// SPDX-License-Identifier: MIT
#include "harness/trial_cpu.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace depthfinder {
namespace {

using testing::HasSubstr;

TEST(CpuMask, ClearsTheBitsOfWhatIsTakenAway) {
  struct Row {
    CpuState state;
    const char* mask;  // null: none
  };
  constexpr Row kRows[] = {
      {{ShaNi::on, Vectors::all}, nullptr},         {{ShaNi::off, Vectors::all}, ":~0x20000000"},
      {{ShaNi::on, Vectors::avx2}, ":~0xd0230000"}, {{ShaNi::off, Vectors::avx2}, ":~0xf0230000"},
      {{ShaNi::on, Vectors::sse}, ":~0xd0230020"},  {{ShaNi::off, Vectors::sse}, ":~0xf0230020"}};
  for (const Row& row : kRows) {
    const auto mask = cpu_mask(row.state);
    ASSERT_EQ(mask.has_value(), row.mask != nullptr);
    if (mask) {
      EXPECT_EQ(*mask, row.mask);
    }
  }
}

TEST(MaskFault, WantsTheKernelsThatTheCellAsksFor) {
  // Bits 29 SHA, 16 AVX-512 F, 5 AVX2.
  const std::string all = "OPENSSL_ia32cap=0x7ffaf3bfffebffff:0x20010020";
  const std::string no_sha = "OPENSSL_ia32cap=0x7ffaf3bfffebffff:0x10020 env::~0x20000000";
  const std::string avx2 = "OPENSSL_ia32cap=0x7ffaf3bfffebffff:0x20000020 env::~0xd0230000";
  const std::string nothing = "OPENSSL_ia32cap=0x7ffaf3bfffebffff:0x0 env::~0xf0230020";
  struct Row {
    CpuState state;
    std::string kernel, lane_kernel, settings;
    const char* fault;  // empty: none
  };
  const Row rows[] = {
      {{ShaNi::on, Vectors::all}, "openssl-sha-ni", "", all, ""},
      {{ShaNi::on, Vectors::all}, "openssl-sha-ni", "lanes-avx512-x16", all, ""},
      {{ShaNi::on, Vectors::all}, "openssl-avx2", "", no_sha, "SHA-NI was asked for"},
      {{ShaNi::off, Vectors::all}, "openssl-avx2", "lanes-avx512-x16", no_sha, ""},
      {{ShaNi::off, Vectors::all}, "openssl-avx2", "", "", ""},  // a CPU whose settings say nothing
      {{ShaNi::off, Vectors::all}, "openssl-sha-ni", "", all, "hashed with openssl-sha-ni"},
      {{ShaNi::off, Vectors::all}, "openssl-avx2", "sha-ni-x2", no_sha, "hashed with sha-ni-x2"},
      {{ShaNi::off, Vectors::all}, "openssl-avx2", "", all, "OpenSSL has it"},
      {{ShaNi::on, Vectors::avx2}, "openssl-sha-ni", "lanes-avx2-x8", avx2, ""},
      {{ShaNi::on, Vectors::avx2}, "openssl-sha-ni", "lanes-avx512-x16", avx2, "AVX-512 was to be masked"},
      {{ShaNi::on, Vectors::avx2}, "openssl-sha-ni", "sha-ni-x2", all, "AVX-512 was to be masked"},
      {{ShaNi::off, Vectors::sse}, "openssl-avx", "lanes-sse4-x4", nothing, ""},
      {{ShaNi::off, Vectors::sse}, "openssl-avx2", "", nothing, "AVX2 was to be masked"},
      {{ShaNi::off, Vectors::sse}, "openssl-avx", "lanes-avx2-x8", nothing, "AVX2 was to be masked"},
  };
  for (const Row& row : rows) {
    Cell cell;
    cell.sha_ni = row.state.sha_ni;
    cell.vectors = row.state.vectors;
    TrialMetrics metrics;
    metrics.sha256_kernel = row.kernel;
    metrics.sha256_lane_kernel = row.lane_kernel;
    metrics.openssl_cpu_settings = row.settings;
    const std::string fault = mask_fault(cell, metrics).value_or("");
    EXPECT_EQ(fault.empty(), *row.fault == 0) << row.kernel << " " << row.lane_kernel << ": " << fault;
    EXPECT_THAT(fault, HasSubstr(row.fault));
  }
}

}  // namespace
}  // namespace depthfinder
