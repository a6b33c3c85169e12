// SPDX-License-Identifier: MIT
#include "restore_core/client/reader_session.h"

#include <algorithm>

#include <poll.h>

namespace depthfinder {
namespace {

using std::chrono::milliseconds;

// Some 0.1 ms: no new request waits longer than that. Clocks and counters are read and written once a round too.
constexpr std::uint64_t kBytesPerRound = 256 << 10;

std::uint64_t enough_bytes(milliseconds stall) {
  return std::max<std::uint64_t>(1,
                                 kSlowestBytesPerSecond * static_cast<std::uint64_t>(stall.count()) / 1000);
}

}  // namespace

Result<std::unique_ptr<ReaderSession>> ReaderSession::open(const ReaderTarget& target,
                                                           const Credentials& credentials,
                                                           const SessionTimeouts& timeouts,
                                                           const Http2Settings& http2_settings,
                                                           TransportCounters& counters, Wakeup& wakeup) {
  DF_ASSIGN(auto connection, TlsConnection::open(target.access, timeouts.connect, wakeup));
  DF_ASSIGN(const Bytes early, upgrade_to_reader(*connection, target, credentials, timeouts.answer, wakeup));
  std::unique_ptr<ReaderSession> session(new ReaderSession(std::move(connection), timeouts, counters));
  DF_TRY(session->start(http2_settings, early));
  return session;
}

ReaderSession::ReaderSession(std::unique_ptr<TlsConnection> connection, const SessionTimeouts& timeouts,
                             TransportCounters& counters)
    : connection_(std::move(connection)),
      timeouts_(timeouts),
      counters_(counters),
      last_sign_(clock_.now()) {}

Result<void> ReaderSession::start(const Http2Settings& settings, ByteSpan early) {
  DF_ASSIGN(http2_, Http2Session::create(settings, clock_));
  if (!early.empty()) DF_TRY(http2_->receive(early));
  return {};
}

Result<void> ReaderSession::get(std::uint64_t id, const std::string& path, ResponseBody& body) {
  if (http2_->active_requests() == 0) note_sign();
  ++counters_.requests;
  return http2_->get(id, path, body);
}

// What a closed connection still has to give: answers that had arrived, or a GOAWAY that says why it was closed.
Error ReaderSession::last_words(const Error& send_error) {
  while (true) {
    const MutableByteSpan landing = http2_->landing();
    const auto count = connection_->receive(landing);
    if (!count || !*count) return send_error;
    if (const auto taken = take(landing.first(**count)); !taken) return taken.error();
  }
}

Result<bool> ReaderSession::exchange() {
  const auto more = move_bytes();
  count_received();
  return more;
}

Result<bool> ReaderSession::move_bytes() {
  if (const auto sent = send_pending(); !sent) return tl::make_unexpected(last_words(sent.error()));
  const std::uint64_t enough = received_bytes_ + kBytesPerRound;
  while (received_bytes_ < enough) {
    const MutableByteSpan landing = http2_->landing();
    DF_ASSIGN(const auto count, connection_->receive(landing));
    if (!count) {
      DF_TRY(send_pending());  // answers to what came: acknowledgements, window updates
      return false;
    }
    DF_TRY(take(landing.first(*count)));
  }
  return true;
}

Result<void> ReaderSession::take(ByteSpan received) {
  received_bytes_ += received.size();
  return http2_->receive(received);
}

void ReaderSession::count_received() {
  if (received_bytes_ == counted_bytes_) return;
  counted_bytes_ = received_bytes_;
  const bool status_or_end = http2_->answer_signs() != counted_signs_;
  if (status_or_end || http2_->answer_bytes() - bytes_at_last_sign_ >= enough_bytes(timeouts_.stall))
    note_sign();
  counters_.wire_bytes += http2_->body_bytes() - std::exchange(counted_body_bytes_, http2_->body_bytes());
  counters_.copied_bytes +=
      http2_->copied_bytes() - std::exchange(counted_copied_bytes_, http2_->copied_bytes());
}

void ReaderSession::note_sign() {
  last_sign_ = clock_.now();
  counted_signs_ = http2_->answer_signs();
  bytes_at_last_sign_ = http2_->answer_bytes();
}

Error ReaderSession::stalled() const {
  const std::uint64_t bytes = http2_->answer_bytes() - bytes_at_last_sign_;
  const std::string answered = bytes == 0 ? "nothing" : fmt::format("{} bytes and no more", bytes);
  return Error{ErrorKind::timeout,
               fmt::format("the server answered {} for {} ms with {} requests in flight", answered,
                           timeouts_.stall.count(), http2_->active_requests()),
               {}};
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
  if (left <= milliseconds(0)) return tl::make_unexpected(stalled());
  const bool gathers = received_bytes_ != std::exchange(gathered_bytes_, received_bytes_) &&
                       unsent_.empty() && timeouts_.gather.count() > 0;
  const auto waited =
      gathers ? wakeup.wait(-1, 0, timeouts_.gather) : wakeup.wait(connection_->fd(), events, left);
  counters_.receive_wait_ns += (clock_.now() - started).count();
  DF_TRY(waited);
  return {};
}

}  // namespace depthfinder
