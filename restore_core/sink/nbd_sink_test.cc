// SPDX-License-Identifier: MIT
// NbdSink against a real qemu-nbd; that it holds what every sink promises is in sink_conformance_test.cc.
#include "restore_core/sink/nbd_sink.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <functional>
#include <stop_token>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "restore_core/base/file.h"
#include "restore_core/base/random.h"
#include "restore_core/sink/nbd_uri.h"
#include "restore_core/sink/qemu_nbd.h"

namespace depthfinder {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing_support::QemuNbd;
using testing_support::run;

constexpr std::uint64_t kImageBytes = (8U << 20) + 1000;
constexpr std::uint64_t kExportBytes = 9U << 20;

TEST(NbdUri, IsKnownByItsScheme) {
  for (const char* uri : {"nbd://host", "nbds://host:10809/x", "nbd+unix:///?socket=/s",
                          "nbds+unix:///x?socket=/s", "nbd+vsock://2", "nbds+vsock://2"})
    EXPECT_TRUE(is_nbd_uri(uri)) << uri;
  for (const char* target : {"nbd", "nbd:host:10809", "/nbd://", "nbd+ssh://host", "null"})
    EXPECT_FALSE(is_nbd_uri(target)) << target;
}

TEST(NbdUri, IsShownWithoutSecrets) {
  struct Row {
    const char* uri;
    const char* shown;
  };
  constexpr Row kRows[] = {
      {"nbd://host:10809/disk", "nbd://host:10809/disk"},
      {"nbds://alice:pass@word@host/disk", "nbds://host/disk"},
      {"nbds://alice@host/a@b?tls-psk-file=/keys", "nbds://host/a@b"},
      {"nbd+unix:///disk?socket=/run/s", "nbd+unix:///disk?socket=/run/s"},
      {"nbds+unix://alice@/d?tls-psk-file=/k&socket=/s&x=y#z", "nbds+unix:///d?socket=/s"},
      {"nbd://host", "nbd://host"},
  };
  for (const Row& row : kRows) EXPECT_EQ(printable_nbd_uri(row.uri), row.shown);
}

TEST(NbdUri, ItsSecretsAreInNoMessage) {
  for (const char* uri : {"nbds+unix://alice:s3cret@/x?socket=/missing/socket", "nbd://alice:s3cret@",
                          "nbds+unix://alice:s3cret@/x", "nbd://alice:s3cret@127.0.0.1:1/x"}) {
    const auto sink = NbdSink::open(uri, 4096, 1);
    ASSERT_FALSE(sink) << uri;
    EXPECT_THAT(sink.error().message, Not(HasSubstr("s3cret"))) << uri;
    EXPECT_THAT(sink.error().message, HasSubstr("cannot connect to 'nbd")) << uri;
  }
}

// Half of it zeros: whole windows, parts of windows, and the short end.
Bytes image_with_zeros() {
  Bytes image(kImageBytes);
  Random random(11);
  for (auto& byte : image) byte = static_cast<std::uint8_t>(random.next() | 1);
  std::fill_n(image.begin() + (1 << 20), 3 << 20, std::uint8_t{0});
  std::fill_n(image.begin() + (5 << 20) + 77, 300'000, std::uint8_t{0});
  return image;
}

class NbdSinkTest : public testing::Test {
 protected:
  void SetUp() override {
    if (testing_support::qemu_is_missing())
      GTEST_SKIP() << "qemu-nbd and qemu-img (qemu-utils) are not installed";
    std::string pattern = (std::filesystem::temp_directory_path() / "nbd-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string path(std::string_view name) const { return (directory_ / name).string(); }

  // A target full of old bytes.
  std::string make_target(const std::string& format, std::uint64_t bytes = kExportBytes) {
    std::ofstream(path("old.raw")) << std::string(bytes, 'x');
    EXPECT_EQ(run("qemu-img convert -O " + format + " " + path("old.raw") + " " + path("target")), "");
    return path("target");
  }
  [[nodiscard]] QemuNbd serve(std::vector<std::string> arguments) const {
    return QemuNbd(directory_ / "socket", arguments);
  }

  // An image whose requests of this type fail.
  std::string failing(const std::string& type, int error_number) {
    return "driver=blkdebug,inject-error.0.event=none,inject-error.0.iotype=" + type +
           ",inject-error.0.errno=" + std::to_string(error_number) +
           ",image.driver=raw,image.file.driver=file,image.file.filename=" + make_target("raw");
  }

  // The image in front of the old bytes that lie behind it.
  void expect_target_holds(const Bytes& image, const std::string& format) {
    std::string whole(as_text(image));
    whole.resize(kExportBytes, 'x');
    std::ofstream(path("expected.raw")) << whole;
    EXPECT_EQ(run("qemu-img compare -f raw -F " + format + " " + path("expected.raw") + " " + path("target")),
              "Images are identical.");
  }

  std::filesystem::path directory_;
};

// Chunks of 1 MiB, the zero ones as a restore would write them.
void write_image(Sink& sink, const Bytes& image) {
  constexpr std::uint64_t kChunk = 1U << 20;
  for (std::uint64_t offset = 0; offset < image.size(); offset += kChunk) {
    const auto chunk =
        ByteSpan(image).subspan(offset, std::min<std::uint64_t>(kChunk, image.size() - offset));
    const auto written = is_zero(chunk) && offset != (2U << 20) ? sink.write_zeros(offset, chunk.size())
                                                                : sink.write_data(offset, chunk);
    ASSERT_TRUE(written) << written.error().message;
  }
  const auto finished = sink.finish();
  ASSERT_TRUE(finished) << finished.error().message;
}

TEST_F(NbdSinkTest, Qcow2HoldsTheImageAndHolesAndWhatLiesBehindIt) {
  QemuNbd server = serve({"--shared=4", "--format=qcow2", "--discard=unmap", make_target("qcow2")});
  auto sink = NbdSink::open(server.uri(), kImageBytes, 4);
  ASSERT_TRUE(sink) << sink.error().message;
  EXPECT_EQ((*sink)->writers_max(), 4);
  EXPECT_THAT((*sink)->description(), HasSubstr("4 connections, zeros as holes"));
  const Bytes image = image_with_zeros();
  write_image(**sink, image);
  server.end(SIGTERM);
  expect_target_holds(image, "qcow2");
  EXPECT_THAT(run("qemu-img map --output=json -f qcow2 " + path("target")),
              HasSubstr(R"("start": 1048576, "length": 3145728, "depth": 0, "present": true, "zero": true)"));
}

TEST_F(NbdSinkTest, RequestsAreWholeBlocksAndTheRestOfABlockStays) {
  QemuNbd server = serve({"--image-opts",
                          "driver=blkdebug,align=4096,image.driver=raw,image.file.driver=file,"
                          "image.file.filename=" +
                              make_target("raw")});
  auto sink = NbdSink::open(server.uri(), kImageBytes, 1);
  ASSERT_TRUE(sink) << sink.error().message;
  const Bytes image = image_with_zeros();
  write_image(**sink, image);
  server.end(SIGTERM);
  expect_target_holds(image, "raw");
}

TEST_F(NbdSinkTest, ALongPieceIsSeveralRequests) {
  constexpr std::uint64_t kBytes = 33U << 20;  // a server takes 32 MiB
  QemuNbd server = serve({"--format=raw", make_target("raw", kBytes)});
  auto sink = NbdSink::open(server.uri(), kBytes, 1);
  ASSERT_TRUE(sink) << sink.error().message;
  const Bytes image(kBytes, 7);
  ASSERT_TRUE((*sink)->write_data(0, image));
  ASSERT_TRUE((*sink)->finish());
  server.end(SIGTERM);
  EXPECT_TRUE(read_file(path("target"), 1U << 30).value() == image);
}

TEST_F(NbdSinkTest, ZerosAreWrittenWhereTheServerCannotMakeThem) {
  QemuNbd server = serve({"--image-opts", failing("write-zeroes", EINVAL)});
  auto sink = NbdSink::open(server.uri(), kImageBytes, 1);
  ASSERT_TRUE(sink) << sink.error().message;
  const Bytes image = image_with_zeros();
  write_image(**sink, image);
  server.end(SIGTERM);
  expect_target_holds(image, "raw");
}

TEST_F(NbdSinkTest, ATargetThatCannotBeIsRefused) {
  const std::string target = make_target("raw");
  {
    QemuNbd server = serve({"--read-only", "--format=raw", target});
    const auto sink = NbdSink::open(server.uri(), kImageBytes, 1);
    ASSERT_FALSE(sink);
    EXPECT_EQ(sink.error().kind, ErrorKind::bad_input);
    EXPECT_THAT(sink.error().message, HasSubstr("read-only"));
  }
  std::filesystem::remove(path("socket"));
  {
    QemuNbd server = serve({"--format=raw", target});
    const auto sink = NbdSink::open(server.uri(), kExportBytes + 1, 1);
    ASSERT_FALSE(sink);
    EXPECT_EQ(sink.error().kind, ErrorKind::bad_input);
    EXPECT_THAT(sink.error().message, HasSubstr("has 9437184 bytes, the image 9437185"));
  }
}

TEST_F(NbdSinkTest, AnExportThatIsNotThereIsNamed) {
  QemuNbd server = serve({"--export-name=disk", "--format=raw", make_target("raw")});
  EXPECT_TRUE(NbdSink::open(server.uri("nbd+unix", "disk"), kImageBytes, 1));
  const auto sink = NbdSink::open(server.uri("nbd+unix", "other"), kImageBytes, 1);
  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().kind, ErrorKind::connection);
  EXPECT_THAT(sink.error().message, HasSubstr("nbd+unix:///other?socket="));
}

TEST_F(NbdSinkTest, NoMoreConnectionsThanTheServerLetsIn) {
  QemuNbd server = serve({"--shared=2", "--format=raw", make_target("raw")});
  const auto sink = NbdSink::open(server.uri(), kImageBytes, 4, {.extra_connections = 200ms});
  ASSERT_TRUE(sink) << sink.error().message;
  EXPECT_EQ((*sink)->writers_max(), 2);
}

TEST_F(NbdSinkTest, AServerThatIsTakenIsAnError) {
  QemuNbd server = serve({"--shared=1", "--format=raw", make_target("raw")});
  const auto first = NbdSink::open(server.uri(), kImageBytes, 4);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ((*first)->writers_max(), 1);
  const auto second = NbdSink::open(server.uri(), kImageBytes, 1, {.connect = 200ms});
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("it may serve another client"));
}

TEST_F(NbdSinkTest, AServerThatDiesIsAnErrorThatNamesThePlace) {
  QemuNbd server = serve({"--shared=2", "--format=raw", make_target("raw")});
  auto sink = NbdSink::open(server.uri(), kImageBytes, 1);
  ASSERT_TRUE(sink) << sink.error().message;
  const Bytes chunk(1U << 20, 1);
  ASSERT_TRUE((*sink)->write_data(0, chunk));
  server.end(SIGKILL);
  const auto written = (*sink)->write_data(1U << 20, chunk);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::io);
  EXPECT_THAT(written.error().message,
              HasSubstr("cannot write 1048576 bytes at offset 1048576 of 'nbd+unix:///"));
  EXPECT_FALSE((*sink)->write_zeros(2U << 20, 1U << 20));
  EXPECT_FALSE((*sink)->finish());
}

TEST_F(NbdSinkTest, AServerThatIsSilentIsGivenUp) {
  QemuNbd server = serve({"--format=raw", make_target("raw")});
  auto sink = NbdSink::open(server.uri(), kImageBytes, 1, {.request = 100ms});
  ASSERT_TRUE(sink) << sink.error().message;
  server.signal(SIGSTOP);
  const Bytes chunk(4U << 20, 1);
  const auto written = (*sink)->write_data(0, chunk);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("silent for 100 ms"));
}

// With the ordinary patience of two minutes, and fifteen for a flush.
TEST_F(NbdSinkTest, AStopEndsEveryWaitForASilentServer) {
  const Bytes chunk(4U << 20, 1);
  Bytes landing(1U << 20);
  const std::function<Result<void>(Sink&)> calls[] = {
      [&](Sink& sink) { return sink.write_data(0, chunk); },
      [&](Sink& sink) { return sink.write_zeros(0, 4U << 20); },
      [&](Sink& sink) { return sink.read(0, landing); },
      [&](Sink& sink) { return sink.finish(); },
  };
  for (const auto& call : calls) {
    std::filesystem::remove(path("socket"));
    QemuNbd server = serve({"--format=raw", make_target("raw")});
    std::stop_source stop;
    auto sink = NbdSink::open(server.uri(), kImageBytes, 1, {.stop = stop.get_token()});
    ASSERT_TRUE(sink) << sink.error().message;
    server.signal(SIGSTOP);
    const std::jthread user([&] { stop.request_stop(); });
    const auto outcome = call(**sink);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::cancelled) << outcome.error().message;
  }
}

TEST_F(NbdSinkTest, AStopEndsTheWaitForAConnection) {
  QemuNbd server = serve({"--format=raw", make_target("raw")});
  server.signal(SIGSTOP);
  std::stop_source stop;
  const std::jthread user([&] { stop.request_stop(); });
  const auto sink = NbdSink::open(server.uri(), kImageBytes, 1, {.stop = stop.get_token()});
  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().kind, ErrorKind::cancelled) << sink.error().message;
}

TEST_F(NbdSinkTest, AFullTargetIsNamed) {
  QemuNbd server = serve({"--image-opts", failing("write", ENOSPC)});
  auto sink = NbdSink::open(server.uri(), kImageBytes, 1);
  ASSERT_TRUE(sink) << sink.error().message;
  const Bytes chunk(1U << 20, 1);
  const auto written = (*sink)->write_data(0, chunk);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("No space left on device"));
}

TEST_F(NbdSinkTest, OverTlsWithASharedKey) {
  ASSERT_TRUE(std::filesystem::create_directory(path("tls")));
  std::ofstream(path("tls/keys.psk")) << "alice:" << std::string(64, 'a') << "\n";
  QemuNbd server = serve({"--object", "tls-creds-psk,id=tls,endpoint=server,dir=" + path("tls"),
                          "--tls-creds=tls", "--format=raw", make_target("raw")});
  const std::string uri =
      "nbds+unix://alice@/?socket=" + path("socket") + "&tls-psk-file=" + path("tls/keys.psk");
  auto sink = NbdSink::open(uri, kImageBytes, 1);
  ASSERT_TRUE(sink) << sink.error().message;
  const Bytes image = image_with_zeros();
  write_image(**sink, image);
  server.end(SIGTERM);
  expect_target_holds(image, "raw");
}

}  // namespace
}  // namespace depthfinder
