// SPDX-License-Identifier: MIT
// jumping_clock: a library for LD_PRELOAD that makes a program's wall clock jump, for the end-to-end tests. The file that
// DEPTHFINDER_CLOCK_FILE names holds, as eight bytes, how many seconds the clock is off; a test writes there while the
// program runs. The steady clock stays as it is.
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

using Seconds = std::atomic<std::int64_t>;

const Seconds* map_file() {
  const char* path = std::getenv("DEPTHFINDER_CLOCK_FILE");
  const int fd = path != nullptr ? ::open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0) return nullptr;
  void* const mapped = ::mmap(nullptr, sizeof(Seconds), PROT_READ, MAP_SHARED, fd, 0);
  ::close(fd);
  return mapped != MAP_FAILED ? static_cast<const Seconds*>(mapped) : nullptr;
}

std::int64_t off_by_s() {
  static const Seconds* const seconds = map_file();
  return seconds != nullptr ? seconds->load() : 0;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  using GetTime = int(clockid_t, timespec*);
  static auto* const real = reinterpret_cast<GetTime*>(::dlsym(RTLD_NEXT, "clock_gettime"));
  const int result = real(clock, time);
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
