// SPDX-License-Identifier: MIT
#include "mock_server/protocol/http_stream.h"

#include <algorithm>
#include <cstring>

namespace depthfinder::mock {

namespace {
using namespace std::chrono_literals;
// The largest body that is read to be refused, and a generous head.
constexpr std::size_t kRequestBytesMax = 1 << 20;
constexpr Nanoseconds kRequestTimeout = 30s;
constexpr Nanoseconds kWriteTimeout = 30s;
}  // namespace

bool HttpStream::await_request(Nanoseconds idle_max) {
  request_bytes_left_ = kRequestBytesMax;
  dropping_ = false;
  const TimePoint now = SteadyClock().now();
  const bool there = begin_ < end_ || fill(now + idle_max);
  request_deadline_ = SteadyClock().now() + kRequestTimeout;
  return there;
}

bool HttpStream::fill(TimePoint deadline) {
  const auto count = channel_.read_some(buffer_, deadline);
  begin_ = 0;
  end_ = count ? *count : 0;
  return end_ > 0;
}

ssize_t HttpStream::read(char* out, std::size_t size) {
  if (begin_ == end_ && !fill(request_deadline_)) return -1;
  const std::size_t count = std::min({size, end_ - begin_, request_bytes_left_});
  if (count == 0) return -1;
  std::memcpy(out, buffer_.data() + begin_, count);
  begin_ += count;
  request_bytes_left_ -= count;
  return static_cast<ssize_t>(count);
}

ssize_t HttpStream::write(const char* bytes, std::size_t size) {
  if (dropping_) return static_cast<ssize_t>(size);
  const auto written = channel_.write_all(as_bytes({bytes, size}), SteadyClock().now() + kWriteTimeout);
  return written ? static_cast<ssize_t>(size) : -1;
}

// httplib puts these into every request; no route asks.
void HttpStream::get_remote_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}
void HttpStream::get_local_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

}  // namespace depthfinder::mock
