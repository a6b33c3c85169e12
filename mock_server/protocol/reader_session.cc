// SPDX-License-Identifier: MIT
#include "mock_server/protocol/reader_session.h"

#include <algorithm>

#include "mock_server/protocol/body_pace.h"

namespace depthfinder::mock {

namespace {
using namespace std::chrono_literals;
constexpr Nanoseconds kPrefaceTimeout = 10s;
// A client that reads nothing for so long holds memory that others wait for.
constexpr Nanoseconds kUnreadMax = 120s;
// How often a connection asks again for the memory of a chunk.
constexpr Nanoseconds kMemoryRetry = 1ms;
// How long nothing must have been sent or received before the way is measured: a wait ends with everybody asleep, and
// waking costs more than half of the way.
constexpr Nanoseconds kQuiet = 3ms;
// How long one step may keep the others waiting: what becomes due meanwhile is late by that.
constexpr int kReadsPerTurn = 8;
constexpr Nanoseconds kLookUpPerTurn = 200us;
constexpr std::size_t kWriteBytesPerTurn = 128 << 10;

std::unique_ptr<LinkPath> link_path(Behaviour& behaviour) {
  return std::make_unique<LinkPath>(behaviour.link, behaviour.spec.connection_rate_bytes_per_s);
}
}  // namespace

ReaderSession::ReaderSession(Service& service, TlsChannel& channel, const SnapshotId& snapshot)
    : service_(service),
      channel_(channel),
      connection_(service.next_connection.fetch_add(1)),
      behaviour_(service.behaviour()),
      desk_(service, snapshot),
      writer_(link_path(*behaviour_), channel),
      cpu_reported_(thread_cpu_time()) {}

ReaderSession::~ReaderSession() {
  service_.requests_in_flight.fetch_sub(open_requests_);
  while (!requests_.empty()) forget(requests_.begin()->first);
  service_.metrics.end_load(connection_);
}

Result<void> ReaderSession::run(ByteSpan first_bytes) {
  DF_ASSIGN(http2_, Http2Server::make(*this));
  last_progress_ = read_at_ = clock_.now();
  preface_deadline_ = last_progress_ + kPrefaceTimeout;
  if (!first_bytes.empty()) DF_TRY(http2_->receive(first_bytes));
  while (true) {
    DF_ASSIGN(const bool client_is_there, read_requests());
    if (!client_is_there) break;
    look_up_answers();
    DF_TRY(do_what_is_due());
    DF_TRY(measure_path());
    DF_ASSIGN(const WriteProgress progress, write_frames());
    DF_ASSIGN(const bool goes_on, this->goes_on(progress));
    if (!goes_on || wait_for_work(progress).stopped) break;
    read_at_ = clock_.now();
  }
  end();
  return {};
}

Result<bool> ReaderSession::goes_on(const WriteProgress& progress) {
  if (progress.state == WriteProgress::State::closed) return false;
  if (queue_.empty() && (http2_->finished() || ending_ != Ending::none)) return false;
  const TimePoint now = clock_.now();
  if (progress.bytes > 0) last_progress_ = last_traffic_ = now;
  if (!http2_->client_ready() && now >= preface_deadline_)
    return fail(ErrorKind::timeout, "no HTTP/2 preface from the client");
  if (open_requests_ > 0 && due_.empty() && waiting_.empty() && now >= last_progress_ + kUnreadMax)
    return fail(ErrorKind::timeout, "the client has read nothing for too long");
  return true;
}

void ReaderSession::end() {
  if (ending_ == Ending::reset) channel_.reset_on_close();
  if (ending_ == Ending::alert) channel_.send_fatal_alert();
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
    last_traffic_ = read_at_;
    if (auto received = http2_->receive(ByteSpan(input_).first(result.bytes)); !received) {
      // Tells the client why, if it still reads; then the connection is over.
      static_cast<void>(write_frames());
      return pass_on(received.error());
    }
    read_at_ = clock_.now();
  }
  return true;
}

void ReaderSession::on_request(StreamId stream, const std::string& method, const std::string& target) {
  const TimePoint now = read_at_;
  if (open_requests_++ == 0) {
    open_since_ = now;
    last_progress_ = now;
  }
  PendingRequest request{.method = method, .target = target, .timeline = {}, .fault = {}};
  request.in_flight = service_.requests_in_flight.fetch_add(1) + 1;
  request.timeline.connection = connection_;
  request.timeline.stream = stream;
  request.timeline.arrival = now;
  requests_.emplace(stream, std::move(request));
  to_look_up_.push_back(stream);
}

PendingRequest* ReaderSession::find(StreamId stream) {
  const auto found = requests_.find(stream);
  return found == requests_.end() ? nullptr : &found->second;
}

void ReaderSession::look_up_answers() {
  const TimePoint end = clock_.now() + kLookUpPerTurn;
  while (!to_look_up_.empty()) {
    const StreamId stream = to_look_up_.front();
    to_look_up_.pop_front();
    // A stream that the client has reset meanwhile is gone.
    if (PendingRequest* request = find(stream)) look_up(stream, *request);
    if (clock_.now() >= end) break;
  }
}

void ReaderSession::look_up(StreamId stream, PendingRequest& request) {
  if (auto current = service_.behaviour(); current != behaviour_) {
    writer_.use(link_path(*current));
    behaviour_ = std::move(current);
  }
  desk_.plan(request, *behaviour_, path_delay_.estimate());
  due_.push({request.timeline.ready, stream});
}

Result<void> ReaderSession::do_what_is_due() {
  while (!due_.empty() && due_.top().at <= clock_.now() && ending_ == Ending::none) {
    const Due due = due_.top();
    due_.pop();
    last_progress_ = clock_.now();
    PendingRequest* request = find(due.stream);
    if (request == nullptr) continue;
    if (due.what == Due::What::pace)
      DF_TRY(set_pace(due.stream, *request));
    else
      waiting_.push_back(due.stream);
  }
  return release_waiting();
}

// In the order they became due; the first one that there is no memory for keeps the others waiting.
Result<void> ReaderSession::release_waiting() {
  while (!waiting_.empty() && ending_ == Ending::none) {
    const StreamId stream = waiting_.front();
    PendingRequest* request = find(stream);
    if (request != nullptr && !desk_.borrow_blob(*request)) break;
    waiting_.pop_front();
    if (request != nullptr) DF_TRY(release(stream, *request));
  }
  return {};
}

Result<void> ReaderSession::measure_path() {
  const TimePoint now = clock_.now();
  if (!measures_path() || !path_delay_.due(now) || now < last_traffic_ + kQuiet) return {};
  path_delay_.sent(now);
  return http2_->ping();
}

Result<void> ReaderSession::release(StreamId stream, PendingRequest& request) {
  if (request.fault && request.fault->kind == FaultKind::goaway) return http2_->refuse_from(stream);
  if (request.fault) ending_ = ending_of(*request.fault);
  if (ending_ == Ending::none) return send(stream, request);
  return {};
}

// What a fault does to the connection instead of an answer.
ReaderSession::Ending ReaderSession::ending_of(const FaultSpec& fault) {
  if (fault.kind == FaultKind::tls_alert) return Ending::alert;
  if (fault.kind != FaultKind::expired_ticket) return Ending::none;
  service_.authenticator.expire_tickets();
  return Ending::close;
}

Result<void> ReaderSession::send(StreamId stream, PendingRequest& request) {
  const bool is_chunk = request.answer.chunk.has_value();
  HttpAnswer answer = desk_.take_answer(request);
  RequestTimeline& timeline = request.timeline;
  timeline.status = answer.status;
  timeline.bytes = answer.size();
  const TimePoint now = clock_.now();
  timeline.released = now;
  path_delay_.was_late(now - timeline.ready);
  service_.metrics.record_request(timeline.route, timeline.status);
  if (is_chunk) service_.metrics.record_chunk_released(timeline, request.in_flight);
  BodyLimit limit;
  if (request.fault) {
    const BodyPace pace = body_pace(*request.fault, timeline.bytes, Nanoseconds(0));
    if (pace.changes_in) due_.push({now + *pace.changes_in, stream, Due::What::pace});
    limit = pace.limit;
  }
  return http2_->answer(stream, std::move(answer), limit);
}

Result<void> ReaderSession::set_pace(StreamId stream, const PendingRequest& request) {
  const TimePoint now = clock_.now();
  const BodyPace pace =
      body_pace(*request.fault, request.timeline.bytes, now - request.timeline.released.value_or(now));
  if (pace.changes_in) due_.push({now + *pace.changes_in, stream, Due::What::pace});
  return http2_->set_limit(stream, pace.limit);
}

Result<WriteProgress> ReaderSession::write_frames() {
  WriteProgress progress;
  std::size_t written_bytes = 0;
  const TimePoint until = due_.empty() ? TimePoint::max() : due_.top().at;
  do {
    if (ending_ == Ending::none) DF_TRY(http2_->fill(queue_));
    if (queue_.empty()) writer_.rest();
    progress =
        writer_.write(queue_, clock_, std::min(kWriteBytesPerTurn - written_bytes, bytes_to_mark()), until);
    written_bytes += progress.bytes;
    settle_marks();
    // Drained, yet something was written: there may be more frames.
  } while (
      (progress.state == WriteProgress::State::drained || progress.state == WriteProgress::State::more) &&
      progress.bytes > 0 && written_bytes < kWriteBytesPerTurn && clock_.now() < until);
  if (progress.state == WriteProgress::State::drained && progress.bytes > 0)
    progress.state = WriteProgress::State::more;
  progress.bytes = written_bytes;
  return progress;
}

// So that a write ends where an answer begins or ends, and its time is taken then.
std::size_t ReaderSession::bytes_to_mark() const {
  return marks_.empty() ? kWriteBytesPerTurn : marks_.front().offset - queue_.consumed_bytes();
}

void ReaderSession::settle_marks() {
  while (!marks_.empty() && marks_.front().offset <= queue_.consumed_bytes()) {
    const Mark mark = marks_.front();
    marks_.pop_front();
    PendingRequest* request = find(mark.stream);
    if (request == nullptr) continue;
    RequestTimeline& timeline = request->timeline;
    const TimePoint now = clock_.now();
    if (!timeline.first_byte) timeline.first_byte = now;
    if (!mark.last) continue;
    timeline.last_byte = now;
    request->sent = true;
    if (timeline.ordinal > 0 && timeline.status == 200) service_.metrics.record_chunk_sent(timeline);
    if (request->closed) forget(mark.stream);
  }
}

void ReaderSession::on_stream_closed(StreamId stream, bool answered) {
  PendingRequest* request = find(stream);
  if (request == nullptr) return;
  service_.requests_in_flight.fetch_sub(1);
  report_load();
  --open_requests_;
  request->closed = true;
  if (!answered || request->sent) forget(stream);
}

void ReaderSession::forget(StreamId stream) {
  const RequestTimeline& timeline = requests_.at(stream).timeline;
  if (!timeline.route.empty()) service_.timelines.record(timeline);  // otherwise nobody has looked at it yet
  requests_.erase(stream);
}

void ReaderSession::report_load() {
  const TimePoint now = clock_.now();
  const Nanoseconds cpu = thread_cpu_time();
  service_.metrics.record_load(connection_, cpu - cpu_reported_, now - open_since_);
  cpu_reported_ = cpu;
  open_since_ = now;
}

Readiness ReaderSession::wait_for_work(const WriteProgress& progress) {
  using State = WriteProgress::State;
  TimePoint deadline = TimePoint::max();
  if (more_input_ || !to_look_up_.empty() || progress.state == State::more) deadline = TimePoint::min();
  if (progress.state == State::paced) deadline = std::min(deadline, progress.resume_at);
  if (!due_.empty() && ending_ == Ending::none) deadline = std::min(deadline, due_.top().at);
  if (!waiting_.empty()) deadline = std::min(deadline, clock_.now() + kMemoryRetry);
  if (measures_path() && open_requests_ > 0)
    deadline = std::min(deadline, std::max(path_delay_.next(), last_traffic_ + kQuiet));
  if (!http2_->client_ready()) deadline = std::min(deadline, preface_deadline_);
  if (open_requests_ > 0) deadline = std::min(deadline, last_progress_ + kUnreadMax);
  return wait_ready(channel_.fd(), true, progress.state == State::want_write, service_.stop, deadline);
}

}  // namespace depthfinder::mock
