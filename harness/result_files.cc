// SPDX-License-Identifier: MIT
#include "harness/result_files.h"

#include "restore_core/base/file.h"

namespace depthfinder {

Result<std::vector<StoredResult>> read_result_files(const std::vector<std::string>& paths) {
  constexpr std::uint64_t kFileBytesMax = 256ULL << 20;
  std::vector<StoredResult> all;
  for (const std::string& path : paths) {
    DF_ASSIGN(const Bytes bytes, read_file(path, kFileBytesMax));
    DF_ASSIGN(auto some, read_results(as_text(bytes), path));
    for (StoredResult& one : some) all.push_back(std::move(one));
  }
  return collect(std::move(all));
}

Result<std::vector<SweepResult>> read_sweep_results(const std::vector<std::string>& paths) {
  DF_ASSIGN(auto stored, read_result_files(paths));
  std::vector<SweepResult> results;
  for (StoredResult& one : stored) results.push_back(std::move(one.result));
  return results;
}

}  // namespace depthfinder
