// SPDX-License-Identifier: MIT
// Where this host's profile is kept: the user's cache directory, one file per CPU, CPU mask, kernel and version of the
// program, so that a restore under a mask is not held against the floor of the whole CPU. Any thread; whoever reads
// while another writes sees the old file or the new one.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "harness/profile/profile.h"

namespace depthfinder {

// $XDG_CACHE_HOME/depthfinder (an absolute path; else it does not count), or ~/.cache/depthfinder; nothing where
// neither variable is set.
std::optional<std::filesystem::path> profile_cache_directory();

// "profile-0123456789abcdef.json" for a host, as this program finds it or as a profile has it.
std::string profile_file_name(const std::string& tool_version, const HostInfo& host);

// The profile of this host under this mask; nothing where there is none, where it cannot be read, or where it has a
// SHA-256 kernel that this process has not.
std::optional<Profile> stored_profile();

// Returns where it lies now. Errors: not_found (no cache directory), io.
Result<std::filesystem::path> store_profile(const Profile& profile);

}  // namespace depthfinder
