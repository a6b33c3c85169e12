// SPDX-License-Identifier: MIT
#include "reports/result.h"

namespace depthfinder {

std::string_view trial_outcome_name(TrialOutcome outcome) {
  switch (outcome) {
    case TrialOutcome::ok:
      return "ok";
    case TrialOutcome::failed:
      return "failed";
    case TrialOutcome::cancelled:
      return "cancelled";
    case TrialOutcome::invalid:
      return "invalid";
  }
  return "invalid";
}

std::string_view server_kind_name(ServerKind kind) { return kind == ServerKind::mock ? "mock" : "real"; }

}  // namespace depthfinder
