// SPDX-License-Identifier: MIT
#include "restore_core/base/handle.h"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace depthfinder {

void UniqueFd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

UniqueFd open_file(const std::filesystem::path& path, int flags, unsigned mode) {
  while (true) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    if (fd >= 0 || errno != EINTR) return UniqueFd(fd);
  }
}

}  // namespace depthfinder
