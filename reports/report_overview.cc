// SPDX-License-Identifier: MIT
#include <algorithm>

#include "reports/field.h"
#include "reports/report_sections.h"
#include "reports/report_tables.h"
#include "reports/words.h"
#include "restore_core/base/units.h"

namespace depthfinder::sections {
namespace {

using html::element;
using html::fact;
using html::join;
using html::Markup;

std::string headline(const CommonChoice& choice) {
  std::string text = fmt::format("Use depth {}", choice.cell.depth);
  if (choice.cell.threads > 0) text += " with " + counted(choice.cell.threads, "thread");
  if (choice.cell.strategy != kShippedStrategy)
    text += fmt::format(", strategy \xe2\x80\x9c{}\xe2\x80\x9d", choice.cell.strategy);
  return text;
}

std::string baseline_words(const RegretRow& row) {
  return row.regret_max ? percent(*row.regret_max) : std::string("unknown");
}

Markup facts(const CommonChoice& choice) {
  return element("dl", {{"class", "facts"}},
                 join(fact("Loses at most", percent(choice.regret_max), "in " + choice.names[choice.worst]),
                      fact("Confidence", choice.confidence ? percent(*choice.confidence) : "unknown",
                           "of resamples choose the same"),
                      fact("Buffer memory", buffer_words(choice.cell),
                           fmt::format("depth {} x 2 x 4 MiB", choice.cell.depth)),
                      fact("16/4 would lose", baseline_words(choice.baselines[0]),
                           "at most, upstream\xe2\x80\x99s default"),
                      fact("Half the cores", baseline_words(choice.baselines[2]),
                           "would lose at most, 2 to 16 at a time")));
}

// How many results each kind of limit holds back: "link in 3, hash in 2".
std::string limits_words(const Overview& overview) {
  std::map<std::string, int> kinds;
  for (const auto& recommendation : overview.recommendations)
    if (recommendation) ++kinds[recommendation->headline.limit.kind];
  std::string words;
  for (const auto& [kind, count] : kinds)
    words += fmt::format("{}{} in {}", words.empty() ? "" : ", ",
                         kind == "unknown" ? "nothing used up" : kind, count);
  return words;
}

Markup distrusted(const Overview& overview) {
  Markup all;
  for (std::size_t i = 0; i < overview.results.size(); ++i) {
    const auto& recommendation = overview.recommendations[i];
    if (!recommendation)
      all += element("p", {{"class", "warn"}, {"role", "note"}},
                     overview.names[i] + ": " + recommendation.error().message);
    else if (recommendation->rests_on_off_target())
      all += element("p", {{"class", "warn"}, {"role", "note"}},
                     overview.names[i] + ": " + distrust_line(*recommendation));
  }
  return all;
}

std::vector<std::string> overview_row(const Overview& overview, std::size_t i) {
  const auto& recommendation = overview.recommendations[i];
  if (!recommendation) return {overview.names[i], "no recommendation", kNone, kNone, kNone, kNone};
  const Pick& pick = recommendation->headline;
  std::string loses = kNone;
  if (overview.common)
    for (const RegretRow& row : overview.common->rows)
      if (row.cell == overview.common->cell && row.regrets[i]) loses = percent(*row.regrets[i]);
  return {overview.names[i],
          cell_words(pick.cell),
          number(pick.throughput_mib_per_s, 0),
          pick.confidence ? percent(*pick.confidence) : kNone,
          loses,
          pick.limit.kind};
}

html::Table overview_table(const Overview& overview) {
  html::Table table{"What each result recommends by itself",
                    {"result", "recommended", "#MiB/s", "#confidence", "#common one loses", "limited by"},
                    {}};
  for (std::size_t i = 0; i < overview.results.size(); ++i) table.rows.push_back(overview_row(overview, i));
  return table;
}

html::Table hosts_table(const Overview& overview) {
  html::Table table{"Hosts, versions and seeds",
                    {"result", "CPU", "#CPUs", "memory", "kernel", "depthfinder", "OpenSSL's CPU settings",
                     "begun", "#blocks", "#seed"},
                    {}};
  for (std::size_t i = 0; i < overview.results.size(); ++i) {
    const SweepResult& result = overview.results[i];
    table.rows.push_back({overview.names[i], result.host.cpu_model, std::to_string(result.host.logical_cpus),
                          format_byte_count(result.host.memory_bytes), result.host.kernel,
                          result.tool.version + ", " + result.tool.build_type,
                          result.host.openssl_cpu_settings, result.started_at_utc,
                          std::to_string(result.block_orders.size()), std::to_string(result.seed)});
  }
  return table;
}

Markup contents(const Overview& overview) {
  Markup links;
  for (std::size_t i = 0; i < overview.results.size(); ++i)
    links += element("li", {}, element("a", {{"href", "#" + anchor_of(i)}}, overview.names[i]));
  return element("nav", {{"aria-label", "Results"}}, element("ul", {}, links));
}

}  // namespace

std::string anchor_of(std::size_t result) { return fmt::format("result-{}", result + 1); }

Markup overall_verdict(const Overview& overview) {
  Markup content = element("p", {{"class", "eyebrow"}},
                           fmt::format("depthfinder \xc2\xb7 {} results", overview.results.size()));
  content += distrusted(overview);
  if (overview.common) {
    const CommonChoice& choice = *overview.common;
    content += element("h1", {}, headline(choice));
    content += element("p", {{"class", "eyebrow"}}, "Set in the environment of pbs-restore:");
    content +=
        element("pre", {{"class", "setting"}, {"aria-label", "Setting to paste"}}, setting_line(choice));
    content += facts(choice);
    if (choice.is_for_own_threads)
      content +=
          element("p", {{"class", "limit"}},
                  "The results have no thread count in common: depths are compared, each at the threads that "
                  "suit its host best.");
  } else {
    content += element("h1", {}, "No setting for all");
    content += element("p", {{"class", "limit"}}, overview.common.error().message);
  }
  content += element(
      "p", {{"class", "limit"}},
      join(element("strong", {}, "What limits the restores: "), html::escaped(limits_words(overview) + ".")));
  return element("header", {{"class", "verdict"}}, element("div", {}, content));
}

Markup regret(const CommonChoice& choice) {
  const bool is_one = choice.names.size() == 1;
  const html::Table table = tables::regrets(choice);
  constexpr std::size_t kRowsShown = 30;
  return element(
      "section", {},
      join(
          element("h2", {}, "Regret: what another setting would lose"),
          element(
              "p", {{"class", "soft"}},
              is_one
                  ? "0 is the fastest setting. The last rows are what others ship: 16 chunks and 4 threads, "
                    "one "
                    "chunk at a time, half the cores."
                  : "0 is the fastest common setting of that column; the chosen row has the smallest largest "
                    "figure. The last rows are what others ship: 16 chunks and 4 threads, one chunk at a "
                    "time, "
                    "half the cores."),
          is_one || table.rows.size() > kRowsShown
              ? html::details(fmt::format("All {} settings", table.rows.size()), html::table(table))
              : html::table(table)));
}

Markup overview(const Overview& overview) {
  return element(
      "section", {},
      join(element("h2", {}, "Each result by itself"),
           element("p", {{"class", "soft"}},
                   "Where a row recommends much less than the common setting, that one is a compromise "
                   "there: its loss is in the last but one column."),
           html::table(overview_table(overview)), contents(overview)));
}

Markup origins(const Overview& overview) {
  return element("section", {},
                 join(element("h2", {}, "Hosts and method"), element("p", {}, method_words()),
                      html::details("Hosts, versions and seeds", html::table(hosts_table(overview)))));
}

Markup part(const Input& input, const std::string& name, const std::string& anchor) {
  const Pick& pick = input.recommendation.headline;
  const std::string verdict =
      fmt::format("{}: {} MiB/s, {} of the fastest; confidence {}.", cell_words(pick.cell),
                  number(pick.throughput_mib_per_s, 0), percent(pick.share_of_best),
                  pick.confidence ? percent(*pick.confidence) : "unknown");
  const Markup top = join(
      element("h2", {}, name), element("p", {{"class", "soft"}}, input.result.scenario.title),
      element("p", {},
              join(element("strong", {}, verdict), html::escaped(" Limited by " + pick.limit.text + "."))));
  if (input.thrift >= 3) return element("section", {{"id", anchor}}, top);
  Markup content = join(top, warnings(input), throughput(input));
  if (input.thrift == 0) {
    Markup more = html::table(tables::rejected(pick));
    for (const std::string& change : pick.would_change) more += element("p", {}, change);
    content += join(bottleneck(input), html::details("Why this cell, and what would change the choice", more),
                    automatic(input.result), neighbours(input.result), racing(input.result, true));
  }
  content += element("p", {{"class", "soft"}}, "The mock server: " + audit_summary(input.result));
  return element("section", {{"id", anchor}}, content);
}

Markup part_without_verdict(const SweepResult& result, std::string_view why, const std::string& name,
                            const std::string& anchor) {
  return element("section", {{"id", anchor}},
                 join(element("h2", {}, name), element("p", {{"class", "soft"}}, result.scenario.title),
                      element("p", {{"class", "warn"}, {"role", "note"}}, why),
                      element("p", {{"class", "soft"}}, "The mock server: " + audit_summary(result))));
}

}  // namespace depthfinder::sections
