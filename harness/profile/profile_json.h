// SPDX-License-Identifier: MIT
// A Profile as JSON: schema "depthfinder-profile", versioned, units in the names. What follows from the rest (GB/s, the
// best kernel, the floor) is written for readers and must be there, but is computed anew when read.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "harness/profile/profile.h"

namespace depthfinder {

std::string profile_json(const Profile& profile);  // of a checked profile; ends without a line end

// `where` names the text in messages. Errors: bad_input (no profile, another version, unknown or missing keys, a
// stage missing, a cost that is none).
Result<Profile> parse_profile(std::string_view json, std::string_view where);

// Errors: not_found, io, bad_input.
Result<Profile> read_profile(const std::filesystem::path& path);

}  // namespace depthfinder
