// SPDX-License-Identifier: MIT
#include "restore_core/client/wakeup.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace depthfinder {

Result<std::unique_ptr<Wakeup>> Wakeup::create() {
  UniqueFd event_fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event_fd) return fail(ErrorKind::io, "cannot create an eventfd: {}", std::strerror(errno));
  return std::unique_ptr<Wakeup>(new Wakeup(std::move(event_fd)));
}

void Wakeup::notify() {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then the waiter wakes anyway.
  [[maybe_unused]] const ssize_t written = ::write(event_fd_.get(), &one, sizeof one);
}

void Wakeup::cancel() {
  cancelled_ = true;
  notify();
}

void Wakeup::drain() {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t count_bytes = ::read(event_fd_.get(), &count, sizeof count);
}

Result<short> Wakeup::wait(int fd, short events, std::chrono::nanoseconds timeout) {
  if (cancelled_) return tl::make_unexpected(cancelled_error());
  std::array<pollfd, 2> polled{pollfd{event_fd_.get(), POLLIN, 0}, pollfd{fd, events, 0}};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(timeout);
  const timespec longest{seconds.count(), (timeout - seconds).count()};
  const bool for_ever = timeout < std::chrono::nanoseconds(0);
  const int ready = ppoll(polled.data(), polled.size(), for_ever ? nullptr : &longest, nullptr);
  if (ready < 0 && errno != EINTR) return fail(ErrorKind::io, "cannot poll: {}", std::strerror(errno));
  if (ready > 0 && polled[0].revents != 0) drain();
  if (cancelled_) return tl::make_unexpected(cancelled_error());
  return ready > 0 ? polled[1].revents : short{0};
}

}  // namespace depthfinder
