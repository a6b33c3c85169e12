// SPDX-License-Identifier: MIT
// What `recommend` prints of one result or several: each one's own recommendation and the choice they have in common,
// as text, as JSON, and as settings to paste. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "reports/recommend.h"
#include "reports/regret.h"

namespace depthfinder {

// Of one result or more, in the order of collect(); the lists run in parallel.
struct Recommendations {
  std::vector<Recommendation> each;
  Result<CommonChoice> common;
  [[nodiscard]] bool rests_on_off_target() const;
};

// Errors: bad_input, as recommend(); a missing common choice is no error of the whole.
Result<Recommendations> recommend_all(std::span<const SweepResult> results);

// Of one result its recommendation; of several the common choice first, which is null where there is none.
std::string recommendations_json(const Recommendations& recommendations);
std::string recommendations_text(const Recommendations& recommendations);

// Lines that a shell or a systemd EnvironmentFile takes; the constants of the source, and all else, are comments.
// Errors: bad_input, without a common choice.
Result<std::string> settings_text(const Recommendations& recommendations);

}  // namespace depthfinder
