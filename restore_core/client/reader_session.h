// SPDX-License-Identifier: MIT
// ReaderSession: one open reader session: the TLS connection after its upgrade and the HTTP/2 session on it.
// Made, used and destroyed by one transport thread. It lives until its first error; reconnecting is its
// owner's task.
#pragma once

#include <memory>
#include <vector>

#include "restore_core/base/clock.h"
#include "restore_core/client/http2_session.h"
#include "restore_core/client/reader_upgrade.h"
#include "restore_core/client/transport_counters.h"

namespace depthfinder {

// A server that lets answers drip is as good as silent: a byte now and then would hold a restore for ever.
inline constexpr std::uint64_t kSlowestBytesPerSecond = 1024;

struct SessionTimeouts {
  std::chrono::milliseconds connect{0};
  std::chrono::milliseconds answer{0};  // for the answer to the upgrade
  // With requests in flight, how long no answer may begin or end and fewer than kSlowestBytesPerSecond arrive.
  std::chrono::milliseconds stall{0};
  // While bytes flow, how long to let them gather in the kernel before they are received: fewer wake-ups for the same
  // bytes. New requests are not held back. 0: receive at once, as the times of answers are to be known.
  std::chrono::microseconds gather{0};
};

class ReaderSession {
 public:
  // Connects and upgrades. Errors: cancelled, auth, not_found, protocol, connection, timeout.
  static Result<std::unique_ptr<ReaderSession>> open(const ReaderTarget& target,
                                                     const Credentials& credentials,
                                                     const SessionTimeouts& timeouts,
                                                     const Http2Settings& http2_settings,
                                                     TransportCounters& counters, Wakeup& wakeup);

  // See Http2Session::get().
  Result<void> get(std::uint64_t id, const std::string& path, ResponseBody& body);

  // Sends and receives what can be without waiting, up to a bound that lets new requests go out in between.
  // True when more may be there already. Errors end the session: connection, protocol, io.
  Result<bool> exchange();

  // Waits for the network or the Wakeup. Errors: cancelled, timeout (stalled), io.
  Result<void> wait(Wakeup& wakeup);

  [[nodiscard]] bool has_finished() const { return http2_->has_finished(); }
  std::vector<FinishedRequest> take_finished() { return http2_->take_finished(); }
  [[nodiscard]] std::vector<UnfinishedRequest> unfinished() const { return http2_->unfinished(); }

 private:
  ReaderSession(std::unique_ptr<TlsConnection> connection, const SessionTimeouts& timeouts,
                TransportCounters& counters);
  Result<void> start(const Http2Settings& settings, ByteSpan early);
  Result<void> send_pending();
  Result<bool> move_bytes();
  Result<void> take(ByteSpan received);
  void count_received();
  void note_sign();
  [[nodiscard]] Error stalled() const;
  Error last_words(const Error& send_error);

  const SteadyClock clock_;
  std::unique_ptr<TlsConnection> connection_;
  std::unique_ptr<Http2Session> http2_;
  const SessionTimeouts timeouts_;
  TransportCounters& counters_;
  ByteSpan unsent_;  // of http2_'s output
  std::uint64_t received_bytes_ = 0;
  std::uint64_t gathered_bytes_ = 0;  // of those, at the last wait
  std::uint64_t counted_bytes_ = 0;   // of those, and of http2_'s bodies, what the counters have
  std::uint64_t counted_body_bytes_ = 0;
  std::uint64_t counted_copied_bytes_ = 0;
  // Of life: a status or an end, enough bytes of answers, or the first request since the session was idle.
  TimePoint last_sign_;
  std::uint64_t counted_signs_ = 0;
  std::uint64_t bytes_at_last_sign_ = 0;
};

}  // namespace depthfinder
