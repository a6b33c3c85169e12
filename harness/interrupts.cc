// SPDX-License-Identifier: MIT
#include "harness/interrupts.h"

#include <csignal>

#include <pthread.h>
#include <unistd.h>

namespace depthfinder {
namespace {

// nohup and its like: who hangs up is not to be heard. A blocked signal would come through all the same.
bool hang_up_is_ignored() {
  struct sigaction action {};
  return ::sigaction(SIGHUP, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

sigset_t handled_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  if (!hang_up_is_ignored()) sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGUSR1);  // sent by the destructor to end the waiter
  return set;
}

}  // namespace

Interrupts::Interrupts() {
  const sigset_t set = handled_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // a peer that hangs up is an error of write(), not the end of the process
  std::signal(SIGXFSZ, SIG_IGN);  // so is a file that would be larger than `ulimit -f`
  waiter_ = std::jthread([this](const std::stop_token& end) { wait_for_signals(end); });
}

Interrupts::~Interrupts() {
  waiter_.request_stop();
  pthread_kill(waiter_.native_handle(), SIGUSR1);
}

void Interrupts::wait_for_signals(const std::stop_token& end) {
  const sigset_t set = handled_signals();
  while (!end.stop_requested()) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0 || signal == SIGUSR1) continue;
    if (source_.stop_requested()) _exit(128 + signal);
    source_.request_stop();
  }
}

}  // namespace depthfinder
