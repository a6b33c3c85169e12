// SPDX-License-Identifier: MIT
// OpenSSL reads OPENSSL_ia32cap once, when it is loaded, so a masked kernel needs a fresh process: this test runs its
// own executable again with the mask in the environment, and the filter set to the test that looks at the kernel.
#include <array>
#include <string>

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include "restore_core/hash/sha256.h"

extern char** environ;

namespace depthfinder {
namespace {

constexpr const char* kMask = ":~0x20000000";  // SHA-NI
constexpr const char* kMarker = "DEPTHFINDER_TEST_SHA_NI_MASKED=1";
constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

// Runs this executable with `filter` under the mask; its exit status.
int run_masked(std::string filter) {
  std::string mask = std::string("OPENSSL_ia32cap=") + kMask;
  std::string marker = kMarker;
  std::vector<char*> environment;
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (!std::string_view(*variable).starts_with("GTEST_")) environment.push_back(*variable);
  environment.insert(environment.end(), {mask.data(), marker.data(), nullptr});

  std::string program = "/proc/self/exe";
  filter = "--gtest_filter=" + filter;
  std::array<char*, 3> arguments = {program.data(), filter.data(), nullptr};
  pid_t child = -1;
  if (posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments.data(), environment.data()) != 0)
    return -1;
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

TEST(CpuMask, TurnsShaNiOff) {
  if (sha256_kernel() != "openssl-sha-ni")
    GTEST_SKIP() << "no SHA-NI here, or masked already: " << sha256_kernel();
  EXPECT_EQ(run_masked("CpuMask.MaskedProcessHashesWithAnotherKernel"), 0);
}

TEST(CpuMask, MaskedProcessHashesWithAnotherKernel) {
  if (std::getenv("DEPTHFINDER_TEST_SHA_NI_MASKED") == nullptr)
    GTEST_SKIP() << "only for the process with the mask";
  EXPECT_NE(sha256_kernel(), "openssl-sha-ni") << openssl_cpu_settings();
  EXPECT_NE(openssl_cpu_settings().find(kMask), std::string::npos) << openssl_cpu_settings();
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))), kAbc);
}

}  // namespace
}  // namespace depthfinder
