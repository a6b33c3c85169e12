// SPDX-License-Identifier: MIT
// The sentences of a recommendation: why this cell, why not the others, what would change the choice. Pure;
// any thread.
#pragma once

#include <string>
#include <vector>

#include "reports/field.h"
#include "reports/recommend.h"

namespace depthfinder {

std::string why_picked(const Field& field, const Limit& limit);
std::vector<RejectedCell> why_others_lost(const Field& field);
std::vector<std::string> what_would_change(const Field& field, const Limit& limit, const ServerSpec& server);

}  // namespace depthfinder
