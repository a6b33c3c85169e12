// SPDX-License-Identifier: MIT
// Test support for the failure matrix: the image that is stored, a mock server for it in this process, and one restore
// from there, all the way from login to the last write, with what is to be known of it afterwards. One thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "harness/failures/matrix_cell.h"
#include "harness/failures/test_image_store.h"
#include "mock_server/protocol/running_server.h"
#include "restore_core/client/reader_client.h"
#include "restore_core/engine/restore_engine.h"

namespace depthfinder::failures {

// Twelve chunks, among them zeros, one that comes twice and a short last one. The one at kFaulted comes once.
inline constexpr std::uint64_t kFaulted = 5;
const testing_support::TestImage& stored_image(bool encrypted);

// Serves an image, which outlives it, until it goes.
class MatrixServer {
 public:
  MatrixServer(const testing_support::TestImage& image, std::vector<FaultSpec> faults,
               const ServerSpec& other = {});

  [[nodiscard]] ServerAccess access() const;
  [[nodiscard]] ServerAccess token_access() const;
  [[nodiscard]] std::uint64_t faults_injected() const;

 private:
  std::shared_ptr<const TestImageStore> store_;
  std::unique_ptr<mock::RunningServer> server_;
};

struct Outcome {
  Result<RestoreStats> restored;
  int wrong_writes = 0, late_writes = 0, finishes = 0;
  std::vector<int> written = {};  // how often each chunk was
};

// Short waits between attempts, and hang guards where the fault is no stall.
ReaderOptions reader_options(const Way& way, const Fault& fault, When when);
EngineSettings engine_of(const Way& way);

// Called once the index has been read. All that was opened is closed again when restore() returns; what a sink knows is
// asked for before that.
struct TargetSink {
  std::unique_ptr<Sink> sink;
  std::function<void()> afterwards = [] {};  // unless the restore failed
};
using MakeSink = std::function<Result<TargetSink>()>;
Outcome restore(const ServerAccess& access, const testing_support::TestImage& image, const Way& way,
                const ReaderOptions& reader, const MakeSink& make_sink);

}  // namespace depthfinder::failures
