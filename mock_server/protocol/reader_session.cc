// SPDX-License-Identifier: MIT
#include "mock_server/protocol/reader_session.h"

#include <algorithm>

namespace depthfinder::mock {

namespace {
using namespace std::chrono_literals;
constexpr Nanoseconds kPrefaceTimeout = 10s;
// How long one step may keep the others waiting.
constexpr int kReadsPerTurn = 8;
constexpr Nanoseconds kLookUpPerTurn = 200us;
constexpr std::size_t kWriteBytesPerTurn = 512 << 10;
}  // namespace

ReaderSession::ReaderSession(Service& service, TlsChannel& channel, const SnapshotId& snapshot)
    : service_(service),
      channel_(channel),
      api_(*service.datastore, snapshot),
      writer_(service.link, channel),
      random_(service.next_connection.fetch_add(1)) {}

ReaderSession::~ReaderSession() { service_.requests_in_flight.fetch_sub(requests_.size()); }

Result<void> ReaderSession::run(ByteSpan first_bytes) {
  DF_ASSIGN(http2_, Http2Server::make(*this));
  preface_deadline_ = clock_.now() + kPrefaceTimeout;
  if (!first_bytes.empty()) DF_TRY(http2_->receive(first_bytes));
  while (true) {
    DF_ASSIGN(const bool client_is_there, read_requests());
    if (!client_is_there) break;
    look_up_answers();
    DF_TRY(release_due_answers());
    DF_ASSIGN(const WriteProgress progress, write_frames());
    if (progress.state == WriteProgress::State::closed) break;
    if (http2_->finished() && queue_.empty()) break;
    if (!http2_->client_ready() && clock_.now() >= preface_deadline_)
      return fail(ErrorKind::timeout, "no HTTP/2 preface from the client");
    if (wait_for_work(progress).stopped) break;
  }
  return {};
}

Result<bool> ReaderSession::read_requests() {
  more_input_ = true;
  for (int i = 0; i < kReadsPerTurn; ++i) {
    const IoResult result = channel_.try_read(input_);
    if (result.state == IoState::closed) return false;
    if (result.state != IoState::done) {
      more_input_ = false;
      break;
    }
    if (auto received = http2_->receive(ByteSpan(input_).first(result.bytes)); !received) {
      // Tells the client why, if it still reads; then the connection is over.
      static_cast<void>(write_frames());
      return pass_on(received.error());
    }
  }
  return true;
}

void ReaderSession::on_request(StreamId stream, const std::string& method, const std::string& target) {
  service_.requests_in_flight.fetch_add(1);
  requests_.emplace(stream, Request{.method = method, .target = target, .arrival = clock_.now()});
  to_look_up_.push_back(stream);
}

void ReaderSession::look_up_answers() {
  const TimePoint end = clock_.now() + kLookUpPerTurn;
  while (!to_look_up_.empty()) {
    const StreamId stream = to_look_up_.front();
    to_look_up_.pop_front();
    // A stream that the client has reset meanwhile is gone.
    if (const auto found = requests_.find(stream); found != requests_.end()) look_up(stream, found->second);
    if (clock_.now() >= end) break;
  }
}

void ReaderSession::look_up(StreamId stream, Request& request) {
  request.answer = api_.answer(request.method, request.target);
  request.ready_at = request.arrival;
  if (request.answer.is_content) {
    const RequestInfo info{.bytes = request.answer.answer.size(),
                           .in_flight = service_.requests_in_flight.load()};
    request.ready_at = service_.model->ready_at(info, request.arrival, random_);
  }
  if (request.answer.answer.status == 401) request.ready_at += service_.auth_failure_delay;
  due_.push({request.ready_at, stream});
}

Result<void> ReaderSession::release_due_answers() {
  while (!due_.empty() && due_.top().at <= clock_.now()) {
    const StreamId stream = due_.top().stream;
    due_.pop();
    const auto found = requests_.find(stream);
    if (found == requests_.end()) continue;
    const Request& request = found->second;
    const ReaderAnswer& answer = request.answer;
    service_.metrics.record_request(answer.route, answer.answer.status);
    if (is_served_chunk(request))
      service_.metrics.record_chunk_latency(request.ready_at - request.arrival,
                                            clock_.now() - request.arrival);
    HttpAnswer copy = answer.answer;
    DF_TRY(http2_->answer(stream, std::move(copy)));
  }
  return {};
}

Result<WriteProgress> ReaderSession::write_frames() {
  WriteProgress progress;
  std::size_t written_bytes = 0;
  do {
    DF_TRY(http2_->fill(queue_));
    progress = writer_.write(queue_, clock_, kWriteBytesPerTurn - written_bytes);
    written_bytes += progress.bytes;
    // Drained, yet something was written: there may be more frames.
  } while (progress.state == WriteProgress::State::drained && progress.bytes > 0 &&
           written_bytes < kWriteBytesPerTurn);
  if (progress.state == WriteProgress::State::drained && progress.bytes > 0)
    progress.state = WriteProgress::State::more;
  return progress;
}

bool ReaderSession::is_served_chunk(const Request& request) {
  return request.answer.route == "/chunk" && request.answer.answer.status == 200;
}

void ReaderSession::on_stream_closed(StreamId stream, bool answered) {
  const auto found = requests_.find(stream);
  if (found == requests_.end()) return;
  service_.requests_in_flight.fetch_sub(1);
  if (answered && is_served_chunk(found->second))
    service_.metrics.record_chunk_served(found->second.answer.answer.size());
  requests_.erase(found);
}

Readiness ReaderSession::wait_for_work(const WriteProgress& progress) {
  using State = WriteProgress::State;
  TimePoint deadline = TimePoint::max();
  if (more_input_ || !to_look_up_.empty() || progress.state == State::more) deadline = TimePoint::min();
  if (progress.state == State::paced) deadline = std::min(deadline, progress.resume_at);
  if (!due_.empty()) deadline = std::min(deadline, due_.top().at);
  if (!http2_->client_ready()) deadline = std::min(deadline, preface_deadline_);
  return wait_ready(channel_.fd(), true, progress.state == State::want_write, service_.stop, deadline);
}

}  // namespace depthfinder::mock
