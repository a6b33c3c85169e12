// SPDX-License-Identifier: MIT
#include "restore_core/client/reader_session.h"

#include <poll.h>

namespace depthfinder {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kReceiveBytes =
    16 << 10;                          // one TLS record, the most that one call returns; stays in cache
constexpr int kReceivesPerRound = 16;  // 256 KiB, some 0.1 ms: no new request waits longer than that

}  // namespace

Result<std::unique_ptr<ReaderSession>> ReaderSession::open(const ReaderTarget& target,
                                                           const Credentials& credentials,
                                                           const SessionTimeouts& timeouts,
                                                           TransportCounters& counters, Wakeup& wakeup) {
  DF_ASSIGN(auto connection, TlsConnection::open(target.access, timeouts.connect, wakeup));
  DF_ASSIGN(const Bytes early, upgrade_to_reader(*connection, target, credentials, wakeup));
  DF_ASSIGN(auto http2, Http2Session::create());
  std::unique_ptr<ReaderSession> session(
      new ReaderSession(std::move(connection), std::move(http2), timeouts, counters));
  DF_TRY(session->feed(early));
  return session;
}

ReaderSession::ReaderSession(std::unique_ptr<TlsConnection> connection, std::unique_ptr<Http2Session> http2,
                             const SessionTimeouts& timeouts, TransportCounters& counters)
    : connection_(std::move(connection)),
      http2_(std::move(http2)),
      timeouts_(timeouts),
      counters_(counters),
      buffer_(kReceiveBytes),
      last_sign_(clock_.now()) {}

Result<void> ReaderSession::get(std::uint64_t id, const std::string& path, ResponseBody& body) {
  if (http2_->active_requests() == 0) last_sign_ = clock_.now();
  ++counters_.requests;
  return http2_->get(id, path, body);
}

// What a closed connection still has to give: answers that had arrived, or a GOAWAY that says why it was closed.
Error ReaderSession::last_words(const Error& send_error) {
  while (true) {
    const auto count = connection_->receive(buffer_);
    if (!count || !*count) return send_error;
    if (const auto fed = feed(ByteSpan(buffer_).first(**count)); !fed) return fed.error();
  }
}

Result<bool> ReaderSession::exchange() {
  if (const auto sent = send_pending(); !sent) return tl::make_unexpected(last_words(sent.error()));
  for (int round = 0; round < kReceivesPerRound; ++round) {
    DF_ASSIGN(const auto count, connection_->receive(buffer_));
    if (!count) {
      DF_TRY(send_pending());  // answers to what came: acknowledgements, window updates
      return false;
    }
    DF_TRY(feed(ByteSpan(buffer_).first(*count)));
  }
  return true;
}

Result<void> ReaderSession::feed(ByteSpan received) {
  if (received.empty()) return {};
  last_sign_ = clock_.now();
  const std::uint64_t before = http2_->body_bytes();
  const auto taken = http2_->receive(received, last_sign_);
  counters_.wire_bytes += http2_->body_bytes() - before;
  return taken;
}

Result<void> ReaderSession::send_pending() {
  while (true) {
    if (unsent_.empty()) {
      DF_ASSIGN(unsent_, http2_->next_output());
    }
    if (unsent_.empty()) return {};
    const TimePoint started = clock_.now();  // not after: the server may answer before send() has returned
    DF_ASSIGN(const std::size_t sent, connection_->send(unsent_));
    if (sent == 0) return {};
    unsent_ = unsent_.subspan(sent);
    if (unsent_.empty()) http2_->output_sent(started);
  }
}

Result<void> ReaderSession::wait(Wakeup& wakeup) {
  const auto events = static_cast<short>(unsent_.empty() ? POLLIN : POLLIN | POLLOUT);
  if (http2_->active_requests() == 0) {
    DF_TRY(wakeup.wait(connection_->fd(), events, milliseconds(-1)));
    return {};
  }
  const TimePoint started = clock_.now();
  const auto left = std::chrono::ceil<milliseconds>(last_sign_ + timeouts_.stall - started);
  if (left <= milliseconds(0))
    return fail(ErrorKind::timeout, "the server sent nothing for {} ms with {} requests in flight",
                timeouts_.stall.count(), http2_->active_requests());
  const auto waited = wakeup.wait(connection_->fd(), events, left);
  counters_.receive_wait_ns += (clock_.now() - started).count();
  DF_TRY(waited);
  return {};
}

}  // namespace depthfinder
