// SPDX-License-Identifier: MIT
// The failure matrix, as lists: faults x how often x ways to restore x targets x encryption. A cell is one of each, and
// expected_of() says by rule, not case by case, what a restore must come to. Plain values, no state. What a cell is
// checked for stands in failure_matrix_test.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "restore_core/base/error.h"
#include "scenarios/server_spec.h"

namespace depthfinder::failures {

// What becomes of a request that meets the fault.
enum class Nature {
  slow,       // the whole answer, late
  transient,  // retried on a fresh connection
  damage,     // fetched once more, then fatal
  final       // fatal at once
};

struct Fault {
  const char* name;
  FaultKind kind;
  Nature nature;
  ErrorKind error;  // what a lasting one ends with
  // A regular expression for the cause, as the message tells it.
  const char* says;
  // Other chunks on the same connection fail with the faulted one, and any may be the one that is told of.
  bool takes_others_along = false;
  int status = 503;
};

enum class When {
  once,   // the first request for the faulted chunk
  often,  // of a transient or slow fault: 30 % of all requests; of damage: twice in a row; else: five times
  always  // every request for the faulted chunk
};

// A strategy and what is set beside it.
struct Way {
  const char* name;
  const char* strategy;
  int connections = 1;
  bool automatic = false;  // depth and threads
  int writers = 0;         // 0: the strategy's own
};

enum class Target { file, uring, digest, null, slow, nbd };

struct Cell {
  Fault fault;
  When when = When::once;
  Way way;
  Target target = Target::file;
  bool encrypted = false;

  [[nodiscard]] std::string name() const;  // letters, digits and underscores
};

// Nothing: the identical image.
std::optional<ErrorKind> expected_of(const Fault& fault, When when);

// What the server is to do. The faulted chunk is at `position`, and its digest begins like that of no other.
FaultSpec spec_of(const Cell& cell, std::uint64_t position, const std::string& digest_hex);

const std::vector<Fault>& chunk_faults();
// The ones that an index or a manifest can meet too.
std::vector<Fault> file_faults();
const std::vector<Way>& ways();

// All of them; or so many that every fault, however often, meets every way, and every pair of any two lists is there.
std::vector<Cell> all_cells();
std::vector<Cell> covering_cells();

}  // namespace depthfinder::failures
