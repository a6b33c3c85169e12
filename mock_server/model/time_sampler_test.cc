// SPDX-License-Identifier: MIT
#include "mock_server/model/time_sampler.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mock_server/model/draw.h"

namespace depthfinder::mock {
namespace {

using namespace std::chrono_literals;

constexpr int kDraws = 20'000;

// In milliseconds, ascending; each draw from a generator of its own, as the models draw.
std::vector<double> draws_ms(const TimeDistribution& distribution) {
  std::vector<double> draws;
  for (int i = 1; i <= kDraws; ++i) {
    Random random = random_for(7, Draw::storage, static_cast<std::uint64_t>(i));
    draws.push_back(to_seconds(sample(distribution, random)) * 1e3);
  }
  std::sort(draws.begin(), draws.end());
  return draws;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double quantile(const std::vector<double>& ascending, double share) {
  return ascending[static_cast<std::size_t>(share * static_cast<double>(ascending.size()))];
}

// Closed forms, in milliseconds. The tolerances are four standard errors: of the mean sd / sqrt(20000), of a quantile
// sqrt(q (1 - q) / 20000) / density.
struct Known {
  std::string name;
  TimeDistribution distribution;
  double mean, mean_tolerance;
  double median, median_tolerance;
  double p90, p90_tolerance;
};

const std::vector<Known> kKnown = {
    {"constant", ConstantTime{5ms}, 5, 0, 5, 0, 5, 0},
    {"uniform", UniformTime{2ms, 10ms}, 6, 0.065, 6, 0.113, 9.2, 0.068},
    {"exponential", ExponentialTime{10ms}, 10, 0.283, 6.9315, 0.283, 23.0259, 0.849},
    {"lognormal", LogNormalTime{10ms, 0.5}, 11.3315, 0.171, 10, 0.177, 18.9795, 0.459},
    {"lognormal without spread", LogNormalTime{10ms, 0}, 10, 0, 10, 0, 10, 0},
    // mean = a/(a-1) * L * (1 - (L/H)^(a-1)) / (1 - (L/H)^a), quantile = L * (1 - q (1 - (L/H)^a))^(-1/a)
    {"pareto", ParetoTime{1ms, 100ms, 1.5}, 2.7027, 0.126, 1.5863, 0.030, 4.6139, 0.262},
    // 60 % between 1 and 3, 30 % between 3 and 11, 10 % between 11 and 100 ms
    {"recorded", RecordedTime{{{0, 1ms}, {0.6, 3ms}, {0.9, 11ms}, {1, 100ms}}}, 8.85, 0.50, 2.6667, 0.048, 11,
     2.6},
};

TEST(TimeSamplerTest, AgreesWithClosedForms) {
  for (const Known& known : kKnown) {
    SCOPED_TRACE(known.name);
    const std::vector<double> draws = draws_ms(known.distribution);
    EXPECT_NEAR(mean(draws), known.mean, known.mean_tolerance + 1e-9);
    EXPECT_NEAR(quantile(draws, 0.5), known.median, known.median_tolerance + 1e-9);
    EXPECT_NEAR(quantile(draws, 0.9), known.p90, known.p90_tolerance + 1e-9);
  }
}

TEST(TimeSamplerTest, ParetoStaysWithinItsBoundsAndNearsBoth) {
  const std::vector<double> draws = draws_ms(ParetoTime{1ms, 3ms, 1});
  EXPECT_GE(draws.front(), 1.0);
  EXPECT_LE(draws.back(), 3.0);
  EXPECT_LT(draws.front(), 1.001);
  EXPECT_GT(draws.back(), 2.99);
}

TEST(TimeSamplerTest, EqualBoundsGiveThatTime) {
  Random random(1);
  EXPECT_EQ(sample(ParetoTime{4ms, 4ms, 2}, random), 4ms);
  EXPECT_EQ(sample(UniformTime{4ms, 4ms}, random), 4ms);
  EXPECT_EQ(sample(RecordedTime{{{0, 4ms}, {1, 4ms}}}, random), 4ms);
}

TEST(TimeSamplerTest, RecordedGivesItsQuantilesBack) {
  const RecordedTime recorded{{{0, 2ms}, {0.25, 4ms}, {0.5, 10ms}, {0.99, 50ms}, {1, 80ms}}};
  const std::vector<double> draws = draws_ms(recorded);
  EXPECT_GE(draws.front(), 2.0);
  EXPECT_LE(draws.back(), 80.0);
  // Four standard errors by the smaller density beside the point.
  EXPECT_NEAR(quantile(draws, 0.25), 4, 0.30);
  EXPECT_NEAR(quantile(draws, 0.5), 10, 1.16);
  EXPECT_NEAR(quantile(draws, 0.745), 30, 1.01);
  EXPECT_NEAR(quantile(draws, 0.99), 50, 8.5);
}

TEST(TimeSamplerTest, RecordedStepsAreNotSmeared) {
  const std::vector<double> draws = draws_ms(RecordedTime{{{0, 1ms}, {0.5, 1ms}, {0.5, 9ms}, {1, 9ms}}});
  EXPECT_NEAR(static_cast<double>(std::count(draws.begin(), draws.end(), 1.0)) / kDraws, 0.5, 0.015);
  EXPECT_NEAR(static_cast<double>(std::count(draws.begin(), draws.end(), 9.0)) / kDraws, 0.5, 0.015);
}

TEST(TimeSamplerTest, TheUnboundedEndAtAnHour) {
  EXPECT_EQ(draws_ms(LogNormalTime{10ms, 50}).back(), 3.6e6);
  EXPECT_EQ(bounded_time(1e300), 1h);
  EXPECT_EQ(bounded_time(-1), 0ns);
  EXPECT_EQ(bounded_time(std::nan("")), 0ns);
  EXPECT_EQ(bounded_time(2.5e6 + 0.6), 2'500'001ns);
}

TEST(TimeSamplerTest, TransferTakesBytesOverRate) {
  EXPECT_EQ(transfer_time(4 << 20, 0), 0ns);
  EXPECT_EQ(transfer_time(150'000'000, 150e6), 1s);
  EXPECT_EQ(transfer_time(4 << 20, 100e6), 41'943'040ns);
}

}  // namespace
}  // namespace depthfinder::mock
