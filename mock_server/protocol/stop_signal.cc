// SPDX-License-Identifier: MIT
#include "mock_server/protocol/stop_signal.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace depthfinder::mock {

namespace {

timespec time_left(TimePoint deadline) {
  // A day is as good as forever, and keeps the arithmetic far from overflow.
  constexpr Nanoseconds kWaitMax = std::chrono::hours(24);
  const TimePoint now = SteadyClock().now();
  const Nanoseconds left =
      deadline <= now ? Nanoseconds(0) : (deadline > now + kWaitMax ? kWaitMax : Nanoseconds(deadline - now));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  return {.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
}

}  // namespace

Result<StopSignal> StopSignal::make() {
  UniqueFd fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd) return fail(ErrorKind::io, "cannot make an eventfd: {}", std::strerror(errno));
  return StopSignal(std::move(fd));
}

void StopSignal::raise() const {
  const std::uint64_t one = 1;
  // Nobody reads the counter, so the one way to fail is that it is raised already.
  [[maybe_unused]] const ssize_t written = ::write(fd_.get(), &one, sizeof one);
}

bool StopSignal::raised() const {
  pollfd entry{.fd = fd_.get(), .events = POLLIN, .revents = 0};
  return ::poll(&entry, 1, 0) > 0;
}

Readiness wait_ready(int socket, bool for_reading, bool for_writing, const StopSignal& stop,
                     TimePoint deadline) {
  std::array<pollfd, 2> entries{};
  entries[0] = {.fd = stop.fd(), .events = POLLIN, .revents = 0};
  entries[1] = {.fd = socket,
                .events = static_cast<short>((for_reading ? POLLIN : 0) | (for_writing ? POLLOUT : 0)),
                .revents = 0};
  const timespec timeout = time_left(deadline);
  if (::ppoll(entries.data(), entries.size(), &timeout, nullptr) <= 0) return {};
  const bool broken = (entries[1].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
  return {.readable = broken || (entries[1].revents & POLLIN) != 0,
          .writable = broken || (entries[1].revents & POLLOUT) != 0,
          .stopped = entries[0].revents != 0};
}

}  // namespace depthfinder::mock
