// SPDX-License-Identifier: MIT
#include "reports/recommendations.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "reports/json_number.h"
#include "reports/words.h"

namespace depthfinder {
namespace {

using nlohmann::ordered_json;

ordered_json row_json(const RegretRow& row, const CommonChoice& choice) {
  ordered_json regrets = ordered_json::object(), stand_ins = ordered_json::object();
  for (std::size_t i = 0; i < row.regrets.size(); ++i) {
    regrets[choice.names[i]] = rounded_or_null(row.regrets[i]);
    if (!row.stand_ins[i].empty()) stand_ins[choice.names[i]] = row.stand_ins[i];
  }
  ordered_json object = ordered_json::object();
  if (row.name.empty())
    object = {{"strategy", row.cell.strategy},
              {"depth", row.cell.depth},
              {"threads",
               choice.is_for_own_threads ? ordered_json(nullptr) : ordered_json(decode_threads(row.cell))},
              {"setting", setting_words(row.cell)},
              {"excluded", row.excluded.empty() ? ordered_json(nullptr) : ordered_json(row.excluded)}};
  else
    object = {{"name", row.name}, {"stand_ins", stand_ins}};
  object["regret_max"] = rounded_or_null(row.regret_max);
  object["regrets"] = regrets;
  return object;
}

std::string common_reason(const CommonChoice& choice) {
  return fmt::format(
      "the least largest regret of {}: it loses at most {} against the fastest common setting, in {}",
      counted(static_cast<long long>(choice.rows.size()), "common setting"), percent(choice.regret_max),
      choice.names[choice.worst]);
}

// The same keys as one recommendation has, as far as they have a meaning.
ordered_json common_json(const Recommendations& all) {
  if (!all.common) return {{"depth", nullptr}, {"threads", nullptr}, {"reason", all.common.error().message}};
  const CommonChoice& choice = *all.common;
  const Limit& limit = all.each[choice.worst].headline.limit;
  ordered_json rows = ordered_json::array(), baselines = ordered_json::array();
  for (const RegretRow& row : choice.rows) rows.push_back(row_json(row, choice));
  for (const RegretRow& row : choice.baselines) baselines.push_back(row_json(row, choice));
  return {{"setting", setting_line(choice)},
          {"depth", choice.cell.depth},
          {"threads",
           choice.is_for_own_threads ? ordered_json(nullptr) : ordered_json(decode_threads(choice.cell))},
          {"strategy", choice.cell.strategy},
          {"connections", choice.cell.connections},
          {"confidence", rounded_or_null(choice.confidence)},
          {"certified_depth", nullptr},
          {"limit", limit.kind},
          {"limit_text", fmt::format("in {}: {}", choice.names[choice.worst], limit.text)},
          {"reason", common_reason(choice)},
          {"regret_max", rounded(choice.regret_max)},
          {"regret_table", {{"results", choice.names}, {"rows", rows}, {"baselines", baselines}}}};
}

std::string constants(int depth, std::optional<int> threads) {
  std::string text = fmt::format("# const MAX_BUFFERED_FUTURES: usize = {};\n", depth);
  if (threads) text += fmt::format("# const MAX_WORKER_THREADS: usize = {};\n", *threads);
  return text;
}

std::string environment(int depth, std::optional<int> threads) {
  std::string text = fmt::format("PBS_RESTORE_FETCH_CONCURRENCY={}\n", depth);
  text += threads ? fmt::format("PBS_RESTORE_MAX_THREADS={}\n", *threads)
                  : "# PBS_RESTORE_MAX_THREADS: the results have no thread count in common\n";
  return text + "# the same as constants of the source:\n" + constants(depth, threads);
}

std::string commented(std::string_view sentence) {
  const std::string lines = wrapped(sentence, kTerminalColumns - 2, 0);
  std::string text = "# ";
  for (const char letter : lines.substr(0, lines.size() - 1))
    text += letter == '\n' ? std::string("\n# ") : std::string(1, letter);
  return text + "\n";
}

std::string one_setting(const Recommendation& recommendation) {
  const Pick& pick = recommendation.shipped ? *recommendation.shipped : recommendation.headline;
  std::string text;
  if (recommendation.rests_on_off_target()) text += commented(distrust_line(recommendation));
  text += commented(fmt::format("{}: {}, {} MiB/s, confidence {}", recommendation.scenario,
                                cell_words(pick.cell), number(pick.throughput_mib_per_s, 0),
                                pick.confidence ? percent(*pick.confidence) : "unknown"));
  text += environment(pick.cell.depth, decode_threads(pick.cell));
  if (recommendation.shipped)
    text += commented(
        fmt::format("faster, with depthfinder restore: {}", cell_words(recommendation.headline.cell)));
  return text;
}

}  // namespace

bool Recommendations::rests_on_off_target() const {
  return std::any_of(each.begin(), each.end(), [](const Recommendation& recommendation) {
    return recommendation.rests_on_off_target();
  });
}

Result<Recommendations> recommend_all(std::span<const SweepResult> results) {
  Recommendations all{{}, minimax_regret(results)};
  for (const SweepResult& result : results) {
    DF_ASSIGN(Recommendation recommendation, recommend(result));
    all.each.push_back(std::move(recommendation));
  }
  return all;
}

std::string recommendations_json(const Recommendations& all) {
  if (all.each.size() == 1) return recommendation_json(all.each.front());
  ordered_json document = {{"schema", "depthfinder-recommendations"}, {"schema_version", 1}};
  document.update(common_json(all));
  document["rests_on_off_target"] = all.rests_on_off_target();
  document["recommendations"] = ordered_json::array();
  for (const Recommendation& recommendation : all.each)
    document["recommendations"].push_back(ordered_json::parse(recommendation_json(recommendation)));
  return document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string recommendations_text(const Recommendations& all) {
  std::string text;
  if (all.each.size() > 1)
    text = all.common ? common_choice_text(*all.common)
                      : wrapped("No setting for all: " + all.common.error().message, kTerminalColumns, 0);
  for (const Recommendation& recommendation : all.each)
    text += (text.empty() ? "" : "\n") + recommendation_text(recommendation);
  if (all.each.size() == 1 && all.common) text += "\n" + regret_table_text(*all.common);
  return text;
}

Result<std::string> settings_text(const Recommendations& all) {
  if (all.each.size() == 1) return one_setting(all.each.front());
  if (!all.common) return pass_on(all.common.error());
  const CommonChoice& choice = *all.common;
  std::string text;
  for (const Recommendation& recommendation : all.each)
    if (recommendation.rests_on_off_target()) text += commented(distrust_line(recommendation));
  text += commented(
      fmt::format("{} results: {}; {}", all.each.size(), setting_words(choice.cell), common_reason(choice)));
  std::optional<int> threads;
  if (!choice.is_for_own_threads) threads = decode_threads(choice.cell);
  return text + environment(choice.cell.depth, threads);
}

}  // namespace depthfinder
