// SPDX-License-Identifier: MIT
// Test support: ProcessCensus counts what this process has open and running, so that a test can show that nothing was
// left behind. A thread that was joined, or a ring that was closed, may be seen for a moment more: the census is taken
// again until it fits or a generous time is over.
#pragma once

#include <chrono>
#include <filesystem>
#include <ostream>
#include <thread>

namespace depthfinder::failures {

struct ProcessCensus {
  std::ptrdiff_t descriptors = 0, threads = 0;

  static ProcessCensus take() { return {entries("/proc/self/fd"), entries("/proc/self/task")}; }

  static ProcessCensus take_until_it_is(const ProcessCensus& wanted) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    ProcessCensus census = take();
    for (; census != wanted && std::chrono::steady_clock::now() < give_up; census = take())
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return census;
  }

  friend bool operator==(const ProcessCensus&, const ProcessCensus&) = default;
  friend void PrintTo(const ProcessCensus& census, std::ostream* out) {
    *out << census.descriptors << " descriptors, " << census.threads << " threads";
  }

 private:
  static std::ptrdiff_t entries(const char* directory) {
    const std::filesystem::directory_iterator begin(directory);
    return std::distance(begin, std::filesystem::directory_iterator());
  }
};

}  // namespace depthfinder::failures
