// SPDX-License-Identifier: MIT
// Callbacks: the C functions that nghttp2 calls, each of which finds its Http2Server and calls the member of the same
// name. No exception passes through nghttp2's C frames: it becomes a fatal error of the session. Only http2_server.cc
// includes this.
#pragma once

#include <algorithm>
#include <exception>

#include <nghttp2/nghttp2.h>

#include "mock_server/protocol/http2_server.h"

namespace depthfinder::mock {

struct Http2Server::Callbacks {
  template <typename Function>
  static auto guarded(void* user_data, Function function) noexcept
      -> decltype(function(*static_cast<Http2Server*>(user_data))) {
    try {
      return function(*static_cast<Http2Server*>(user_data));
    } catch (const std::exception&) {
      return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
  }

  static int begin_frame(nghttp2_session*, const nghttp2_frame_hd* header, void* user_data) {
    return guarded(user_data, [&](Http2Server& self) { return self.on_begin_frame(*header); });
  }
  static int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
    return guarded(user_data, [&](Http2Server& self) { return self.on_begin_headers(*frame); });
  }
  static int header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_length, const std::uint8_t* value, std::size_t value_length,
                    std::uint8_t, void* user_data) {
    return guarded(user_data, [&](Http2Server& self) {
      return self.on_header(*frame, {name, name_length}, {value, value_length});
    });
  }
  static int frame_received(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
    return guarded(user_data, [&](Http2Server& self) { return self.on_frame_received(*frame); });
  }
  static int frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
    return guarded(user_data, [&](Http2Server& self) { return self.on_frame_sent(*frame); });
  }
  static int stream_close(nghttp2_session*, std::int32_t stream, std::uint32_t, void* user_data) {
    return guarded(user_data, [&](Http2Server& self) { return self.on_stream_close(stream); });
  }
  static int send_data(nghttp2_session*, nghttp2_frame* frame, const std::uint8_t* header, std::size_t,
                       nghttp2_data_source*, void* user_data) {
    return guarded(user_data, [&](Http2Server& self) { return self.send_data(*frame, header); });
  }
  static ssize_t read_body(nghttp2_session*, std::int32_t stream, std::uint8_t*, std::size_t length,
                           std::uint32_t* flags, nghttp2_data_source*, void* user_data) {
    return guarded(user_data, [&](Http2Server& self) { return self.read_body(stream, length, flags); });
  }
  // nghttp2 offers 16 KiB by itself, whatever the client allows.
  static ssize_t frame_length(nghttp2_session*, std::uint8_t, std::int32_t, std::int32_t session_window,
                              std::int32_t stream_window, std::uint32_t frame_bytes_max, void*) {
    return std::min({static_cast<ssize_t>(session_window), static_cast<ssize_t>(stream_window),
                     static_cast<ssize_t>(frame_bytes_max)});
  }

  static void set_all(nghttp2_session_callbacks* callbacks) {
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, frame_received);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, frame_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, stream_close);
    nghttp2_session_callbacks_set_send_data_callback(callbacks, send_data);
    nghttp2_session_callbacks_set_data_source_read_length_callback(callbacks, frame_length);
  }
};

}  // namespace depthfinder::mock
