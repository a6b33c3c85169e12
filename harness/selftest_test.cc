// SPDX-License-Identifier: MIT
#include "harness/selftest.h"

#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace depthfinder {
namespace {

// Of 100 runs each.
SelftestResult result_of(int alarms, int server_found, int client_found, double slowdown = 0.05) {
  SelftestResult result;
  result.options.slowdown = slowdown;
  result.same = {"same", 100, alarms, 0, 0};
  result.server = {"server", 100, server_found, 100 - server_found, 5};
  result.client = {"client", 100, client_found, 100 - client_found, 5};
  return result;
}

// The bounds of Clopper and Pearson, by R's binom.test(k, 100, alternative = ...): 3 of 100 are surely more than 0.8 %, 4 more
// than 1.37 %; 91 are surely fewer than 95.2 %, 90 fewer than 94.5 %; 73 fewer than 80.2 %, 72 fewer than 79.3 %.
TEST(Selftest, SaysOnlyWhatIsProven) {
  EXPECT_EQ(selftest_verdict(result_of(0, 100, 100)), SelftestVerdict::fits);
  EXPECT_EQ(selftest_verdict(result_of(3, 100, 100)), SelftestVerdict::fits);
  EXPECT_EQ(selftest_verdict(result_of(4, 100, 100)), SelftestVerdict::alarms);
  EXPECT_EQ(selftest_verdict(result_of(0, 91, 91)), SelftestVerdict::fits);
  EXPECT_EQ(selftest_verdict(result_of(0, 90, 100)), SelftestVerdict::too_noisy);
  EXPECT_EQ(selftest_verdict(result_of(0, 100, 90)), SelftestVerdict::too_noisy);
  EXPECT_EQ(selftest_verdict(result_of(4, 0, 0)), SelftestVerdict::alarms) << "the worse of both";
}

TEST(Selftest, AsksLessOfSmallSlowdowns) {
  EXPECT_EQ(selftest_verdict(result_of(0, 73, 90, 0.03)), SelftestVerdict::fits);
  EXPECT_EQ(selftest_verdict(result_of(0, 72, 90, 0.03)), SelftestVerdict::too_noisy);
}

TEST(Selftest, PrintsWithin80Columns) {
  for (const int found : {0, 100}) {
    std::istringstream lines(selftest_text(result_of(found == 0 ? 4 : 0, found, found, 0.03)));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  }
  EXPECT_NE(selftest_text(result_of(0, 0, 0, 0.03)).find("too noisy to find 3 %"), std::string::npos);
}

TEST(Selftest, IsJsonWithItsParameters) {
  const auto json = nlohmann::json::parse(selftest_json(result_of(1, 96, 97, 0.03)));
  EXPECT_EQ(json["verdict"], "fits");
  EXPECT_EQ(json["slowdown"], 0.03);
  EXPECT_EQ(json["slower_server"]["regressions"], 96);
  EXPECT_NEAR(json["slower_client"]["change_mean"].get<double>(), 0.05, 1e-12);
}

}  // namespace
}  // namespace depthfinder
