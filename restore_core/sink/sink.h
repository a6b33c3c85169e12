// SPDX-License-Identifier: MIT
// Sink: where restored bytes go. Chunks arrive in any order, each offset once; as many threads as it permits write at
// the same time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "restore_core/base/bytes.h"
#include "restore_core/base/digest.h"
#include "restore_core/base/result.h"

namespace depthfinder {

// More threads than this gain nothing on any target.
inline constexpr int kWritersMax = 64;

class Sink {
 public:
  virtual ~Sink() = default;
  virtual Result<void> write_data(std::uint64_t offset, ByteSpan bytes) = 0;
  // The pieces one after another from `offset` on, in one go where the target can.
  virtual Result<void> write_run(std::uint64_t offset, std::span<const ByteSpan> pieces);
  // The range reads as zeros afterwards; a sparse file keeps a hole there.
  virtual Result<void> write_zeros(std::uint64_t offset, std::uint64_t length) = 0;
  // All chunks are there: makes them durable. Not called after an error.
  virtual Result<void> finish() = 0;
  // How far ahead of the first missing byte write_data may reach, in bytes; nothing where any order will do.
  // Zeros may come from anywhere at any time.
  [[nodiscard]] virtual std::optional<std::uint64_t> reorder_window_bytes() const { return std::nullopt; }
  // How many threads may be within write_data, write_run and write_zeros at the same time; finish() comes alone, last.
  [[nodiscard]] virtual int writers_max() const { return 1; }

  // The target was opened with what it held (OldData) and held something. Only then may it be asked by the two below, by
  // any number of threads, until the first write.
  [[nodiscard]] virtual bool holds_old_data() const { return false; }
  // What the target holds there, all of it. Error: io.
  virtual Result<void> read(std::uint64_t offset, MutableByteSpan bytes);
  // True where the range is known to read as zeros without being read.
  [[nodiscard]] virtual bool is_hole(std::uint64_t offset, std::uint64_t length) const;

  // One line without secrets: what it writes to and how, and what it could not have.
  [[nodiscard]] virtual std::string description() const { return {}; }
};

// What becomes of what a target holds.
enum class OldData {
  drop,     // nobody asks for it; a regular file that holds some needs `overwrite`
  keep,     // it stays until it is written over, and can be read; where nothing is there, a file is made
  require,  // the same, but something has to be there
};

struct SinkOptions {
  bool overwrite = false;  // permit a regular file that is not empty
  int writers = 4;         // threads that will want to write; more may not be able to (io_uring, NBD)
  OldData old_data = OldData::drop;
  std::stop_token stop = {};  // ends what waits for a server
};

// TARGET as the command line takes it; target_help() lists the spellings. Errors: bad_input, io, not_found (the
// directory), connection (a server), cancelled.
Result<std::unique_ptr<Sink>> open_sink(std::string_view target, std::uint64_t image_bytes,
                                        const SinkOptions& options);

// Can what this target holds be kept? Looks at the spelling alone. Error: bad_input.
Result<void> check_keeps_data(std::string_view target);

// The spellings of TARGET, one or two lines each, of at most 80 columns; ends with a newline.
std::string_view target_help();

}  // namespace depthfinder
