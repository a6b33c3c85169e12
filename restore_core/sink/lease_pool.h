// SPDX-License-Identifier: MIT
// LeasePool: a few things (rings, connections) that one thread at a time may use; a thread borrows one and waits where
// none is free. All are put in before the first is borrowed, and the pool outlives every lease.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "restore_core/base/check.h"
#include "restore_core/base/mutex.h"

namespace depthfinder {

template <typename T>
class LeasePool {
 public:
  // Gives back on destruction.
  class Lease {
   public:
    Lease(LeasePool& pool, T* thing) : pool_(pool), thing_(thing) {}
    ~Lease() { pool_.give_back(thing_); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    T* operator->() const { return thing_; }
    T& operator*() const { return *thing_; }

   private:
    LeasePool& pool_;
    T* thing_;
  };

  explicit LeasePool(std::vector<std::unique_ptr<T>> things) : things_(std::move(things)) {
    DF_CHECK(!things_.empty());
    for (const auto& thing : things_) free_.push_back(thing.get());
  }

  Lease borrow() {
    MutexLock lock(mutex_);
    while (free_.empty()) returned_.wait(mutex_);
    T* thing = free_.back();
    free_.pop_back();
    return Lease(*this, thing);
  }
  [[nodiscard]] int size() const { return static_cast<int>(things_.size()); }
  // While nothing is lent.
  [[nodiscard]] const std::vector<std::unique_ptr<T>>& all() const { return things_; }

 private:
  void give_back(T* thing) {
    MutexLock lock(mutex_);
    free_.push_back(thing);
    returned_.notify_one();
  }

  std::vector<std::unique_ptr<T>> things_;
  Mutex mutex_;
  ConditionVariable returned_;
  std::vector<T*> free_ DF_GUARDED_BY(mutex_);
};

}  // namespace depthfinder
