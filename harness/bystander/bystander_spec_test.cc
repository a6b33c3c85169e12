// SPDX-License-Identifier: MIT
#include "harness/bystander/bystander_spec.h"

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;

TEST(BystanderSpec, ReadsEveryKind) {
  const struct {
    const char* text;
    BystanderKind kind;
    Nanoseconds period;
    bool uses_cpu, writes;
    const char* command;
  } rows[] = {
      {"cpu", BystanderKind::cpu, milliseconds(5), true, false, ""},
      {"sync-write", BystanderKind::sync_write, milliseconds(5), false, true, ""},
      {"both", BystanderKind::both, milliseconds(5), true, true, ""},
      {"command:echo a:b", BystanderKind::command, milliseconds(100), false, false, "echo a:b"},
  };
  for (const auto& row : rows) {
    const auto spec = parse_bystander(row.text);
    ASSERT_TRUE(spec) << row.text;
    EXPECT_EQ(spec->kind, row.kind);
    EXPECT_EQ(spec->period, row.period);
    EXPECT_EQ(spec->uses_cpu(), row.uses_cpu);
    EXPECT_EQ(spec->writes(), row.writes);
    EXPECT_EQ(spec->command, row.command);
    EXPECT_EQ(bystander_text(*spec), row.text);
  }
}

TEST(BystanderSpec, RefusesOtherTexts) {
  for (const char* text : {"", "CPU", "cpu ", "none", "command", "command:", "command: \t"}) {
    const auto spec = parse_bystander(text);
    ASSERT_FALSE(spec) << text;
    EXPECT_EQ(spec.error().kind, ErrorKind::bad_input);
  }
}

TEST(BystanderSpec, ChecksItsNumbers) {
  const struct {
    Nanoseconds period, work;
    std::uint64_t work_units;
    bool good;
  } rows[] = {
      {milliseconds(5), milliseconds(1), 0, true},
      {microseconds(100), microseconds(1), 0, true},
      {minutes(1), milliseconds(1), 0, true},
      {microseconds(99), microseconds(1), 0, false},
      {minutes(2), milliseconds(1), 0, false},
      {milliseconds(5), Nanoseconds(999), 0, false},
      {milliseconds(5), milliseconds(5), 0, false},  // it would never be done
      {milliseconds(5), milliseconds(1), kBystanderWorkUnitsMax, true},
      {milliseconds(5), milliseconds(1), kBystanderWorkUnitsMax + 1, false},
  };
  for (const auto& row : rows) {
    BystanderSpec spec;
    spec.period = row.period;
    spec.work = row.work;
    spec.work_units = row.work_units;
    EXPECT_EQ(check_bystander(spec).has_value(), row.good) << row.period.count() << " " << row.work.count();
  }
}

}  // namespace
}  // namespace depthfinder
