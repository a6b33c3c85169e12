// SPDX-License-Identifier: MIT
#include "harness/sweep_profiles.h"

#include <set>

#include "harness/child_process.h"
#include "harness/profile/stored_profile.h"
#include "harness/trial_cpu.h"

namespace depthfinder {
namespace {

constexpr std::chrono::minutes kTimeout{2};

}  // namespace

Result<void> ensure_profiles(const std::vector<Cell>& cells,
                             const std::function<void(const std::string&)>& warn,
                             const std::stop_token& stop) {
  if (!profile_cache_directory()) return {};
  std::set<CpuState> states;
  for (const Cell& cell : cells) states.insert(cpu_state(cell));
  for (const CpuState& state : states) {
    const ChildSpec spec{
        own_program(), {"profile", "--quick", "--if-missing"}, {{"OPENSSL_ia32cap", cpu_mask(state)}}};
    DF_ASSIGN(ChildProcess child, ChildProcess::start(spec));
    const auto outcome = child.wait(kTimeout, stop);
    if (!outcome && outcome.error().kind == ErrorKind::cancelled) return pass_on(outcome.error());
    if (!outcome)
      warn(outcome.error().message);
    else if (outcome->exit_status != 0)
      warn(outcome->errors);
  }
  return {};
}

}  // namespace depthfinder
