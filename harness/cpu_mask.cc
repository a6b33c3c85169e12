// SPDX-License-Identifier: MIT
#include "harness/cpu_mask.h"

#include <cerrno>
#include <cstdlib>
#include <vector>

#include <unistd.h>

#include "harness/environment.h"
#include "restore_core/base/file.h"
#include "restore_core/hash/cpu_features.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder {
namespace {

constexpr const char* kVariable = "OPENSSL_ia32cap";
constexpr std::uint64_t kCommandLineBytesMax = 4U << 20;

// The same program with the same arguments; returns only when that fails.
Result<void> start_anew() {
  DF_ASSIGN(Bytes line, read_file("/proc/self/cmdline", kCommandLineBytesMax));
  std::vector<char*> arguments;
  for (std::size_t at = 0; at < line.size();) {
    char* const argument = reinterpret_cast<char*>(line.data() + at);
    arguments.push_back(argument);
    at += std::char_traits<char>::length(argument) + 1;
  }
  arguments.push_back(nullptr);
  ::execv("/proc/self/exe", arguments.data());
  return pass_on(errno_error("start anew, with CPU features masked,", "/proc/self/exe", errno));
}

}  // namespace

Result<void> apply_cpu_features(const std::string& features) {
  DF_ASSIGN(const CpuFeatureMask mask, parse_cpu_features(features));
  const auto wanted = ia32cap_environment(mask);
  if (!wanted) return {};
  const auto present = environment_variable(kVariable);
  if (!present) {
    ::setenv(kVariable, wanted->c_str(), 1);
    return start_anew();
  }
  if (*present != *wanted)
    return fail(ErrorKind::bad_input, "--cpu-features {} needs {}={}, but it is set to '{}': unset it",
                features, kVariable, *wanted, *present);
  const std::string fault = mask_fault(mask, openssl_cpu_settings());
  if (fault.empty()) return {};
  return fail(ErrorKind::bad_input, "--cpu-features {}: OpenSSL still uses {}", features, fault);
}

}  // namespace depthfinder
