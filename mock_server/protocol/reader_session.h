// SPDX-License-Identifier: MIT
// ReaderSession: what follows a 101: one HTTP/2 reader session on one TLS connection, run to its end on the connection's
// own thread (pbs-protocol F). It reads requests, asks the models when each may be answered and what goes wrong with it,
// holds it back until then, and writes frames at the pace of the link, all from one loop that waits in one place only.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

#include "mock_server/protocol/answer_desk.h"
#include "mock_server/protocol/http2_server.h"
#include "mock_server/protocol/paced_writer.h"
#include "mock_server/protocol/path_delay.h"
#include "mock_server/protocol/service.h"

namespace depthfinder::mock {

class ReaderSession final : private Http2Events {
 public:
  ReaderSession(Service& service, TlsChannel& channel, const SnapshotId& snapshot);
  ~ReaderSession() override;
  ReaderSession(const ReaderSession&) = delete;
  ReaderSession& operator=(const ReaderSession&) = delete;

  // Serves until the client leaves or errs, a fault ends the connection, or the server stops. `first_bytes` came in the
  // same read as the upgrade request. Errors: protocol, connection, timeout (no preface, or nothing read for too long).
  Result<void> run(ByteSpan first_bytes);

 private:
  struct Due {
    enum class What { release, pace };  // let the answer go; let more of its body out
    TimePoint at;
    StreamId stream;
    What what = What::release;
    bool operator>(const Due& other) const { return at != other.at ? at > other.at : stream > other.stream; }
  };
  // Where in the output an answer's first or last frame ends.
  struct Mark {
    std::uint64_t offset;
    StreamId stream;
    bool last;
  };
  enum class Ending { none, close, reset, alert };

  void on_request(StreamId stream, const std::string& method, const std::string& target) override;
  void on_answer_begun(StreamId stream, std::size_t ahead_bytes) override {
    marks_.push_back({queue_.appended_bytes() + ahead_bytes, stream, false});
  }
  void on_answer_ended(StreamId stream, std::size_t ahead_bytes) override {
    marks_.push_back({queue_.appended_bytes() + ahead_bytes, stream, true});
  }
  void on_stream_closed(StreamId stream, bool answered) override;
  void on_pong() override { path_delay_.answered(clock_.now()); }
  void on_cut() override { ending_ = Ending::reset; }

  // Steps of the loop; each returns at once.
  Result<bool> read_requests();  // false: the client has closed
  void look_up_answers();
  Result<void> do_what_is_due();
  Result<void> release_waiting();
  Result<void> measure_path();
  Result<WriteProgress> write_frames();
  Readiness wait_for_work(const WriteProgress& progress);
  [[nodiscard]] Result<bool> goes_on(const WriteProgress& progress);
  void end();

  PendingRequest* find(StreamId stream);
  void look_up(StreamId stream, PendingRequest& request);
  Result<void> release(StreamId stream, PendingRequest& request);
  [[nodiscard]] Ending ending_of(const FaultSpec& fault);
  Result<void> send(StreamId stream, PendingRequest& request);
  Result<void> set_pace(StreamId stream, const PendingRequest& request);
  [[nodiscard]] std::size_t bytes_to_mark() const;
  void settle_marks();
  // Only a replay needs it: a real server sends no PINGs.
  [[nodiscard]] bool measures_path() const {
    return !behaviour_->spec.replay.empty() && http2_->client_ready();
  }
  void forget(StreamId stream);
  void report_load();

  Service& service_;
  TlsChannel& channel_;
  SteadyClock clock_;
  const std::uint64_t connection_;
  std::shared_ptr<Behaviour> behaviour_;
  AnswerDesk desk_;
  PacedWriter writer_;
  PathDelay path_delay_;
  std::unique_ptr<Http2Server> http2_;
  OutputQueue queue_;
  std::unordered_map<StreamId, PendingRequest> requests_;
  std::deque<StreamId> to_look_up_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::deque<StreamId> waiting_;  // due, and perhaps without the memory for their chunks
  std::deque<Mark> marks_;
  std::array<std::uint8_t, 64 << 10> input_{};
  Ending ending_ = Ending::none;
  TimePoint preface_deadline_{};
  TimePoint last_progress_{};  // something was read or written, or became due
  TimePoint read_at_{};        // when what is read next was seen to be there
  TimePoint last_traffic_{};   // something was read or written
  bool more_input_ = false;
  // Open requests, and what record_load() was told so far.
  std::uint64_t open_requests_ = 0;
  TimePoint open_since_{};
  Nanoseconds cpu_reported_{0};
};

}  // namespace depthfinder::mock
