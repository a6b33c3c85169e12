// SPDX-License-Identifier: MIT
#include "harness/profile/stored_profile.h"

#include <algorithm>

#include "harness/environment.h"
#include "harness/host_profile.h"
#include "harness/profile/profile_json.h"
#include "harness/version.h"
#include "restore_core/base/digest.h"
#include "restore_core/base/file.h"
#include "restore_core/hash/lane_hasher.h"
#include "restore_core/hash/sha256.h"

namespace depthfinder {
namespace {

namespace fs = std::filesystem;

bool has_its_kernels(const Profile& profile) {
  return std::all_of(profile.stages.begin(), profile.stages.end(), [](const StageCost& stage) {
    return stage.kind != StageKind::sha256 || LaneHasher::only(stage.kernel).has_value();
  });
}

}  // namespace

std::optional<fs::path> profile_cache_directory() {
  if (const auto cache = environment_variable("XDG_CACHE_HOME"); cache && fs::path(*cache).is_absolute())
    return fs::path(*cache) / "depthfinder";
  if (const auto home = environment_variable("HOME"); home && fs::path(*home).is_absolute())
    return fs::path(*home) / ".cache" / "depthfinder";
  return std::nullopt;
}

std::string profile_file_name(const std::string& tool_version, const HostInfo& host) {
  constexpr std::size_t kHexDigits = 16;
  const std::string key =
      fmt::format("{}\n{}\n{}\n{}", tool_version, host.cpu_model, host.openssl_cpu_settings, host.kernel);
  return fmt::format("profile-{}.json", to_hex(sha256(as_bytes(key))).substr(0, kHexDigits));
}

std::optional<Profile> stored_profile() {
  const auto directory = profile_cache_directory();
  if (!directory) return std::nullopt;
  const auto profile = read_profile(*directory / profile_file_name(tool_info().version, host_info()));
  if (!profile || !has_its_kernels(*profile)) return std::nullopt;
  return *profile;
}

Result<fs::path> store_profile(const Profile& profile) {
  const auto directory = profile_cache_directory();
  if (!directory)
    return fail(ErrorKind::not_found, "there is no cache directory: neither XDG_CACHE_HOME nor HOME is set");
  std::error_code error;
  fs::create_directories(*directory, error);
  if (error) return pass_on(errno_error("make", *directory, error.value()));
  const fs::path path = *directory / profile_file_name(profile.tool_version, profile.host);
  DF_TRY(write_file_atomically(path, as_bytes(profile_json(profile) + "\n")));
  return path;
}

}  // namespace depthfinder
