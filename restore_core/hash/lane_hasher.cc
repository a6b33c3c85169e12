// SPDX-License-Identifier: MIT
#include "restore_core/hash/lane_hasher.h"

#include <algorithm>

#include "restore_core/base/check.h"
#include "restore_core/base/clock.h"
#include "restore_core/hash/kernel_choice.h"
#include "restore_core/hash/lane_schedule.h"
#include "restore_core/hash/sha256.h"
#include "restore_core/hash/sha256_rounds.h"

namespace depthfinder {
namespace {

constexpr std::size_t kMeasuredBlocks =
    32;                               // of each lane: 2 KiB, so that the widest kernel's fit a level-1 cache
constexpr int kMeasuredRepeats = 20;  // the least of them counts: what disturbs only adds

double measure_ns_per_byte(const LaneKernel& kernel, ByteSpan bytes) {
  std::array<Sha256Words, kLanesMax> words;
  std::array<Sha256Words*, kLanesMax> states{};
  std::array<const std::uint8_t*, kLanesMax> data{};
  const std::size_t bytes_each = kMeasuredBlocks * kSha256BlockBytes;
  const auto lanes = static_cast<std::size_t>(kernel.lanes);
  for (std::size_t i = 0; i < lanes; ++i) {
    words[i] = kSha256Start;
    states[i] = &words[i];
    data[i] = bytes.data() + i * bytes_each;
  }
  const SteadyClock clock;
  Nanoseconds least = Nanoseconds::max();
  for (int repeat = 0; repeat < kMeasuredRepeats; ++repeat) {
    const TimePoint start = clock.now();
    kernel.compress(states.data(), data.data(), kMeasuredBlocks);
    least = std::min(least, clock.now() - start);
  }
  return static_cast<double>(least.count()) / static_cast<double>(lanes * bytes_each);
}

}  // namespace

LaneHasher LaneHasher::measured() {
  std::vector<LaneKernel> kernels = available_kernels(openssl_cpu_settings());
  const Bytes bytes(kLanesMax * kMeasuredBlocks * kSha256BlockBytes, 0x5a);
  for (LaneKernel& kernel : kernels) kernel.ns_per_byte = measure_ns_per_byte(kernel, bytes);
  return LaneHasher(std::move(kernels));
}

Result<LaneHasher> LaneHasher::only(std::string_view kernel) {
  std::string names;
  for (LaneKernel& available : available_kernels(openssl_cpu_settings())) {
    if (available.name == kernel) return LaneHasher(std::vector{std::move(available)});
    names.append(names.empty() ? "" : ", ").append(available.name);
  }
  return fail(ErrorKind::bad_input,
              "there is no SHA-256 kernel '{}' on this CPU, or it is masked; there are: {}", kernel, names);
}

LaneHasher::LaneHasher(std::vector<LaneKernel> kernels) : kernels_(std::move(kernels)) {
  DF_CHECK(!kernels_.empty());
  for (int messages = 1; messages <= 2 * kLanesMax + 1; ++messages)
    first_choice_.push_back(choose_kernel(kernels_, messages));
}

void LaneHasher::hash(std::span<const LaneMessage> messages, std::span<Digest> digests) const {
  hash_in_lanes(kernels_, first_choice_, messages, digests);
}

const LaneKernel& LaneHasher::best_kernel() const { return kernels_[cheapest_kernel(kernels_)]; }

const LaneKernel& LaneHasher::kernel_for(int messages) const {
  DF_CHECK(messages > 0);
  return kernels_[first_choice_[std::min(static_cast<std::size_t>(messages), first_choice_.size()) - 1]];
}

}  // namespace depthfinder
