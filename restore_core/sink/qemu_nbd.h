// SPDX-License-Identifier: MIT
// QemuNbd: a real qemu-nbd that serves an image on a unix socket, for tests. It is given the socket already listening,
// so nothing waits for it to come up. Ended by its process id, at the latest with its owner. One thread.
#pragma once

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "restore_core/base/check.h"
#include "restore_core/base/handle.h"

namespace depthfinder::testing_support {

// What a shell command prints, without the last newlines; its exit status is 0, or the output is "failed".
inline std::string run(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string output;
  std::array<char, 256> buffer{};
  while (pipe != nullptr && std::fgets(buffer.data(), buffer.size(), pipe) != nullptr)
    output += buffer.data();
  if (pipe == nullptr || ::pclose(pipe) != 0) return "failed";
  while (!output.empty() && output.back() == '\n') output.pop_back();
  return output;
}

inline bool qemu_is_missing() {
  return run("command -v qemu-nbd >/dev/null && command -v qemu-img >/dev/null") == "failed";
}

class QemuNbd {
 public:
  // `arguments` end with the image's file.
  QemuNbd(const std::filesystem::path& socket, const std::vector<std::string>& arguments) : socket_(socket) {
    const UniqueFd listener = listen_on(socket_);
    pid_ = ::fork();
    if (pid_ == 0) run_server(listener.get(), arguments);
    DF_CHECK(pid_ > 0);
  }
  ~QemuNbd() { end(SIGKILL); }
  QemuNbd(const QemuNbd&) = delete;
  QemuNbd& operator=(const QemuNbd&) = delete;

  // "nbd+unix:///?socket=..."
  [[nodiscard]] std::string uri(std::string_view scheme = "nbd+unix",
                                std::string_view export_name = "") const {
    return std::string(scheme) + ":///" + std::string(export_name) + "?socket=" + socket_.string();
  }
  void signal(int number) const { ::kill(pid_, number); }
  // With SIGTERM it brings everything to the image first. Returns when it is gone.
  void end(int number) {
    if (pid_ <= 0) return;
    signal(number);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  static UniqueFd listen_on(const std::filesystem::path& path) {
    UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    DF_CHECK(path.string().size() < sizeof address.sun_path);
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    DF_CHECK(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    DF_CHECK(::listen(listener.get(), 64) == 0);
    return listener;
  }

  // As systemd hands a socket over: descriptor 3, announced in the environment.
  [[noreturn]] static void run_server(int listener, const std::vector<std::string>& arguments) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (listener == 3) ::fcntl(listener, F_SETFD, 0);
    if (listener != 3) ::dup2(listener, 3);
    ::setenv("LISTEN_FDS", "1", 1);
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    std::vector<char*> argv{const_cast<char*>("qemu-nbd"), const_cast<char*>("--persistent")};
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    ::execvp(argv[0], argv.data());
    std::_Exit(127);
  }

  std::filesystem::path socket_;
  pid_t pid_ = -1;
};

}  // namespace depthfinder::testing_support
