// SPDX-License-Identifier: MIT
// What every sink promises, checked on every sink: whatever the order of the writes, the target reads as the
// image.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "restore_core/base/file.h"
#include "restore_core/base/handle.h"
#include "restore_core/base/random.h"
#include "restore_core/sink/digest_sink.h"
#include "restore_core/sink/qemu_nbd.h"
#include "restore_core/sink/sink.h"

namespace depthfinder {
namespace {

using testing_support::QemuNbd;
using testing_support::run;

constexpr std::uint64_t kPiece = 256U << 10;
constexpr std::uint64_t kConformanceBytes = 5 * kPiece + 1000;  // with a short last piece
constexpr std::uint64_t kWindowBytes = 8 * kPiece;

// One target of the kind under test; knows how to read it back.
class Target {
 public:
  explicit Target(std::filesystem::path directory) : path_(directory / "target") {}
  virtual ~Target() = default;
  virtual Result<std::unique_ptr<Sink>> open() { return open_sink(path_.string(), kConformanceBytes, {}); }
  // What the target holds now; nothing where it keeps nothing.
  virtual std::optional<Bytes> read() { return read_file(path_, 1U << 30).value_or(Bytes{}); }
  [[nodiscard]] virtual std::string missing() const { return {}; }

 protected:
  std::filesystem::path path_;
};

class NullTarget final : public Target {
 public:
  using Target::Target;
  Result<std::unique_ptr<Sink>> open() override { return open_sink("null", kConformanceBytes, {}); }
  std::optional<Bytes> read() override { return std::nullopt; }
};

// Its old bytes, more than the image has, must not shine through.
class OverwrittenFileTarget final : public Target {
 public:
  using Target::Target;
  Result<std::unique_ptr<Sink>> open() override {
    std::ofstream(path_) << std::string(kConformanceBytes + 5000, 'x');
    return open_sink(path_.string(), kConformanceBytes, {.overwrite = true});
  }
};

// The same where old data may stay: it must not shine through either.
class KeptFileTarget : public Target {
 public:
  using Target::Target;
  Result<std::unique_ptr<Sink>> open() override {
    std::ofstream(path_) << std::string(kConformanceBytes, 'x');
    return open_sink(prefix() + path_.string(), kConformanceBytes, {.old_data = OldData::require});
  }
  [[nodiscard]] virtual std::string prefix() const { return {}; }
};

class KeptUringFileTarget final : public KeptFileTarget {
 public:
  using KeptFileTarget::KeptFileTarget;
  [[nodiscard]] std::string prefix() const override { return "uring:"; }
};

class DigestTarget final : public Target {
 public:
  using Target::Target;
  Result<std::unique_ptr<Sink>> open() override {
    DF_ASSIGN(auto file, open_sink(path_.string(), kConformanceBytes, {}));
    return std::make_unique<DigestSink>(std::move(file), kConformanceBytes, kWindowBytes);
  }
};

// Over a file, at a speed that costs no time worth mentioning.
class SlowFileTarget final : public Target {
 public:
  using Target::Target;
  Result<std::unique_ptr<Sink>> open() override {
    return open_sink("slow:latency=1us,rate=100GB/s,writers=3,path=" + path_.string(), kConformanceBytes, {});
  }
};

// As the system has it: with direct I/O, without, or with neither that nor io_uring.
class UringFileTarget : public Target {
 public:
  using Target::Target;
  Result<std::unique_ptr<Sink>> open() override { return open_sink(text(), kConformanceBytes, {}); }
  [[nodiscard]] virtual std::string text() const { return "uring:" + path_.string() + ",depth=3"; }
};

class BufferedUringFileTarget final : public UringFileTarget {
 public:
  using UringFileTarget::UringFileTarget;
  [[nodiscard]] std::string text() const override { return "uring:" + path_.string() + ",direct=off"; }
};

// A loop device over a file full of old bytes; needs the right to make one.
class LoopDeviceTarget : public Target {
 public:
  explicit LoopDeviceTarget(std::filesystem::path directory) : Target(std::move(directory)) {
    std::ofstream(path_) << std::string(8 * kPiece, 'x');
    device_ = run("losetup --find --show '" + path_.string() + "' 2>/dev/null");
    if (device_ == "failed") device_.clear();
  }
  ~LoopDeviceTarget() override {
    if (!device_.empty()) run("losetup --detach " + device_);
  }
  Result<std::unique_ptr<Sink>> open() override { return open_sink(device_, kConformanceBytes, {}); }
  std::optional<Bytes> read() override {
    Bytes bytes(kConformanceBytes);
    UniqueFd fd(::open(device_.c_str(), O_RDONLY | O_CLOEXEC));
    const ssize_t length = ::read(fd.get(), bytes.data(), bytes.size());
    bytes.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
    return bytes;
  }
  [[nodiscard]] std::string missing() const override {
    return device_.empty() ? "losetup cannot make a loop device here" : "";
  }

 protected:
  std::string device_;
};

class KeptLoopDeviceTarget final : public LoopDeviceTarget {
 public:
  using LoopDeviceTarget::LoopDeviceTarget;
  Result<std::unique_ptr<Sink>> open() override {
    return open_sink(device_, kConformanceBytes, {.old_data = OldData::keep});
  }
};

class UringLoopDeviceTarget final : public LoopDeviceTarget {
 public:
  using LoopDeviceTarget::LoopDeviceTarget;
  Result<std::unique_ptr<Sink>> open() override {
    return open_sink("uring:" + device_, kConformanceBytes, {});
  }
};

// An image full of old bytes, and larger than ours, that a real qemu-nbd serves.
class NbdTarget : public Target {
 public:
  explicit NbdTarget(std::filesystem::path directory, std::string format = "raw",
                     OldData old_data = OldData::drop)
      : Target(directory),
        directory_(std::move(directory)),
        format_(std::move(format)),
        old_data_(old_data) {}
  Result<std::unique_ptr<Sink>> open() override {
    std::ofstream(directory_ / "old") << std::string(8 * kPiece, 'x');
    run("qemu-img convert -O " + format_ + " " + (directory_ / "old").string() + " " + path_.string());
    server_.emplace(directory_ / "socket",
                    std::vector<std::string>{"--shared=8", "--format=" + format_, path_.string()});
    return open_sink(server_->uri(), kConformanceBytes, {.old_data = old_data_});
  }
  std::optional<Bytes> read() override {
    server_->end(SIGTERM);
    const auto raw = directory_ / "raw";
    run("qemu-img convert -f " + format_ + " -O raw " + path_.string() + " " + raw.string());
    Bytes bytes = read_file(raw, 1U << 30).value_or(Bytes{});
    bytes.resize(std::min<std::size_t>(bytes.size(), kConformanceBytes));
    return bytes;
  }
  [[nodiscard]] std::string missing() const override {
    return testing_support::qemu_is_missing() ? "qemu-nbd and qemu-img (qemu-utils) are not installed" : "";
  }

 private:
  std::filesystem::path directory_;
  std::string format_;
  OldData old_data_;
  std::optional<QemuNbd> server_;
};

class Qcow2NbdTarget final : public NbdTarget {
 public:
  explicit Qcow2NbdTarget(std::filesystem::path directory) : NbdTarget(std::move(directory), "qcow2") {}
};

class KeptNbdTarget final : public NbdTarget {
 public:
  explicit KeptNbdTarget(std::filesystem::path directory)
      : NbdTarget(std::move(directory), "qcow2", OldData::keep) {}
};

struct TargetKind {
  const char* name;
  std::function<std::unique_ptr<Target>(const std::filesystem::path&)> make;
};

template <typename T>
TargetKind kind(const char* name) {
  return {name, [](const std::filesystem::path& directory) { return std::make_unique<T>(directory); }};
}

Bytes random_image() {
  Bytes image(kConformanceBytes);
  Random random(7);
  for (auto& byte : image) byte = static_cast<std::uint8_t>(random.next() | 1);
  return image;
}

void fill_zeros(Bytes& image, std::uint64_t offset, std::uint64_t length) {
  std::fill_n(image.begin() + static_cast<std::ptrdiff_t>(offset), length, std::uint8_t{0});
}

class SinkConformance : public testing::TestWithParam<TargetKind> {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "sink-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    target_ = GetParam().make(directory_);
    if (const auto reason = target_->missing(); !reason.empty()) GTEST_SKIP() << reason;
    auto sink = target_->open();
    ASSERT_TRUE(sink) << sink.error().message;
    sink_ = std::move(*sink);
  }
  void TearDown() override {
    sink_.reset();
    target_.reset();
    std::filesystem::remove_all(directory_);
  }

  // Writes the pieces of `image` in the given order; the pieces named in `zeros` by write_zeros.
  void write_pieces(const Bytes& image, const std::vector<std::uint64_t>& order,
                    const std::vector<std::uint64_t>& zeros) {
    for (const auto piece : order) {
      const std::uint64_t offset = piece * kPiece;
      const std::uint64_t length = std::min(kPiece, kConformanceBytes - offset);
      const bool is_zeros = std::find(zeros.begin(), zeros.end(), piece) != zeros.end();
      const auto written = is_zeros ? sink_->write_zeros(offset, length)
                                    : sink_->write_data(offset, ByteSpan(image).subspan(offset, length));
      ASSERT_TRUE(written) << written.error().message;
    }
    const auto finished = sink_->finish();
    ASSERT_TRUE(finished) << finished.error().message;
  }

  // Pieces of this length: by every thread that the sink permits (up to four), two at a time where there are two that
  // hold data, zeros by write_zeros.
  void write_side_by_side(const Bytes& image, std::uint64_t piece_bytes) {
    std::atomic<std::uint64_t> next = 0;
    const auto write_some = [&] {
      for (std::uint64_t offset = next.fetch_add(2 * piece_bytes); offset < kConformanceBytes;
           offset = next.fetch_add(2 * piece_bytes)) {
        const ByteSpan both =
            ByteSpan(image).subspan(offset, std::min(2 * piece_bytes, kConformanceBytes - offset));
        const std::size_t middle = std::min<std::size_t>(piece_bytes, both.size());
        const std::array<ByteSpan, 2> pieces{both.first(middle), both.subspan(middle)};
        const auto written =
            is_zero(both) ? sink_->write_zeros(offset, both.size()) : sink_->write_run(offset, pieces);
        EXPECT_TRUE(written) << written.error().message;
      }
    };
    std::vector<std::jthread> others;
    for (int i = 1; i < std::min(sink_->writers_max(), 4); ++i) others.emplace_back(write_some);
    write_some();
    others.clear();
    const auto finished = sink_->finish();
    ASSERT_TRUE(finished) << finished.error().message;
  }

  void expect_target_holds(const Bytes& image) {
    const auto held = target_->read();
    EXPECT_TRUE(!held || *held == image) << "the target does not hold the image";
  }

  std::filesystem::path directory_;
  std::unique_ptr<Target> target_;
  std::unique_ptr<Sink> sink_;
};

TEST_P(SinkConformance, HoldsWhatWasWrittenInOrder) {
  const Bytes image = random_image();
  write_pieces(image, {0, 1, 2, 3, 4, 5}, {});
  expect_target_holds(image);
}

TEST_P(SinkConformance, HoldsWhatWasWrittenInAnyOrder) {
  const Bytes image = random_image();
  write_pieces(image, {5, 2, 4, 0, 3, 1}, {});
  expect_target_holds(image);
}

TEST_P(SinkConformance, ZeroRangesReadAsZeros) {
  Bytes image = random_image();
  fill_zeros(image, 1 * kPiece, kPiece);
  fill_zeros(image, 4 * kPiece, kPiece);
  write_pieces(image, {4, 0, 3, 1, 5, 2}, {1, 4});
  expect_target_holds(image);
}

TEST_P(SinkConformance, ZerosInsideDataReadAsZeros) {
  Bytes image = random_image();
  fill_zeros(image, 10, 3);                          // within a hole-sized piece
  fill_zeros(image, kPiece, kPiece);                 // a whole piece
  fill_zeros(image, 2 * kPiece + 1000, 128U << 10);  // unaligned
  fill_zeros(image, 3 * kPiece + (64U << 10), 64U << 10);
  fill_zeros(image, 5 * kPiece, 1000);  // the short end
  write_pieces(image, {3, 1, 5, 0, 2, 4}, {});
  expect_target_holds(image);
}

TEST_P(SinkConformance, HoldsWhatSeveralThreadsWroteInRuns) {
  Bytes image = random_image();
  fill_zeros(image, 2 * kPiece, kPiece + 3000);
  write_side_by_side(image, 64U << 10);
  expect_target_holds(image);
}

// No chunk is like this; it has the threads meet within pages and blocks.
TEST_P(SinkConformance, HoldsWhatSeveralThreadsWroteUnaligned) {
  Bytes image = random_image();
  fill_zeros(image, kPiece + 100, 2 * kPiece);
  write_side_by_side(image, 20'000);
  expect_target_holds(image);
}

// What stood there before, also at odd places and lengths.
TEST_P(SinkConformance, OldDataReadsAsItIs) {
  if (!sink_->holds_old_data()) return;
  for (const auto& [offset, length] : {std::pair<std::uint64_t, std::uint64_t>{0, kConformanceBytes},
                                       {0, kPiece},
                                       {12345, 678},
                                       {kPiece - 1, 2},
                                       {kConformanceBytes - 1001, 1001},
                                       {7, 0}}) {
    Bytes bytes(length, 1);
    const auto read = sink_->read(offset, bytes);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_TRUE(bytes == Bytes(length, 'x')) << offset;
    EXPECT_FALSE(length > 0 && sink_->is_hole(offset, length));
  }
}

TEST_P(SinkConformance, AnEmptyRunIsNothing) {
  ASSERT_TRUE(sink_->write_run(0, {}));
  const ByteSpan empty;
  ASSERT_TRUE(sink_->write_run(0, std::span(&empty, 1)));
  ASSERT_TRUE(sink_->write_zeros(kPiece, 0));
}

TEST_P(SinkConformance, SaysWhatItIs) { EXPECT_FALSE(sink_->description().empty()); }

TEST_P(SinkConformance, AllZerosInOneCall) {
  const auto written = sink_->write_zeros(0, kConformanceBytes);
  ASSERT_TRUE(written) << written.error().message;
  ASSERT_TRUE(sink_->finish());
  expect_target_holds(Bytes(kConformanceBytes, 0));
}

INSTANTIATE_TEST_SUITE_P(
    EverySink, SinkConformance,
    testing::Values(kind<NullTarget>("Null"), kind<Target>("File"),
                    kind<OverwrittenFileTarget>("OverwrittenFile"), kind<KeptFileTarget>("KeptFile"),
                    kind<KeptUringFileTarget>("KeptUringFile"), kind<KeptLoopDeviceTarget>("KeptLoopDevice"),
                    kind<KeptNbdTarget>("KeptNbd"), kind<LoopDeviceTarget>("LoopDevice"),
                    kind<SlowFileTarget>("SlowFile"), kind<DigestTarget>("Digest"),
                    kind<UringFileTarget>("UringFile"), kind<BufferedUringFileTarget>("BufferedUringFile"),
                    kind<UringLoopDeviceTarget>("UringLoopDevice"), kind<NbdTarget>("Nbd"),
                    kind<Qcow2NbdTarget>("Qcow2Nbd")),
    [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace depthfinder
