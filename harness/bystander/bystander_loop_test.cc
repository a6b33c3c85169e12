// SPDX-License-Identifier: MIT
#include "harness/bystander/bystander_loop.h"

#include <deque>
#include <vector>

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

using std::chrono::milliseconds;

using Samples = std::vector<double>;

TimePoint at(int ms) { return TimePoint(milliseconds(ms)); }

TEST(DueSchedule, TimesFromWhenWorkWasDue) {
  DueSchedule schedule(at(0), milliseconds(5), TimedFrom::due, std::nullopt);
  Samples samples;
  schedule.served(at(0), at(1), samples);  // at once
  EXPECT_EQ(schedule.next(), at(5));
  schedule.served(at(7), at(8), samples);  // 2 ms late: they count
  EXPECT_EQ(schedule.next(), at(10));
  EXPECT_EQ(samples, (Samples{1, 3}));
}

TEST(DueSchedule, CountsTheWaitingOfMissedPeriods) {
  DueSchedule schedule(at(0), milliseconds(5), TimedFrom::due, std::nullopt);
  Samples samples;
  schedule.served(at(12), at(14), samples);  // 0, 5 and 10 were due by then
  EXPECT_EQ(samples, (Samples{14, 9, 4}));
  EXPECT_EQ(schedule.next(), at(15));
}

TEST(DueSchedule, LeavesWhatBecameDueDuringARunToTheNext) {
  DueSchedule schedule(at(0), milliseconds(5), TimedFrom::due, std::nullopt);
  Samples samples;
  schedule.served(at(0), at(11), samples);
  EXPECT_EQ(samples, (Samples{11}));
  EXPECT_EQ(schedule.next(), at(5));
  schedule.served(at(11), at(12), samples);
  EXPECT_EQ(samples, (Samples{11, 7, 2}));
  EXPECT_EQ(schedule.next(), at(15));
}

TEST(DueSchedule, HasNothingDueAtItsEnd) {
  DueSchedule schedule(at(0), milliseconds(5), TimedFrom::due, at(10));
  Samples samples;
  schedule.served(at(30), at(31), samples);  // 10 and later were never due
  EXPECT_EQ(samples, (Samples{31, 26}));
  EXPECT_FALSE(schedule.next());
}

TEST(DueSchedule, TimesACommandFromItsStart) {
  DueSchedule schedule(at(0), milliseconds(100), TimedFrom::start, std::nullopt);
  Samples samples;
  schedule.served(at(3), at(33), samples);
  EXPECT_EQ(schedule.next(), at(100));
  schedule.served(at(100), at(350), samples);
  EXPECT_EQ(schedule.next(), at(350));  // longer than the period: again at once
  schedule.served(at(350), at(360), samples);
  EXPECT_EQ(schedule.next(), at(450));
  EXPECT_EQ(samples, (Samples{30, 250, 10}));
}

// A loop in a world where time passes as the test says: how long each run takes, and when something comes in between.
class LoopTest : public ::testing::Test, public BystanderWaiter, public BystanderListener {
 public:
  Wake wait_until(TimePoint due) override {
    if (!events_.empty() && events_.front().first <= std::max(due, clock_.now())) {
      const auto [when, wake] = events_.front();
      events_.pop_front();
      move_to(when);
      return wake;
    }
    move_to(due);
    return Wake::due;
  }
  void on_report(const BystanderReport& report) override {
    reports_.push_back(report);
    samples_.insert(samples_.end(), report.samples_ms.begin(), report.samples_ms.end());
  }
  void on_mark() override { samples_at_marks_.push_back(samples_.size()); }

 protected:
  Result<void> run(BystanderLoopSettings settings = {.period = milliseconds(5), .duration = std::nullopt}) {
    const auto work = [this]() -> Result<void> {
      ++runs_;
      clock_.advance(run_times_.empty() ? milliseconds(1) : run_times_.front());
      if (!run_times_.empty()) run_times_.pop_front();
      return outcome_;
    };
    return run_bystander(settings, clock_, *this, work, *this);
  }
  void move_to(TimePoint when) {
    if (when > clock_.now()) clock_.advance(when - clock_.now());
  }

  FakeClock clock_;
  std::deque<milliseconds> run_times_;  // then 1 ms
  std::deque<std::pair<TimePoint, Wake>> events_;
  Result<void> outcome_;
  int runs_ = 0;
  std::vector<BystanderReport> reports_;
  Samples samples_;
  std::vector<std::size_t> samples_at_marks_;
};

TEST_F(LoopTest, WorksOncePerPeriodUntilItsDurationIsOver) {
  ASSERT_TRUE(run({.period = milliseconds(5), .duration = milliseconds(300)}));
  EXPECT_EQ(samples_, Samples(60, 1.0));
  EXPECT_EQ(runs_, 60);
}

TEST_F(LoopTest, HasOneSamplePerPeriodHoweverLongRunsTake) {
  run_times_.assign(3, milliseconds(12));
  ASSERT_TRUE(run({.period = milliseconds(5), .duration = milliseconds(50)}));
  EXPECT_EQ(samples_, (Samples{12, 19, 14, 21, 16, 12, 7, 2, 1, 1}));
  EXPECT_EQ(runs_, 6);
}

TEST_F(LoopTest, ReportsEveryTenthOfASecond) {
  ASSERT_TRUE(run({.period = milliseconds(10), .duration = milliseconds(250)}));
  ASSERT_EQ(reports_.size(), 3U);
  EXPECT_EQ(reports_[0].t_s, 0.101);
  EXPECT_EQ(reports_[0].samples_ms.size(), 11U);
  EXPECT_EQ(reports_[1].t_s, 0.201);
  EXPECT_EQ(reports_[1].samples_ms.size(), 10U);
  EXPECT_EQ(reports_[2].samples_ms.size(), 4U);
}

TEST_F(LoopTest, ReportsWhatThereIsBeforeItAnswersAMark) {
  events_ = {{at(0), Wake::mark}, {at(12), Wake::mark}, {at(13), Wake::mark}, {at(18), Wake::end}};
  ASSERT_TRUE(run());
  EXPECT_EQ(samples_at_marks_, (std::vector<std::size_t>{1, 3, 3}));
  EXPECT_EQ(samples_.size(), 4U);
}

TEST_F(LoopTest, ServesWhatWasDueBeforeItAnswersAMark) {
  run_times_ = {milliseconds(13)};
  events_ = {{at(13), Wake::mark}, {at(14), Wake::end}};  // seen after the first run: 5 and 10 wait
  ASSERT_TRUE(run());
  EXPECT_EQ(samples_at_marks_, (std::vector<std::size_t>{3}));
}

TEST_F(LoopTest, EndsWithoutWorkThatIsNotDue) {
  events_ = {{at(13), Wake::end}};
  ASSERT_TRUE(run());
  EXPECT_EQ(samples_, Samples(3, 1.0));
}

TEST_F(LoopTest, ServesWhatWasDueWhenTheEndCame) {
  run_times_ = {milliseconds(13)};
  events_ = {{at(13), Wake::end}};  // seen after the first run: 5 and 10 wait
  ASSERT_TRUE(run());
  EXPECT_EQ(samples_, (Samples{13, 9, 4}));
}

TEST_F(LoopTest, EndsWithTheFailureOfItsWork) {
  outcome_ = fail(ErrorKind::io, "disk full");
  const auto ended = run();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().message, "disk full");
  EXPECT_EQ(runs_, 1);
  EXPECT_TRUE(samples_.empty());
}

TEST_F(LoopTest, TakesNoSampleFromAnInterruptedRun) {
  outcome_ = fail(ErrorKind::cancelled, "interrupted");
  EXPECT_TRUE(run());
  EXPECT_EQ(runs_, 1);
  EXPECT_TRUE(samples_.empty());
}

}  // namespace
}  // namespace depthfinder
