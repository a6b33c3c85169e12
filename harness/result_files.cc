// SPDX-License-Identifier: MIT
#include "harness/result_files.h"

#include "harness/result_file.h"
#include "restore_core/base/bytes.h"

namespace depthfinder {

Result<std::vector<StoredResult>> read_result_files(const std::vector<std::string>& paths) {
  std::vector<StoredResult> all;
  for (const std::string& path : paths) {
    DF_ASSIGN(const Bytes bytes, read_result_bytes(path));
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
