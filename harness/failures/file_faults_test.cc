// SPDX-License-Identifier: MIT
// The same faults where the index or the manifest is asked for, and what a restore does to be let in again: tickets,
// tokens, indexes registered once more.
#include <regex>

#include <gtest/gtest.h>

#include "harness/failures/matrix_run.h"
#include "harness/failures/process_census.h"
#include "restore_core/format/manifest.h"

namespace depthfinder::failures {

struct FileCell {
  Fault fault;
  FaultOn on = FaultOn::index;
  When when = When::once;
  int connections = 1;
};

void PrintTo(const FileCell& cell, std::ostream* out) { *out << cell.fault.name; }

namespace {

Result<TargetSink> nowhere() {
  DF_ASSIGN(auto sink, open_sink("null", stored_image(false).bytes.size(), {}));
  return TargetSink{std::move(sink)};
}

FaultSpec file_fault(const FileCell& cell) {
  FaultSpec spec;
  spec.kind = cell.fault.kind;
  spec.status = cell.fault.status;
  spec.on = cell.on;
  if (spec.kind == FaultKind::stall) spec.duration = std::chrono::hours(1);
  if (spec.kind == FaultKind::drip) spec.rate_bytes_per_s = 400e3;
  if (cell.when == When::once) spec.times = 1;
  return spec;
}

std::vector<FileCell> file_cells() {
  std::vector<FileCell> cells;
  for (const Fault& fault : file_faults())
    for (const FaultOn on : {FaultOn::index, FaultOn::manifest})
      for (const When when : {When::once, When::always})
        for (const int connections : {1, 3}) cells.push_back({fault, on, when, connections});
  return cells;
}

std::string name_of(const FileCell& cell) {
  return fmt::format("{}_{}_{}_{}_connections", cell.fault.name,
                     cell.on == FaultOn::index ? "index" : "manifest",
                     cell.when == When::once ? "once" : "always", cell.connections);
}

class FileFaults : public testing::TestWithParam<FileCell> {};

// What damaged files are said to have: not what chunks have.
std::string cause_of(const FileCell& cell) {
  if (cell.fault.kind == FaultKind::missing) return "not found";
  if (cell.fault.nature != Nature::damage) return cell.fault.says;
  return cell.on == FaultOn::manifest ? "CRC" : "checksum|truncated|bytes";
}

TEST_P(FileFaults, EndByTheRule) {
  const FileCell& cell = GetParam();
  const Way way{"spawned", "spawned", cell.connections};
  const ProcessCensus before = ProcessCensus::take();
  {
    const MatrixServer server(stored_image(false), {file_fault(cell)});
    const Outcome outcome = restore(server.access(), stored_image(false), way,
                                    reader_options(way, cell.fault, cell.when), nowhere);
    EXPECT_GE(server.faults_injected(), 1U);
    EXPECT_EQ(outcome.wrong_writes, 0);
    if (const auto kind = expected_of(cell.fault, cell.when)) {
      ASSERT_FALSE(outcome.restored);
      const Error& error = outcome.restored.error();
      EXPECT_EQ(error.kind, *kind) << error.message;
      EXPECT_TRUE(outcome.written.empty());
      const std::string name(cell.on == FaultOn::index ? kArchive : kManifestName);
      EXPECT_TRUE(std::regex_match(error.message,
                                   std::regex(name + ": [^\\n]*(" + cause_of(cell) + ")[^\\n]*; [^;\\n]+")))
          << error.message;
    } else {
      ASSERT_TRUE(outcome.restored) << outcome.restored.error().message;
      EXPECT_EQ(outcome.written, std::vector<int>(stored_image(false).index.chunk_count(), 1));
    }
  }
  EXPECT_EQ(ProcessCensus::take_until_it_is(before), before);
}

INSTANTIATE_TEST_SUITE_P(Cells, FileFaults, testing::ValuesIn(file_cells()),
                         [](const auto& instance) { return name_of(instance.param); });

class LetInAgain : public testing::TestWithParam<Way> {
 protected:
  // One lost connection, and what the server does when the index is asked for again.
  static Outcome restore_with(const std::vector<FaultSpec>& faults, bool token = false) {
    const Fault fault{"", FaultKind::connection_reset, Nature::transient, ErrorKind::connection, ""};
    const MatrixServer server(stored_image(false), faults);
    return restore(token ? server.token_access() : server.access(), stored_image(false), GetParam(),
                   reader_options(GetParam(), fault, When::once), nowhere);
  }
  static FaultSpec on_chunk(FaultKind kind) {
    FaultSpec fault;
    fault.kind = kind;
    fault.positions = {kFaulted, kFaulted};
    fault.times = 1;
    return fault;
  }
  // On the first request for the index after all connections have it.
  static FaultSpec on_index_again(FaultKind kind, int status = 503) {
    FaultSpec fault;
    fault.kind = kind;
    fault.status = status;
    fault.on = FaultOn::index;
    const auto again = static_cast<std::uint64_t>(GetParam().connections) + 1;
    fault.requests = {again, again};
    return fault;
  }
  static void expect_restored(const Outcome& outcome) {
    ASSERT_TRUE(outcome.restored) << outcome.restored.error().message;
    EXPECT_GE(outcome.restored->retries, 1U);
    EXPECT_EQ(outcome.wrong_writes, 0);
    EXPECT_EQ(outcome.written, std::vector<int>(stored_image(false).index.chunk_count(), 1));
  }
};

TEST_P(LetInAgain, WithATokenAfterEveryLoss) {
  for (const Fault& fault : chunk_faults())
    if (fault.takes_others_along && fault.kind != FaultKind::stall)
      expect_restored(restore_with({on_chunk(fault.kind)}, true));
}

TEST_P(LetInAgain, AlsoWhereRegisteringAgainFailsOnce) {
  for (const FaultKind kind : {FaultKind::status, FaultKind::connection_reset, FaultKind::stream_reset,
                               FaultKind::goaway, FaultKind::expired_ticket, FaultKind::tls_alert})
    expect_restored(restore_with({on_chunk(FaultKind::connection_reset), on_index_again(kind)}));
}

TEST_P(LetInAgain, ButNotToASnapshotThatIsGone) {
  const Outcome outcome =
      restore_with({on_chunk(FaultKind::connection_reset), on_index_again(FaultKind::missing)});
  ASSERT_FALSE(outcome.restored);
  const Error& error = outcome.restored.error();
  EXPECT_EQ(error.kind, ErrorKind::not_found) << error.message;
  EXPECT_TRUE(std::regex_match(error.message,
                               std::regex(R"(chunk \d+ of 12 at offset \d+ \(digest [0-9a-f]{64}\): .*)"
                                          R"(drive-scsi0\.img\.fidx.*not found.*; verify the snapshot.*)")))
      << error.message;
  EXPECT_EQ(outcome.finishes, 0);
}

// Others are answered in every session, so that failures are never many in a row.
TEST(ADeadlyRequest, EndsTheRestoreThoughOthersAreAnswered) {
  std::string letters;
  for (int letter = 'A'; letter < 256; ++letter) letters += static_cast<char>(letter);
  const testing_support::TestImage image =
      testing_support::make_test_image(letters, testing_support::Encoding::compressed);
  const Way way{"spawned", "spawned"};
  const Fault fault{"", FaultKind::connection_reset, Nature::transient, ErrorKind::connection, ""};
  FaultSpec deadly;
  deadly.kind = fault.kind;
  deadly.positions = {0, 0};
  ServerSpec jittery;  // so that it is not always the first to be answered
  jittery.latency = jittery.jitter = std::chrono::milliseconds(4);
  const MatrixServer server(image, {deadly}, jittery);
  ReaderOptions reader = reader_options(way, fault, When::always);
  reader.attempts_max = 10;
  const Outcome outcome = restore(server.access(), image, way, reader, [&]() -> Result<TargetSink> {
    DF_ASSIGN(auto sink, open_sink("null", image.bytes.size(), {}));
    return TargetSink{std::move(sink)};
  });
  ASSERT_FALSE(outcome.restored);
  EXPECT_NE(outcome.restored.error().message.find("with this request the oldest one"), std::string::npos)
      << outcome.restored.error().message;
  EXPECT_GT(std::count(outcome.written.begin(), outcome.written.end(), 0), 1);
}

INSTANTIATE_TEST_SUITE_P(Ways, LetInAgain, testing::ValuesIn(ways()),
                         [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace depthfinder::failures
