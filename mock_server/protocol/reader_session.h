// SPDX-License-Identifier: MIT
// ReaderSession: what follows a 101: one HTTP/2 reader session on one TLS connection, run to its end on the connection's
// own thread (pbs-protocol F). It reads requests, looks answers up, holds each back until the time model lets it go,
// and writes frames at the pace of the shared link, all from one loop that waits in one place only.
#pragma once

#include <array>
#include <deque>
#include <queue>
#include <unordered_map>
#include <vector>

#include "mock_server/protocol/http2_server.h"
#include "mock_server/protocol/paced_writer.h"
#include "mock_server/protocol/reader_api.h"
#include "mock_server/protocol/service.h"

namespace depthfinder::mock {

class ReaderSession final : private Http2Events {
 public:
  ReaderSession(Service& service, TlsChannel& channel, const SnapshotId& snapshot);
  ~ReaderSession() override;
  ReaderSession(const ReaderSession&) = delete;
  ReaderSession& operator=(const ReaderSession&) = delete;

  // Serves until the client leaves or errs, or the server stops. `first_bytes` came in the same read as the upgrade
  // request. Errors: protocol, connection, timeout (no preface).
  Result<void> run(ByteSpan first_bytes);

 private:
  struct Request {
    std::string method, target;
    TimePoint arrival{};
    ReaderAnswer answer = {};
    TimePoint ready_at{};
  };
  struct Due {
    TimePoint at;
    StreamId stream;
    bool operator>(const Due& other) const { return at != other.at ? at > other.at : stream > other.stream; }
  };

  void on_request(StreamId stream, const std::string& method, const std::string& target) override;
  void on_stream_closed(StreamId stream, bool answered) override;

  // Steps of the loop; each returns at once.
  Result<bool> read_requests();  // false: the client has closed
  void look_up_answers();
  Result<void> release_due_answers();
  Result<WriteProgress> write_frames();
  Readiness wait_for_work(const WriteProgress& progress);

  [[nodiscard]] static bool is_served_chunk(const Request& request);
  void look_up(StreamId stream, Request& request);

  Service& service_;
  TlsChannel& channel_;
  SteadyClock clock_;
  ReaderApi api_;
  PacedWriter writer_;
  Random random_;
  std::unique_ptr<Http2Server> http2_;
  OutputQueue queue_;
  std::unordered_map<StreamId, Request> requests_;
  std::deque<StreamId> to_look_up_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::array<std::uint8_t, 64 << 10> input_{};
  TimePoint preface_deadline_{};
  bool more_input_ = false;
};

}  // namespace depthfinder::mock
