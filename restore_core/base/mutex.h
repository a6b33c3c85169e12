// SPDX-License-Identifier: MIT
// Mutex and lock that clang's thread-safety analysis understands (it does not accept std::mutex).
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define DF_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define DF_THREAD_ATTRIBUTE(x)
#endif
#define DF_GUARDED_BY(mutex) DF_THREAD_ATTRIBUTE(guarded_by(mutex))
#define DF_REQUIRES(mutex) DF_THREAD_ATTRIBUTE(requires_capability(mutex))

namespace depthfinder {

class DF_THREAD_ATTRIBUTE(capability("mutex")) Mutex {
 public:
  void lock() DF_THREAD_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
  void unlock() DF_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class DF_THREAD_ATTRIBUTE(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) DF_THREAD_ATTRIBUTE(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() DF_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Waits are written as loops over the guarded state: while (!ready_) changed_.wait(mutex_).
class ConditionVariable {
 public:
  void wait(Mutex& mutex) DF_REQUIRES(mutex) { condition_.wait(mutex); }
  template <typename Rep, typename Period>
  void wait_for(Mutex& mutex, std::chrono::duration<Rep, Period> timeout) DF_REQUIRES(mutex) {
    condition_.wait_for(mutex, timeout);
  }
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable_any condition_;
};

}  // namespace depthfinder
