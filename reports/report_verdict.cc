// SPDX-License-Identifier: MIT
#include <algorithm>

#include "reports/field.h"
#include "reports/report_sections.h"
#include "reports/words.h"
#include "restore_core/base/units.h"

namespace depthfinder::sections {
namespace {

using html::element;
using html::fact;
using html::join;
using html::Markup;

Markup facts(const Pick& pick) {
  const std::string rate_note = percent(pick.share_of_best) + " of the fastest cell";
  const std::string certified =
      pick.certified ? fmt::format("of resamples choose the same; certified by the 95 % bound: depth {}",
                                   pick.certified->depth)
                     : "too few blocks to certify";
  const std::string n_star = pick.n_star ? number(*pick.n_star, 1) : "unknown";
  const std::string confidence = pick.confidence ? percent(*pick.confidence) : "unknown";
  const std::string cache =
      pick.cell.chunk_cache > 0 ? fmt::format(", cache of {} x 4 MiB", pick.cell.chunk_cache) : "";
  const Markup bystander = pick.bystander_p99
                               ? fact("Neighbour\xe2\x80\x99s p99", number(*pick.bystander_p99, 2) + " x",
                                      "as long beside this restore as alone")
                               : Markup();
  return element(
      "dl", {{"class", "facts"}},
      join(fact("Restore rate", number(pick.throughput_mib_per_s, 0) + " MiB/s", rate_note),
           fact("Confidence", confidence, certified),
           fact("Buffer memory", buffer_words(pick.cell),
                fmt::format("depth {} x 2 x 4 MiB{}", pick.cell.depth, cache)),
           fact("CPU time", number(pick.cpu_s_per_gib, 2) + " s", "per GiB restored"),
           fact("In flight to fill it", n_star, "chunks: rate of the best over that of depth 1"), bystander));
}

std::string headline(const Pick& pick) {
  std::string text = fmt::format("Use depth {}", pick.cell.depth);
  if (pick.cell.threads > 0) text += " with " + counted(pick.cell.threads, "thread");
  if (pick.cell.strategy != kShippedStrategy)
    text += fmt::format(", strategy \xe2\x80\x9c{}\xe2\x80\x9d", pick.cell.strategy);
  Cell beside = pick.cell;
  beside.threads = 0;
  return text + settings_beside_depth(beside);
}

std::string host_line(const SweepResult& result) {
  const HostInfo& host = result.host;
  std::string line =
      fmt::format("{}, {}, {} memory", host.cpu_model, counted(host.logical_cpus, "logical CPU"),
                  format_byte_count(host.memory_bytes));
  if (!host.virtualisation.empty() && host.virtualisation != "none")
    line += ", virtualised (" + host.virtualisation + ")";
  return line + fmt::format(", {}, measured from {}", host.kernel, result.started_at_utc);
}

// The choices beside the headline, a sentence each.
Markup beside(const Recommendation& recommendation) {
  Markup all;
  if (recommendation.shipped)
    all += element("p", {{"class", "limit"}},
                   "The line above sets what pbs-restore ships: " + cell_words(recommendation.shipped->cell) +
                       ", " + number(recommendation.shipped->throughput_mib_per_s, 0) + " MiB/s.");
  for (const Pick& other : recommendation.other_cpus)
    all +=
        element("p", {{"class", "host"}},
                fmt::format("With {}: {}, {} MiB/s, limited by {}.", cpu_words(cpu_state(other.cell)),
                            cell_words(other.cell), number(other.throughput_mib_per_s, 0), other.limit.text));
  if (!recommendation.other_sha_ni) return all;
  const Pick& other = *recommendation.other_sha_ni;
  const bool off = other.cell.sha_ni == ShaNi::off;
  all += element("p", {{"class", "host"}},
                 fmt::format("{} the CPU\xe2\x80\x99s SHA extensions: {}, {} MiB/s, limited by {}.",
                             off ? "Without" : "With", cell_words(other.cell),
                             number(other.throughput_mib_per_s, 0), other.limit.text));
  return all;
}

Markup eyebrow(const SweepResult& result) {
  return element("p", {{"class", "eyebrow"}}, "depthfinder \xc2\xb7 " + result.scenario.title);
}

Markup distrust(const Recommendation& recommendation) {
  if (!recommendation.rests_on_off_target()) return {};
  return element("p", {{"class", "warn"}, {"role", "note"}}, distrust_line(recommendation));
}

}  // namespace

Markup verdict(const Input& input) {
  const Pick& pick = input.recommendation.headline;
  const Markup limit =
      join(element("strong", {}, "What limits this restore: "), html::escaped(pick.limit.text + "."));
  const Markup content = join(
      eyebrow(input.result), distrust(input.recommendation), element("h1", {}, headline(pick)),
      element("p", {{"class", "eyebrow"}}, "Set in the environment of pbs-restore:"),
      element("pre", {{"class", "setting"}, {"aria-label", "Setting to paste"}},
              setting_line(input.recommendation)),
      facts(pick), element("p", {{"class", "limit"}}, limit), element("p", {{"class", "host"}}, pick.reason),
      beside(input.recommendation), element("p", {{"class", "host"}}, host_line(input.result)));
  return element("header", {{"class", "verdict"}}, element("div", {}, content));
}

Markup no_verdict(const SweepResult& result, std::string_view why) {
  const Markup content =
      join(eyebrow(result), element("h1", {}, "No recommendation"), element("p", {{"class", "limit"}}, why),
           element("p", {{"class", "host"}}, host_line(result)));
  return element("header", {{"class", "verdict"}}, element("div", {}, content));
}

Markup warnings(const Input& input) {
  Markup all;
  for (const std::string& warning : input.recommendation.warnings)
    all += element("p", {{"class", "warn"}, {"role", "note"}}, warning);
  return all;
}

}  // namespace depthfinder::sections
