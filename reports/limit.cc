// SPDX-License-Identifier: MIT
#include "reports/limit.h"

#include <algorithm>

#include "reports/words.h"
#include "restore_core/base/units.h"

namespace depthfinder {
namespace {

// From here on a resource is called the limit. A link, a thread or a CPU is never busy to the last per cent,
// since every restore has a start and an end.
constexpr double kLinkShare = 0.80;  // a short restore leaves a tenth of it idle at its two ends
constexpr double kDecodeShare = 0.75;
constexpr double kThreadShare = 0.85;
constexpr double kCpuShare = 0.90;
// Of depth / answer time, the most that `depth` requests can fetch.
constexpr double kLatencyBoundShare = 0.80;
constexpr double kStillRising = 0.05;

// Everything about the cell that the tests below look at.
struct Shares : Utilisation {
  const NamedStage* decode_stage = nullptr;  // the largest
  bool consumer_mostly_writes = false;       // the one thread that decodes and writes spends more on writing
};

// Trials where it was not read count as the mean of the others; 0 where it was read in none.
double mock_cpu_s(const CellSummary& cell) {
  double sum_s = 0;
  int measured = 0;
  for (const auto& [block, metrics] : cell.trials) {
    if (!metrics->mock_cpu_s) continue;
    sum_s += *metrics->mock_cpu_s;
    ++measured;
  }
  return measured > 0 ? sum_s / measured * static_cast<double>(cell.trials.size()) : 0;
}

double client_cpu_s(const CellSummary& cell) {
  double total = 0;
  for (const auto& [block, metrics] : cell.trials) total += metrics->cpu_user_s + metrics->cpu_sys_s;
  return total;
}

double requests(const CellSummary& cell) {
  double total = 0;
  for (const auto& [block, metrics] : cell.trials) total += static_cast<double>(metrics->requests);
  return total;
}

Shares shares_of(const SweepResult& result, const CellSummary& cell) {
  constexpr StageTime StageTimes::*kDecode[] = {&StageTimes::crc, &StageTimes::decrypt,
                                                &StageTimes::decompress, &StageTimes::hash};
  const StageTimes stages = cell.stages();
  const double duration_s = cell.duration_s();
  const bool consumer_decodes = decode_threads(cell.cell) == 1 && !has_decode_workers(cell.cell.strategy);
  double decode_s = consumer_decodes ? stages.write.busy_s : 0;
  Shares shares;
  for (const NamedStage& named : kStages) {
    if (std::find(std::begin(kDecode), std::end(kDecode), named.stage) == std::end(kDecode)) continue;
    decode_s += (stages.*named.stage).busy_s;
    if (!shares.decode_stage || (stages.*named.stage).busy_s > (stages.*shares.decode_stage->stage).busy_s)
      shares.decode_stage = &named;
  }
  shares.consumer_mostly_writes = consumer_decodes && stages.write.busy_s > decode_s / 2;
  const ServerSpec& server = result.scenario.server;
  if (server.rate_bytes_per_s > 0) shares.link = cell.wire_bytes() / duration_s / server.rate_bytes_per_s;
  shares.decode = decode_s / duration_s / decode_threads(cell.cell);
  shares.mock = cell.audit.busiest_connection_cpu_share;
  shares.transport = stages.receive.busy_s / duration_s;
  shares.writer = stages.write.busy_s / duration_s;
  shares.cpu = (client_cpu_s(cell) + mock_cpu_s(cell)) / duration_s / result.host.logical_cpus;
  shares.latency = requests(cell) / duration_s * to_seconds(answer_time(cell, server)) / cell.cell.depth;
  return shares;
}

// The next smaller depth of the same settings, when `cell` has the largest; else nothing.
const CellSummary* below_largest_depth(std::span<const CellSummary> summaries, const CellSummary& cell) {
  const CellSummary* below = nullptr;
  for (const CellSummary& other : summaries) {
    if (!same_but_depth(other.cell, cell.cell)) continue;
    if (other.cell.depth > cell.cell.depth) return nullptr;
    if (other.cell.depth < cell.cell.depth && (!below || other.cell.depth > below->cell.depth))
      below = &other;
  }
  return below;
}

std::string mock_text(const CellSummary& cell, const Shares& shares) {
  return fmt::format("the mock server's {} was busy {} of the time: the server, not the client, is measured",
                     cell.cell.connections == 1 ? "one connection thread" : "busiest connection thread",
                     percent(shares.mock));
}

std::string link_text(const SweepResult& result, const Shares& shares) {
  return fmt::format("the link: {} of its {} MB/s are used", percent(shares.link),
                     number(result.scenario.server.rate_bytes_per_s / 1e6, 0));
}

std::string decode_text(std::span<const CellSummary> summaries, const CellSummary& cell,
                        const Shares& shares) {
  const int threads = decode_threads(cell.cell);
  std::string text =
      fmt::format("{}: {} {} busy {} of the time, mostly with it ({} s per GiB)", shares.decode_stage->name,
                  counted(threads, "decode thread"), threads == 1 ? "is" : "are", percent(shares.decode),
                  number(stage_s_per_gib(cell, shares.decode_stage->stage), 2));
  if (std::string_view(shares.decode_stage->name) != "hash") return text;
  if (const auto gain = sha_ni_gain(summaries, cell); gain && cell.cell.sha_ni == ShaNi::off)
    text +=
        fmt::format("; with the CPU's SHA extensions the hash stage is {} times as fast", number(*gain, 1));
  return text;
}

std::optional<Limit> latency_limit(const SweepResult& result, std::span<const CellSummary> summaries,
                                   const CellSummary& cell, const Shares& shares) {
  if (shares.latency >= kLatencyBoundShare)
    return Limit{"latency", fmt::format("latency: {} of the most that {} in flight can fetch at {} each",
                                        percent(shares.latency), counted(cell.cell.depth, "chunk"),
                                        format_duration(answer_time(cell, result.scenario.server)))};
  const CellSummary* below = below_largest_depth(summaries, cell);
  if (!below) return std::nullopt;
  const double gain = cell.throughput_mib_per_s() / below->throughput_mib_per_s() - 1;
  if (gain <= kStillRising) return std::nullopt;
  return Limit{"latency",
               fmt::format("latency: still {} faster than depth {}, and {} is the largest depth tried",
                           percent(gain), below->cell.depth, cell.cell.depth)};
}

// All that apply, the most certain cause first.
std::vector<Limit> limits_of(const SweepResult& result, std::span<const CellSummary> summaries,
                             const CellSummary& cell, const Shares& shares) {
  std::vector<Limit> limits;
  if (cell.audit.mock_was_limit()) limits.push_back({"mock", mock_text(cell, shares)});
  if (shares.link >= kLinkShare) limits.push_back({"link", link_text(result, shares)});
  if (shares.decode >= kDecodeShare && !shares.consumer_mostly_writes)
    limits.push_back({shares.decode_stage->name, decode_text(summaries, cell, shares)});
  if (shares.transport >= kThreadShare)
    limits.push_back(
        {"transport",
         fmt::format("transport: the thread that receives and decrypts TLS is busy {} of the time",
                     percent(shares.transport))});
  if (shares.writer >= kThreadShare || (shares.decode >= kDecodeShare && shares.consumer_mostly_writes))
    limits.push_back(
        {"writer", fmt::format("the writer: it is busy {} of the time", percent(shares.writer))});
  if (shares.cpu >= kCpuShare)
    limits.push_back({"cpu", fmt::format("the CPU: restore and mock server use {} of {}", percent(shares.cpu),
                                         counted(result.host.logical_cpus, "core"))});
  if (auto latency = latency_limit(result, summaries, cell, shares)) limits.push_back(std::move(*latency));
  return limits;
}

std::string shares_text(const SweepResult& result, const Shares& shares) {
  std::string text =
      fmt::format("decode threads {}, receiving thread {}, writer {}, all cores {}", percent(shares.decode),
                  percent(shares.transport), percent(shares.writer), percent(shares.cpu));
  if (result.scenario.server.rate_bytes_per_s > 0) text += ", link " + percent(shares.link);
  return text;
}

}  // namespace

Nanoseconds answer_time(const CellSummary& cell, const ServerSpec& server) {
  return std::max(server.latency, from_seconds(cell.audit.latency_asked_p50_ms / 1e3));
}

std::optional<double> sha_ni_gain(std::span<const CellSummary> summaries, const CellSummary& cell) {
  Cell twin = cell.cell;
  twin.sha_ni = cell.cell.sha_ni == ShaNi::on ? ShaNi::off : ShaNi::on;
  for (const CellSummary& other : summaries) {
    if (!same_but_depth(other.cell, twin) || other.cell.depth != twin.depth) continue;
    const bool other_has_it = other.cell.sha_ni == ShaNi::on;
    const double with_s = stage_s_per_gib(other_has_it ? other : cell, &StageTimes::hash);
    const double without_s = stage_s_per_gib(other_has_it ? cell : other, &StageTimes::hash);
    if (with_s > 0) return without_s / with_s;
  }
  return std::nullopt;
}

Utilisation utilisation_of(const SweepResult& result, const CellSummary& cell) {
  return shares_of(result, cell);
}

std::string bottleneck_words(const SweepResult& result, std::span<const CellSummary> summaries,
                             const CellSummary& cell, const Limit& limit) {
  const Shares shares = shares_of(result, cell);
  if (limit.kind != shares.decode_stage->name) return limit.text;
  const double of_stage =
      (cell.stages().*shares.decode_stage->stage).busy_s / cell.duration_s() / decode_threads(cell.cell);
  const bool is_hash = limit.kind == "hash";
  std::string words = fmt::format("{}-bound: {} of the decode threads' time is {}", limit.kind,
                                  percent(of_stage), is_hash ? "SHA-256" : limit.kind);
  if (!is_hash || cell.cell.sha_ni == ShaNi::on) return words;
  for (const CellSummary& other : summaries) {
    Cell twin = other.cell;
    twin.sha_ni = ShaNi::off;
    twin.id = cell.cell.id;
    if (other.cell.sha_ni == ShaNi::on && twin == cell.cell)
      words += fmt::format("; with SHA-NI the restore was {} times as fast",
                           number(other.throughput_mib_per_s() / cell.throughput_mib_per_s(), 1));
  }
  return words;
}

Limit find_limit(const SweepResult& result, std::span<const CellSummary> summaries, const CellSummary& cell) {
  const Shares shares = shares_of(result, cell);
  auto limits = limits_of(result, summaries, cell, shares);
  if (limits.empty())
    return {"unknown", "no single resource is used up (" + shares_text(result, shares) + ")"};
  Limit first = std::move(limits.front());
  for (std::size_t i = 1; i < limits.size(); ++i)
    first.text += (i == 1 ? ". Close behind: " : "; ") + limits[i].text;
  return first;
}

}  // namespace depthfinder
