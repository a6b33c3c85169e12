// SPDX-License-Identifier: MIT
// What a server under load does: bytes per second over several seconds, its memory and its CPU time, with any number of
// connections that drain (reader_drain.h). For measurements by hand: exactness of a link rate, memory where the blob
// cache is overrun. Everything after "--" goes to `depthfinder serve`.
//   mock_load_benchmark --connections 8 --depth 16 --seconds 5 -- --synthetic size=256MiB --rate 100MB/s
#include <filesystem>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>

#include "harness/bench/reader_drain.h"
#include "harness/bench/server_process.h"
#include "harness/exit_status.h"
#include "restore_core/base/units.h"

namespace depthfinder::bench {
namespace {

constexpr double kMb = 1e6;

struct Options {
  std::string program = (std::filesystem::path(own_program()).parent_path() / "depthfinder").string();
  std::size_t connections = 1, depth = 16;
  double seconds = 5, warm_up_s = 1;
  std::vector<std::string> serve;
};

// Connections that drain, each on a thread of its own, until they are told to stop.
class Load {
 public:
  static Result<std::unique_ptr<Load>> open(const DrainTarget& target, const Options& options) {
    auto load = std::make_unique<Load>();
    load->failures_.resize(options.connections);
    for (std::size_t i = 0; i < options.connections; ++i) {
      DF_ASSIGN(std::unique_ptr<ReaderDrain> drain, ReaderDrain::open(target));
      drain->seek(drain->chunk_count() * i / options.connections);
      load->drains_.push_back(std::move(drain));
    }
    for (std::size_t i = 0; i < options.connections; ++i)
      load->threads_.emplace_back([raw = load.get(), i, depth = options.depth] {
        raw->failures_[i] =
            raw->drains_[i]->drain(depth, [raw](std::uint64_t) { return !raw->stopping_.load(); });
      });
    return load;
  }

  [[nodiscard]] std::uint64_t bytes() const {
    std::uint64_t sum = 0;
    for (const auto& drain : drains_) sum += drain->bytes();
    return sum;
  }

  // The first failure of a connection, if any.
  Result<void> stop() {
    stopping_.store(true);
    threads_.clear();  // joins
    for (const Result<void>& failure : failures_) DF_TRY(failure);
    return {};
  }

 private:
  std::vector<std::unique_ptr<ReaderDrain>> drains_;
  std::vector<Result<void>> failures_;
  std::atomic<bool> stopping_{false};
  std::vector<std::jthread> threads_;
};

void wait_s(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

Result<ExitStatus> run(const Options& options) {
  std::vector<std::string> arguments{"serve"};
  arguments.insert(arguments.end(), options.serve.begin(), options.serve.end());
  DF_ASSIGN(ServerProcess server, ServerProcess::start(options.program, arguments));
  DF_ASSIGN(const DrainTarget target, drain_target(server.ready()));
  DF_ASSIGN(const std::uint64_t idle_bytes, server.status_bytes("VmHWM"));
  DF_ASSIGN(const std::unique_ptr<Load> load, Load::open(target, options));
  wait_s(options.warm_up_s);
  DF_ASSIGN(const double cpu_before_s, server.cpu_s());
  const std::uint64_t bytes_before = load->bytes();
  const TimePoint start = SteadyClock().now();
  wait_s(options.seconds);
  const double duration_s = to_seconds(SteadyClock().now() - start);
  const auto bytes = static_cast<double>(load->bytes() - bytes_before);
  DF_ASSIGN(const double cpu_after_s, server.cpu_s());
  DF_TRY(load->stop());
  DF_ASSIGN(const std::uint64_t peak_bytes, server.status_bytes("VmHWM"));
  fmt::print(
      "{} connections, depth {}: {:.3f} MB/s over {:.1f} s; server: {:.2f} CPU s/s, peak {} ({} before)\n",
      options.connections, options.depth, bytes / duration_s / kMb, duration_s,
      (cpu_after_s - cpu_before_s) / duration_s, format_byte_count(peak_bytes),
      format_byte_count(idle_bytes));
  DF_TRY(server.stop());
  return ExitStatus::done;
}

}  // namespace
}  // namespace depthfinder::bench

int main(int argc, char** argv) {
  using namespace depthfinder;
  bench::Options options;
  CLI::App app("Rate, memory and CPU time of the mock server under load");
  app.add_option("--connections", options.connections)->capture_default_str()->check(CLI::Range(1, 1000));
  app.add_option("--depth", options.depth, "Chunk requests in flight on each")
      ->capture_default_str()
      ->check(CLI::Range(1, 200));
  app.add_option("--seconds", options.seconds, "How long to measure")->capture_default_str();
  app.add_option("--warm-up", options.warm_up_s, "Seconds before it")->capture_default_str();
  app.add_option("--program", options.program, "The depthfinder that serves")->capture_default_str();
  app.add_option("serve", options.serve, "Arguments of `serve`, after --")->required();
  CLI11_PARSE(app, argc, argv);
  const auto status = bench::run(options);
  if (!status) fmt::print(stderr, "mock_load_benchmark: {}\n", status.error().message);
  return static_cast<int>(status ? *status : exit_status_of(status.error()));
}
