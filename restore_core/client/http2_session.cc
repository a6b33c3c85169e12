// SPDX-License-Identifier: MIT
#include "restore_core/client/http2_session.h"

#include <array>

#include "restore_core/client/rest_request.h"
#include "restore_core/client/server_error.h"

namespace depthfinder {
namespace {

using CallbacksHandle = Handle<nghttp2_session_callbacks, nghttp2_session_callbacks_del>;

nghttp2_nv header(std::string_view name, std::string_view value) {
  const auto bytes = [](std::string_view text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));  // only read from
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

Error library_error(std::string_view what, long code) {
  const auto kind = code == NGHTTP2_ERR_NOMEM ? ErrorKind::io : ErrorKind::protocol;
  return {kind, fmt::format("{}: {}", what, nghttp2_strerror(static_cast<int>(code))), {}};
}

}  // namespace

// The library's C callbacks; each hands on to a member function. None may throw through C code, so running
// out of memory here ends the program.
struct Http2Callbacks {
  static CallbacksHandle all();  // null when there is no memory

  static Http2Session& self(void* user) { return *static_cast<Http2Session*>(user); }

  static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void*) noexcept {
    // A pushed answer that nobody asked for is reset.
    return frame->hd.type == NGHTTP2_PUSH_PROMISE ? NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE : 0;
  }
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_length, const std::uint8_t* value, std::size_t value_length,
                       std::uint8_t, void* user) noexcept {
    Http2Session::Stream* stream = self(user).find(frame->hd.stream_id);
    if (stream != nullptr && as_text({name, name_length}) == ":status")
      self(user).take_status(*stream, as_text({value, value_length}));
    return 0;
  }
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t stream_id, const std::uint8_t* data,
                     std::size_t length, void* user) noexcept {
    self(user).take_body(stream_id, {data, length});
    return 0;
  }
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) noexcept {
    self(user).take_frame(*frame);
    return 0;
  }
  static int on_frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* user) noexcept {
    if (frame->hd.type == NGHTTP2_HEADERS) self(user).requests_in_output_.push_back(frame->hd.stream_id);
    return 0;
  }
  static int on_invalid_frame(nghttp2_session*, const nghttp2_frame*, int code, void* user) noexcept {
    self(user).complaint_ = nghttp2_strerror(code);
    return 0;
  }
  static int on_complaint(nghttp2_session*, int, const char* text, std::size_t length, void* user) noexcept {
    self(user).complaint_ = one_line_of({text, length});
    return 0;
  }
  static int on_close(nghttp2_session*, std::int32_t stream_id, std::uint32_t error_code,
                      void* user) noexcept {
    self(user).finish(stream_id, error_code);
    return 0;
  }
};

CallbacksHandle Http2Callbacks::all() {
  nghttp2_session_callbacks* raw_callbacks = nullptr;
  if (nghttp2_session_callbacks_new(&raw_callbacks) != 0) return nullptr;
  nghttp2_session_callbacks_set_on_begin_headers_callback(raw_callbacks, &Http2Callbacks::on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(raw_callbacks, &Http2Callbacks::on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(raw_callbacks, &Http2Callbacks::on_data);
  nghttp2_session_callbacks_set_on_frame_recv_callback(raw_callbacks, &Http2Callbacks::on_frame);
  nghttp2_session_callbacks_set_on_frame_send_callback(raw_callbacks, &Http2Callbacks::on_frame_sent);
  nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(raw_callbacks,
                                                               &Http2Callbacks::on_invalid_frame);
  nghttp2_session_callbacks_set_error_callback2(raw_callbacks, &Http2Callbacks::on_complaint);
  nghttp2_session_callbacks_set_on_stream_close_callback(raw_callbacks, &Http2Callbacks::on_close);
  return CallbacksHandle(raw_callbacks);
}

Result<std::unique_ptr<Http2Session>> Http2Session::create(const Http2Settings& settings,
                                                           const Clock& clock) {
  std::unique_ptr<Http2Session> session(new Http2Session(clock));
  DF_TRY(session->start(settings));
  return session;
}

Result<void> Http2Session::start(const Http2Settings& announced) {
  const CallbacksHandle callbacks = Http2Callbacks::all();
  if (!callbacks) return pass_on(library_error("HTTP/2 callbacks", NGHTTP2_ERR_NOMEM));
  nghttp2_session* raw_session = nullptr;
  if (const int code = nghttp2_session_client_new(&raw_session, callbacks.get(), this); code != 0)
    return pass_on(library_error("HTTP/2 session", code));
  session_.reset(raw_session);
  const std::array<nghttp2_settings_entry, 2> settings{
      nghttp2_settings_entry{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, announced.window_bytes},
      nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_FRAME_SIZE, announced.frame_bytes_max}};
  int code = nghttp2_submit_settings(raw_session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  if (code == 0)
    code = nghttp2_session_set_local_window_size(raw_session, NGHTTP2_FLAG_NONE, 0,
                                                 static_cast<std::int32_t>(announced.window_bytes));
  if (code != 0) return pass_on(library_error("HTTP/2 settings", code));
  return {};
}

Result<void> Http2Session::get(std::uint64_t id, const std::string& path, ResponseBody& body) {
  const std::array<nghttp2_nv, 6> headers{
      header(":method", "GET"), header(":scheme", "https"),       header(":authority", "localhost:8007"),
      header(":path", path),    header("user-agent", kUserAgent), header("content-type", kFormContentType)};
  const std::int32_t stream_id =
      nghttp2_submit_request(session_.get(), nullptr, headers.data(), headers.size(), nullptr, nullptr);
  if (stream_id == NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE)  // after 2^30 requests
    return fail(ErrorKind::connection, "this connection has no request number left");
  if (stream_id < 0) return pass_on(library_error("HTTP/2 request", stream_id));
  body.restart();
  streams_.emplace(stream_id, Stream{.id = id, .body = &body, .path = path, .times = {}, .refusal_text = {}});
  return {};
}

MutableByteSpan Http2Session::landing() {
  const std::size_t to_border = cursor_.bytes_to_border();
  if (const auto stream_id = cursor_.body_stream()) {
    Stream* const stream = find(*stream_id);
    if (stream != nullptr && stream->status == 200 && !stream->too_large)
      if (const MutableByteSpan room = stream->body->room(); !room.empty())
        return room.first(std::min(room.size(), to_border));
  }
  return MutableByteSpan(elsewhere_).first(std::min(elsewhere_.size(), to_border));
}

Result<void> Http2Session::receive(ByteSpan bytes) {
  cursor_.advance(bytes);
  const ssize_t taken = nghttp2_session_mem_recv(session_.get(), bytes.data(), bytes.size());
  if (taken < 0) {
    const Error error = library_error("the server broke HTTP/2", taken);
    return complaint_.empty() ? pass_on(error)
                              : pass_on(Error{error.kind, error.message + ": " + complaint_, {}});
  }
  if (!goaway_.empty()) return fail(ErrorKind::connection, "the server ended the session ({})", goaway_);
  return {};
}

Result<ByteSpan> Http2Session::next_output() {
  const std::uint8_t* data = nullptr;
  const ssize_t length = nghttp2_session_mem_send(session_.get(), &data);
  if (length < 0) return pass_on(library_error("HTTP/2 output", length));
  // The library reads no more once it has told the server what was wrong with a frame of it.
  if (length == 0 && nghttp2_session_want_read(session_.get()) == 0)
    return fail(ErrorKind::protocol, "the server broke HTTP/2: {}",
                complaint_.empty() ? "unknown" : complaint_);
  return ByteSpan(data, static_cast<std::size_t>(length));
}

void Http2Session::output_sent(TimePoint sent) {
  for (const std::int32_t stream_id : requests_in_output_)
    if (Stream* const stream = find(stream_id)) stream->times.sent = sent;
  requests_in_output_.clear();
}

std::vector<UnfinishedRequest> Http2Session::unfinished() const {
  std::vector<UnfinishedRequest> requests;
  for (const auto& [stream_id, stream] : streams_)
    if (stream.times.sent) requests.push_back({stream.id, *stream.times.sent});
  return requests;
}

Http2Session::Stream* Http2Session::find(std::int32_t stream_id) {
  const auto found = streams_.find(stream_id);
  return found == streams_.end() ? nullptr : &found->second;
}

void Http2Session::take_body(std::int32_t stream_id, ByteSpan piece) {
  Stream* const stream = find(stream_id);
  if (stream == nullptr || stream->too_large) return;
  answer_bytes_ += piece.size();
  if (stream->status != 200) {
    const std::size_t room = kServerTextBytesMax - stream->refusal_text.size();
    stream->refusal_text += as_text(piece.first(std::min(room, piece.size())));
    return;
  }
  body_bytes_ += piece.size();
  const std::uint64_t copied_before = stream->body->copied_bytes();
  const bool fits = stream->body->append(piece);
  copied_bytes_ += stream->body->copied_bytes() - copied_before;
  if (fits) return;
  stream->too_large = true;
  nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream_id, NGHTTP2_CANCEL);
}

// An interim answer (1xx) has a status too; the last one is the answer's.
void Http2Session::take_status(Stream& stream, std::string_view digits) {
  stream.status = 0;  // the library has checked that these are three digits
  for (const char digit : digits) stream.status = stream.status * 10 + (digit - '0');
  if (stream.status >= 200) ++answer_signs_;
  stream.times.first_byte = clock_.now();
}

void Http2Session::take_frame(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_GOAWAY) {
    const ByteSpan text(frame.goaway.opaque_data, frame.goaway.opaque_data_len);
    goaway_ = fmt::format("GOAWAY, {} {}", nghttp2_http2_strerror(frame.goaway.error_code),
                          one_line_of(as_text(text)));
  } else if (frame.hd.type == NGHTTP2_RST_STREAM) {
    if (Stream* const stream = find(frame.hd.stream_id)) stream->reset_by_server = true;
  }
}

void Http2Session::finish(std::int32_t stream_id, std::uint32_t error_code) {
  const auto found = streams_.find(stream_id);
  if (found == streams_.end()) return;
  // What a GOAWAY refuses has not failed: the end of the session is the error, and the owner asks again.
  if (!goaway_.empty() && error_code == NGHTTP2_REFUSED_STREAM) return;
  Stream& stream = found->second;
  ++answer_signs_;
  stream.times.ended = clock_.now();
  finished_.push_back({stream.id, outcome_of(stream, error_code), stream.times});
  streams_.erase(found);
}

Result<void> Http2Session::outcome_of(const Stream& stream, std::uint32_t error_code) {
  const std::string what = fmt::format("GET {}", stream.path);
  if (stream.too_large)
    return malformed(ErrorKind::corrupt, "blob-too-large",
                     "{}: the answer is longer than the {} bytes there is room for", what,
                     stream.body->bytes_max());
  if (stream.reset_by_server || error_code == NGHTTP2_REFUSED_STREAM)
    return fail(ErrorKind::connection, "{}: the server broke off the answer ({})", what,
                nghttp2_http2_strerror(error_code));
  if (error_code != NGHTTP2_NO_ERROR)
    return malformed(ErrorKind::corrupt, "body-length", "{}: the answer has not the length it announces",
                     what);
  if (stream.status != 200) return pass_on(server_refusal(what, stream.status, stream.refusal_text));
  return {};
}

}  // namespace depthfinder
