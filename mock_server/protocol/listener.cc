// SPDX-License-Identifier: MIT
#include "mock_server/protocol/listener.h"

#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "restore_core/base/units.h"

namespace depthfinder::mock {

namespace {

constexpr int kBacklog = 1024;
constexpr std::size_t kConnectionsMax = 1024;
constexpr int kKeepAliveIdleSeconds = 120;

using AddressList = Handle<addrinfo, freeaddrinfo>;

Result<AddressList> resolve(const ListenAddress& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (error != 0)
    return fail(ErrorKind::bad_input, "cannot listen on {}: {}", address.to_string(), gai_strerror(error));
  return AddressList(found);
}

Result<std::uint16_t> bound_port(int socket) {
  sockaddr_storage name{};
  socklen_t length = sizeof name;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&name), &length) != 0)
    return fail(ErrorKind::io, "cannot read the port of the listening socket: {}", std::strerror(errno));
  return ntohs(name.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(name).sin6_port
                                          : reinterpret_cast<const sockaddr_in&>(name).sin_port);
}

void set_socket_option(int socket, int level, int option, int value) {
  // These tune; a kernel that refuses one still serves.
  static_cast<void>(setsockopt(socket, level, option, &value, sizeof value));
}

void tune_connection(int socket) {
  set_socket_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  set_socket_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_socket_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, kKeepAliveIdleSeconds);
}

}  // namespace

std::string ListenAddress::to_string() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

bool is_loopback(std::string_view host) {
  const std::string text(host);
  in_addr v4{};
  in6_addr v6{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == IN_LOOPBACKNET;
  if (inet_pton(AF_INET6, text.c_str(), &v6) == 1) return IN6_IS_ADDR_LOOPBACK(&v6);
  return host == "localhost";
}

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  std::string_view host = text.substr(0, colon == std::string_view::npos ? 0 : colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  const bool bare_colon = !bracketed && host.find(':') != std::string_view::npos;
  if (host.empty() || bare_colon)
    return fail(ErrorKind::bad_input,
                "cannot listen on '{}': give host:port, with an IPv6 address in brackets", text);
  DF_ASSIGN(const std::uint64_t port, parse_count("port", text.substr(colon + 1), 0, 65535));
  return ListenAddress{std::string(host), static_cast<std::uint16_t>(port)};
}

Result<std::unique_ptr<Listener>> Listener::bind(const ListenAddress& address, const StopSignal& stop) {
  DF_ASSIGN(const AddressList candidates, resolve(address));
  int error = 0;
  for (const addrinfo* candidate = candidates.get(); candidate != nullptr; candidate = candidate->ai_next) {
    UniqueFd socket(::socket(candidate->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket) set_socket_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (!socket || ::bind(socket.get(), candidate->ai_addr, candidate->ai_addrlen) != 0 ||
        ::listen(socket.get(), kBacklog) != 0) {
      error = errno;
      continue;
    }
    DF_ASSIGN(const std::uint16_t port, bound_port(socket.get()));
    return std::unique_ptr<Listener>(new Listener(std::move(socket), {address.host, port}, stop));
  }
  return fail(ErrorKind::io, "cannot listen on {}: {}", address.to_string(), std::strerror(error));
}

void Listener::run(Serve serve) {
  serve_ = std::move(serve);
  acceptor_ = std::thread([this] { accept_until_stopped(); });
}

void Listener::accept_until_stopped() {
  using namespace std::chrono_literals;
  constexpr Nanoseconds kRetry = 10ms;
  while (true) {
    if (wait_ready(socket_.get(), true, false, stop_, TimePoint::max()).stopped) return;
    UniqueFd socket(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    reap(false);
    if (socket) {
      if (connections_.size() < kConnectionsMax) start_connection(std::move(socket));
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // Until some connection ends, the waiting one would wake us again and again.
      if (wait_ready(-1, false, false, stop_, SteadyClock().now() + kRetry).stopped) return;
    }
  }
}

void Listener::start_connection(UniqueFd socket) {
  tune_connection(socket.get());
  auto connection = std::make_unique<Connection>();
  Connection* raw = connection.get();
  try {
    raw->thread = std::thread([this, raw, held = std::make_shared<UniqueFd>(std::move(socket))] {
      prctl(PR_SET_TIMERSLACK, 1);  // nanosecond: the default of 50 us would show in every latency served
      serve_(std::move(*held));
      raw->done.store(true);
    });
    connections_.push_back(std::move(connection));
  } catch (const std::system_error&) {
    // No thread to be had: the connection is dropped, as at the limit.
  }
}

void Listener::reap(bool all) {
  for (auto connection = connections_.begin(); connection != connections_.end();) {
    if (!all && !(*connection)->done.load()) {
      ++connection;
      continue;
    }
    (*connection)->thread.join();
    connection = connections_.erase(connection);
  }
}

void Listener::join() {
  if (acceptor_.joinable()) acceptor_.join();
  reap(true);
}

}  // namespace depthfinder::mock
