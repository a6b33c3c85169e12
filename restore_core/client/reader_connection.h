// SPDX-License-Identifier: MIT
// ReaderConnection: a ChunkSource over one reader session at a time. It owns the transport thread, which
// alone touches the session: it opens one when there is something to do, reconnects with backoff after
// transient failures, downloads the indexes again (which registers their chunks) and repeats what was in flight.
// Requests reach it through a queue. Once it has given up, every request ends with the last error.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "restore_core/base/mutex.h"
#include "restore_core/client/chunk_source.h"
#include "restore_core/client/login.h"
#include "restore_core/client/reader_session.h"
#include "restore_core/client/retry_policy.h"

namespace depthfinder {

// Of 512 TiB, whatever a manifest claims.
inline constexpr std::uint64_t kIndexBytesMax = std::uint64_t{1} << 32;

struct ConnectionSettings {
  ReaderTarget target;
  SessionTimeouts timeouts;
  RetryPolicy retry;
  Http2Settings http2;
  bool record_latency = false;
};

class ReaderConnection final : public ChunkSource {
 public:
  // Starts the thread, which connects to nothing yet. The authenticator outlives the connection.
  static Result<std::unique_ptr<ReaderConnection>> create(ConnectionSettings settings,
                                                          Authenticator& authenticator);
  ~ReaderConnection() override;

  // Starts opening the session; `opened` is called once, on the transport thread or before this returns, and must not
  // block. The first attempt is the only one. Errors: those of ReaderSession::open(). Called once at most.
  using Opened = std::function<void(Result<void>)>;
  void open(Opened opened);

  // Starts downloading a whole file of the snapshot; `done` as in fetch(). What the body writes to must live until
  // then. With `registers`, it is downloaded again after every reconnect. Errors: those of the session, and the
  // server's refusals.
  void download(std::string_view file_name, const ResponseBody& body, bool registers, Done done);

  void fetch(const Digest& digest, ChunkRoom room, Done done) override;
  void cancel() override;
  [[nodiscard]] TransportStats stats() const override { return counters_.snapshot(); }

  // What was recorded of the chunk requests. Cancels, so that the transport thread has left it alone.
  std::vector<RequestAttempt> take_attempts();

  // cancel() without waiting; for signal-like callers such as a stop callback.
  void request_cancel() { wakeup_->cancel(); }

 private:
  struct Request {
    std::string path;
    ResponseBody body;
    Done done;
    bool is_chunk = false;
    bool registers = false;
    FailureRow refusals = {};  // transient ones of this very request
  };

  ReaderConnection(ConnectionSettings settings, Authenticator& authenticator, std::unique_ptr<Wakeup> wakeup);
  void submit(Request request);

  // On the transport thread:
  void run();
  Error run_sessions();
  [[nodiscard]] bool gives_up(const FailureRow& failures) const;
  bool has_work();
  Result<void> wait_for_work();
  Result<void> open_session();
  void report_opened(const Result<void>& outcome);
  Result<void> connect_session();
  Result<void> register_again(const std::string& path);
  Result<void> repeat_in_flight();
  Result<void> serve();
  Result<void> send_queued();
  Result<void> settle_finished();
  Result<void> settle(const FinishedRequest& finished);
  void record(const FinishedRequest& finished, const Request& request);
  void end_session();
  void count_failure();
  [[nodiscard]] std::optional<Error> reason_to_give_up(const Error& error) const;
  Result<void> back_off();
  void end_all(const Error& error);

  const ConnectionSettings settings_;
  Authenticator& authenticator_;
  const std::unique_ptr<Wakeup> wakeup_;
  TransportCounters counters_;

  Mutex mutex_;
  ConditionVariable changed_;
  std::deque<Request> queue_ DF_GUARDED_BY(mutex_);
  Opened opened_ DF_GUARDED_BY(mutex_);       // while it is to be called
  bool ended_ DF_GUARDED_BY(mutex_) = false;  // every `done` has been called
  std::optional<Error> last_error_ DF_GUARDED_BY(mutex_);

  // Of the transport thread alone:
  std::unique_ptr<ReaderSession> session_;
  std::map<std::uint64_t, Request> in_flight_;  // by id, in the order they came
  std::uint64_t next_id_ = 1;
  std::vector<std::string> registrations_;  // paths of the indexes whose chunks are fetched
  bool established_ = false;                // a session was open once
  FailureRow failures_;                     // since a request was answered
  FailureRow oldest_failures_;              // since another request was the oldest in flight
  std::uint64_t oldest_id_ = 0;
  std::deque<RequestAttempt> attempts_;  // recorded; a deque grows without moving what it holds

  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace depthfinder
