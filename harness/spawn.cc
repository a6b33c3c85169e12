// SPDX-License-Identifier: MIT
#include "harness/spawn.h"

#include <cerrno>
#include <csignal>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace depthfinder {
namespace {

std::string reason_text(int error_number) { return std::generic_category().message(error_number); }

// What is no part of the restore needs no password, and a mask of the restore's CPU features is not for it.
std::vector<char*> clean_environment() {
  std::vector<char*> kept;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (!text.starts_with("PBS_") && !text.starts_with("OPENSSL_ia32cap=")) kept.push_back(*entry);
  }
  kept.push_back(nullptr);
  return kept;
}

class FileActions {
 public:
  explicit FileActions(const SpawnSpec& spec) {
    posix_spawn_file_actions_init(&actions_);
    use(STDIN_FILENO, spec.input_fd, O_RDONLY);
    use(STDOUT_FILENO, spec.output_fd, O_WRONLY);
    if (spec.errors_fd >= 0) posix_spawn_file_actions_adddup2(&actions_, spec.errors_fd, STDERR_FILENO);
  }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  void use(int standard_fd, int fd, int null_mode) {
    if (fd >= 0)
      posix_spawn_file_actions_adddup2(&actions_, fd, standard_fd);
    else
      posix_spawn_file_actions_addopen(&actions_, standard_fd, "/dev/null", null_mode, 0);
  }
  posix_spawn_file_actions_t actions_{};
};

class Attributes {
 public:
  explicit Attributes(bool own_group) {
    posix_spawnattr_init(&attributes_);
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGXFSZ);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &defaults);
    const int group = own_group ? POSIX_SPAWN_SETPGROUP : 0;  // of its own: the default number is 0
    posix_spawnattr_setflags(&attributes_,
                             static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group));
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

}  // namespace

Result<pid_t> spawn(const SpawnSpec& spec) {
  std::vector<std::string> arguments{spec.program};
  arguments.insert(arguments.end(), spec.arguments.begin(), spec.arguments.end());
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  const FileActions actions(spec);
  const Attributes attributes(spec.own_group);
  pid_t pid = -1;
  const int error_number =
      ::posix_spawn(&pid, spec.program.c_str(), actions.get(), attributes.get(), pointers.data(),
                    spec.inherits_settings ? environ : clean_environment().data());
  if (error_number != 0)
    return fail(ErrorKind::io, "cannot start {}: {}", spec.program, reason_text(error_number));
  return pid;
}

std::optional<int> exit_status_unreaped(pid_t pid) {
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != pid)
    return std::nullopt;
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

int reap(pid_t pid) {
  int status = -1;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return status;
}

Result<UniqueFd> process_fd(pid_t pid) {
  // The header of glibc 2.36 lacks extern "C": its function cannot be called from C++.
  const int fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) return fail(ErrorKind::io, "cannot watch process {}: {}", pid, reason_text(errno));
  return UniqueFd(fd);
}

Result<PipeEnds> make_pipe_ends() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(ErrorKind::io, "cannot make a pipe: {}", reason_text(errno));
  return PipeEnds{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

bool drain(UniqueFd& fd, std::string& text, std::size_t kept_max) {
  constexpr int kReadsMax = 64;  // 1 MiB
  char buffer[16 * 1024];
  for (int reads = 0; fd && reads < kReadsMax; ++reads) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got > 0) {
      if (text.size() < kept_max) text.append(buffer, static_cast<std::size_t>(got));
      continue;
    }
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return true;
    fd.reset();
  }
  return static_cast<bool>(fd);
}

}  // namespace depthfinder
