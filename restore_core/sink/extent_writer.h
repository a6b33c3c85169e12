// SPDX-License-Identifier: MIT
// ExtentWriter: how bytes get to an open file or device; FileSink and BlockDeviceSink decide which bytes. Owned by its
// sink, which owns the TargetFile too and keeps it longer. As many threads as writers_max() says may write at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "restore_core/base/result.h"
#include "restore_core/sink/extents.h"
#include "restore_core/sink/sink.h"
#include "restore_core/sink/target_file.h"

namespace depthfinder {

class ExtentWriter {
 public:
  virtual ~ExtentWriter() = default;
  // All of them, in any order; on return, also of an error, the bytes are not used any more. Error: io.
  virtual Result<void> write(std::span<const Extent> extents) = 0;
  [[nodiscard]] virtual int writers_max() const { return kWritersMax; }
  // "pwritev", "io_uring, direct I/O, ..."
  [[nodiscard]] virtual std::string description() const = 0;
};

// Makes the writer for a target that was just opened.
using MakeExtentWriter = std::function<Result<std::unique_ptr<ExtentWriter>>(const TargetFile&)>;

// Positioned vectored writes by the calling thread.
class SystemCallWriter final : public ExtentWriter {
 public:
  // `note` follows the description, such as why it is this writer.
  explicit SystemCallWriter(const TargetFile& file, std::string note = {})
      : file_(file), note_(std::move(note)) {}

  Result<void> write(std::span<const Extent> extents) override { return file_.write_extents(extents); }
  [[nodiscard]] std::string description() const override { return "pwritev" + note_; }

 private:
  const TargetFile& file_;
  std::string note_;
};

inline Result<std::unique_ptr<ExtentWriter>> make_system_call_writer(const TargetFile& file) {
  return std::make_unique<SystemCallWriter>(file);
}

}  // namespace depthfinder
