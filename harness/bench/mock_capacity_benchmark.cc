// SPDX-License-Identifier: MIT
// What serving a byte costs: CPU time of `depthfinder serve` per GiB against that of a bare loop (bare_writer.h), both
// measured in one run, in turns, with the same client draining. Prints each round and the ratio's median and range.
//   mock_capacity_benchmark [--size 4GiB] [--rounds 5] [--image 256MiB] [--depth 16] [--program PATH] [--ratio-max R]
#include <algorithm>
#include <filesystem>
#include <optional>
#include <vector>

#include <CLI/CLI.hpp>

#include "harness/bench/bare_writer.h"
#include "harness/bench/reader_drain.h"
#include "harness/bench/server_process.h"
#include "harness/exit_status.h"
#include "restore_core/base/units.h"

namespace depthfinder::bench {
namespace {

constexpr double kGib = 1 << 30;

struct Options {
  std::string size = "4GiB", image = "256MiB", program, ready_file;
  std::size_t rounds = 5, depth = 16;
  double ratio_max = 0;  // 0: only report
  bool bare_writer = false;
  std::uint64_t size_bytes = 0, image_bytes = 0;
};

struct Cost {
  double cpu_s_per_gib = 0, gib_per_s = 0;
};

Options defaults() {
  Options options;
  options.program = (std::filesystem::path(own_program()).parent_path() / "depthfinder").string();
  return options;
}

// Runs `drain(bytes)` twice, short to warm up and then whole, and takes the server's CPU time of the second.
template <typename Drain>
Result<Cost> measure(const ServerProcess& server, std::uint64_t size_bytes, Drain drain) {
  DF_TRY(drain(size_bytes / 16));
  DF_ASSIGN(const double cpu_before_s, server.cpu_s());
  const TimePoint start = SteadyClock().now();
  DF_ASSIGN(const std::uint64_t bytes, drain(size_bytes));
  const double duration_s = to_seconds(SteadyClock().now() - start);
  DF_ASSIGN(const double cpu_after_s, server.cpu_s());
  const double gib = static_cast<double>(bytes) / kGib;
  return Cost{(cpu_after_s - cpu_before_s) / gib, gib / duration_s};
}

Result<std::uint64_t> drain_bare(TlsDrain& tls, std::uint64_t size_bytes) {
  Bytes count(8);
  store_le<std::uint64_t>(count, 0, size_bytes);
  DF_TRY(tls.send(count));
  std::uint64_t received = 0;
  while (received < size_bytes) {
    DF_ASSIGN(const ByteSpan part, tls.receive());
    received += part.size();
  }
  return received;
}

Result<Cost> measure_bare(const ServerProcess& server, const Options& options, std::string& cipher) {
  DF_ASSIGN(const std::unique_ptr<TlsDrain> tls, TlsDrain::open("127.0.0.1", server.ready().at("port")));
  cipher = tls->cipher();
  return measure(server, options.size_bytes, [&](std::uint64_t bytes) { return drain_bare(*tls, bytes); });
}

Result<Cost> measure_mock(const ServerProcess& server, const Options& options, std::string& cipher) {
  DF_ASSIGN(const DrainTarget target, drain_target(server.ready()));
  DF_ASSIGN(const std::unique_ptr<ReaderDrain> reader, ReaderDrain::open(target));
  cipher = reader->cipher();
  return measure(server, options.size_bytes, [&](std::uint64_t bytes) -> Result<std::uint64_t> {
    const std::uint64_t before = reader->bytes();
    DF_TRY(reader->drain(options.depth, [&](std::uint64_t now) { return now - before < bytes; }));
    return reader->bytes() - before;
  });
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

Result<ExitStatus> report(const Options& options, const std::vector<double>& ratios) {
  const double middle = median(ratios);
  fmt::print("ratio: median {:.3f}, {:.3f} .. {:.3f} over {} rounds of {}\n", middle,
             *std::min_element(ratios.begin(), ratios.end()), *std::max_element(ratios.begin(), ratios.end()),
             ratios.size(), format_byte_count(options.size_bytes));
  if (options.ratio_max > 0 && middle > options.ratio_max) {
    fmt::print("above {:.2f}\n", options.ratio_max);
    return ExitStatus::regression;
  }
  return ExitStatus::done;
}

Result<ExitStatus> run(const Options& options) {
  DF_ASSIGN(ServerProcess bare,
            ServerProcess::start(own_program(), {"--bare-writer", "--image", options.image}));
  DF_ASSIGN(
      ServerProcess mock,
      ServerProcess::start(options.program, {"serve", "--synthetic", fmt::format("size={}", options.image)}));
  std::vector<double> ratios;
  for (std::size_t round = 1; round <= options.rounds; ++round) {
    std::string bare_cipher, mock_cipher;
    DF_ASSIGN(const Cost a, measure_bare(bare, options, bare_cipher));
    DF_ASSIGN(const Cost b, measure_mock(mock, options, mock_cipher));
    if (bare_cipher != mock_cipher)
      return fail(ErrorKind::protocol, "{} for the bare loop but {} for the mock", bare_cipher, mock_cipher);
    if (round == 1) fmt::print("{}\n", bare_cipher);
    ratios.push_back(b.cpu_s_per_gib / a.cpu_s_per_gib);
    fmt::print(
        "round {}: bare loop {:.3f} s/GiB ({:.2f} GiB/s), mock {:.3f} s/GiB ({:.2f} GiB/s), ratio {:.3f}\n",
        round, a.cpu_s_per_gib, a.gib_per_s, b.cpu_s_per_gib, b.gib_per_s, ratios.back());
  }
  DF_TRY(mock.stop());
  return report(options, ratios);
}

Result<ExitStatus> start(Options options) {
  DF_ASSIGN(options.size_bytes, parse_byte_count(options.size));
  DF_ASSIGN(options.image_bytes, parse_byte_count(options.image));
  if (options.bare_writer) {
    DF_TRY(run_bare_writer(options.image_bytes, options.ready_file));
    return ExitStatus::done;
  }
  return run(options);
}

}  // namespace
}  // namespace depthfinder::bench

int main(int argc, char** argv) {
  using namespace depthfinder;
  bench::Options options = bench::defaults();
  CLI::App app("CPU time of the mock server per byte served, against a bare TLS loop");
  app.add_option("--size", options.size, "Bytes of each measurement")->capture_default_str();
  app.add_option("--rounds", options.rounds, "Measurements of each")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  app.add_option("--image", options.image, "Size of the image, and of the bare loop's memory")
      ->capture_default_str();
  app.add_option("--depth", options.depth, "Chunk requests in flight")
      ->capture_default_str()
      ->check(CLI::Range(1, 200));
  app.add_option("--program", options.program, "The depthfinder that serves")->capture_default_str();
  app.add_option("--ratio-max", options.ratio_max, "End with status 1 when the median is above it");
  app.add_flag("--bare-writer", options.bare_writer, "Be the bare loop (the benchmark starts itself so)");
  app.add_option("--ready-file", options.ready_file, "The bare loop's");
  CLI11_PARSE(app, argc, argv);
  const auto status = bench::start(options);
  if (!status) fmt::print(stderr, "mock_capacity_benchmark: {}\n", status.error().message);
  return static_cast<int>(status ? *status : exit_status_of(status.error()));
}
