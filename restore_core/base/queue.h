// SPDX-License-Identifier: MIT
// Queue<T>: hands items between threads, first in, first out. It has no bound of its own: in the engine the
// depth bounds what can be in it. Closing it wakes every waiter.
#pragma once

#include <deque>
#include <optional>
#include <utility>

#include "restore_core/base/mutex.h"

namespace depthfinder {

template <typename T>
class Queue {
 public:
  // False when the queue is closed; the item is dropped then.
  bool push(T item) {
    {
      MutexLock lock(mutex_);
      if (closed_) return false;
      items_.push_back(std::move(item));
    }
    changed_.notify_one();
    return true;
  }

  // Waits for an item; nothing once the queue is closed (what is left in it is dropped).
  std::optional<T> pop() {
    MutexLock lock(mutex_);
    while (items_.empty() && !closed_) changed_.wait(mutex_);
    if (closed_) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    return item;
  }

  void close() {
    {
      MutexLock lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

 private:
  Mutex mutex_;
  ConditionVariable changed_;
  std::deque<T> items_ DF_GUARDED_BY(mutex_);
  bool closed_ DF_GUARDED_BY(mutex_) = false;
};

}  // namespace depthfinder
