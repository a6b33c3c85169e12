// SPDX-License-Identifier: MIT
// Test support: runs testdata/foreign_reader_server.py, a reader server that is not our code, and reads the events it
// reports. Belongs to one test; the process ends with it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>
#include <sys/types.h>

#include "restore_core/base/handle.h"
#include "restore_core/client/server_access.h"

namespace depthfinder {

// A datastore written by real programs.
std::filesystem::path real_store();

class ForeignServer {
 public:
  // `options` as the script takes them: {"--fault", "drop"}; it serves the real store, or another.
  explicit ForeignServer(const std::vector<std::string>& options = {},
                         const std::filesystem::path& datastore = real_store());
  ~ForeignServer();
  ForeignServer(const ForeignServer&) = delete;
  ForeignServer& operator=(const ForeignServer&) = delete;

  [[nodiscard]] ServerAccess access() const;        // a user, with the server's certificate pinned
  [[nodiscard]] ServerAccess token_access() const;  // the same with an API token

  // Reads events until one of that name; null and a test failure when the server ends before.
  nlohmann::json wait_for(std::string_view name);
  // What has been read so far.
  [[nodiscard]] const std::vector<nlohmann::json>& events() const { return events_; }
  [[nodiscard]] int count(std::string_view name) const;

  void kill();  // at once, as a power cut would

 private:
  nlohmann::json next_event();

  pid_t process_ = -1;
  UniqueFd to_server_;
  UniqueFd from_server_;
  std::string unread_;
  std::vector<nlohmann::json> events_;
  nlohmann::json ready_;
};

}  // namespace depthfinder
