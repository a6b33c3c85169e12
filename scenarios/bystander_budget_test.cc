// SPDX-License-Identifier: MIT
#include "scenarios/bystander_budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace depthfinder {
namespace {

using testing::HasSubstr;

TEST(BystanderBudget, IsReadAndWritten) {
  struct Row {
    const char* text;
    BystanderBudget budget;
  };
  constexpr Row kRows[] = {{"p50<1.2x", {BystanderPercentile::p50, 1.2}},
                           {"p99<2x", {BystanderPercentile::p99, 2}},
                           {"p999<10x", {BystanderPercentile::p999, 10}},
                           {"p99<1000x", {BystanderPercentile::p99, 1000}}};
  for (const Row& row : kRows) {
    const auto budget = parse_bystander_budget(row.text);
    ASSERT_TRUE(budget) << budget.error().message;
    EXPECT_EQ(*budget, row.budget) << row.text;
    EXPECT_EQ(bystander_budget_text(*budget), row.text);
  }
}

TEST(BystanderBudget, RefusesEverythingElse) {
  for (const char* text :
       {"", "p99", "p99<2", "p99<x", "<2x", "p98<2x", "p99<1x", "p99<0.5x", "p99<-2x", "p99<nanx", "p99<infx",
        "p99<1e3x", "p99<1001x", "p99<2xx", "p99 < 2x", "p99>2x", "P99<2x", "p99<2x "}) {
    const auto budget = parse_bystander_budget(text);
    ASSERT_FALSE(budget) << text;
    EXPECT_EQ(budget.error().kind, ErrorKind::bad_input);
    EXPECT_THAT(budget.error().message, HasSubstr("p99<2x"));
  }
}

TEST(Bystander, IsAKindOrACommand) {
  for (const char* text : {"cpu", "sync-write", "both", "command:fio --name=x"}) {
    const auto bystander = parse_bystander_text(text);
    ASSERT_TRUE(bystander) << text;
    EXPECT_EQ(*bystander, text);
  }
  for (const std::string& text : {std::string(), std::string("all"), std::string("command:"),
                                  std::string("command: \t"), "command:" + std::string(4000, 'x')})
    EXPECT_FALSE(parse_bystander_text(text)) << text;
}

}  // namespace
}  // namespace depthfinder
