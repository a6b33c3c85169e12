// SPDX-License-Identifier: MIT
// BystanderSpec: what a bystander does while a restore runs beside it, as text and checked. A plain value; it starts
// nothing. The text stands in scenarios, on the command line and in results: a command goes there as it is written,
// so it should hold no secret.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "restore_core/base/clock.h"
#include "restore_core/base/result.h"

namespace depthfinder {

enum class BystanderKind {
  cpu,         // a fixed amount of CPU work every period
  sync_write,  // 4 KiB written and synchronised every period
  both,        // one after the other, as one sample
  command,     // the user's own, again and again
};

struct BystanderSpec {
  BystanderKind kind = BystanderKind::cpu;
  Nanoseconds period = std::chrono::milliseconds(5);
  Nanoseconds work = std::chrono::milliseconds(1);  // of CPU, as calibrated once before the first sample
  std::uint64_t work_units = 0;                     // instead of `work`; 0: calibrate
  std::string command;                              // for /bin/sh -c
  std::filesystem::path directory = ".";            // of the file for synchronous writes

  [[nodiscard]] bool uses_cpu() const { return kind == BystanderKind::cpu || kind == BystanderKind::both; }
  [[nodiscard]] bool writes() const {
    return kind == BystanderKind::sync_write || kind == BystanderKind::both;
  }
};

inline constexpr std::uint64_t kBystanderWorkUnitsMax = 1'000'000'000;

// "cpu", "sync-write", "both" or "command:CMD", with this kind's default period. Errors: bad_input.
Result<BystanderSpec> parse_bystander(std::string_view text);

// The text that parse_bystander() takes; period, work and directory are not in it.
std::string bystander_text(const BystanderSpec& spec);

// Period 100 us to 1 min, work 1 us to 1 min and shorter than the period, a command where there is to be one.
// Errors: bad_input.
Result<void> check_bystander(const BystanderSpec& spec);

}  // namespace depthfinder
