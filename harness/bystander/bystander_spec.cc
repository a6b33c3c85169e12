// SPDX-License-Identifier: MIT
#include "harness/bystander/bystander_spec.h"

#include "restore_core/base/units.h"
#include "scenarios/bystander_budget.h"

namespace depthfinder {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr Nanoseconds kPeriodMin = microseconds(100);  // shorter ones measure the timer
constexpr Nanoseconds kWorkMin = microseconds(1);
constexpr Nanoseconds kLongest = minutes(1);
// Starting a shell takes a millisecond or two: at 5 ms a command would be a load of its own.
constexpr Nanoseconds kCommandPeriod = milliseconds(100);

}  // namespace

Result<BystanderSpec> parse_bystander(std::string_view text) {
  BystanderSpec spec;
  if (text == "cpu") {
    spec.kind = BystanderKind::cpu;
  } else if (text == "sync-write") {
    spec.kind = BystanderKind::sync_write;
  } else if (text == "both") {
    spec.kind = BystanderKind::both;
  } else if (text.starts_with(kBystanderCommand)) {
    spec.kind = BystanderKind::command;
    spec.period = kCommandPeriod;
    spec.command = text.substr(kBystanderCommand.size());
  } else {
    return fail(ErrorKind::bad_input, "a bystander is cpu, sync-write, both or command:CMD, not '{}'", text);
  }
  DF_TRY(check_bystander(spec));
  return spec;
}

std::string bystander_text(const BystanderSpec& spec) {
  switch (spec.kind) {
    case BystanderKind::cpu:
      return "cpu";
    case BystanderKind::sync_write:
      return "sync-write";
    case BystanderKind::both:
      return "both";
    case BystanderKind::command:
      break;
  }
  return std::string(kBystanderCommand) + spec.command;
}

Result<void> check_bystander(const BystanderSpec& spec) {
  if (spec.period < kPeriodMin || spec.period > kLongest)
    return fail(ErrorKind::bad_input, "a bystander's period is 100us to 1m, not {}",
                format_duration(spec.period));
  if (spec.kind == BystanderKind::command) {
    if (spec.command.find_first_not_of(" \t\n") == std::string::npos)
      return fail(ErrorKind::bad_input, "the bystander's command is empty");
    return {};
  }
  if (!spec.uses_cpu()) return {};
  if (spec.work < kWorkMin || spec.work > kLongest)
    return fail(ErrorKind::bad_input, "a bystander's work is 1us to 1m, not {}", format_duration(spec.work));
  if (spec.work_units == 0 && spec.work >= spec.period)
    return fail(ErrorKind::bad_input, "a bystander's work ({}) must be shorter than its period ({})",
                format_duration(spec.work), format_duration(spec.period));
  if (spec.work_units > kBystanderWorkUnitsMax)
    return fail(ErrorKind::bad_input, "at most {} units of work, not {}", kBystanderWorkUnitsMax,
                spec.work_units);
  return {};
}

}  // namespace depthfinder
