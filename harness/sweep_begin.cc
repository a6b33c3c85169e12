// SPDX-License-Identifier: MIT
#include "harness/sweep_begin.h"

#include <algorithm>
#include <chrono>

#include "harness/host_profile.h"
#include "harness/result_file.h"
#include "harness/version.h"
#include "restore_core/base/file.h"
#include "restore_core/format/snapshot_name.h"
#include "restore_core/hash/sha256.h"
#include "scenarios/scenario_loader.h"

namespace depthfinder {
namespace {

std::string now_utc() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return format_utc(std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

SweepResult new_result(const SweepOptions& options) {
  SweepResult result;
  result.tool = tool_info();
  result.host = host_info();
  result.scenario = options.scenario;
  result.scenario_sha256 = to_hex(sha256(as_bytes(scenario_json(options.scenario))));
  result.server_kind = options.real_server ? ServerKind::real : ServerKind::mock;
  result.seed = options.seed;
  result.started_at_utc = now_utc();
  result.blocks_planned = options.blocks;
  result.cells = runnable_cells(options.scenario, result.host);
  return result;
}

Result<SweepResult> resumed_result(const SweepOptions& options, const std::filesystem::path& file) {
  DF_ASSIGN(SweepResult stored, read_result_file(file));
  const SweepResult fresh = new_result(options);
  const auto refuse = [&](std::string_view what) {
    return fail(ErrorKind::bad_input, "cannot resume {}: it was made {}; leave --resume out to start anew",
                file.string(), what);
  };
  if (stored.server_kind != fresh.server_kind) return refuse("with a server of the other kind");
  if (stored.scenario_sha256 != fresh.scenario_sha256) return refuse("from another scenario");
  if (stored.seed != fresh.seed) return refuse("with another seed");
  if (stored.host.cpu_model != fresh.host.cpu_model || stored.cells != fresh.cells)
    return refuse("on another host");
  if (stored.tool.version != fresh.tool.version) return refuse("by another version");
  if (!stored.racing.empty() && !options.racing) return refuse("with a race, without --no-racing");
  stored.blocks_planned = std::max(options.blocks, static_cast<int>(stored.block_orders.size()));
  stored.complete = false;
  stored.racing.clear();
  return stored;
}

}  // namespace

Result<SweepResult> begin_result(const SweepOptions& options, const std::filesystem::path& file) {
  std::error_code error;
  std::filesystem::create_directories(options.directory, error);
  if (error) return pass_on(errno_error("create", options.directory, error.value()));
  if (options.resume) return resumed_result(options, file);
  if (std::filesystem::exists(file)) {
    std::filesystem::rename(file, options.directory / "result.previous.json", error);
    if (error) return pass_on(errno_error("rename", file, error.value()));
  }
  return new_result(options);
}

}  // namespace depthfinder
