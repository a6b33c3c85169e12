// SPDX-License-Identifier: MIT
#include "mock_server/protocol/http2_server.h"

#include <array>
#include <ctime>
#include <utility>
#include <vector>

#include "mock_server/protocol/http2_callbacks.h"
#include "mock_server/protocol/http_date.h"

namespace depthfinder::mock {

namespace {

constexpr std::uint32_t kStreamsMax = 200;
constexpr std::uint32_t kWindowBytes = 33554432;
constexpr std::uint32_t kFrameBytesMax = 4194304;
constexpr std::uint32_t kHeaderListBytesMax = 16384;
constexpr std::size_t kHeaderOverheadBytes = 32;  // per field, by RFC 9113
constexpr std::size_t kStreamedFrameBytes = 8 << 10;
constexpr std::size_t kFillBytes = 16 << 10;
constexpr std::size_t kFrameHeaderBytes = 9;
// A client that resets streams faster than this is cut off.
constexpr std::uint64_t kResetBurst = 1000;
constexpr std::uint64_t kResetsPerSecond = 33;

using CallbackTable = Handle<nghttp2_session_callbacks, nghttp2_session_callbacks_del>;
using Options = Handle<nghttp2_option, nghttp2_option_del>;

nghttp2_nv field(std::string_view name, std::string_view value) {
  // nghttp2 copies both and writes to neither.
  return {const_cast<std::uint8_t*>(as_bytes(name).data()), const_cast<std::uint8_t*>(as_bytes(value).data()),
          name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

Result<void> checked(int code, const char* doing) {
  if (code < 0) return fail(ErrorKind::protocol, "{}: {}", doing, nghttp2_strerror(code));
  return {};
}

}  // namespace

Result<std::unique_ptr<Http2Server>> Http2Server::make(Http2Events& events) {
  std::unique_ptr<Http2Server> server(new Http2Server(events));
  DF_TRY(server->start());
  return server;
}

Result<void> Http2Server::start() {
  nghttp2_session_callbacks* raw_callbacks = nullptr;
  nghttp2_option* raw_options = nullptr;
  nghttp2_session* raw_session = nullptr;
  if (nghttp2_session_callbacks_new(&raw_callbacks) != 0)
    return fail(ErrorKind::io, "no memory for an HTTP/2 session");
  const CallbackTable callbacks(raw_callbacks);
  if (nghttp2_option_new(&raw_options) != 0) return fail(ErrorKind::io, "no memory for an HTTP/2 session");
  const Options options(raw_options);
  Callbacks::set_all(callbacks.get());
  nghttp2_option_set_stream_reset_rate_limit(options.get(), kResetBurst, kResetsPerSecond);
  nghttp2_option_set_no_closed_streams(options.get(), 1);
  DF_TRY(checked(nghttp2_session_server_new2(&raw_session, callbacks.get(), this, options.get()),
                 "HTTP/2 session"));
  session_.reset(raw_session);

  const std::array<nghttp2_settings_entry, 4> settings = {{
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kStreamsMax},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindowBytes},
      {NGHTTP2_SETTINGS_MAX_FRAME_SIZE, kFrameBytesMax},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, kHeaderListBytesMax},
  }};
  DF_TRY(checked(nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, settings.data(), settings.size()),
                 "HTTP/2 settings"));
  return checked(nghttp2_session_set_local_window_size(session_.get(), NGHTTP2_FLAG_NONE, 0,
                                                       static_cast<std::int32_t>(kWindowBytes)),
                 "HTTP/2 connection window");
}

Http2Server::Stream* Http2Server::find(StreamId stream) {
  const auto found = streams_.find(stream);
  return found == streams_.end() ? nullptr : found->second.get();
}

Result<void> Http2Server::receive(ByteSpan bytes) {
  const ssize_t used = nghttp2_session_mem_recv(session_.get(), bytes.data(), bytes.size());
  return checked(static_cast<int>(std::min<ssize_t>(used, 0)), "HTTP/2 from the client");
}

bool Http2Server::finished() const {
  return nghttp2_session_want_read(session_.get()) == 0 && nghttp2_session_want_write(session_.get()) == 0;
}

Result<void> Http2Server::answer(StreamId id, HttpAnswer answer, BodyLimit limit) {
  Stream* stream = find(id);
  if (stream == nullptr) return {};
  if (!answer.blob && !answer.body.empty()) {
    const ByteSpan body = as_bytes(answer.body);
    answer.blob = std::make_shared<const Bytes>(body.begin(), body.end());
  }
  const std::string status = std::to_string(answer.status);
  const std::string length = std::to_string(answer.size());
  const std::string date = format_http_date(std::time(nullptr));
  std::vector<nghttp2_nv> fields = {field(":status", status)};
  if (!answer.content_type.empty()) fields.push_back(field("content-type", answer.content_type));
  if (!answer.streamed) fields.push_back(field("content-length", length));
  fields.push_back(field("date", date));

  nghttp2_data_provider provider{};
  provider.read_callback = Callbacks::read_body;
  const bool has_body = answer.streamed || answer.size() > 0;
  stream->body = std::move(answer.blob);
  stream->limit = limit;
  stream->streamed = answer.streamed;
  return checked(nghttp2_submit_response(session_.get(), id, fields.data(), fields.size(),
                                         has_body ? &provider : nullptr),
                 "HTTP/2 answer");
}

Result<void> Http2Server::set_limit(StreamId id, BodyLimit limit) {
  Stream* stream = find(id);
  if (stream == nullptr) return {};
  stream->limit = limit;
  if (!std::exchange(stream->deferred, false)) return {};
  return checked(nghttp2_session_resume_data(session_.get(), id), "HTTP/2 answer");
}

Result<void> Http2Server::ping() {
  return checked(nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr), "HTTP/2 PING");
}

Result<void> Http2Server::refuse_from(StreamId id) {
  const StreamId last_answered = std::max(id - 2, 0);
  return checked(
      nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE, last_answered, NGHTTP2_NO_ERROR, nullptr, 0),
      "HTTP/2 GOAWAY");
}

Result<void> Http2Server::fill(OutputQueue& queue) {
  // A session that ended before it began may still say why.
  if (!client_ready_ && nghttp2_session_want_read(session_.get()) != 0) return {};
  queue_ = &queue;
  ssize_t count = 0;
  while (queue.size_bytes() < kFillBytes) {
    const std::uint8_t* bytes = nullptr;
    count = nghttp2_session_mem_send(session_.get(), &bytes);
    if (count <= 0) break;
    queue.append(ByteSpan(bytes, static_cast<std::size_t>(count)));
  }
  queue_ = nullptr;
  return checked(static_cast<int>(std::min<ssize_t>(count, 0)), "HTTP/2 to the client");
}

// The library ignores HEADERS of a stream that is closed or was left out; RFC 9113, 5.1.1 makes them a connection error.
int Http2Server::on_begin_frame(const nghttp2_frame_hd& header) {
  if (header.type != NGHTTP2_HEADERS || find(header.stream_id) != nullptr) return 0;
  if (header.stream_id > highest_stream_) {
    highest_stream_ = header.stream_id;
    return 0;
  }
  return nghttp2_session_terminate_session(session_.get(), NGHTTP2_PROTOCOL_ERROR);
}

int Http2Server::on_begin_headers(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_REQUEST)
    streams_.emplace(frame.hd.stream_id, std::make_unique<Stream>());
  return 0;
}

int Http2Server::on_header(const nghttp2_frame& frame, ByteSpan name, ByteSpan value) {
  Stream* stream = find(frame.hd.stream_id);
  if (stream == nullptr || frame.headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
  stream->header_list_bytes += name.size() + value.size() + kHeaderOverheadBytes;
  if (stream->header_list_bytes > kHeaderListBytesMax) return 0;
  if (as_text(name) == ":method") stream->method = as_text(value);
  if (as_text(name) == ":path") stream->target = as_text(value);
  return 0;
}

int Http2Server::on_frame_received(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_SETTINGS && (frame.hd.flags & NGHTTP2_FLAG_ACK) == 0) client_ready_ = true;
  if (frame.hd.type == NGHTTP2_PING && (frame.hd.flags & NGHTTP2_FLAG_ACK) != 0) events_.on_pong();
  if (frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_REQUEST)
    complete_headers(frame.hd.stream_id);
  return 0;
}

void Http2Server::complete_headers(StreamId id) {
  const Stream* stream = find(id);
  if (stream == nullptr) return;
  if (stream->header_list_bytes > kHeaderListBytesMax) {
    // Its failure, if any, is the session's, and shows on the next fill().
    static_cast<void>(answer(id, refusal(431, "request header list too large")));
    return;
  }
  events_.on_request(id, stream->method, stream->target);
}

int Http2Server::on_frame_sent(const nghttp2_frame& frame) {
  // The library calls this before it hands out the bytes of HEADERS; those of DATA are in the queue by now.
  const std::size_t ahead_bytes = frame.hd.type == NGHTTP2_HEADERS ? kFrameHeaderBytes + frame.hd.length : 0;
  if (frame.hd.type == NGHTTP2_HEADERS) events_.on_answer_begun(frame.hd.stream_id, ahead_bytes);
  const bool is_last = (frame.hd.type == NGHTTP2_HEADERS || frame.hd.type == NGHTTP2_DATA) &&
                       (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  Stream* stream = is_last ? find(frame.hd.stream_id) : nullptr;
  if (stream == nullptr) return 0;
  stream->answered = true;
  events_.on_answer_ended(frame.hd.stream_id, ahead_bytes);
  // A body that the client is still sending interests nobody.
  if (nghttp2_session_get_stream_remote_close(session_.get(), frame.hd.stream_id) == 0)
    return nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, frame.hd.stream_id, NGHTTP2_NO_ERROR);
  return 0;
}

int Http2Server::on_stream_close(StreamId id) {
  const Stream* stream = find(id);
  if (stream == nullptr) return 0;
  events_.on_stream_closed(id, stream->answered);
  streams_.erase(id);
  return 0;
}

ssize_t Http2Server::read_body(StreamId id, std::size_t max_bytes, std::uint32_t* flags) {
  Stream* stream = find(id);
  if (stream == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  const std::size_t left = stream->body ? stream->body->size() - stream->offset : 0;
  if (left == 0) {
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    return 0;
  }
  if (stream->limit.bytes <= stream->offset) return at_limit(*stream);
  const std::size_t count = std::min(
      {left, max_bytes, stream->limit.bytes - stream->offset, stream->streamed ? kStreamedFrameBytes : left});
  *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  // The end of a streamed file is known only after its last piece: an empty frame says so.
  if (count == left && !stream->streamed) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(count);
}

ssize_t Http2Server::at_limit(Stream& stream) {
  // The library answers this failure with RST_STREAM, INTERNAL_ERROR.
  if (stream.limit.then == BodyLimit::Then::reset_stream) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  if (stream.limit.then == BodyLimit::Then::cut_connection) events_.on_cut();
  stream.deferred = true;
  return NGHTTP2_ERR_DEFERRED;
}

int Http2Server::send_data(const nghttp2_frame& frame, const std::uint8_t* header) {
  if (queue_->size_bytes() >= kFillBytes) return NGHTTP2_ERR_WOULDBLOCK;
  Stream* stream = find(frame.hd.stream_id);
  if (stream == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  queue_->append(ByteSpan(header, kFrameHeaderBytes));
  queue_->append(stream->body, stream->offset, frame.hd.length);
  stream->offset += frame.hd.length;
  return 0;
}

}  // namespace depthfinder::mock
