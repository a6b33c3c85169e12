// SPDX-License-Identifier: MIT
// The failure matrix: every fault of the mock server meets every way to restore, on every kind of target, plain and
// encrypted, and the rule in matrix_cell.h says what must come of it:
//
//   the identical image      each chunk written once, read back from the target byte for byte
//   or an error              of the right kind and exit status; one sentence that names chunk, offset, digest, cause and
//                            what to do; no wrong byte written, nothing of the chunk it names, nothing afterwards; the
//                            target not declared complete
//
// and in both cases no thread and no descriptor left. By default a covering part runs (matrix_cell.h says which);
// DEPTHFINDER_MATRIX=full runs every cell.
#include <cstdlib>
#include <fstream>
#include <regex>
#include <set>

#include <gtest/gtest.h>

#include "harness/exit_status.h"
#include "harness/failures/matrix_run.h"
#include "harness/failures/process_census.h"
#include "harness/temporary_directory.h"
#include "restore_core/base/file.h"
#include "restore_core/hash/sha256.h"
#include "restore_core/sink/digest_sink.h"
#include "restore_core/sink/qemu_nbd.h"
#include "scenarios/server_spec_loader.h"

namespace depthfinder::failures {

void PrintTo(const Cell& cell, std::ostream* out) { *out << cell.name(); }

namespace {

using testing_support::kTestChunkSize;
using testing_support::QemuNbd;
using testing_support::TestImage;

constexpr std::uint64_t kExportBytes = 12 * kTestChunkSize;  // a little more than the image

std::vector<Cell> cells() {
  const char* wanted = std::getenv("DEPTHFINDER_MATRIX");
  return wanted != nullptr && std::string_view(wanted) == "full" ? all_cells() : covering_cells();
}

void fill(const std::filesystem::path& path) { std::ofstream(path) << std::string(kExportBytes, 'x'); }

// The first bytes of a file, as many as the image has.
Bytes image_in(const std::filesystem::path& path, std::size_t image_bytes) {
  Bytes bytes = read_file(path, 1U << 30).value_or(Bytes{});
  EXPECT_GE(bytes.size(), image_bytes);
  bytes.resize(image_bytes);
  return bytes;
}

const char* remedy_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::corrupt:
    case ErrorKind::not_found:
      return "verify the snapshot on the server, or restore another one";
    case ErrorKind::auth:
      return "check on the server what the user or token may do, then go on with --resume";
    case ErrorKind::protocol:
      return "see the server's log for the reason, then go on with --resume";
    default:
      return "when the server answers again, go on with --resume";
  }
}

ExitStatus status_of(ErrorKind kind) {
  return kind == ErrorKind::corrupt ? ExitStatus::integrity : ExitStatus::failed;
}

class FailureMatrix : public testing::TestWithParam<Cell> {
 protected:
  static void SetUpTestSuite() {
    directory_.emplace(TemporaryDirectory::make().value());
    if (!testing_support::qemu_is_missing()) {
      fill(export_path());
      nbd_ = std::make_unique<QemuNbd>(directory_->path() / "socket",
                                       std::vector<std::string>{"--format=raw", "--shared=8", export_path()});
    }
    // What libraries open once and keep is not what a restore leaves behind.
    const Way way = ways().front();
    const MatrixServer server(stored_image(false), {});
    const auto nowhere = []() -> Result<TargetSink> {
      DF_ASSIGN(auto sink, open_sink("null", stored_image(false).bytes.size(), {}));
      return TargetSink{std::move(sink)};
    };
    ASSERT_TRUE(restore(server.access(), stored_image(false), way,
                        reader_options(way, chunk_faults().front(), When::once), nowhere)
                    .restored);
  }
  static void TearDownTestSuite() {
    nbd_.reset();
    directory_.reset();
  }

  static std::filesystem::path export_path() { return directory_->path() / "export"; }
  static std::filesystem::path file_path() { return directory_->path() / "target"; }

  static std::string text_of(Target target) {
    switch (target) {
      case Target::null:
        return "null";
      case Target::uring:
        return "uring:" + file_path().string();
      case Target::slow:
        return "slow:latency=1ms,rate=500MB/s,path=" + file_path().string();
      case Target::nbd:
        return nbd_->uri();
      case Target::file:
      case Target::digest:
        break;
    }
    return file_path().string();
  }

  // With old bytes in the way. A digest that is taken must be the image's.
  static Result<TargetSink> make_sink(const Cell& cell) {
    const Bytes& image = stored_image(cell.encrypted).bytes;
    fill(cell.target == Target::nbd ? export_path() : file_path());
    DF_ASSIGN(auto sink, open_sink(text_of(cell.target), image.size(), {.overwrite = true, .writers = 2}));
    if (cell.target != Target::digest) return TargetSink{std::move(sink)};
    auto hashing = std::make_unique<DigestSink>(std::move(sink), image.size(), 8 * kTestChunkSize);
    const DigestSink& hashed = *hashing;
    return TargetSink{std::move(hashing), [&] { EXPECT_EQ(hashed.digest(), sha256(image)); }};
  }

  static void expect_identical(const Cell& cell, const Outcome& outcome) {
    ASSERT_TRUE(outcome.restored) << outcome.restored.error().message;
    const TestImage& image = stored_image(cell.encrypted);
    EXPECT_EQ(outcome.restored->logical_bytes, image.bytes.size());
    EXPECT_EQ(outcome.finishes, 1);
    EXPECT_EQ(outcome.written, std::vector<int>(image.index.chunk_count(), 1));
    if (cell.target == Target::null) return;
    const auto path = cell.target == Target::nbd ? export_path() : file_path();
    EXPECT_TRUE(image_in(path, image.bytes.size()) == image.bytes) << "the target differs from the image";
  }

  static void expect_error(const Cell& cell, const Outcome& outcome, ErrorKind kind) {
    ASSERT_FALSE(outcome.restored);
    const Error& error = outcome.restored.error();
    EXPECT_EQ(error.kind, kind) << error.message;
    EXPECT_EQ(exit_status_of(error), status_of(kind));
    EXPECT_EQ(outcome.finishes, 0);
    const std::size_t chunk = expect_sentence(cell, error);
    ASSERT_LT(chunk, outcome.written.size());
    EXPECT_EQ(outcome.written[chunk], 0) << "of the chunk that failed something was written";
    for (std::size_t i = 0; i < outcome.written.size(); ++i)
      EXPECT_LE(outcome.written[i], i > chunk && cell.way.name == std::string("sequential") ? 0 : 1) << i;
  }

  // The chunk it names.
  static std::size_t expect_sentence(const Cell& cell, const Error& error) {
    static const std::regex kSentence(
        R"(chunk (\d+) of (\d+) at offset (\d+) \(digest ([0-9a-f]{64})\): ([^\n]+); ([^;\n]+))");
    const FixedIndex& index = stored_image(cell.encrypted).index;
    std::smatch parts;
    if (!std::regex_match(error.message, parts, kSentence)) {
      ADD_FAILURE() << "no sentence with all its parts: " << error.message;
      return SIZE_MAX;
    }
    const std::size_t chunk = std::stoul(parts[1]);
    EXPECT_TRUE(chunk == kFaulted || cell.fault.takes_others_along) << error.message;
    EXPECT_EQ(std::stoul(parts[2]), index.chunk_count());
    EXPECT_EQ(std::stoul(parts[3]), chunk * kTestChunkSize);
    EXPECT_EQ(parts[4], to_hex(index.digests.at(chunk)));
    EXPECT_TRUE(std::regex_search(parts[5].str(), std::regex(cell.fault.says))) << error.message;
    EXPECT_EQ(parts[6], remedy_of(error.kind));
    return chunk;
  }

  static inline std::optional<TemporaryDirectory> directory_;
  static inline std::unique_ptr<QemuNbd> nbd_;
};

TEST_P(FailureMatrix, EndsByTheRule) {
  const Cell& cell = GetParam();
  if (cell.target == Target::nbd && !nbd_) GTEST_SKIP() << "qemu-nbd and qemu-img are not installed";
  const ProcessCensus before = ProcessCensus::take();
  {
    const TestImage& image = stored_image(cell.encrypted);
    const MatrixServer server(image, {spec_of(cell, kFaulted, to_hex(image.index.digests[kFaulted]))});
    const Outcome outcome =
        restore(server.access(), image, cell.way, reader_options(cell.way, cell.fault, cell.when),
                [&] { return make_sink(cell); });
    EXPECT_GE(server.faults_injected(), 1U);
    EXPECT_EQ(outcome.wrong_writes, 0);
    EXPECT_EQ(outcome.late_writes, 0);
    if (const auto kind = expected_of(cell.fault, cell.when))
      expect_error(cell, outcome, *kind);
    else
      expect_identical(cell, outcome);
  }
  EXPECT_EQ(ProcessCensus::take_until_it_is(before), before);
}

INSTANTIATE_TEST_SUITE_P(Cells, FailureMatrix, testing::ValuesIn(cells()),
                         [](const auto& instance) { return instance.param.name(); });

TEST(FailureMatrixCells, CoverEveryFaultThereIs) {
  std::set<FaultKind> kinds;
  for (const Cell& cell : covering_cells()) kinds.insert(cell.fault.kind);
  for (int kind = 0; kind <= static_cast<int>(FaultKind::tls_alert); ++kind)
    EXPECT_TRUE(kinds.contains(static_cast<FaultKind>(kind)))
        << fault_kind_name(static_cast<FaultKind>(kind));
}

// Of any two lists every pair, and every fault, however often, with every way.
TEST(FailureMatrixCells, CoverEveryPair) {
  const auto pairs_of = [](const std::vector<Cell>& cells) {
    std::set<std::string> pairs;
    for (const Cell& cell : cells) {
      const auto add = [&](const auto&... parts) { pairs.insert((... + (fmt::format("{}", parts) + " "))); };
      const int when = static_cast<int>(cell.when), target = static_cast<int>(cell.target);
      add("fault, when, way", cell.fault.name, when, cell.way.name);
      add("fault, target", cell.fault.name, target);
      add("fault, encrypted", cell.fault.name, cell.encrypted);
      add("way, target", cell.way.name, target);
      add("way, encrypted", cell.way.name, cell.encrypted);
      add("target, encrypted", target, cell.encrypted);
      add("when, target", when, target);
    }
    return pairs;
  };
  EXPECT_EQ(pairs_of(covering_cells()), pairs_of(all_cells()));
}

}  // namespace
}  // namespace depthfinder::failures
