// SPDX-License-Identifier: MIT
// What every sink promises, checked on every sink: whatever the order of the writes, the target reads as the
// image.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "restore_core/base/file.h"
#include "restore_core/base/handle.h"
#include "restore_core/base/random.h"
#include "restore_core/sink/digest_sink.h"
#include "restore_core/sink/sink.h"

namespace depthfinder {
namespace {

constexpr std::uint64_t kPiece = 256U << 10;
constexpr std::uint64_t kImageBytes = 5 * kPiece + 1000;  // with a short last piece
constexpr std::uint64_t kWindowBytes = 8 * kPiece;

std::string run(const std::string& command) {
  Handle<FILE, ::pclose> pipe(::popen(command.c_str(), "r"));
  std::string output;
  std::array<char, 256> buffer{};
  while (pipe && std::fgets(buffer.data(), buffer.size(), pipe.get()) != nullptr) output += buffer.data();
  while (!output.empty() && output.back() == '\n') output.pop_back();
  return output;
}

// One target of the kind under test; knows how to read it back.
class Target {
 public:
  explicit Target(std::filesystem::path directory) : path_(directory / "target") {}
  virtual ~Target() = default;
  virtual Result<std::unique_ptr<Sink>> open() { return open_sink(path_.string(), kImageBytes, {}); }
  // What the target holds now; nothing where it keeps nothing.
  virtual std::optional<Bytes> read() { return read_file(path_, 1U << 30).value_or(Bytes{}); }
  [[nodiscard]] virtual std::string missing() const { return {}; }

 protected:
  std::filesystem::path path_;
};

class NullTarget final : public Target {
 public:
  using Target::Target;
  Result<std::unique_ptr<Sink>> open() override { return open_sink("null", kImageBytes, {}); }
  std::optional<Bytes> read() override { return std::nullopt; }
};

// Its old bytes, more than the image has, must not shine through.
class OverwrittenFileTarget final : public Target {
 public:
  using Target::Target;
  Result<std::unique_ptr<Sink>> open() override {
    std::ofstream(path_) << std::string(kImageBytes + 5000, 'x');
    return open_sink(path_.string(), kImageBytes, {.overwrite = true});
  }
};

class DigestTarget final : public Target {
 public:
  using Target::Target;
  Result<std::unique_ptr<Sink>> open() override {
    DF_ASSIGN(auto file, open_sink(path_.string(), kImageBytes, {}));
    return std::make_unique<DigestSink>(std::move(file), kImageBytes, kWindowBytes);
  }
};

// Over a file, at a speed that costs no time worth mentioning.
class SlowFileTarget final : public Target {
 public:
  using Target::Target;
  Result<std::unique_ptr<Sink>> open() override {
    return open_sink("slow:latency=1us,rate=100GB/s,path=" + path_.string(), kImageBytes, {});
  }
};

// A loop device over a file full of old bytes; needs the right to make one.
class LoopDeviceTarget final : public Target {
 public:
  explicit LoopDeviceTarget(std::filesystem::path directory) : Target(std::move(directory)) {
    std::ofstream(path_) << std::string(8 * kPiece, 'x');
    device_ = run("losetup --find --show '" + path_.string() + "' 2>/dev/null");
  }
  ~LoopDeviceTarget() override {
    if (!device_.empty()) run("losetup --detach " + device_);
  }
  Result<std::unique_ptr<Sink>> open() override { return open_sink(device_, kImageBytes, {}); }
  std::optional<Bytes> read() override {
    Bytes bytes(kImageBytes);
    UniqueFd fd(::open(device_.c_str(), O_RDONLY | O_CLOEXEC));
    const ssize_t length = ::read(fd.get(), bytes.data(), bytes.size());
    bytes.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
    return bytes;
  }
  [[nodiscard]] std::string missing() const override {
    return device_.empty() ? "losetup cannot make a loop device here" : "";
  }

 private:
  std::string device_;
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
  Bytes image(kImageBytes);
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
      const std::uint64_t length = std::min(kPiece, kImageBytes - offset);
      const bool is_zeros = std::find(zeros.begin(), zeros.end(), piece) != zeros.end();
      const auto written = is_zeros ? sink_->write_zeros(offset, length)
                                    : sink_->write_data(offset, ByteSpan(image).subspan(offset, length));
      ASSERT_TRUE(written) << written.error().message;
    }
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

TEST_P(SinkConformance, AllZerosInOneCall) {
  const auto written = sink_->write_zeros(0, kImageBytes);
  ASSERT_TRUE(written) << written.error().message;
  ASSERT_TRUE(sink_->finish());
  expect_target_holds(Bytes(kImageBytes, 0));
}

INSTANTIATE_TEST_SUITE_P(EverySink, SinkConformance,
                         testing::Values(kind<NullTarget>("Null"), kind<Target>("File"),
                                         kind<OverwrittenFileTarget>("OverwrittenFile"),
                                         kind<LoopDeviceTarget>("LoopDevice"),
                                         kind<SlowFileTarget>("SlowFile"), kind<DigestTarget>("Digest")),
                         [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace depthfinder
