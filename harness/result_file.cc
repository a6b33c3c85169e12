// SPDX-License-Identifier: MIT
#include "harness/result_file.h"

#include "reports/result_json.h"
#include "restore_core/base/file.h"

namespace depthfinder {

Result<Bytes> read_result_bytes(const std::filesystem::path& path) {
  constexpr std::uint64_t kResultBytesMax = 256ULL << 20;
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return fail(ErrorKind::bad_input, "{} is a directory: give the result.json in it", path.string());
  return read_file(path, kResultBytesMax);
}

Result<SweepResult> read_result_file(const std::filesystem::path& path) {
  DF_ASSIGN(const Bytes bytes, read_result_bytes(path));
  return from_json(as_text(bytes), path.string());
}

Result<void> write_result_file(const std::filesystem::path& path, const SweepResult& result) {
  DF_ASSIGN(const std::string json, to_json(result));
  return write_file_atomically(path, as_bytes(json));
}

}  // namespace depthfinder
