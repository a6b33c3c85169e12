// SPDX-License-Identifier: MIT
// SHA-256 by every kernel that this CPU has and no mask takes away, each with all its lanes full.
#include "harness/profile/stage.h"
#include "restore_core/hash/lane_hasher.h"

namespace depthfinder {
namespace {

class HashStage final : public Stage {
 public:
  HashStage(const StageMaterial& material, const LaneKernel& kernel, LaneHasher hasher)
      : Stage({.kind = StageKind::sha256, .kernel = kernel.name, .lanes = kernel.lanes}),
        material_(material),
        hasher_(std::move(hasher)),
        messages_(static_cast<std::size_t>(kernel.lanes)),
        digests_(messages_.size()) {}

  [[nodiscard]] std::uint64_t step_bytes() const override { return messages_.size() * kProfileChunkBytes; }

  Result<void> step() override {
    for (LaneMessage& message : messages_) message.body = material_.ring.take();
    hasher_.hash(messages_, digests_);
    return {};
  }

 private:
  StageMaterial material_;
  LaneHasher hasher_;
  std::vector<LaneMessage> messages_;
  std::vector<Digest> digests_;
};

}  // namespace

Result<void> add_hash_stages(const StageMaterial& material, StageList& stages) {
  const LaneHasher all = LaneHasher::measured();
  for (const LaneKernel& kernel : all.kernels()) {
    DF_ASSIGN(LaneHasher only, LaneHasher::only(kernel.name));
    stages.push_back(std::make_unique<HashStage>(material, kernel, std::move(only)));
  }
  return {};
}

}  // namespace depthfinder
