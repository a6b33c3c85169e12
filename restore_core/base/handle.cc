// SPDX-License-Identifier: MIT
#include "restore_core/base/handle.h"

#include <unistd.h>

namespace depthfinder {

void UniqueFd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

}  // namespace depthfinder
