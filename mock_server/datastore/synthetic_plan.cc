// SPDX-License-Identifier: MIT
#include "mock_server/datastore/synthetic_plan.h"

#include <algorithm>
#include <cmath>

#include "restore_core/base/check.h"
#include "restore_core/base/random.h"

namespace depthfinder::mock {
namespace {

constexpr std::uint64_t kMeanZeroRunChunks = 8;
constexpr ContentId kDataPlaceholder = 0;

std::uint64_t round_share(double share, std::uint64_t count) {
  return static_cast<std::uint64_t>(std::llround(share * static_cast<double>(count)));
}

// Selection sampling (Knuth, TAOCP 3.4.2, algorithm S): of `left` slots still to come, `wanted` are to be
// chosen; is this one? Asked once per slot it chooses exactly as many as wanted, every set equally likely.
bool choose(Random& random, std::uint64_t& wanted, std::uint64_t& left) {
  DF_CHECK(wanted <= left);
  const bool chosen = random.below(left) < wanted;
  --left;
  if (chosen) --wanted;
  return chosen;
}

// Rule 1: deals the runs of zeros among the data chunks. Runs may touch.
std::vector<ContentId> scatter_zero_runs(std::uint64_t zeros, std::uint64_t data, Random& random) {
  std::vector<ContentId> contents;
  contents.reserve(zeros + data);
  std::uint64_t runs_left = (zeros + kMeanZeroRunChunks - 1) / kMeanZeroRunChunks;
  std::uint64_t slots_left = runs_left + data;
  std::uint64_t ends_left = runs_left == 0 ? 0 : runs_left - 1;  // the last run ends with the last zero
  std::uint64_t gaps_left = zeros == 0 ? 0 : zeros - 1;
  while (slots_left > 0) {
    if (!choose(random, runs_left, slots_left)) {
      contents.push_back(kDataPlaceholder);
      continue;
    }
    do contents.push_back(kZeroContent);
    while (gaps_left > 0 && !choose(random, ends_left, gaps_left));
  }
  return contents;
}

}  // namespace

SyntheticPlan::SyntheticPlan(const SyntheticImage& image) {
  const std::uint64_t chunks = (image.size_bytes + kDefaultChunkSize - 1) / kDefaultChunkSize;
  const std::uint64_t short_length = image.size_bytes % kDefaultChunkSize;
  if (short_length != 0) last_length_ = short_length;
  Random random(image.seed);
  zero_count_ = round_share(image.zeros, chunks);
  const std::uint64_t data = chunks - zero_count_;
  contents_ = scatter_zero_runs(zero_count_, data, random);

  // Data chunks that rule 2 may turn into duplicates: all but the first and a short last one.
  const bool short_data = short_length != 0 && contents_.back() != kZeroContent;
  const std::uint64_t fixed = std::min<std::uint64_t>(data, short_data ? 2 : 1);
  std::uint64_t slots_left = data - fixed;
  std::uint64_t duplicates_left = std::min(round_share(image.duplicates, data), slots_left);
  for (std::size_t position = 0; position < chunks; ++position) {
    if (contents_[position] == kZeroContent) continue;
    const bool may_repeat = content_count_ > 0 && !(short_data && position + 1 == chunks);
    const bool repeats = may_repeat && choose(random, duplicates_left, slots_left);
    contents_[position] = repeats ? static_cast<ContentId>(random.below(content_count_)) : content_count_++;
  }
}

std::uint64_t SyntheticPlan::chunk_length(std::size_t position) const {
  return position + 1 == contents_.size() ? last_length_ : kDefaultChunkSize;
}

std::uint64_t SyntheticPlan::content_length(ContentId content) const {
  // Contents are numbered as they occur, so only the last one can belong to a short last chunk, which none
  // repeats.
  const bool is_last = content + 1 == content_count_ && contents_.back() == content;
  return is_last ? last_length_ : kDefaultChunkSize;
}

}  // namespace depthfinder::mock
