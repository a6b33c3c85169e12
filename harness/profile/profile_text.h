// SPDX-License-Identifier: MIT
// A Profile for people: a table of stages and the floor, at most 80 columns wide. Pure.
#pragma once

#include <string>

#include "harness/profile/profile.h"

namespace depthfinder {

std::string profile_text(const Profile& profile);  // of a checked profile; ends with a line end

}  // namespace depthfinder
