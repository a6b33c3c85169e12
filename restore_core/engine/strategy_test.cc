// SPDX-License-Identifier: MIT
#include "restore_core/engine/strategy.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

TEST(Strategy, HasItsDefaults) {
  struct Row {
    std::string_view name;
    int depth;
    int threads;
    DecodeOn decode_on;
    ZeroOrder zero_order;
  };
  const std::vector<Row> rows{
      {"sequential", 1, 0, DecodeOn::consumer, ZeroOrder::in_order},
      {"buffered", 16, 0, DecodeOn::consumer, ZeroOrder::in_order},
      {"spawned", 16, 4, DecodeOn::workers, ZeroOrder::in_order},
      {"threads", 16, 0, DecodeOn::fetchers, ZeroOrder::first},
      {"pipelined", 16, 2, DecodeOn::lanes, ZeroOrder::first},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const auto settings = engine_settings(row.name, {});
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->strategy, row.name);
    EXPECT_EQ(settings->depth, row.depth);
    EXPECT_EQ(settings->threads, row.threads);
    EXPECT_EQ(settings->decode_on, row.decode_on);
    EXPECT_EQ(settings->zero_order, row.zero_order);
    EXPECT_NE(strategy_names().find(row.name), std::string_view::npos);
  }
}

TEST(Strategy, TakesWhatIsGiven) {
  const auto spawned =
      engine_settings("spawned", {.depth = 32, .threads = 8, .zero_order = ZeroOrder::first});
  ASSERT_TRUE(spawned);
  EXPECT_EQ(spawned->depth, 32);
  EXPECT_EQ(spawned->threads, 8);
  EXPECT_EQ(spawned->zero_order, ZeroOrder::first);
  const auto buffered = engine_settings("buffered", {.depth = 4, .threads = 8});
  ASSERT_TRUE(buffered);
  EXPECT_EQ(buffered->depth, 4);
  EXPECT_EQ(buffered->threads, 0) << "the consumer decodes";
}

TEST(Strategy, RefusesWhatCannotBe) {
  struct Row {
    std::string_view name;
    std::optional<int> depth;
    std::optional<int> threads;
    std::string_view message;
  };
  const std::vector<Row> rows{
      {"", {}, {}, "unknown strategy ''; use one of sequential, buffered, spawned, threads, pipelined"},
      {"Spawned",
       {},
       {},
       "unknown strategy 'Spawned'; use one of sequential, buffered, spawned, threads, pipelined"},
      {"sequential", 2, {}, "strategy 'sequential' has depth 1, not 2; use 'buffered' for more"},
      {"sequential", 0, {}, "depth 0 is out of range; use 1 to 1024"},
      {"spawned", 0, {}, "depth 0 is out of range; use 1 to 1024"},
      {"spawned", -1, {}, "depth -1 is out of range; use 1 to 1024"},
      {"threads", 1025, {}, "depth 1025 is out of range; use 1 to 1024"},
      {"spawned", {}, 0, "threads 0 is out of range; use 1 to 256"},
      {"buffered", {}, 257, "threads 257 is out of range; use 1 to 256"},
  };
  for (const auto& row : rows) {
    const auto settings = engine_settings(row.name, {.depth = row.depth, .threads = row.threads});
    ASSERT_FALSE(settings) << row.message;
    EXPECT_EQ(settings.error().kind, ErrorKind::bad_input);
    EXPECT_EQ(settings.error().message, row.message);
  }
}

TEST(Strategy, OnlyPipelinedWritesAndSharesFetches) {
  for (const auto* name : {"sequential", "buffered", "spawned", "threads"}) {
    const auto settings = engine_settings(name, {});
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->writers, 0) << name;
    EXPECT_FALSE(settings->coalesce) << name;
    EXPECT_FALSE(engine_settings(name, {.writers = 2})) << name;
  }
  const auto pipelined = engine_settings("pipelined", {.writers = 5});
  ASSERT_TRUE(pipelined);
  EXPECT_EQ(pipelined->writers, 5);
  EXPECT_TRUE(pipelined->coalesce);
}

TEST(Strategy, AutomaticWhereThereIsSomethingToChoose) {
  struct Row {
    const char* name;
    bool depth;
    bool threads;
  };
  for (const Row& row :
       {Row{"sequential", false, false}, Row{"buffered", true, false}, Row{"spawned", true, false},
        Row{"threads", false, false}, Row{"pipelined", true, true}}) {
    EXPECT_EQ(engine_settings(row.name, {.depth_auto = true}).has_value(), row.depth) << row.name;
    EXPECT_EQ(engine_settings(row.name, {.threads_auto = true}).has_value(), row.threads) << row.name;
  }
}

}  // namespace
}  // namespace depthfinder
