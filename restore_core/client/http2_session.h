// SPDX-License-Identifier: MIT
// Http2Session: the client side of HTTP/2 on an upgraded connection (pbs-protocol F.2): GET requests in,
// bodies and statuses out. It does no I/O: its owner, the transport thread, carries the bytes. Bodies for a caller's
// buffer are received there and not moved again: it says where the next bytes are to go.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <nghttp2/nghttp2.h>

#include "restore_core/base/bytes.h"
#include "restore_core/base/clock.h"
#include "restore_core/base/handle.h"
#include "restore_core/base/result.h"
#include "restore_core/client/frame_cursor.h"
#include "restore_core/client/latency_sample.h"
#include "restore_core/client/response_body.h"

namespace depthfinder {

// What is announced to the server; as the real client does it (pbs-protocol F.2), where nothing else is asked for.
struct Http2Settings {
  std::uint32_t window_bytes = 2147483646;  // of each stream and of the connection; 65535 to 2^31 - 1
  std::uint32_t frame_bytes_max = 4194304;  // 16384 to 2^24 - 1
};

// How a request ended. Without an error the body has arrived whole, with status 200.
struct FinishedRequest {
  std::uint64_t id = 0;
  Result<void> outcome;
  RequestTimes times;
};

// A request that has been sent and has not ended.
struct UnfinishedRequest {
  std::uint64_t id = 0;
  TimePoint sent;
};

class Http2Session {
 public:
  // With the connection preface and the settings already in its output. Error: io (memory).
  // The clock outlives it. Window and frame size must be within their ranges.
  static Result<std::unique_ptr<Http2Session>> create(const Http2Settings& settings, const Clock& clock);

  // Starts GET `path`; `id` is the caller's name for it. The body is written to until the request is finished
  // or the session destroyed. More requests than the server allows at once wait inside.
  Result<void> get(std::uint64_t id, const std::string& path, ResponseBody& body);

  // Where to receive the next bytes, as many as there are and fit; never empty, valid until the next call. Inside the
  // payload of a DATA frame it is the place in the caller's buffer, up to the end of that payload.
  MutableByteSpan landing();

  // Takes bytes that were just received, at landing() or elsewhere. Errors end the session: connection (GOAWAY),
  // protocol.
  Result<void> receive(ByteSpan bytes);

  // The next bytes to send, empty when there are none; valid until the next call. All of them must be sent.
  // Error: protocol, after the server was told that its frames are malformed.
  Result<ByteSpan> next_output();

  // The last of those bytes left in a write that began at that time.
  void output_sent(TimePoint sent);

  [[nodiscard]] bool has_finished() const { return !finished_.empty(); }
  // Requests that ended since the last call.
  std::vector<FinishedRequest> take_finished() { return std::exchange(finished_, {}); }

  [[nodiscard]] std::vector<UnfinishedRequest> unfinished() const;
  [[nodiscard]] std::size_t active_requests() const { return streams_.size(); }
  [[nodiscard]] std::uint64_t body_bytes() const { return body_bytes_; }
  // What brings an answer nearer: statuses and ends, and the bytes of all answers, refusals too. A PING is neither.
  [[nodiscard]] std::uint64_t answer_signs() const { return answer_signs_; }
  [[nodiscard]] std::uint64_t answer_bytes() const { return answer_bytes_; }
  // Of those, the ones for a caller's buffer that had not been received in it.
  [[nodiscard]] std::uint64_t copied_bytes() const { return copied_bytes_; }

 private:
  struct Stream {
    std::uint64_t id = 0;
    ResponseBody* body = nullptr;
    std::string path;
    RequestTimes times;
    int status = 0;
    std::string refusal_text;
    bool too_large = false;
    bool reset_by_server = false;
  };
  friend struct Http2Callbacks;

  explicit Http2Session(const Clock& clock) : clock_(clock) {}
  Result<void> start(const Http2Settings& settings);
  Stream* find(std::int32_t stream_id);
  void take_body(std::int32_t stream_id, ByteSpan piece);
  void take_frame(const nghttp2_frame& frame);
  void take_status(Stream& stream, std::string_view digits);
  void finish(std::int32_t stream_id, std::uint32_t error_code);
  static Result<void> outcome_of(const Stream& stream, std::uint32_t error_code);

  const Clock& clock_;
  Handle<nghttp2_session, nghttp2_session_del> session_;
  std::unordered_map<std::int32_t, Stream> streams_;
  std::vector<FinishedRequest> finished_;
  std::string complaint_;  // what the library found wrong with the server's frames
  std::string goaway_;
  std::uint64_t body_bytes_ = 0;
  std::uint64_t answer_signs_ = 0;
  std::uint64_t answer_bytes_ = 0;
  std::uint64_t copied_bytes_ = 0;
  FrameCursor cursor_;
  std::array<std::uint8_t, 16 << 10> elsewhere_;  // for what has no place: headers, other frames, refusals
  std::vector<std::int32_t> requests_in_output_;  // streams whose request is in the output last returned
};

}  // namespace depthfinder
