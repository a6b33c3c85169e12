// SPDX-License-Identifier: MIT
#include "restore_core/client/sigpipe_guard.h"

#include <ctime>

#include <pthread.h>

namespace depthfinder {
namespace {

sigset_t only_sigpipe() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  return set;
}

}  // namespace

SigpipeGuard::SigpipeGuard() {
  const sigset_t sigpipe = only_sigpipe();
  pthread_sigmask(SIG_BLOCK, &sigpipe, &before_);
}

SigpipeGuard::~SigpipeGuard() {
  if (sigismember(&before_, SIGPIPE) == 1) return;
  // Takes the signal that may be pending, or it would be delivered now.
  const sigset_t sigpipe = only_sigpipe();
  const timespec no_wait{};
  sigtimedwait(&sigpipe, nullptr, &no_wait);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace depthfinder
