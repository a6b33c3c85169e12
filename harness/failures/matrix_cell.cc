// SPDX-License-Identifier: MIT
#include "harness/failures/matrix_cell.h"

#include <algorithm>

#include <fmt/format.h>

namespace depthfinder::failures {
namespace {

using std::chrono::hours;

constexpr double kDripBytesPerS = 400e3;  // a chunk of 16 KiB in some 40 ms

constexpr When kWhen[] = {When::once, When::often, When::always};
constexpr Target kTargets[] = {Target::file, Target::uring, Target::digest,
                               Target::null, Target::slow,  Target::nbd};

const char* when_name(When when) {
  return when == When::once ? "once" : when == When::often ? "often" : "always";
}

const char* target_name(Target target) {
  constexpr const char* kNames[] = {"file", "uring", "digest", "null", "slow", "nbd"};
  return kNames[static_cast<std::size_t>(target)];
}

}  // namespace

std::string Cell::name() const {
  return fmt::format("{}_{}_{}_{}_{}", fault.name, when_name(when), way.name, target_name(target),
                     encrypted ? "encrypted" : "plain");
}

std::optional<ErrorKind> expected_of(const Fault& fault, When when) {
  switch (fault.nature) {
    case Nature::slow:
      return std::nullopt;
    case Nature::transient:
      return when == When::always ? std::optional(fault.error) : std::nullopt;
    case Nature::damage:
      return when == When::once ? std::nullopt : std::optional(fault.error);
    case Nature::final:
      return fault.error;
  }
  return std::nullopt;
}

FaultSpec spec_of(const Cell& cell, std::uint64_t position, const std::string& digest_hex) {
  FaultSpec spec;
  spec.kind = cell.fault.kind;
  spec.status = cell.fault.status;
  if (spec.kind == FaultKind::stall) spec.duration = hours(1);
  if (spec.kind == FaultKind::drip) spec.rate_bytes_per_s = kDripBytesPerS;
  const bool at_random = cell.fault.nature == Nature::transient || cell.fault.nature == Nature::slow;
  if (cell.when == When::once) {
    spec.positions = {position, position};
    spec.times = 1;
  } else if (cell.when == When::often && at_random) {
    spec.share = 0.3;
  } else {
    spec.digest = digest_hex;
    if (cell.when == When::often) spec.times = cell.fault.nature == Nature::damage ? 2 : 5;
  }
  return spec;
}

const std::vector<Fault>& chunk_faults() {
  using Kind = FaultKind;
  static const std::vector<Fault> kFaults{
      {"status_503", Kind::status, Nature::transient, ErrorKind::connection, "answered 503", false, 503},
      {"status_404", Kind::status, Nature::final, ErrorKind::not_found, "answered 404", false, 404},
      {"status_403", Kind::status, Nature::final, ErrorKind::auth, "answered 403", false, 403},
      {"status_400", Kind::status, Nature::final, ErrorKind::protocol, "answered 400", false, 400},
      {"reset", Kind::connection_reset, Nature::transient, ErrorKind::connection, "connection to .* failed",
       true},
      {"stream_reset", Kind::stream_reset, Nature::transient, ErrorKind::connection, "broke off the answer"},
      {"goaway", Kind::goaway, Nature::transient, ErrorKind::connection, "GOAWAY", true},
      {"stall", Kind::stall, Nature::transient, ErrorKind::timeout, "answered nothing for", true},
      {"drip", Kind::drip, Nature::slow, ErrorKind::io, ""},
      {"truncate", Kind::truncate, Nature::damage, ErrorKind::corrupt, "CRC"},
      {"flip_payload", Kind::flip_payload, Nature::damage, ErrorKind::corrupt, "CRC"},
      {"flip_crc", Kind::flip_crc, Nature::damage, ErrorKind::corrupt, "CRC"},
      {"wrong_chunk", Kind::wrong_chunk, Nature::damage, ErrorKind::corrupt, "digest"},
      {"missing", Kind::missing, Nature::final, ErrorKind::not_found, "No such file"},
      {"expired_ticket", Kind::expired_ticket, Nature::transient, ErrorKind::connection,
       "closed the connection|connection to .* failed", true},
      {"tls_alert", Kind::tls_alert, Nature::transient, ErrorKind::connection, "connection to .* failed",
       true}};
  return kFaults;
}

std::vector<Fault> file_faults() {
  std::vector<Fault> faults = chunk_faults();
  std::erase_if(faults, [](const Fault& fault) { return fault.kind == FaultKind::wrong_chunk; });
  return faults;
}

const std::vector<Way>& ways() {
  static const std::vector<Way> kWays{{"sequential", "sequential"},
                                      {"buffered", "buffered"},
                                      {"spawned", "spawned"},
                                      {"threads", "threads"},
                                      {"pipelined", "pipelined"},
                                      {"pipelined_three_connections", "pipelined", 3, false, 2},
                                      {"pipelined_auto", "pipelined", 1, true}};
  return kWays;
}

std::vector<Cell> all_cells() {
  std::vector<Cell> cells;
  for (const Fault& fault : chunk_faults())
    for (const When when : kWhen)
      for (const Way& way : ways())
        for (const Target target : kTargets)
          for (const bool encrypted : {false, true}) cells.push_back({fault, when, way, target, encrypted});
  return cells;
}

// Targets and encryption move on by one from cell to cell, and by one more from row to row.
std::vector<Cell> covering_cells() {
  std::vector<Cell> cells;
  std::size_t row = 0;
  for (const Fault& fault : chunk_faults()) {
    for (const When when : kWhen) {
      std::size_t turn = row++;
      for (const Way& way : ways()) {
        const std::size_t here = turn++;
        cells.push_back({fault, when, way, kTargets[here % std::size(kTargets)], (here / 2 + row) % 2 == 0});
      }
    }
  }
  return cells;
}

}  // namespace depthfinder::failures
