// SPDX-License-Identifier: MIT
#include "harness/host_probe.h"

#include <algorithm>
#include <chrono>
#include <sstream>
#include <thread>

#include <unistd.h>

#include "restore_core/base/clock.h"
#include "restore_core/base/file.h"
#include "restore_core/base/random.h"

namespace depthfinder {
namespace {

constexpr std::chrono::milliseconds kPiece{40};  // long enough to see other processes' time slices
constexpr int kPieces = 25;

std::string proc_file(const char* path) {
  const auto bytes = read_file(path, 1 << 20);
  return bytes ? std::string(as_text(*bytes)) : std::string();
}

std::optional<double> load_average() {
  std::istringstream text(proc_file("/proc/loadavg"));
  double load = 0;
  if (!(text >> load)) return std::nullopt;
  return load;
}

// Arithmetic in registers; returns what it made, so that it is not left out.
std::uint64_t work(std::uint64_t rounds) {
  Random random(rounds);
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < rounds; ++i) sum ^= random.next();
  return sum;
}

double timed_s(std::uint64_t rounds, const Clock& clock) {
  const TimePoint before = clock.now();
  volatile std::uint64_t made = work(rounds);
  static_cast<void>(made);
  return to_seconds(clock.now() - before);
}

// As many rounds as take kPiece when nothing disturbs: by the fastest of a few tries.
std::uint64_t rounds_of_a_piece(const Clock& clock) {
  constexpr std::uint64_t kTry = 1'000'000;
  double fastest_s = timed_s(kTry, clock);
  for (int i = 0; i < 5; ++i) fastest_s = std::min(fastest_s, timed_s(kTry, clock));
  const double rounds = static_cast<double>(kTry) * to_seconds(kPiece) / std::max(fastest_s, 1e-6);
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(rounds));
}

// Time of others: what was used, less the calling thread's own.
void add_shares(HostNoise& noise, const std::optional<CpuTicks>& before, const std::optional<CpuTicks>& after,
                double own_cpu_s) {
  if (!before || !after || after->total <= before->total) return;
  const double total = static_cast<double>(after->total - before->total);
  const double own = own_cpu_s * static_cast<double>(::sysconf(_SC_CLK_TCK));
  noise.busy_share = std::clamp((static_cast<double>(after->busy - before->busy) - own) / total, 0.0, 1.0);
  noise.steal_share = std::clamp(static_cast<double>(after->steal - before->steal) / total, 0.0, 1.0);
}

}  // namespace

std::optional<CpuTicks> parse_cpu_ticks(std::string_view proc_stat) {
  std::istringstream fields{std::string(proc_stat.substr(0, proc_stat.find('\n')))};
  std::string name;
  std::uint64_t user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0;
  if (!(fields >> name >> user >> nice >> system >> idle >> iowait >> irq >> softirq) || name != "cpu")
    return std::nullopt;
  fields >> steal;  // absent before Linux 2.6.11
  CpuTicks ticks;
  ticks.busy = user + nice + system + irq + softirq;
  ticks.steal = steal;
  ticks.total = ticks.busy + idle + iowait + steal;
  return ticks;
}

Result<HostNoise> probe_host(const std::stop_token& stop) {
  const SteadyClock clock;
  HostNoise noise;
  noise.logical_cpus = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  noise.load_average_1m = load_average();
  const std::uint64_t rounds = rounds_of_a_piece(clock);
  const auto before = parse_cpu_ticks(proc_file("/proc/stat"));
  const Nanoseconds own_before = thread_cpu_time();
  for (int i = 0; i < kPieces; ++i) {
    if (stop.stop_requested()) return fail(ErrorKind::cancelled, "interrupted");
    noise.probe_s.push_back(timed_s(rounds, clock));
  }
  const double own_cpu_s = to_seconds(thread_cpu_time() - own_before);
  add_shares(noise, before, parse_cpu_ticks(proc_file("/proc/stat")), own_cpu_s);
  return noise;
}

}  // namespace depthfinder
