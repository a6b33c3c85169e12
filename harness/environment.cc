// SPDX-License-Identifier: MIT
#include "harness/environment.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "restore_core/base/file.h"
#include "restore_core/base/handle.h"
#include "restore_core/base/units.h"
#include "restore_core/format/crypt_config.h"

namespace depthfinder {
namespace {

constexpr std::size_t kSecretBytesMax = 64 * 1024;
constexpr int kTypedBytesMax = 1024;

Secret first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

// Unbuffered, so that no buffer of the stream keeps a copy.
Result<Secret> read_stream(std::FILE* stream, const std::string& where) {
  std::setvbuf(stream, nullptr, _IONBF, 0);
  Secret text;
  text.resize(kSecretBytesMax + 1);
  text.resize(std::fread(text.data(), 1, text.size(), stream));
  if (std::ferror(stream) != 0)
    return fail(ErrorKind::bad_input, "cannot read the secret that {} names", where);
  if (text.size() > kSecretBytesMax)
    return fail(ErrorKind::bad_input, "what {} names is too long for a secret", where);
  return first_line(text.text());
}

Result<Secret> secret_from_fd(const std::string& variable, const std::string& value) {
  DF_ASSIGN(const std::uint64_t fd, parse_count(variable, value, 0, 1 << 20));
  const Handle<std::FILE, &std::fclose> stream(::fdopen(::dup(static_cast<int>(fd)), "r"));
  if (!stream) return fail(ErrorKind::bad_input, "{}={} is not an open file descriptor", variable, value);
  return read_stream(stream.get(), variable);
}

Result<Secret> secret_from_file(const std::string& variable, const std::string& path) {
  const Handle<std::FILE, &std::fclose> stream(std::fopen(path.c_str(), "re"));
  if (!stream)
    return fail(ErrorKind::bad_input, "{}: {}", variable, errno_error("open", path, errno).message);
  return read_stream(stream.get(), variable);
}

Result<Secret> secret_from_command(const std::string& variable, const std::string& command) {
  std::FILE* stream = ::popen(command.c_str(), "re");
  if (stream == nullptr) return fail(ErrorKind::bad_input, "the command in {} cannot be started", variable);
  Result<Secret> text = read_stream(stream, variable);
  const int status = ::pclose(stream);
  if (status != 0)
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

}  // namespace

std::optional<std::string> environment_variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

Result<std::optional<Secret>> secret_from_environment(const std::string& name) {
  if (auto value = take_variable(name.c_str())) return value;
  const std::string fd_name = name + "_FD", file_name = name + "_FILE", command_name = name + "_CMD";
  if (const auto value = environment_variable(fd_name.c_str())) return secret_from_fd(fd_name, *value);
  if (const auto value = environment_variable(file_name.c_str())) return secret_from_file(file_name, *value);
  if (const auto value = environment_variable(command_name.c_str()))
    return secret_from_command(command_name, *value);
  return std::optional<Secret>();
}

Result<Secret> secret_or_prompt(const std::string& name, std::string_view what) {
  DF_ASSIGN(std::optional<Secret> secret, secret_from_environment(name));
  if (secret) return std::move(*secret);
  const Handle<std::FILE, &std::fclose> terminal(::isatty(STDIN_FILENO) != 0 ? std::fopen("/dev/tty", "r+e")
                                                                             : nullptr);
  if (!terminal)
    return fail(ErrorKind::bad_input, "no {}: set {} (or {}_FILE, {}_FD, {}_CMD)", what, name, name, name,
                name);
  std::setvbuf(terminal.get(), nullptr, _IONBF, 0);
  std::fprintf(terminal.get(), "%s: ", std::string(what).c_str());
  const EchoOff echo_off(::fileno(terminal.get()));
  Secret line;
  line.resize(kTypedBytesMax);
  if (std::fgets(line.data(), kTypedBytesMax, terminal.get()) == nullptr)
    return fail(ErrorKind::bad_input, "no {} given", what);
  std::fputc('\n', terminal.get());
  return first_line(line.c_str());
}

Result<std::optional<int>> count_setting(std::string_view flag, const std::string& flag_value,
                                         const char* variable, int highest) {
  const auto limit = static_cast<std::uint64_t>(highest);
  if (!flag_value.empty()) {
    DF_ASSIGN(const std::uint64_t count, parse_count(flag, flag_value, 1, limit));
    return static_cast<int>(count);
  }
  if (const auto value = environment_variable(variable)) {
    DF_ASSIGN(const std::uint64_t count, parse_count(variable, *value, 1, limit));
    return static_cast<int>(count);
  }
  return std::optional<int>();
}

Result<Repository> repository_setting(const std::string& flag_value) {
  const auto variable = environment_variable("PBS_REPOSITORY");
  if (!flag_value.empty() || variable) {
    auto repository = parse_repository(flag_value.empty() ? *variable : flag_value);
    if (!repository)
      return pass_on(repository.error(), flag_value.empty() ? "PBS_REPOSITORY" : "--repository");
    return repository;
  }
  return fail(ErrorKind::bad_input,
              "no repository: give --repository USER@REALM@HOST:PORT:DATASTORE or set PBS_REPOSITORY");
}

Result<std::optional<Digest>> fingerprint_setting(const std::string& flag_value) {
  const auto text = flag_value.empty() ? environment_variable("PBS_FINGERPRINT") : flag_value;
  if (!text || text->empty()) return std::optional<Digest>();
  const auto fingerprint = parse_fingerprint(*text);
  if (!fingerprint)
    return pass_on(fingerprint.error(), flag_value.empty() ? "PBS_FINGERPRINT" : "--fingerprint");
  return *fingerprint;
}

}  // namespace depthfinder
