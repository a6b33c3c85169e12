// SPDX-License-Identifier: MIT
// Scenario files; and what is read is written and read again to the same text.
#include "scenarios/scenario_loader.h"

using namespace depthfinder;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto scenario = parse_scenario(text, "fuzz");
  if (!scenario) return 0;
  const std::string written = scenario_json(*scenario);
  const auto again = parse_scenario(written, "written");
  if (!again || scenario_json(*again) != written) __builtin_trap();
  return 0;
}
