// SPDX-License-Identifier: MIT
#include "restore_core/hash/lane_schedule.h"

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <vector>

#include "restore_core/base/check.h"

namespace depthfinder {
namespace {

struct Lane {
  std::size_t message;  // its index
  std::unique_ptr<MessageCursor> cursor;
};

std::vector<std::size_t> longest_first(std::span<const LaneMessage> messages) {
  const auto length = [&](std::size_t i) { return messages[i].body.size() + messages[i].suffix.size(); };
  std::vector<std::size_t> order(messages.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t left, std::size_t right) { return length(left) > length(right); });
  return order;
}

// Runs the kernel over the first lanes, as far as the shortest of their runs goes. A lane of the kernel for which there is
// no message repeats the first message's bytes into a state that nobody reads.
void run(const LaneKernel& kernel, std::span<const Lane> lanes) {
  std::array<Sha256Words, kLanesMax> nobodys{};
  std::array<Sha256Words*, kLanesMax> states{};
  std::array<const std::uint8_t*, kLanesMax> data{};
  std::size_t blocks = lanes[0].cursor->blocks();
  for (std::size_t i = 0; i < static_cast<std::size_t>(kernel.lanes); ++i) {
    const bool used = i < lanes.size();
    states[i] = used ? &lanes[i].cursor->state() : &nobodys[i];
    data[i] = used ? lanes[i].cursor->data() : lanes[0].cursor->data();
    if (used) blocks = std::min(blocks, lanes[i].cursor->blocks());
  }
  kernel.compress(states.data(), data.data(), blocks);
  for (const Lane& lane : lanes) lane.cursor->advance(blocks);
}

}  // namespace

void hash_in_lanes(std::span<const LaneKernel> kernels, std::span<const std::size_t> first_choice,
                   std::span<const LaneMessage> messages, std::span<Digest> digests) {
  DF_CHECK(messages.size() == digests.size());
  const std::vector<std::size_t> order = longest_first(messages);
  std::size_t started = 0;
  std::vector<Lane> lanes;  // the messages that are under way, in the order in which they were started
  while (started < order.size() || !lanes.empty()) {
    const std::size_t left = order.size() - started + lanes.size();
    const LaneKernel& kernel = kernels[first_choice[std::min(left, first_choice.size()) - 1]];
    const auto width = static_cast<std::size_t>(kernel.lanes);
    while (lanes.size() < width && started < order.size()) {
      const std::size_t message = order[started++];
      lanes.push_back({message, std::make_unique<MessageCursor>(messages[message])});
    }
    run(kernel, std::span(lanes).first(std::min(width, lanes.size())));
    std::erase_if(lanes, [&](const Lane& lane) {
      if (lane.cursor->done()) digests[lane.message] = lane.cursor->digest();
      return lane.cursor->done();
    });
  }
}

}  // namespace depthfinder
