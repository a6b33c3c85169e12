// SPDX-License-Identifier: MIT
#include "restore_core/client/foreign_server.h"

#include <algorithm>
#include <array>
#include <csignal>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "restore_core/base/check.h"

namespace depthfinder {
namespace {

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  DF_CHECK(pipe2(ends.data(), O_CLOEXEC) == 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

pid_t spawn(std::vector<std::string> arguments, int input, int output) {
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  pid_t process = -1;
  const int error = posix_spawn(&process, pointers[0], &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  EXPECT_EQ(error, 0) << "cannot start " << pointers[0];
  return process;
}

}  // namespace

std::filesystem::path real_store() {
  return std::filesystem::path(DEPTHFINDER_SOURCE_DIR) / "restore_core/format/testdata/vectors/real-store";
}

ForeignServer::ForeignServer(const std::vector<std::string>& options,
                             const std::filesystem::path& datastore) {
  const auto script =
      std::filesystem::path(DEPTHFINDER_SOURCE_DIR) / "restore_core/client/testdata/foreign_reader_server.py";
  std::vector<std::string> arguments{"/usr/bin/python3", script.string(), "--datastore", datastore.string()};
  arguments.insert(arguments.end(), options.begin(), options.end());
  Pipe input = make_pipe();
  Pipe output = make_pipe();
  process_ = spawn(arguments, input.read_end.get(), output.write_end.get());
  to_server_ = std::move(input.write_end);
  from_server_ = std::move(output.read_end);
  output.write_end.reset();
  ready_ = wait_for("ready");
  // Without it no test means anything: most likely the package python3-h2 is missing.
  DF_CHECK(!ready_.is_null());
}

ForeignServer::~ForeignServer() { kill(); }

ServerAccess ForeignServer::access() const {
  ServerAccess access;
  access.repository = {"root@pam", "127.0.0.1", ready_.at("port").get<std::uint16_t>(), "store"};
  access.password = "correct-password";
  access.fingerprint = digest_from_hex(ready_.at("fingerprint").get<std::string>());
  return access;
}

ServerAccess ForeignServer::token_access() const {
  ServerAccess token = access();
  token.repository.auth_id = "user@pbs!tok";
  token.password = "to ken?secret";
  return token;
}

nlohmann::json ForeignServer::wait_for(std::string_view name) {
  while (true) {
    const nlohmann::json event = next_event();
    if (event.is_null()) {
      ADD_FAILURE() << "the foreign server ended before it reported '" << name << "'";
      return event;
    }
    events_.push_back(event);
    if (event.at("event") == name) return event;
  }
}

nlohmann::json ForeignServer::next_event() {
  auto line_end = unread_.find('\n');
  while (line_end == std::string::npos) {
    std::array<char, 4096> buffer{};
    const ssize_t count = read(from_server_.get(), buffer.data(), buffer.size());
    if (count <= 0) return nullptr;
    unread_.append(buffer.data(), static_cast<std::size_t>(count));
    line_end = unread_.find('\n');
  }
  const nlohmann::json event = nlohmann::json::parse(unread_.substr(0, line_end));
  unread_.erase(0, line_end + 1);
  return event;
}

int ForeignServer::count(std::string_view name) const {
  return static_cast<int>(std::count_if(events_.begin(), events_.end(), [&](const nlohmann::json& event) {
    return event.at("event") == name;
  }));
}

void ForeignServer::kill() {
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

}  // namespace depthfinder
