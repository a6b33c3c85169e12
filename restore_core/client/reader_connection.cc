// SPDX-License-Identifier: MIT
#include "restore_core/client/reader_connection.h"

#include <algorithm>

#include "restore_core/base/thread_name.h"
#include "restore_core/client/sigpipe_guard.h"
#include "restore_core/client/url_encoding.h"

namespace depthfinder {
namespace {

constexpr std::uint64_t kRegistrationId = 0;  // requests count from 1

// Times as many failures as without any answer: the oldest request may have bad luck.
constexpr int kOldestPatience = 4;

// After each of which the server said that it is none of its tickets.
constexpr int kFreshTicketsMax = 3;

TimePoint now() { return std::chrono::steady_clock::now(); }

}  // namespace

Result<std::unique_ptr<ReaderConnection>> ReaderConnection::create(ConnectionSettings settings,
                                                                   Authenticator& authenticator) {
  DF_ASSIGN(auto wakeup, Wakeup::create());
  return std::unique_ptr<ReaderConnection>(
      new ReaderConnection(std::move(settings), authenticator, std::move(wakeup)));
}

ReaderConnection::ReaderConnection(ConnectionSettings settings, Authenticator& authenticator,
                                   std::unique_ptr<Wakeup> wakeup)
    : settings_(std::move(settings)),
      authenticator_(authenticator),
      wakeup_(std::move(wakeup)),
      thread_([this] { run(); }) {}

ReaderConnection::~ReaderConnection() { cancel(); }

void ReaderConnection::open(Opened opened) {
  std::optional<Error> refused;
  {
    MutexLock lock(mutex_);
    refused = last_error_;
    if (!refused) opened_ = std::move(opened);
  }
  wakeup_->notify();
  if (refused) opened(tl::make_unexpected(*refused));
}

void ReaderConnection::download(std::string_view file_name, const ResponseBody& body, bool registers,
                                Done done) {
  submit({.path = fmt::format("/download?file-name={}", form_encode(file_name)),
          .body = body,
          .done = std::move(done),
          .registers = registers});
}

void ReaderConnection::fetch(const Digest& digest, ChunkRoom room, Done done) {
  submit({.path = fmt::format("/chunk?digest={}", to_hex(digest)),
          .body = ResponseBody::into(std::move(room)),
          .done = std::move(done),
          .is_chunk = true});
}

void ReaderConnection::submit(Request request) {
  std::optional<Error> refused;
  {
    MutexLock lock(mutex_);
    refused = wakeup_->cancelled() ? cancelled_error() : last_error_;
    if (!refused) {
      queue_.push_back(std::move(request));
      if (queue_.size() == 1) wakeup_->notify();
    }
  }
  if (refused) request.done(tl::make_unexpected(*refused));
}

void ReaderConnection::cancel() {
  request_cancel();
  MutexLock lock(mutex_);
  while (!ended_) changed_.wait(mutex_);
}

std::vector<RequestAttempt> ReaderConnection::take_attempts() {
  cancel();
  const std::deque<RequestAttempt> attempts = std::exchange(attempts_, {});
  return {attempts.begin(), attempts.end()};
}

void ReaderConnection::run() {
  name_thread("receive");
  const SigpipeGuard guard;
  const Error error = run_sessions();
  session_.reset();
  end_all(error);
}

Error ReaderConnection::run_sessions() {
  while (true) {
    if (const auto work = wait_for_work(); !work) return work.error();
    auto outcome = open_session();
    if (outcome) outcome = serve();
    end_session();
    const Error& error = outcome.error();
    if (!is_transient(error) || !established_) return error;
    if (!has_work()) continue;  // an idle session has ended, which harms nobody
    count_failure();
    if (const auto reason = reason_to_give_up(error)) return *reason;
    if (const auto waited = back_off(); !waited) return waited.error();
  }
}

bool ReaderConnection::gives_up(const FailureRow& failures) const {
  return settings_.retry.gives_up(failures.count, now() - failures.first);
}

void ReaderConnection::count_failure() {
  failures_.add(now());
  const std::uint64_t oldest = in_flight_.empty() ? 0 : in_flight_.begin()->first;
  if (oldest != oldest_id_) oldest_failures_.end();
  oldest_id_ = oldest;
  oldest_failures_.add(now());
}

// A request that every session ends at may be hidden by others that are answered before that.
std::optional<Error> ReaderConnection::reason_to_give_up(const Error& error) const {
  const auto after = [&](const char* what, const FailureRow& row) {
    return error.with_context(fmt::format("gave up after {} {}, {:.1f} s after the first", row.count, what,
                                          to_seconds(now() - row.first)));
  };
  if (gives_up(failures_)) return after("failures in a row", failures_);
  if (settings_.retry.gives_up(oldest_failures_.count / kOldestPatience, now() - oldest_failures_.first))
    return after("failures with this request the oldest one", oldest_failures_);
  return std::nullopt;
}

bool ReaderConnection::has_work() {
  MutexLock lock(mutex_);
  return opened_ || !queue_.empty() || !in_flight_.empty();
}

Result<void> ReaderConnection::wait_for_work() {
  while (!has_work()) DF_TRY(wakeup_->wait(-1, 0, std::chrono::milliseconds(-1)));
  return {};
}

Result<void> ReaderConnection::open_session() {
  DF_TRY(connect_session());
  for (const std::string& path : registrations_) DF_TRY(register_again(path));
  established_ = true;
  report_opened({});
  return repeat_in_flight();
}

void ReaderConnection::report_opened(const Result<void>& outcome) {
  Opened opened;
  {
    MutexLock lock(mutex_);
    opened = std::exchange(opened_, nullptr);
  }
  if (opened) opened(outcome);
}

// A ticket may have expired since the last session, and a fresh one before it is used; a login that is refused is final.
Result<void> ReaderConnection::connect_session() {
  for (int logins = 0;; ++logins) {
    DF_ASSIGN(const Credentials credentials, authenticator_.credentials(*wakeup_));
    auto session = ReaderSession::open(settings_.target, credentials, settings_.timeouts, settings_.http2,
                                       counters_, *wakeup_);
    if (session) {
      session_ = *std::move(session);
      return {};
    }
    const bool refused = session.error().kind == ErrorKind::auth;
    if (!refused || logins == kFreshTicketsMax || !authenticator_.forget()) return pass_on(session.error());
  }
}

Result<void> ReaderConnection::register_again(const std::string& path) {
  ResponseBody body = ResponseBody::discarded(kIndexBytesMax);
  DF_TRY(session_->get(kRegistrationId, path, body));
  while (true) {
    DF_ASSIGN(const bool more, session_->exchange());
    const auto finished = session_->take_finished();
    if (!finished.empty()) return finished.front().outcome;
    if (!more) DF_TRY(session_->wait(*wakeup_));
  }
}

Result<void> ReaderConnection::repeat_in_flight() {
  for (auto& [id, request] : in_flight_) {
    ++counters_.retries;
    DF_TRY(session_->get(id, request.path, request.body));
  }
  return {};
}

Result<void> ReaderConnection::serve() {
  while (true) {
    DF_TRY(send_queued());
    const auto more = session_->exchange();
    // A system call, so not for every round: the time is needed when a request ends and while nothing happens.
    if (!more || !*more || session_->has_finished()) counters_.receive_busy_ns = thread_cpu_time().count();
    DF_TRY(settle_finished());  // also when the session has failed: what arrived before that is not fetched
                                // again
    DF_TRY(more);
    if (wakeup_->cancelled()) return tl::make_unexpected(cancelled_error());
    if (!*more) DF_TRY(session_->wait(*wakeup_));
  }
}

Result<void> ReaderConnection::send_queued() {
  std::deque<Request> requests;
  {
    MutexLock lock(mutex_);
    requests.swap(queue_);
  }
  // All become in flight first, so that none is lost when the session fails at one of them.
  const std::uint64_t first_id = next_id_;
  for (Request& request : requests) in_flight_.emplace(next_id_++, std::move(request));
  for (auto it = in_flight_.lower_bound(first_id); it != in_flight_.end(); ++it)
    DF_TRY(session_->get(it->first, it->second.path, it->second.body));
  return {};
}

Result<void> ReaderConnection::settle_finished() {
  Result<void> all;
  for (const FinishedRequest& finished : session_->take_finished()) {
    const auto settled = settle(finished);
    if (!settled) all = settled;
  }
  return all;
}

// Ends a request, or leaves it in flight and returns the transient error that calls for a fresh session.
Result<void> ReaderConnection::settle(const FinishedRequest& finished) {
  const auto found = in_flight_.find(finished.id);
  DF_CHECK(found != in_flight_.end());
  Request& request = found->second;
  record(finished, request);
  if (!finished.outcome && is_transient(finished.outcome.error())) {
    request.refusals.add(now());
    if (!gives_up(request.refusals)) return finished.outcome;
  }
  failures_.end();
  if (finished.outcome && request.registers &&
      std::find(registrations_.begin(), registrations_.end(), request.path) == registrations_.end())
    registrations_.push_back(request.path);
  const Request ended = std::move(request);
  in_flight_.erase(found);
  if (finished.outcome) {
    ended.done(ended.body.length());
  } else {
    const Error& error = finished.outcome.error();
    ended.done(tl::make_unexpected(
        is_transient(error) ? error.with_context(fmt::format("failed {} times", ended.refusals.count))
                            : error));
  }
  return {};
}

void ReaderConnection::record(const FinishedRequest& finished, const Request& request) {
  const RequestTimes& times = finished.times;
  if (!settings_.record_latency || !request.is_chunk || !times.sent) return;
  attempts_.push_back(
      {*times.sent, times.first_byte, times.ended, request.body.length(), finished.outcome.has_value()});
}

void ReaderConnection::end_session() {
  if (settings_.record_latency && session_) {
    const TimePoint ended = now();
    for (const auto& [id, sent] : session_->unfinished()) {
      const auto found = in_flight_.find(id);  // an index that was to be registered again is not in there
      if (found != in_flight_.end() && found->second.is_chunk)
        attempts_.push_back({.sent = sent, .first_byte = {}, .ended = ended});
    }
  }
  session_.reset();
}

Result<void> ReaderConnection::back_off() {
  // One that is refused again and again is not asked for ten times a second because others are answered.
  int failures = std::max(failures_.count, oldest_failures_.count);
  for (const auto& [id, request] : in_flight_) failures = std::max(failures, request.refusals.count);
  const auto until = now() + settings_.retry.backoff(failures);
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now());
    if (left.count() <= 0) return {};
    DF_TRY(wakeup_->wait(-1, 0, left));
  }
}

void ReaderConnection::end_all(const Error& error) {
  std::deque<Request> queued;
  {
    MutexLock lock(mutex_);
    last_error_ = error;
    queued.swap(queue_);
  }
  report_opened(tl::make_unexpected(error));
  for (auto& [id, request] : in_flight_) request.done(tl::make_unexpected(error));
  in_flight_.clear();
  for (Request& request : queued) request.done(tl::make_unexpected(error));
  {
    MutexLock lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
}

}  // namespace depthfinder
