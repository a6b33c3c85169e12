// SPDX-License-Identifier: MIT
// SigpipeGuard: while it lives, writing to a closed socket is an error code for this thread and not a deadly
// signal. With CURLOPT_NOSIGNAL libcurl leaves that to its caller. It changes the mask of the calling thread
// only.
#pragma once

#include <csignal>

namespace depthfinder {

class SigpipeGuard {
 public:
  SigpipeGuard();
  ~SigpipeGuard();
  SigpipeGuard(const SigpipeGuard&) = delete;
  SigpipeGuard& operator=(const SigpipeGuard&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace depthfinder
