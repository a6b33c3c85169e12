// SPDX-License-Identifier: MIT
// Http2Server: the server side of one HTTP/2 session (nghttp2), from bytes to requests and from answers to frames. It
// belongs to its connection's thread, does no I/O and looks at no clock. Settings are those of PBS 4.1.7
// (pbs-protocol F.2, K); nothing is sent before the client's preface and SETTINGS.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include <nghttp2/nghttp2.h>

#include "mock_server/protocol/http_answer.h"
#include "mock_server/protocol/output_queue.h"
#include "restore_core/base/handle.h"
#include "restore_core/base/result.h"

namespace depthfinder::mock {

using StreamId = std::int32_t;

// What happens on a session; called from inside receive() and fill().
class Http2Events {
 public:
  virtual ~Http2Events() = default;
  virtual void on_request(StreamId stream, const std::string& method, const std::string& target) = 0;
  // The answer's first frame, or its last, ends `ahead_bytes` behind all that was queued so far.
  virtual void on_answer_begun(StreamId stream, std::size_t ahead_bytes) = 0;
  virtual void on_answer_ended(StreamId stream, std::size_t ahead_bytes) = 0;
  // `answered`: its last frame was queued.
  virtual void on_stream_closed(StreamId stream, bool answered) = 0;
  // A ping() was answered.
  virtual void on_pong() = 0;
  // A body came to its limit that asks for the connection to be cut there.
  virtual void on_cut() = 0;
};

// How much of a body may be sent for now, and what happens there.
struct BodyLimit {
  enum class Then { wait, reset_stream, cut_connection };
  std::size_t bytes = SIZE_MAX;
  Then then = Then::wait;
};

class Http2Server {
 public:
  // Error: io (memory).
  static Result<std::unique_ptr<Http2Server>> make(Http2Events& events);

  // Bytes from the client. Error: protocol, when they are no HTTP/2; what fill() gives may still be sent then.
  Result<void> receive(ByteSpan bytes);

  // Answers a request; nothing happens when its stream is gone.
  Result<void> answer(StreamId stream, HttpAnswer answer, BodyLimit limit = {});
  // Moves the limit of an answer's body.
  Result<void> set_limit(StreamId stream, BodyLimit limit);
  // Error: protocol.
  Result<void> ping();
  // Tells the client that `stream` and later ones will not be answered, and closes them. Error: protocol.
  Result<void> refuse_from(StreamId stream);

  // Queues the next frames until there are some 16 KiB to send; a DATA frame is never split here. Error: protocol.
  Result<void> fill(OutputQueue& queue);

  [[nodiscard]] bool client_ready() const { return client_ready_; }
  // Neither side has anything left to say.
  [[nodiscard]] bool finished() const;
  [[nodiscard]] std::size_t open_streams() const { return streams_.size(); }

 private:
  struct Stream {
    std::string method, target;
    std::size_t header_list_bytes = 0;
    SharedBlob body;
    std::size_t offset = 0;
    BodyLimit limit = {};
    bool deferred = false;  // waits at its limit
    bool streamed = false;
    bool answered = false;  // its last frame is queued
  };
  using Session = Handle<nghttp2_session, nghttp2_session_del>;

  explicit Http2Server(Http2Events& events) : events_(events) {}
  Result<void> start();
  Stream* find(StreamId stream);
  void complete_headers(StreamId id);

  int on_begin_frame(const nghttp2_frame_hd& header);
  int on_begin_headers(const nghttp2_frame& frame);
  int on_header(const nghttp2_frame& frame, ByteSpan name, ByteSpan value);
  int on_frame_received(const nghttp2_frame& frame);
  int on_frame_sent(const nghttp2_frame& frame);
  int on_stream_close(StreamId id);
  int send_data(const nghttp2_frame& frame, const std::uint8_t* header);
  ssize_t read_body(StreamId id, std::size_t max_bytes, std::uint32_t* flags);
  ssize_t at_limit(Stream& stream);

  struct Callbacks;  // from nghttp2's C functions to the members above

  Http2Events& events_;
  Session session_;
  std::unordered_map<StreamId, std::unique_ptr<Stream>> streams_;
  StreamId highest_stream_ = 0;   // that the client has opened
  OutputQueue* queue_ = nullptr;  // only within fill()
  bool client_ready_ = false;
};

}  // namespace depthfinder::mock
