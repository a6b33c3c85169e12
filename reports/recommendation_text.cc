// SPDX-License-Identifier: MIT
#include <nlohmann/json.hpp>

#include "reports/json_number.h"
#include "reports/recommend.h"
#include "reports/words.h"

namespace depthfinder {
namespace {

using nlohmann::ordered_json;

ordered_json count_json(int count) { return count == kAuto ? ordered_json("auto") : ordered_json(count); }

ordered_json variant_json(const Cell& cell) {
  return {{"vectors", vectors_name(cell.vectors)},         {"writers", cell.writers},
          {"buffers", buffers_name(cell.buffers)},         {"chunk_cache", cell.chunk_cache},
          {"http2_window_bytes", cell.http2_window_bytes}, {"http2_frame_bytes", cell.http2_frame_bytes}};
}

ordered_json cell_json(const Cell& cell) {
  ordered_json object = {{"id", cell.id},
                         {"strategy", cell.strategy},
                         {"depth", count_json(cell.depth)},
                         {"threads", count_json(cell.threads)},
                         {"connections", cell.connections},
                         {"sha_ni", sha_ni_name(cell.sha_ni)}};
  object.update(variant_json(cell));
  return object;
}

ordered_json automatic_json(const AutoSummary& automatic) {
  ordered_json object = {{"cell", cell_json(automatic.cell)},
                         {"throughput_mib_per_s", rounded(automatic.throughput_mib_per_s)},
                         {"depth_mean", rounded(automatic.depth_mean)},
                         {"threads_mean", rounded(automatic.threads_mean)},
                         {"time_to_95_s", rounded_or_null(automatic.time_to_95_s)},
                         {"traces", automatic.traces},
                         {"traces_that_reached_95", automatic.traces_that_reached_95},
                         {"regret", nullptr}};
  if (automatic.regret)
    object["regret"] = {
        {"best", cell_json(automatic.regret->best)},        {"blocks", automatic.regret->blocks},
        {"median", rounded(automatic.regret->median)},      {"low", rounded(automatic.regret->interval.low)},
        {"high", rounded(automatic.regret->interval.high)}, {"worst", rounded(automatic.regret->worst)}};
  return object;
}

ordered_json pick_json(const Pick& pick) {
  ordered_json rejected = ordered_json::array();
  for (const RejectedCell& other : pick.rejected)
    rejected.push_back({{"cell", other.cell.id},
                        {"throughput_mib_per_s", rounded(other.throughput_mib_per_s)},
                        {"share_of_best", rounded(other.share_of_best)},
                        {"reason", other.reason}});
  return {{"depth", pick.cell.depth},
          {"threads", decode_threads(pick.cell)},
          {"strategy", pick.cell.strategy},
          {"connections", pick.cell.connections},
          {"sha_ni", sha_ni_name(pick.cell.sha_ni)},
          {"vectors", vectors_name(pick.cell.vectors)},
          {"writers", pick.cell.writers},
          {"buffers", buffers_name(pick.cell.buffers)},
          {"chunk_cache", pick.cell.chunk_cache},
          {"http2_window_bytes", pick.cell.http2_window_bytes},
          {"http2_frame_bytes", pick.cell.http2_frame_bytes},
          {"confidence", rounded_or_null(pick.confidence)},
          {"certified_depth", pick.certified ? ordered_json(pick.certified->depth) : ordered_json(nullptr)},
          {"certified_cell", pick.certified ? cell_json(*pick.certified) : ordered_json(nullptr)},
          {"limit", pick.limit.kind},
          {"limit_text", pick.limit.text},
          {"reason", pick.reason},
          {"throughput_mib_per_s", rounded(pick.throughput_mib_per_s)},
          {"share_of_best", rounded(pick.share_of_best)},
          {"cpu_s_per_gib", rounded(pick.cpu_s_per_gib)},
          {"buffer_bytes", buffer_bytes(pick.cell)},
          {"best", cell_json(pick.best)},
          {"best_throughput_mib_per_s", rounded(pick.best_throughput_mib_per_s)},
          {"bystander_p50", rounded_or_null(pick.bystander_p50)},
          {"bystander_p99", rounded_or_null(pick.bystander_p99)},
          {"bystander_p999", rounded_or_null(pick.bystander_p999)},
          {"n_star", rounded_or_null(pick.n_star)},
          {"rejected", rejected},
          {"would_change", pick.would_change}};
}

std::string confidence_words(const Pick& pick) {
  return pick.confidence ? percent(*pick.confidence) : "unknown, one block is too few";
}

std::string certified_words(const Pick& pick) {
  return pick.certified ? cell_words(*pick.certified) : "none, too few blocks";
}

std::string bystander_words(const Recommendation& recommendation) {
  std::string text = fmt::format("p99 {} times as long beside this restore",
                                 number(*recommendation.headline.bystander_p99, 2));
  if (recommendation.bystander_budget)
    text += fmt::format(" (budget: {})", bystander_budget_text(*recommendation.bystander_budget));
  return text;
}

// The choices beside the headline, a paragraph each.
std::vector<std::string> others_in_words(const Recommendation& recommendation) {
  std::vector<std::string> sentences;
  if (recommendation.shipped)
    sentences.push_back(fmt::format("The setting above is for the shipped strategy: {}. {}",
                                    cell_words(recommendation.shipped->cell),
                                    recommendation.shipped->reason));
  if (recommendation.other_sha_ni)
    sentences.push_back(
        fmt::format("On a host with SHA-NI {}: {}. {}", sha_ni_name(recommendation.other_sha_ni->cell.sha_ni),
                    cell_words(recommendation.other_sha_ni->cell), recommendation.other_sha_ni->reason));
  for (const Pick& other : recommendation.other_cpus)
    sentences.push_back(fmt::format("On a host with {}: {}. {}", cpu_words(cpu_state(other.cell)),
                                    cell_words(other.cell), other.reason));
  for (const AutoSummary& automatic : recommendation.automatic)
    sentences.push_back(automatic_words(automatic));
  return sentences;
}

}  // namespace

std::string recommendation_json(const Recommendation& recommendation) {
  ordered_json document = {{"schema", "depthfinder-recommendation"},
                           {"schema_version", 1},
                           {"scenario", recommendation.scenario},
                           {"setting", setting_line(recommendation)}};
  document.update(pick_json(recommendation.headline));
  if (recommendation.shipped) document["shipped"] = pick_json(*recommendation.shipped);
  if (recommendation.other_sha_ni) document["other_sha_ni"] = pick_json(*recommendation.other_sha_ni);
  document["other_cpus"] = ordered_json::array();
  for (const Pick& pick : recommendation.other_cpus) document["other_cpus"].push_back(pick_json(pick));
  document["automatic"] = ordered_json::array();
  for (const AutoSummary& automatic : recommendation.automatic)
    document["automatic"].push_back(automatic_json(automatic));
  document["bystander_budget"] = recommendation.bystander_budget
                                     ? ordered_json(bystander_budget_text(*recommendation.bystander_budget))
                                     : ordered_json(nullptr);
  document["rests_on_off_target"] = recommendation.rests_on_off_target();
  document["off_target_reasons"] = recommendation.off_target_reasons;
  document["warnings"] = recommendation.warnings;
  return document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string recommendation_text(const Recommendation& recommendation) {
  constexpr std::size_t kUnderFact = 14;
  const auto paragraph = [](const std::string& text) { return wrapped(text, kTerminalColumns, 0); };
  const auto fact = [](std::string_view name, const std::string& text) {
    return wrapped(fmt::format("  {:<11} {}", name, text), kTerminalColumns, kUnderFact);
  };
  const auto item = [](const std::string& text) { return wrapped("  " + text, kTerminalColumns, 4); };
  const Pick& pick = recommendation.headline;
  std::string text;
  if (recommendation.rests_on_off_target()) text += paragraph(distrust_line(recommendation)) + "\n";
  text += paragraph(fmt::format("{}: {}", recommendation.scenario, cell_words(pick.cell)));
  text += fmt::format("\n    {}\n\n", setting_line(recommendation));
  text += fact("rate", fmt::format("{} MiB/s ({} of the fastest)", number(pick.throughput_mib_per_s, 0),
                                   percent(pick.share_of_best)));
  text += fact("confidence", confidence_words(pick)) + fact("certified", certified_words(pick));
  text += fact("limited by", pick.limit.text);
  if (pick.bystander_p99) text += fact("bystander", bystander_words(recommendation));
  if (pick.n_star) text += fact("N*", number(*pick.n_star, 1) + " chunks in flight fill it");
  text += "\n" + paragraph(pick.reason);
  for (const std::string& sentence : others_in_words(recommendation)) text += "\n" + paragraph(sentence);
  text += "\nWhy not\n";
  for (const RejectedCell& other : pick.rejected)
    text += item(fmt::format("{} ({} MiB/s): {}", cell_words(other.cell),
                             number(other.throughput_mib_per_s, 0), other.reason));
  text += "\nWhat would change the choice\n";
  for (const std::string& change : pick.would_change) text += item(change);
  for (const std::string& warning : recommendation.warnings) text += "\n" + paragraph("warning: " + warning);
  return text;
}

}  // namespace depthfinder
