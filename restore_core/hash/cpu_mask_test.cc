// SPDX-License-Identifier: MIT
// OpenSSL reads OPENSSL_ia32cap once, when it is loaded, so a mask needs a fresh process: this test runs its own
// executable again with the mask in the environment, and the filter set to the test that looks at what is left.
#include <array>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include "restore_core/hash/cpu_features.h"
#include "restore_core/hash/lane_hasher.h"
#include "restore_core/hash/sha256.h"

extern char** environ;

namespace depthfinder {
namespace {

constexpr const char* kMarker = "DEPTHFINDER_TEST_CPU_FEATURES";
constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

// Runs the test of a masked process under OPENSSL_ia32cap=`ia32cap`; its exit status.
int run_masked(const std::string& features, const std::string& ia32cap) {
  std::string variable = "OPENSSL_ia32cap=" + ia32cap;
  std::string marker = std::string(kMarker) + "=" + features;
  std::vector<char*> environment;
  for (char** inherited = environ; *inherited != nullptr; ++inherited) {
    const std::string_view name = *inherited;
    if (!name.starts_with("GTEST_") && !name.starts_with("OPENSSL_ia32cap="))
      environment.push_back(*inherited);
  }
  environment.insert(environment.end(), {variable.data(), marker.data(), nullptr});

  std::string program = "/proc/self/exe";
  std::string filter = "--gtest_filter=CpuMask.LeavesNoKernelThatNeedsIt";
  std::array<char*, 3> arguments = {program.data(), filter.data(), nullptr};
  pid_t child = -1;
  if (posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments.data(), environment.data()) != 0)
    return -1;
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

TEST(CpuMask, TakesFeaturesFromOpenSslAndFromTheLanes) {
  for (const std::string features :
       {"no-sha-ni", "no-avx512", "no-avx2", "no-sha-ni,no-avx512", "no-sha-ni,no-avx2"})
    EXPECT_EQ(run_masked(features, ia32cap_environment(parse_cpu_features(features).value()).value()), 0)
        << features;
}

TEST(CpuMask, LeavesNoKernelThatNeedsIt) {
  const char* features = std::getenv(kMarker);
  if (features == nullptr) GTEST_SKIP() << "only for the process with the mask";
  const CpuFeatureMask mask = parse_cpu_features(features).value();
  EXPECT_EQ(mask_fault(mask, openssl_cpu_settings()), "") << openssl_cpu_settings();
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))), kAbc);

  const LaneHasher measured = LaneHasher::measured();
  for (const LaneKernel& kernel : measured.kernels()) {
    const auto needs = [&](std::string_view feature) {
      return kernel.name.find(feature) != std::string::npos;
    };
    EXPECT_FALSE(mask.sha_ni && needs("sha-ni")) << kernel.name;
    EXPECT_FALSE(mask.avx512 && needs("avx512")) << kernel.name;
    EXPECT_FALSE(mask.avx2 && needs("avx2")) << kernel.name;
    std::array<Digest, 1> digest{};
    LaneHasher::only(kernel.name)->hash(std::array{LaneMessage{as_bytes("abc"), {}}}, digest);
    EXPECT_EQ(to_hex(digest[0]), kAbc) << kernel.name;
  }
  EXPECT_EQ(static_cast<bool>(LaneHasher::only("sha-ni-x2")) && mask.sha_ni, false);
  EXPECT_EQ(static_cast<bool>(LaneHasher::only("lanes-avx512-x16")) && mask.avx512, false);
  EXPECT_EQ(static_cast<bool>(LaneHasher::only("lanes-avx2-x8")) && mask.avx2, false);
}

}  // namespace
}  // namespace depthfinder
