// SPDX-License-Identifier: MIT
#include "harness/bystander/control_input.h"

#include <algorithm>
#include <cerrno>
#include <ctime>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace depthfinder {
namespace {

TimePoint now() { return std::chrono::steady_clock::now(); }

bool is_pipe_or_socket(int fd) {
  struct stat about {};
  return ::fstat(fd, &about) == 0 && (S_ISFIFO(about.st_mode) || S_ISSOCK(about.st_mode));
}

}  // namespace

void ControlInput::Stopper::operator()() const {
  [[maybe_unused]] const int ignored = ::eventfd_write(fd, 1);
}

ControlInput::ControlInput(UniqueFd stop_fd, int input_fd)
    : stop_fd_(std::move(stop_fd)), input_fd_(input_fd) {}
ControlInput::~ControlInput() = default;

Result<std::unique_ptr<ControlInput>> ControlInput::create(int input_fd, const std::stop_token& stop) {
  UniqueFd stop_fd(::eventfd(0, EFD_CLOEXEC));
  if (!stop_fd)
    return fail(ErrorKind::io, "cannot make an eventfd: {}", std::generic_category().message(errno));
  std::unique_ptr<ControlInput> input(
      new ControlInput(std::move(stop_fd), is_pipe_or_socket(input_fd) ? input_fd : -1));
  input->on_stop_.emplace(stop, Stopper{input->stop_fd_.get()});
  ::prctl(PR_SET_TIMERSLACK, 1UL);  // of this thread; the usual 50 us would be part of every sample
  return input;
}

void ControlInput::read_input() {
  char buffer[256];
  const ssize_t got = ::read(input_fd_, buffer, sizeof buffer);
  if (got > 0) {
    marks_ += static_cast<std::uint64_t>(got);
  } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
    input_fd_ = -1;
    input_ended_ = now();
  }
}

// Waits for the stop request, the input, `fd` (or -1), or the end of `timeout`.
void ControlInput::poll_once(int fd, Nanoseconds timeout, bool& fd_ready) {
  pollfd fds[3] = {{stop_fd_.get(), POLLIN, 0}, {input_fd_, POLLIN, 0}, {fd, POLLIN, 0}};
  const Nanoseconds left = std::max(timeout, Nanoseconds::zero());
  const timespec limit{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
  if (::ppoll(fds, 3, &limit, nullptr) <= 0) return;
  stopped_ = stopped_ || fds[0].revents != 0;
  if (fds[1].revents != 0) read_input();
  fd_ready = fds[2].revents != 0;
}

Wake ControlInput::wait_until(TimePoint due) {
  while (true) {
    bool ignored = false;
    if (marks_ == 0) poll_once(-1, due - now(), ignored);
    if (marks_ > 0) {
      --marks_;
      return Wake::mark;
    }
    if (stopped_ || input_ended_) return Wake::end;
    if (now() >= due) return Wake::due;
  }
}

bool ControlInput::wait_for(int fd, Nanoseconds grace) {
  constexpr Nanoseconds kAgain = std::chrono::hours(1);
  bool ready = false;
  while (!ready) {
    if (stopped_ || (input_ended_ && now() >= *input_ended_ + grace)) return false;
    poll_once(fd, input_ended_ ? *input_ended_ + grace - now() : kAgain, ready);
  }
  return true;
}

}  // namespace depthfinder
