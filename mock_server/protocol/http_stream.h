// SPDX-License-Identifier: MIT
// HttpStream: a TlsChannel as cpp-httplib's Stream, with a read buffer of its own, so that what a client sends right
// behind an upgrade request can be handed to the HTTP/2 side. It bounds what one request may send. It belongs to its
// connection's thread.
#pragma once

#include <array>
#include <optional>

#include <httplib.h>

#include "mock_server/protocol/tls_channel.h"

namespace depthfinder::mock {

class HttpStream final : public httplib::Stream {
 public:
  explicit HttpStream(TlsChannel& channel) : channel_(channel) {}

  // Waits for the first byte of a request. False: there is none (closed, idle too long, stopped).
  bool await_request(Nanoseconds idle_max);

  // From here to the next request the answer that httplib writes goes nowhere: the caller writes its own.
  void drop_answer() { dropping_ = true; }
  void close_after_answer() { closing_ = true; }
  [[nodiscard]] bool closing() const { return closing_; }

  // What was read and not asked for.
  [[nodiscard]] ByteSpan buffered() const { return ByteSpan(buffer_).subspan(begin_, end_ - begin_); }

  [[nodiscard]] bool is_readable() const override { return true; }
  [[nodiscard]] bool is_writable() const override { return true; }
  ssize_t read(char* out, std::size_t size) override;
  ssize_t write(const char* bytes, std::size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  [[nodiscard]] socket_t socket() const override { return channel_.fd(); }

 private:
  bool fill(TimePoint deadline);

  TlsChannel& channel_;
  std::array<std::uint8_t, 16 << 10> buffer_{};
  std::size_t begin_ = 0, end_ = 0;
  std::size_t request_bytes_left_ = 0;
  TimePoint request_deadline_{};
  bool dropping_ = false, closing_ = false;
};

}  // namespace depthfinder::mock
