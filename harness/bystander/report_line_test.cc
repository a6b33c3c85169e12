// SPDX-License-Identifier: MIT
#include "harness/bystander/report_line.h"

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

template <typename Line>
Line there_and_back(const Line& line) {
  const std::string text = bystander_line(line);
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  const auto read = parse_bystander_line(text);
  EXPECT_TRUE(read && std::holds_alternative<Line>(*read)) << text;
  return read ? std::get<Line>(*read) : Line{};
}

TEST(ReportLine, ComesBackAsItWas) {
  const auto report = there_and_back(BystanderReport{0.25, {1.5, 2.25}});
  EXPECT_EQ(report.t_s, 0.25);
  EXPECT_EQ(report.samples_ms, (std::vector<double>{1.5, 2.25}));
  const auto hello = there_and_back(BystanderHello{"command:a \"b\"\n", 5, 1234});
  EXPECT_EQ(hello.kind, "command:a \"b\"\n");
  EXPECT_EQ(hello.work_units, 1234U);
  EXPECT_EQ(there_and_back(BystanderMark{7}).count, 7U);
  EXPECT_FALSE(there_and_back(BystanderSummary{}).stats);
  const auto summary = there_and_back(BystanderSummary{BystanderStats{1000, 1, 2, 3.0, 4}});
  ASSERT_TRUE(summary.stats);
  EXPECT_EQ(summary.stats->samples, 1000U);
  EXPECT_EQ(summary.stats->p999_ms, 3.0);
}

TEST(ReportLine, HasThisForm) {
  EXPECT_EQ(bystander_line(BystanderReport{0.1, {1.0, 12.34567}}),
            "{\"t_s\":0.100000,\"samples_ms\":[1.0000,12.3457]}\n");
  EXPECT_EQ(bystander_line(BystanderMark{1}), "{\"mark\":1}\n");
}

TEST(ReportLine, RefusesWhatIsNone) {
  for (const char* text : {"", "{", "[]", "null", "{}", R"({"t_s":1})",
                           R"({"t_s":1,"samples_ms":[1],"more":2})", R"({"t_s":"1","samples_ms":[1]})",
                           R"({"t_s":1,"samples_ms":["x"]})", R"({"mark":"a"})", R"({"summary":{}})"}) {
    const auto line = parse_bystander_line(text);
    ASSERT_FALSE(line) << text;
    EXPECT_EQ(line.error().kind, ErrorKind::protocol);
  }
}

}  // namespace
}  // namespace depthfinder
