// SPDX-License-Identifier: MIT
// jumping_clock: a library for LD_PRELOAD that makes a program's wall clock jump, for the end-to-end tests. In its
// environment DEPTHFINDER_CLOCK_JUMPS, such as "0 86400 -86400": how many seconds the clock is off, one after another
// and from the beginning again, each for DEPTHFINDER_CLOCK_JUMP_MS (50) of the steady clock, which stays as it is.
#include <cstdlib>
#include <ctime>
#include <vector>

#include <dlfcn.h>
#include <sys/time.h>

namespace {

using GetTime = int(clockid_t, timespec*);

GetTime* real_clock_gettime() {
  static GetTime* const function = reinterpret_cast<GetTime*>(::dlsym(RTLD_NEXT, "clock_gettime"));
  return function;
}

std::vector<long> jumps() {
  std::vector<long> result;
  const char* text = std::getenv("DEPTHFINDER_CLOCK_JUMPS");
  for (char* end = nullptr; text != nullptr; text = end) {
    const long jump_s = std::strtol(text, &end, 10);
    if (end == text) break;
    result.push_back(jump_s);
  }
  if (result.empty()) result.push_back(0);
  return result;
}

long long steady_ms() {
  timespec now{};
  real_clock_gettime()(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1'000'000;
}

long off_by_s() {
  static const std::vector<long> all = jumps();
  static const long long begin_ms = steady_ms();
  static const char* const text = std::getenv("DEPTHFINDER_CLOCK_JUMP_MS");
  static const long long each_ms = text != nullptr ? std::atoll(text) : 50;
  return all[static_cast<std::size_t>((steady_ms() - begin_ms) / each_ms) % all.size()];
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const int result = real_clock_gettime()(clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += off_by_s();
  return result;
}

int gettimeofday(timeval* time, void* /*zone*/) noexcept {
  timespec now{};
  const int result = clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return result;
}

time_t time(time_t* result) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (result != nullptr) *result = now.tv_sec;
  return now.tv_sec;
}

}  // extern "C"
