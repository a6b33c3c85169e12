// SPDX-License-Identifier: MIT
#include "restore_core/hash/kernel_choice.h"

#include <gtest/gtest.h>

namespace depthfinder {
namespace {

std::vector<LaneKernel> kernels(std::initializer_list<std::pair<int, double>> lanes_and_costs) {
  std::vector<LaneKernel> result;
  for (const auto& [lanes, ns_per_byte] : lanes_and_costs)
    result.push_back({"x" + std::to_string(lanes), lanes, ns_per_byte, nullptr});
  return result;
}

struct ChoiceCase {
  const char* what;
  std::vector<LaneKernel> kernels;
  int messages;
  const char* chosen;
};

TEST(KernelChoice, IsTheLeastTotal) {
  // A step costs, in ns for a byte of length: x1 0.64, x2 0.84, x8 5.2, x16 3.2.
  const auto zen = kernels({{1, 0.64}, {2, 0.42}, {8, 0.65}, {16, 0.2}});
  // Without SHA-NI. A step costs: x1 1.75, x8 5.2, x16 3.2; with AVX2 only, x1 1.75, x8 5.2.
  const auto no_sha_ni = kernels({{1, 1.75}, {8, 0.65}, {16, 0.2}});
  const auto avx2 = kernels({{1, 1.75}, {8, 0.65}});
  const ChoiceCase cases[] = {
      {"one message: one stream", zen, 1, "x1"},
      {"two streams", zen, 2, "x2"},
      {"two streams and then one cost less than all lanes", zen, 3, "x2"},
      {"four pairs would cost more than idle lanes", zen, 8, "x16"},
      {"three pairs would not", zen, 6, "x2"},
      {"seven: 3 x 0.84 + 0.64 is a little less", zen, 7, "x2"},
      {"full", zen, 16, "x16"},
      {"one too many: the lanes first", zen, 17, "x16"},
      {"a full batch and a pair", zen, 18, "x16"},
      {"nearly two batches", zen, 31, "x16"},
      {"many", zen, 1000, "x16"},
      {"one", no_sha_ni, 1, "x1"},
      {"two idle fourteen lanes sooner than wait", no_sha_ni, 2, "x16"},
      {"one", avx2, 1, "x1"},
      {"two", avx2, 2, "x1"},
      {"three cost 5.25 one by one", avx2, 3, "x8"},
      {"nine: eight lanes first", avx2, 9, "x8"},
      {"no choice", kernels({{16, 1}}), 1, "x16"},
      {"unmeasured, all equal: the widest", kernels({{1, 0}, {8, 0}, {4, 0}}), 3, "x8"},
      {"lanes that are worth nothing", kernels({{1, 0.6}, {4, 1.4}}), 4, "x1"},
      {"lanes that are worth nothing, many", kernels({{1, 0.6}, {4, 1.4}}), 1000, "x1"},
  };
  for (const ChoiceCase& c : cases)
    EXPECT_EQ(c.kernels[choose_kernel(c.kernels, c.messages)].name, c.chosen) << c.what << ", " << c.messages;
}

TEST(KernelChoice, CheapestIsByFullLanes) {
  const auto several = kernels({{1, 0.64}, {2, 0.42}, {16, 0.2}, {8, 0.65}});
  EXPECT_EQ(several[cheapest_kernel(several)].name, "x16");
}

}  // namespace
}  // namespace depthfinder
