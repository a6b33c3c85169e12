// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>

#include "reports/regret.h"
#include "reports/words.h"

namespace depthfinder {
namespace {

constexpr std::size_t kNameWidth = 24, kMostWidth = 7, kRegretWidth = 6;
constexpr std::size_t kPerPart =
    (kTerminalColumns - kNameWidth - kMostWidth - 2) / kRegretWidth;  // 2: for " x"

// Of a result, in the table: its number in the list above it.
std::string heading(std::size_t result) { return fmt::format("[{}]", result + 1); }

// "16/4", with the strategy before it where the table has several, and what else is set after it.
std::string short_name(const RegretRow& row, bool with_strategy, bool with_threads) {
  if (!row.name.empty()) return row.name;
  Cell beside = row.cell;
  beside.threads = 0;
  std::string name = with_strategy ? row.cell.strategy + " " : std::string();
  name += std::to_string(row.cell.depth);
  if (with_threads && row.cell.threads > 0) name += fmt::format("/{}", row.cell.threads);
  return name + settings_beside_depth(beside);
}

std::string figure(const std::optional<double>& regret) {
  return regret ? number(*regret * 100, 1) : std::string("-");
}

bool has_several_strategies(const CommonChoice& choice) {
  return std::any_of(choice.rows.begin(), choice.rows.end(), [&](const RegretRow& row) {
    return row.cell.strategy != choice.rows.front().cell.strategy;
  });
}

std::string table_row(const std::string& name, const RegretRow& row, std::size_t from, std::size_t to) {
  std::string text = name;
  if (text.size() > kNameWidth) text += "\n";  // too long for its column: on a line of its own
  text.append(text.ends_with('\n') ? kNameWidth : kNameWidth - text.size(), ' ');
  text += fmt::format("{:>{}}", figure(row.regret_max), kMostWidth);
  for (std::size_t i = from; i < to; ++i)
    text +=
        fmt::format("{:>{}}", figure(row.regrets[i]) + (row.stand_ins[i].empty() ? "" : "*"), kRegretWidth);
  return text + (row.excluded.empty() ? "\n" : " x\n");
}

// As many results side by side as fit.
std::string table_part(const CommonChoice& choice, std::size_t from, std::size_t to) {
  std::string text = fmt::format("{:<{}}{:>{}}", choice.is_for_own_threads ? "depth" : "depth/threads",
                                 kNameWidth, "most", kMostWidth);
  for (std::size_t i = from; i < to; ++i) text += fmt::format("{:>{}}", heading(i), kRegretWidth);
  text += "\n";
  const bool with_strategy = has_several_strategies(choice);
  for (const RegretRow& row : choice.rows)
    text += table_row(short_name(row, with_strategy, !choice.is_for_own_threads), row, from, to);
  text += "compared with\n";
  for (const RegretRow& row : choice.baselines) text += table_row(row.name, row, from, to);
  return text;
}

// The results that share a stand-in share a sentence.
std::string stand_in_notes(const RegretRow& row) {
  std::map<std::string, std::string> results;  // by what was measured in place
  for (std::size_t i = 0; i < row.stand_ins.size(); ++i)
    if (!row.stand_ins[i].empty()) {
      std::string& list = results[row.stand_ins[i]];
      list += (list.empty() ? "" : " ") + heading(i);
    }
  std::string text;
  for (const auto& [stand_in, list] : results)
    text += wrapped(
        fmt::format("* {} was not measured in {}: the figure is that of {}.", row.name, list, stand_in),
        kTerminalColumns, 2);
  return text;
}

std::string footnotes(const CommonChoice& choice) {
  std::string text;
  for (const RegretRow& row : choice.baselines) text += stand_in_notes(row);
  for (const RegretRow& row : choice.rows)
    if (!row.excluded.empty())
      text += wrapped(fmt::format("x {} is never chosen: {}.", setting_words(row.cell), row.excluded),
                      kTerminalColumns, 2);
  return text;
}

}  // namespace

std::string regret_table_text(const CommonChoice& choice) {
  std::string text = "Regret: per cent of the fastest common setting's rate that is lost\n";
  for (std::size_t i = 0; i < choice.names.size(); ++i)
    text += fmt::format("  {:<5}{}\n", heading(i), choice.names[i]);
  for (std::size_t from = 0; from < choice.names.size(); from += kPerPart)
    text += "\n" + table_part(choice, from, std::min(from + kPerPart, choice.names.size()));
  return text + footnotes(choice);
}

std::string common_choice_text(const CommonChoice& choice) {
  std::string text = wrapped(
      fmt::format("One setting for all {}: {}",
                  counted(static_cast<long long>(choice.names.size()), "result"), setting_words(choice.cell)),
      kTerminalColumns, 0);
  text += fmt::format("\n    {}\n\n", setting_line(choice));
  text += wrapped(fmt::format("It loses at most {} against the fastest common setting, in {}.",
                              percent(choice.regret_max), choice.names[choice.worst]),
                  kTerminalColumns, 0);
  if (choice.confidence)
    text += wrapped(fmt::format("Confidence {}: so many resamples of the blocks choose the same.",
                                percent(*choice.confidence)),
                    kTerminalColumns, 0);
  if (choice.is_for_own_threads)
    text += wrapped(
        "The results have no thread count in common: depths are compared, each at the threads that "
        "suit its host best.",
        kTerminalColumns, 0);
  return text + "\n" + regret_table_text(choice);
}

}  // namespace depthfinder
