// SPDX-License-Identifier: MIT
#include "harness/secret_setting.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "harness/environment.h"
#include "harness/spawn.h"
#include "restore_core/base/file.h"
#include "restore_core/base/handle.h"
#include "restore_core/base/units.h"

namespace depthfinder {
namespace {

constexpr std::size_t kSecretBytesMax = 64 * 1024;
constexpr int kStopPollMs = 50;

Secret first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

enum class Until { end, line };

// At most one byte more than a secret may have; without a buffer that would keep a copy.
Result<Secret> read_until(int fd, Until until, const std::string& where, const std::stop_token& stop) {
  Secret text;
  text.resize(kSecretBytesMax + 1);
  std::size_t length = 0;
  while (length < text.size()) {
    if (stop.stop_requested()) return fail(ErrorKind::cancelled, "stopped while reading {}", where);
    pollfd ready{fd, POLLIN, 0};
    if (::poll(&ready, 1, kStopPollMs) == 0) continue;
    const ssize_t got = ::read(fd, text.data() + length, text.size() - length);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) return fail(ErrorKind::bad_input, "cannot read {}: {}", where, std::strerror(errno));
    length += static_cast<std::size_t>(got);
    if (got == 0 || (until == Until::line && text.data()[length - 1] == '\n')) break;
  }
  if (length > kSecretBytesMax) return fail(ErrorKind::bad_input, "{} is too long for a secret", where);
  text.resize(length);
  return text;
}

Result<Secret> secret_from_fd(const std::string& variable, const std::string& value,
                              const std::stop_token& stop) {
  DF_ASSIGN(const std::uint64_t fd, parse_count(variable, value, 0, 1 << 20));
  return read_until(static_cast<int>(fd), Until::end,
                    fmt::format("the descriptor that {}={} names", variable, value), stop);
}

Result<Secret> secret_from_file(const std::string& variable, const std::string& path,
                                const std::stop_token& stop) {
  const UniqueFd fd = open_file(path, O_RDONLY);
  if (!fd) return fail(ErrorKind::bad_input, "{}: {}", variable, errno_error("open", path, errno).message);
  return read_until(fd.get(), Until::end, fmt::format("the file that {} names", variable), stop);
}

// Ended and waited for when it goes out of scope.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGTERM);
    wait();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Its wait status.
  int wait() { return reap(std::exchange(pid_, -1)); }

 private:
  pid_t pid_;
};

// With this process's standard input and terminal, so that it may ask there.
Result<Secret> secret_from_command(const std::string& variable, const std::string& line,
                                   const std::stop_token& stop) {
  DF_ASSIGN(PipeEnds pipe, make_pipe_ends());
  DF_ASSIGN(const pid_t pid, spawn({.program = "/bin/sh",
                                    .arguments = {"-c", line},
                                    .input_fd = STDIN_FILENO,
                                    .output_fd = pipe.write.get(),
                                    .inherits_settings = true}));
  Child command(pid);
  pipe.write.reset();
  DF_ASSIGN(Secret text, read_until(pipe.read.get(), Until::end,
                                    fmt::format("the output of the command in {}", variable), stop));
  if (const int status = command.wait(); status != 0)
    return fail(ErrorKind::bad_input, "the command in {} failed (wait status {})", variable, status);
  return text;
}

// The first line of a variable, which is then gone: its place, which /proc shows as long as the process lives, is
// cleansed too.
std::optional<Secret> take_variable(const char* name) {
  char* const value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  Secret secret = first_line(value);
  cleanse(value, std::strlen(value));
  ::unsetenv(name);
  return secret;
}

// Turns the terminal's echo off for as long as it lives.
class EchoOff {
 public:
  explicit EchoOff(int fd) : fd_(fd) {
    if (tcgetattr(fd_, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = tcsetattr(fd_, TCSAFLUSH, &silent) == 0;
  }
  ~EchoOff() {
    if (changed_) tcsetattr(fd_, TCSAFLUSH, &before_);
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;

 private:
  int fd_;
  termios before_{};
  bool changed_ = false;
};

Result<Secret> ask(int terminal, std::string_view what, const std::stop_token& stop) {
  const EchoOff echo_off(terminal);
  ::dprintf(terminal, "%.*s: ", static_cast<int>(what.size()), what.data());
  Result<Secret> line = read_until(terminal, Until::line, fmt::format("the {}", what), stop);
  ::dprintf(terminal, "\n");
  return line;
}

}  // namespace

Result<std::optional<Secret>> secret_from_environment(const std::string& name, const std::stop_token& stop) {
  if (auto value = take_variable(name.c_str())) return value;
  using Source = Result<Secret> (*)(const std::string&, const std::string&, const std::stop_token&);
  const std::pair<const char*, Source> sources[] = {
      {"_FD", secret_from_fd}, {"_FILE", secret_from_file}, {"_CMD", secret_from_command}};
  for (const auto& [suffix, read] : sources) {
    const std::string variable = name + suffix;
    const auto value = environment_variable(variable.c_str());
    if (!value) continue;
    DF_ASSIGN(const Secret text, read(variable, *value, stop));
    return first_line(text.text());
  }
  return std::optional<Secret>();
}

Result<Secret> secret_or_prompt(const std::string& name, std::string_view what, const std::stop_token& stop) {
  DF_ASSIGN(std::optional<Secret> secret, secret_from_environment(name, stop));
  if (secret) return std::move(*secret);
  UniqueFd terminal;
  if (::isatty(STDIN_FILENO) != 0) terminal = open_file("/dev/tty", O_RDWR | O_NOCTTY);
  if (!terminal)
    return fail(ErrorKind::bad_input, "no {}: set {} (or {}_FILE, {}_FD, {}_CMD)", what, name, name, name,
                name);
  DF_ASSIGN(const Secret line, ask(terminal.get(), what, stop));
  if (line.empty()) return fail(ErrorKind::bad_input, "no {} given", what);
  return first_line(line.text());
}

}  // namespace depthfinder
