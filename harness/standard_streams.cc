// SPDX-License-Identifier: MIT
#include "harness/standard_streams.h"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace depthfinder {
namespace {

void open_missing_descriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF)
        // Gets the lowest free number, which is this one. What is printed to a closed stream stays an error.
        [[maybe_unused]]
      const int opened = ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

// As many bytes as arrive; the rest is dropped without an error.
ssize_t write_message(void* /*cookie*/, const char* text, std::size_t length) {
  std::size_t done = 0;
  while (done < length) {
    const ssize_t written = ::write(STDERR_FILENO, text + done, length - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    done += static_cast<std::size_t>(written);
  }
  return static_cast<ssize_t>(length);
}

}  // namespace

void prepare_standard_streams() {
  open_missing_descriptors();
  cookie_io_functions_t functions{};
  functions.write = write_message;
  std::FILE* messages = ::fopencookie(nullptr, "w", functions);
  if (messages == nullptr) return;
  std::setvbuf(messages, nullptr, _IONBF, 0);
  stderr = messages;  // a variable in glibc, like any other
}

Result<void> flush_results() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return {};
  return fail(ErrorKind::io, "cannot write the result to standard output: {}",
              std::generic_category().message(errno));
}

}  // namespace depthfinder
