// SPDX-License-Identifier: MIT
// Listener: the listening socket, the thread that accepts, and one thread per connection. It owns all of them: the
// destructor joins. The stop signal that it was given ends every wait, so the owner raises it first.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "mock_server/protocol/stop_signal.h"
#include "restore_core/base/handle.h"
#include "restore_core/base/result.h"

namespace depthfinder::mock {

struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;  // 0: the kernel chooses

  [[nodiscard]] std::string to_string() const;  // "[::1]:8007"
};

// True where only this host can connect: localhost, 127.0.0.0/8, ::1. Any other name or address counts as open.
bool is_loopback(std::string_view host);

// "127.0.0.1:8007", "localhost:0", "[::1]:0". Error: bad_input.
Result<ListenAddress> parse_listen_address(std::string_view text);

class Listener {
 public:
  // Serves one connection to its end, on a thread of its own. Must not throw.
  using Serve = std::function<void(UniqueFd socket)>;

  // Binds and listens; connections wait in the kernel until run(). Errors: bad_input (no such host), io.
  static Result<std::unique_ptr<Listener>> bind(const ListenAddress& address, const StopSignal& stop);
  ~Listener() { join(); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] const ListenAddress& address() const { return address_; }  // with the port that was chosen

  void run(Serve serve);
  void join();  // after the stop signal was raised

 private:
  struct Connection {
    std::atomic<bool> done{false};
    std::thread thread;
  };

  Listener(UniqueFd socket, ListenAddress address, const StopSignal& stop)
      : socket_(std::move(socket)), address_(std::move(address)), stop_(stop) {}
  void accept_until_stopped();
  void start_connection(UniqueFd socket);
  void reap(bool all);

  UniqueFd socket_;
  const ListenAddress address_;
  const StopSignal& stop_;
  Serve serve_;
  std::list<std::unique_ptr<Connection>> connections_;  // the accepting thread's; join()'s after it
  std::thread acceptor_;
};

}  // namespace depthfinder::mock
