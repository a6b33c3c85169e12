// SPDX-License-Identifier: MIT
#include "mock_server/model/fault_plan.h"

#include "mock_server/model/draw.h"

namespace depthfinder::mock {

namespace {

bool within(const std::optional<FaultSpec::Range>& range, std::uint64_t value) {
  return !range || (value >= range->first && value <= range->second);
}

}  // namespace

FaultPlan::FaultPlan(std::vector<FaultSpec> faults, std::uint64_t seed)
    : faults_(std::move(faults)), seed_(seed), counts_(faults_.size()) {}

bool FaultPlan::applies(std::size_t index, const RequestInfo& request, Nanoseconds since_start) const {
  const FaultSpec& fault = faults_[index];
  if (fault.on != request.on) return false;
  if (!within(fault.requests, request.ordinal) || !within(fault.positions, request.position)) return false;
  if (since_start < fault.after || (fault.until && since_start >= *fault.until)) return false;
  if (!fault.digest.empty() && !to_hex(request.digest).starts_with(fault.digest)) return false;
  return random_for(mix_seed(seed_, index), Draw::fault, request.ordinal).uniform() < fault.share;
}

const FaultSpec* FaultPlan::decide(const RequestInfo& request, Nanoseconds since_start) {
  for (std::size_t index = 0; index < faults_.size(); ++index) {
    if (!applies(index, request, since_start)) continue;
    MutexLock lock(mutex_);
    if (faults_[index].times && counts_[index] >= *faults_[index].times) continue;
    ++counts_[index];
    return &faults_[index];
  }
  return nullptr;
}

std::map<FaultKind, std::uint64_t> FaultPlan::injected() {
  std::map<FaultKind, std::uint64_t> injected;
  MutexLock lock(mutex_);
  for (std::size_t index = 0; index < faults_.size(); ++index)
    if (counts_[index] > 0) injected[faults_[index].kind] += counts_[index];
  return injected;
}

void FaultPlan::reset() {
  MutexLock lock(mutex_);
  counts_.assign(faults_.size(), 0);
}

}  // namespace depthfinder::mock
