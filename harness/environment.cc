// SPDX-License-Identifier: MIT
#include "harness/environment.h"

#include <cstdio>
#include <cstdlib>
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

std::string first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return std::string(text);
}

Result<std::string> read_stream(std::FILE* stream, const std::string& where) {
  std::string text(kSecretBytesMax + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), stream));
  if (std::ferror(stream) != 0)
    return fail(ErrorKind::bad_input, "cannot read the secret that {} names", where);
  if (text.size() > kSecretBytesMax)
    return fail(ErrorKind::bad_input, "what {} names is too long for a secret", where);
  return first_line(text);
}

Result<std::string> secret_from_fd(const std::string& variable, const std::string& value) {
  DF_ASSIGN(const std::uint64_t fd, parse_count(variable, value, 0, 1 << 20));
  const Handle<std::FILE, &std::fclose> stream(::fdopen(::dup(static_cast<int>(fd)), "r"));
  if (!stream) return fail(ErrorKind::bad_input, "{}={} is not an open file descriptor", variable, value);
  return read_stream(stream.get(), variable);
}

Result<std::string> secret_from_command(const std::string& variable, const std::string& command) {
  std::FILE* stream = ::popen(command.c_str(), "re");
  if (stream == nullptr) return fail(ErrorKind::bad_input, "the command in {} cannot be started", variable);
  Result<std::string> text = read_stream(stream, variable);
  const int status = ::pclose(stream);
  if (status != 0)
    return fail(ErrorKind::bad_input, "the command in {} failed (wait status {})", variable, status);
  return text;
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

Result<std::optional<std::string>> secret_from_environment(const std::string& name) {
  if (auto value = environment_variable(name.c_str())) return first_line(*value);
  const std::string fd_name = name + "_FD", file_name = name + "_FILE", command_name = name + "_CMD";
  if (const auto value = environment_variable(fd_name.c_str())) return secret_from_fd(fd_name, *value);
  if (const auto value = environment_variable(file_name.c_str())) {
    const auto bytes = read_file(*value, kSecretBytesMax);
    if (!bytes) return fail(ErrorKind::bad_input, "{}: {}", file_name, bytes.error().message);
    return first_line(as_text(*bytes));
  }
  if (const auto value = environment_variable(command_name.c_str()))
    return secret_from_command(command_name, *value);
  return std::optional<std::string>();
}

Result<std::string> secret_or_prompt(const std::string& name, std::string_view what) {
  DF_ASSIGN(std::optional<std::string> secret, secret_from_environment(name));
  if (secret) return *secret;
  const Handle<std::FILE, &std::fclose> terminal(::isatty(STDIN_FILENO) != 0 ? std::fopen("/dev/tty", "r+e")
                                                                             : nullptr);
  if (!terminal)
    return fail(ErrorKind::bad_input, "no {}: set {} (or {}_FILE, {}_FD, {}_CMD)", what, name, name, name,
                name);
  std::fprintf(terminal.get(), "%s: ", std::string(what).c_str());
  std::fflush(terminal.get());
  const EchoOff echo_off(::fileno(terminal.get()));
  char line[1024] = {};
  if (std::fgets(line, sizeof line, terminal.get()) == nullptr)
    return fail(ErrorKind::bad_input, "no {} given", what);
  std::fputc('\n', terminal.get());
  return first_line(line);
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
  if (!flag_value.empty()) return parse_repository(flag_value);
  if (const auto value = environment_variable("PBS_REPOSITORY")) return parse_repository(*value);
  return fail(ErrorKind::bad_input,
              "no repository: give --repository USER@REALM@HOST:PORT:DATASTORE or set PBS_REPOSITORY");
}

Result<std::optional<Digest>> fingerprint_setting(const std::string& flag_value) {
  const auto text = flag_value.empty() ? environment_variable("PBS_FINGERPRINT") : flag_value;
  if (!text || text->empty()) return std::optional<Digest>();
  DF_ASSIGN(const Digest fingerprint, parse_fingerprint(*text));
  return fingerprint;
}

}  // namespace depthfinder
