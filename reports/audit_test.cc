// SPDX-License-Identifier: MIT
#include "reports/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace depthfinder {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TrialAudit audit_of(double asked_p50_ms, double served_p50_ms, double asked_p99_ms, double served_p99_ms) {
  TrialAudit audit;
  audit.latency_asked_p50_ms = asked_p50_ms;
  audit.latency_served_p50_ms = served_p50_ms;
  audit.latency_asked_p99_ms = asked_p99_ms;
  audit.latency_served_p99_ms = served_p99_ms;
  return audit;
}

TrialAudit link_of(double asked_bytes_per_s, double busy_s, double lost_s) {
  TrialAudit audit;
  audit.link_asked_bytes_per_s = asked_bytes_per_s;
  audit.link_busy_s = busy_s;
  audit.link_lost_s = lost_s;
  return audit;
}

CellAudit cell_of(const std::vector<TrialAudit>& audits) {
  std::vector<const TrialAudit*> pointers;
  for (const TrialAudit& audit : audits) pointers.push_back(&audit);
  return audit_cell(pointers);
}

// Below 5 ms asked the absolute bound of the median is the larger one, below 10 ms that of p99.
TEST(AuditTrial, AllowsTheLargerOfShareAndAbsolute) {
  struct Row {
    double asked_p50_ms, served_p50_ms, asked_p99_ms, served_p99_ms;
    bool p50_off, p99_off;
  };
  const Row rows[] = {
      {0, 0, 0, 0, false, false},          {0, 0.1, 0, 0.5, false, false},
      {0, 0.101, 0, 0.5, true, false},     {0, 0.1, 0, 0.501, false, true},
      {4, 4.1, 8, 8.5, false, false},      {4, 3.9, 8, 7.5, false, false},
      {4, 4.101, 8, 8.501, true, true},    {4, 3.899, 8, 7.499, true, true},
      {5, 5.1, 10, 10.5, false, false},    {5, 5.101, 10, 10.501, true, true},
      {60, 61.2, 60, 63, false, false},    {60, 58.8, 60, 57, false, false},
      {60, 61.201, 60, 63, true, false},   {60, 58.799, 60, 63, true, false},
      {60, 61.2, 60, 63.001, false, true}, {60, 61.2, 60, 56.999, false, true},
      {10, 10, 200, 210, false, false},    {10, 10, 200, 210.1, false, true},
  };
  for (const Row& row : rows) {
    const AuditVerdict verdict =
        audit_trial(audit_of(row.asked_p50_ms, row.served_p50_ms, row.asked_p99_ms, row.served_p99_ms));
    std::vector<std::string> figures;
    for (const std::string& miss : verdict.misses) figures.push_back(miss.substr(0, 3));
    std::vector<std::string> expected;
    if (row.p50_off) expected.emplace_back("p50");
    if (row.p99_off) expected.emplace_back("p99");
    EXPECT_EQ(figures, expected) << row.asked_p50_ms << " " << row.served_p50_ms << " " << row.asked_p99_ms
                                 << " " << row.served_p99_ms;
    EXPECT_EQ(verdict.on_target(), expected.empty());
  }
}

TEST(AuditTrial, AllowsTheLinkToLoseTwoPerCent) {
  struct Row {
    double asked_bytes_per_s, busy_s, lost_s;
    bool on_target;
  };
  for (const Row& row : {Row{1e8, 0, 0, true}, Row{1e8, 0.98, 0.02, true}, Row{1e8, 0.98, 0.0201, false},
                         Row{1e8, 0, 0.001, false}, Row{0, 0, 0.5, true}})
    EXPECT_EQ(audit_trial(link_of(row.asked_bytes_per_s, row.busy_s, row.lost_s)).on_target(), row.on_target)
        << row.asked_bytes_per_s << " " << row.busy_s << " " << row.lost_s;
}

TEST(AuditTrial, SaysEachMissWithItsNumbers) {
  EXPECT_THAT(audit_trial(audit_of(10, 10, 10, 12.9)).misses,
              ElementsAre("p99 12.9 ms served, 10.0 ms asked (allowed: 0.5 ms off)"));
  EXPECT_THAT(audit_trial(audit_of(60, 65.25, 100, 106)).misses,
              ElementsAre("p50 65.25 ms served, 60.0 ms asked (allowed: 1.2 ms off)",
                          "p99 106.0 ms served, 100.0 ms asked (allowed: 5.0 ms off)"));
  EXPECT_THAT(audit_trial(link_of(1e8, 0.95, 0.05)).misses,
              ElementsAre("5 % of the link's time lost to late timers (allowed: 2 %)"));
}

// Of an odd number more than half must be off, of an even number half may be enough: the mean of the middle
// two decides.
TEST(AuditCell, IsOffWhenTheMedianTrialIs) {
  struct Row {
    std::vector<double> served_p99_ms;  // asked: 10, allowed: 0.5
    bool on_target;
  };
  const Row rows[] = {
      {{10.5}, true},
      {{10.501}, false},
      {{10, 10, 90}, true},
      {{10, 10.501, 90}, false},
      {{10, 10.5, 90}, true},
      {{10, 90, 10, 90, 10}, true},
      {{90, 10, 90, 10, 90}, false},
      {{10, 10.5, 10.5, 90}, true},
      {{10, 10.4, 10.6, 90}, true},
      {{10, 10.4, 10.7, 90}, false},
      {{10, 9.4, 9.4}, false},
      {{9.4, 10.6, 10}, false},  // late and early do not make up for each other
  };
  for (const Row& row : rows) {
    std::vector<TrialAudit> audits;
    for (const double served : row.served_p99_ms) audits.push_back(audit_of(10, 10, 10, served));
    EXPECT_EQ(cell_of(audits).on_target(), row.on_target) << testing::PrintToString(row.served_p99_ms);
  }
}

// With a random model every trial is asked for something else, so each is held to its own bound.
TEST(AuditCell, HoldsEachTrialToItsOwnBound) {
  EXPECT_TRUE(cell_of({audit_of(10, 10, 100, 104), audit_of(10, 10, 200, 209), audit_of(10, 10, 20, 20.9)})
                  .on_target());
  EXPECT_FALSE(cell_of({audit_of(10, 10, 100, 106), audit_of(10, 10, 200, 209), audit_of(10, 10, 20, 21.1)})
                   .on_target());
}

// Three misses in three trials, none of them in the same figure: every single trial is off, the cell is not.
TEST(AuditCell, JudgesEachFigureByItself) {
  TrialAudit link = link_of(1e8, 0.9, 0.1);
  const CellAudit cell = cell_of({audit_of(10, 11, 10, 10), audit_of(10, 10, 10, 12), link});
  EXPECT_TRUE(cell.on_target());
  EXPECT_EQ(cell.trials_off, 3);
}

TEST(AuditCell, SaysTheMedianTrialAndHowManyWereOff) {
  const CellAudit cell =
      cell_of({audit_of(10, 10, 10, 12.9), audit_of(10, 10, 10, 10.1), audit_of(10, 10, 10, 14)});
  EXPECT_THAT(cell.misses,
              ElementsAre("p99 12.9 ms served, 10.0 ms asked (allowed: 0.5 ms off) in the median "
                          "trial, off in 2 of 3"));
  EXPECT_EQ(cell.reason(), cell.misses.front());
  EXPECT_EQ(cell.trials, 3);
  EXPECT_EQ(cell.latency_served_p99_ms, 12.9);
  EXPECT_EQ(cell.latency_asked_p99_ms, 10);
}

TEST(AuditCell, OfNoTrialsProvesNothingAndCondemnsNothing) {
  const CellAudit cell = audit_cell({});
  EXPECT_EQ(cell.trials, 0);
  EXPECT_TRUE(cell.on_target());
  EXPECT_FALSE(cell.mock_was_limit());
}

TEST(AuditCell, CallsTheMockTheLimitFromNinetyPerCent) {
  struct Row {
    std::vector<double> shares;
    bool limit;
  };
  for (const Row& row :
       {Row{{0.9}, true}, Row{{0.899}, false}, Row{{0.2, 0.95, 0.96}, true}, Row{{0.2, 0.3, 0.96}, false}}) {
    std::vector<TrialAudit> audits(row.shares.size());
    for (std::size_t i = 0; i < audits.size(); ++i) audits[i].busiest_connection_cpu_share = row.shares[i];
    EXPECT_EQ(cell_of(audits).mock_was_limit(), row.limit) << testing::PrintToString(row.shares);
  }
}

TEST(AuditCells, LooksAtValidTrialsOnly) {
  SweepResult result;
  result.cells.resize(2);
  result.cells[0].id = "a";
  result.cells[1].id = "b";
  const auto add = [&result](const char* id, TrialOutcome outcome, const TrialAudit& audit) {
    result.trials.push_back({0, 0, id, outcome, {}, {}, audit});
  };
  add("a", TrialOutcome::ok, audit_of(10, 10, 10, 10));
  add("a", TrialOutcome::failed, audit_of(10, 90, 10, 90));
  add("a", TrialOutcome::cancelled, audit_of(10, 90, 10, 90));
  add("a", TrialOutcome::invalid, audit_of(10, 90, 10, 90));
  add("b", TrialOutcome::failed, audit_of(10, 90, 10, 90));
  const auto audits = audit_cells(result);
  EXPECT_EQ(audits.at("a").trials, 1);
  EXPECT_THAT(audits.at("a").misses, IsEmpty());
  EXPECT_EQ(audits.at("b").trials, 0);
}

}  // namespace
}  // namespace depthfinder
